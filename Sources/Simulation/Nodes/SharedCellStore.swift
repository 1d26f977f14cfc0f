package import Availability
package import DataMatrix
import KZGCommitments
package import NodeCore

/// A node's store that remembers which cells it keeps, and takes their bytes from the one copy that
/// all nodes of a run share: a node keeps only cells that were verified, and those are the ones that
/// were made.
package struct SharedCellStore: CellStore {
    private struct Block: Sendable {
        let known: KnownBlock
        var held: CellSet
    }

    private let roots: RootDirectory
    private var blocks: [BlockRoot: Block] = [:]
    /// Bytes of cells and proofs that a store of its own would keep.
    package private(set) var byteCount = 0

    /// An empty store.
    package init(_ roots: RootDirectory) {
        self.roots = roots
    }

    package mutating func open(_ root: BlockRoot, shape: MatrixShape) {
        guard blocks[root] == nil, let known = roots[root] else { return }
        blocks[root] = Block(known: known, held: CellSet(shape))
    }

    package mutating func insert(
        _ cells: [Availability.ProvenCell], of root: BlockRoot
    ) -> [BlockRoot] {
        guard let index = blocks.index(forKey: root) else { return [] }
        for cell in cells where blocks.values[index].held.insert(cell.coordinate) {
            byteCount += cell.cell.count + 48
        }
        return []
    }

    package mutating func remove(_ cells: CellSet, of root: BlockRoot) {
        guard let index = blocks.index(forKey: root) else { return }
        for cell in cells where blocks.values[index].held.remove(cell) {
            byteCount -= cells.shape.preset.bytesPerCell + 48
        }
    }

    package mutating func removeBlock(_ root: BlockRoot) {
        guard let block = blocks.removeValue(forKey: root) else { return }
        byteCount -= block.held.count * (block.held.shape.preset.bytesPerCell + 48)
    }

    package func cell(
        _ coordinate: CellCoordinate, of root: BlockRoot
    ) -> Availability.ProvenCell? {
        guard let block = blocks[root], block.held.contains(coordinate) else { return nil }
        return block.known.cell(coordinate)
    }

    package func held(of root: BlockRoot) -> CellSet? { blocks[root]?.held }
}

/// Which block a header's root names: filled in before a header is published.
package final class RootDirectory: @unchecked Sendable {
    // One run is one thread; nothing else ever sees its directory.
    private var blocks: [BlockRoot: KnownBlock] = [:]

    /// An empty directory.
    package init() {}

    /// The block that a root names.
    package subscript(_ root: BlockRoot) -> KnownBlock? {
        get { blocks[root] }
        set { blocks[root] = newValue }
    }
}
