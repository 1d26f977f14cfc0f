package import Availability
package import DataMatrix
package import NodeCore

/// A block that was made, with all of its proofs, before a run begins. Whatever any node could compute
/// or receive of it is in here.
package final class KnownBlock: Sendable {
    /// What its header commits to.
    package let description: BlockDescription
    /// All cells with proofs.
    package let block: ExtendedBlock
    /// What verifies its cells.
    package let verifier: BlockVerifier
    /// By index; nil for cells of zero rows.
    private let cells: [Availability.ProvenCell?]

    /// A block whose matrix has all cells and all proofs; nil if it has not.
    package init?(_ block: ExtendedBlock, arithmetic: BlockArithmetic) {
        guard block.matrix.cells.isFull,
            let verifier = BlockVerifier(block.description, arithmetic: arithmetic)
        else { return nil }
        let shape = block.shape
        let zeroRows = Set(block.description.zeroRows)
        var cells: [Availability.ProvenCell?] = []
        cells.reserveCapacity(shape.cellCount)
        for row in 0..<shape.rows {
            for column in 0..<shape.columns {
                let place = CellCoordinate(row: row, column: column)
                guard !zeroRows.contains(row) else {
                    cells.append(nil)
                    continue
                }
                guard let bytes = block.matrix.cell(at: place),
                    let proof = block.matrix.proof(at: place)
                else { return nil }
                cells.append(
                    try? Availability.ProvenCell(coordinate: place, cell: bytes, proof: proof))
            }
        }
        description = block.description
        self.block = block
        self.verifier = verifier
        self.cells = cells
    }

    /// The matrix.
    package var shape: MatrixShape { description.shape }

    /// The cell of a place inside the matrix; nil in a row of zeros.
    package func cell(_ place: CellCoordinate) -> Availability.ProvenCell? {
        cells[shape.index(of: place)]
    }
}

/// The blocks of a run, by what their headers commit to.
package struct KnownBlocks: Sendable {
    private let blocks: [BlockDescription: KnownBlock]

    /// These blocks.
    package init(_ blocks: [KnownBlock]) {
        self.blocks = Dictionary(
            blocks.map { ($0.description, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The block that a description is of; nil if it is none of these.
    package subscript(_ description: BlockDescription) -> KnownBlock? { blocks[description] }
}
