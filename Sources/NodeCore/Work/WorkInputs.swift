import Availability
public import DataMatrix

/// Makes a block's verifier from its header's commitments.
public struct PrepareWork: Sendable {
    /// The process's tables.
    public let arithmetic: BlockArithmetic
    /// The block.
    public let description: BlockDescription

    init(description: BlockDescription, arithmetic: BlockArithmetic) {
        self.description = description
        self.arithmetic = arithmetic
    }

    func run() -> BlockVerifier? {
        BlockVerifier(description, arithmetic: arithmetic)
    }
}

/// Checks one block's cells in one batch.
public struct VerifyWork: Sendable {
    /// The block's verifier.
    public let verifier: BlockVerifier
    /// Cells that hold or fall together: one message, or one part of an answer.
    public let groups: [[ProvenCell]]

    func run() -> [Bool] { verifier.verify(groups) }
}

/// Completes columns of one block.
public struct ExtendWork: Sendable {
    /// A column with at least half of its cells, those of zero rows counted.
    public struct Column: Sendable {
        /// Which one.
        public let number: Int
        /// The cells that are held, ascending by row, those of zero rows left out.
        public let cells: [ProvenCell]
    }

    /// The process's tables.
    public let arithmetic: BlockArithmetic
    /// The block.
    public let description: BlockDescription
    /// The columns.
    public let columns: [Column]

    /// The cells that were missing, with proofs. A column that cannot be completed gives none.
    func run() -> [ProvenCell] {
        let builder = ColumnBuilder(description)
        var matrix = PartialMatrix(description.shape)
        matrix.insertZeroRows(description.zeroRows)
        for cell in columns.flatMap(\.cells) {
            _ = try? matrix.insert(cell.cell, proof: cell.proof, at: cell.coordinate)
        }
        let held = matrix.cells
        let lines = columns.map { Line.column($0.number) }
        guard
            (try? Reconstructor(shape: description.shape).rebuild(lines, of: &matrix)) != nil
        else { return [] }
        return columns.flatMap { column in
            builder.missingCells(of: column.number, in: matrix, held: held)
        }
    }
}

/// Rebuilds one block.
public struct RebuildWork: Sendable {
    /// The process's tables.
    public let arithmetic: BlockArithmetic
    /// The block.
    public let description: BlockDescription
    /// Cells that can be extended to all, each verified.
    public let cells: [ProvenCell]
    /// Columns whose missing cells are wanted with proofs.
    public let columns: [Int]
    /// Whether all cells are wanted, without proofs.
    public let wantsAll: Bool

    func run() -> RebuiltBlock? {
        var block = start()
        let held = block.matrix.cells
        guard rebuild(&block) else { return nil }
        let builder = ColumnBuilder(description, prover: arithmetic.prover)
        let cells = builder.missingCells(of: columns, in: block.matrix, held: held)
        return RebuiltBlock(block: wantsAll ? block : nil, columns: cells)
    }

    /// The block with the cells that there are. A matrix of 256 rows has 134 MB; nothing but the block
    /// refers to it, so that it is changed in place.
    private func start() -> ExtendedBlock {
        var matrix = PartialMatrix(description.shape)
        for cell in cells {
            _ = try? matrix.insert(cell.cell, proof: cell.proof, at: cell.coordinate)
        }
        return ExtendedBlock(description: description, matrix: matrix)
    }

    private func rebuild(_ block: inout ExtendedBlock) -> Bool {
        let reconstructor = Reconstructor(shape: description.shape)
        if let prover = arithmetic.prover {
            // Verified cells can give nothing but what the commitments commit to; the check is one
            // more commitment, and guards against this program's own faults.
            return (try? reconstructor.rebuild(&block, checkedBy: prover)) != nil
        }
        var matrix = block.matrix
        guard (try? reconstructor.rebuild(&matrix, isVerified: true)) != nil else { return false }
        block = ExtendedBlock(description: description, matrix: matrix)
        return true
    }
}

/// What a rebuild gives.
public struct RebuiltBlock: Sendable {
    /// All cells, if they were wanted.
    public let block: ExtendedBlock?
    /// The cells of the wanted columns that were missing, with proofs.
    public let columns: [ProvenCell]

    /// What a rebuild gave.
    package init(block: ExtendedBlock?, columns: [ProvenCell]) {
        self.block = block
        self.columns = columns
    }
}
