import Availability
public import DataMatrix
import KZGCommitments

/// Where a node keeps cells. The state machines call it inline, so it answers at once: from memory,
/// or from files that the operating system has in its cache.
///
/// A store keeps only what was verified. It may drop whole blocks, the oldest first, to stay within
/// its bounds, and says which.
public protocol CellStore: Sendable {
    /// Makes room for a block's cells. Without it `insert` does nothing.
    mutating func open(_ root: BlockRoot, shape: MatrixShape)
    /// Keeps verified cells of a block that was opened. Cells that are there stay as they are.
    ///
    /// - Returns: The blocks that had to give way.
    mutating func insert(_ cells: [ProvenCell], of root: BlockRoot) -> [BlockRoot]
    /// Drops some cells of a block.
    mutating func remove(_ cells: CellSet, of root: BlockRoot)
    /// Drops a block.
    mutating func removeBlock(_ root: BlockRoot)
    /// The cell, if it is kept.
    func cell(_ coordinate: CellCoordinate, of root: BlockRoot) -> ProvenCell?
    /// Which cells of the block are kept; nil if the block was never opened, or dropped.
    func held(of root: BlockRoot) -> CellSet?
    /// Bytes of cells and proofs kept.
    var byteCount: Int { get }
}

/// A store in memory with a bound in bytes.
public struct MemoryCellStore: CellStore {
    private struct Block: Sendable {
        var held: CellSet
        var cells: [Int: ProvenCell] = [:]
        var byteCount = 0
    }

    private var blocks = OrderedTable<BlockRoot, Block>()
    /// The most bytes of cells and proofs to keep.
    public let maximumBytes: Int
    /// Bytes of cells and proofs kept.
    public private(set) var byteCount = 0

    /// An empty store.
    public init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    /// Makes room for a block's cells.
    public mutating func open(_ root: BlockRoot, shape: MatrixShape) {
        guard blocks[root] == nil else { return }
        blocks[root] = Block(held: CellSet(shape))
    }

    /// Keeps verified cells; returns the blocks that had to give way.
    public mutating func insert(_ cells: [ProvenCell], of root: BlockRoot) -> [BlockRoot] {
        let added = blocks.modify(root) { block in
            var added = 0
            for cell in cells where block.held.shape.contains(cell.coordinate) {
                guard block.held.insert(cell.coordinate) else { continue }
                let index = block.held.shape.index(of: cell.coordinate)
                block.cells[index] = cell
                added += Self.size(of: cell.cell)
            }
            block.byteCount += added
            return added
        }
        byteCount += added ?? 0
        return makeRoom(sparing: root)
    }

    /// Drops some cells of a block.
    public mutating func remove(_ cells: CellSet, of root: BlockRoot) {
        let removed = blocks.modify(root) { block in
            guard block.held.shape == cells.shape else { return 0 }
            var removed = 0
            for coordinate in cells where block.held.remove(coordinate) {
                let index = block.held.shape.index(of: coordinate)
                removed += Self.size(of: block.cells.removeValue(forKey: index)?.cell ?? [])
            }
            block.byteCount -= removed
            return removed
        }
        byteCount -= removed ?? 0
    }

    /// Drops a block.
    public mutating func removeBlock(_ root: BlockRoot) {
        byteCount -= blocks[root]?.byteCount ?? 0
        blocks[root] = nil
    }

    /// The cell, if it is kept.
    public func cell(_ coordinate: CellCoordinate, of root: BlockRoot) -> ProvenCell? {
        guard let block = blocks[root], block.held.shape.contains(coordinate) else { return nil }
        return block.cells[block.held.shape.index(of: coordinate)]
    }

    /// Which cells of the block are kept; nil if it was never opened, or dropped.
    public func held(of root: BlockRoot) -> CellSet? {
        blocks[root]?.held
    }

    /// A block that alone is larger than the bound stays: dropping what was just asked for helps no
    /// one, and its size is bounded by the network's largest block.
    private mutating func makeRoom(sparing root: BlockRoot) -> [BlockRoot] {
        var dropped: [BlockRoot] = []
        while byteCount > maximumBytes, let oldest = blocks.keys.first(where: { $0 != root }) {
            removeBlock(oldest)
            dropped.append(oldest)
        }
        return dropped
    }

    private static func size(of cell: [UInt8]) -> Int {
        cell.isEmpty ? 0 : cell.count + Bytes48.count
    }
}
