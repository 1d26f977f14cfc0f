import Availability
import DataMatrix

/// A block as every role that holds cells sees it: what verifies its cells, which are held, and
/// which wait for verification.
struct BlockCells: Sendable {
    let header: SignedHeader
    let description: BlockDescription
    let verifier: BlockVerifier
    /// Rows known to be zero; their cells count as held and are never sent.
    let zeroRows: Set<Int>
    let zeroCells: CellSet
    /// Verified and in the store, and the cells of zero rows.
    private(set) var held: CellSet
    var queue: VerificationQueue
    private var rowCounts: [Int]

    init(_ admitted: AdmittedHeader) {
        header = admitted.signed
        description = admitted.description
        verifier = admitted.verifier
        zeroRows = Set(description.zeroRows)
        zeroCells = description.zeroCells
        held = zeroCells
        queue = VerificationQueue(description.shape)
        rowCounts = [Int](repeating: zeroRows.count, count: description.shape.columns)
    }

    var root: BlockRoot { header.root }
    var shape: MatrixShape { description.shape }

    /// What may be given to others.
    var sendable: CellSet { held.subtracting(zeroCells) }

    /// How many cells of a column are held.
    func rowCount(inColumn column: Int) -> Int { rowCounts[column] }

    /// How many cells may be given to others.
    var sendableCount: Int { held.count - zeroCells.count }

    mutating func hold(_ cells: [ProvenCell]) {
        for cell in cells where held.insert(cell.coordinate) {
            rowCounts[cell.coordinate.column] += 1
        }
    }

    /// Takes up what a store holds of the block.
    mutating func restore(_ kept: CellSet) {
        guard kept.shape == shape else { return }
        held.formUnion(kept)
        rowCounts = (0..<shape.columns).map { held.count(inColumn: $0) }
    }

    mutating func lose(_ cells: CellSet) {
        held.subtract(cells)
        held.formUnion(zeroCells)
        rowCounts = (0..<shape.columns).map { held.count(inColumn: $0) }
    }
}
