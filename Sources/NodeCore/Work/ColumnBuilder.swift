import Availability
import DataMatrix
import KZGCommitments

/// Completes the proofs of columns whose cells are complete.
///
/// The proofs of a column are one polynomial's values, so half of them give the rest: parity rows by
/// the column extension, missing data rows by interpolation. Where a column has fewer, the data
/// rows' own polynomials give their proofs, all columns of a row at once.
struct ColumnBuilder: Sendable {
    private let shape: MatrixShape
    private let zeroRows: Set<Int>
    private let prover: KZGProver?
    private let columnExtension: ColumnExtension

    init(_ description: BlockDescription, prover: KZGProver? = nil) {
        shape = description.shape
        zeroRows = Set(description.zeroRows)
        self.prover = prover
        columnExtension = ColumnExtension(shape: shape)
    }

    /// The cells of columns that were not held, with proofs; of columns whose proofs cannot be had,
    /// none.
    func missingCells(
        of columns: [Int], in matrix: PartialMatrix, held: CellSet
    ) -> [ProvenCell] {
        let scarce = columns.filter { matrix.proven.count(inColumn: $0) < shape.dataRows }
        let computed = proofs(ofRowsIn: matrix, columns: scarce)
        return columns.flatMap { column in
            missingCells(of: column, in: matrix, held: held, dataProofs: computed[column])
        }
    }

    /// The cells of a column that were not held, with proofs; none if fewer than half of its proofs
    /// are there.
    func missingCells(
        of column: Int, in matrix: PartialMatrix, held: CellSet, dataProofs: [KZGProof]? = nil
    ) -> [ProvenCell] {
        guard let data = dataProofs ?? self.dataProofs(of: column, in: matrix),
            let parity = try? columnExtension.parityProofs(data)
        else { return [] }
        let proofs = data + parity
        return (0..<shape.rows).compactMap { row in
            let place = CellCoordinate(row: row, column: column)
            guard !held.contains(place), !zeroRows.contains(row),
                let bytes = matrix.cell(at: place)
            else { return nil }
            return try? ProvenCell(coordinate: place, cell: bytes, proof: proofs[row])
        }
    }

    private func dataProofs(of column: Int, in matrix: PartialMatrix) -> [KZGProof]? {
        // Data rows come first, so if all of them are proven, nothing is interpolated.
        let rows = matrix.proven.rows(inColumn: column).prefix(shape.dataRows)
        guard rows.count == shape.dataRows else { return nil }
        let proofs = rows.compactMap { row in
            matrix.proof(at: CellCoordinate(row: row, column: column))
        }
        return try? columnExtension.dataProofs(rows: Array(rows), proofs: proofs)
    }

    /// The data rows' proofs in some columns, from the rows' polynomials.
    private func proofs(
        ofRowsIn matrix: PartialMatrix, columns: [Int]
    ) -> [Int: [KZGProof]] {
        guard let prover, !columns.isEmpty else { return [:] }
        var result: [Int: [KZGProof]] = [:]
        for row in 0..<shape.dataRows {
            guard !zeroRows.contains(row) else {
                for column in columns { result[column, default: []].append(.infinity) }
                continue
            }
            var blob: [UInt8] = []
            blob.reserveCapacity(shape.preset.bytesPerBlob)
            for column in 0..<shape.dataColumns {
                guard let cell = matrix.cell(at: CellCoordinate(row: row, column: column)) else {
                    return [:]
                }
                blob += cell
            }
            guard let proofs = try? prover.cellsAndProofs(ofBlob: blob).proofs else { return [:] }
            for column in columns { result[column, default: []].append(proofs[column]) }
        }
        return result
    }
}
