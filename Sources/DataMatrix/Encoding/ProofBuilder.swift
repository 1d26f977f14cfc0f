import BLS12381
public import KZGCommitments

/// Makes the proofs that a complete matrix lacks: those of data rows from the row's polynomial, those
/// of parity rows by the column extension.
struct ProofBuilder {
    let shape: MatrixShape
    let prover: KZGProver
    let threads: Int

    /// All proofs that a complete matrix lacks. A row with a proof missing has all its proofs
    /// computed, and those held compared; likewise the parity half of a column.
    ///
    /// - Throws: ``ProofError``.
    func missingProofs(of matrix: PartialMatrix) throws(ProofError) -> [PlacedProof] {
        precondition(matrix.isComplete, "proofs need whole rows")
        let incompleteRows = (0..<shape.dataRows).filter {
            matrix.proven.count(inRow: $0) < shape.columns
        }
        let columns = (0..<shape.columns).filter { column in
            (shape.dataRows..<shape.rows).contains {
                !matrix.proven.contains(row: $0, column: column)
            }
        }
        let points = try dataPoints(matrix, compute: incompleteRows, columns: columns)
        var made: [PlacedProof] = []
        for row in incompleteRows {
            for column in 0..<shape.columns {
                made.append(
                    PlacedProof(
                        place: CellCoordinate(row: row, column: column),
                        proof: KZGProof(
                            Bytes48(compressing: points[row * shape.columns + column]))))
            }
        }
        made += parityProofs(points, columns: columns)
        let wrong = made.filter { new in
            matrix.proof(at: new.place).map { $0 != new.proof } ?? false
        }
        guard wrong.isEmpty else { throw .wrongProofs(CellSet(shape, wrong.map(\.place))) }
        return made
    }

    /// The data rows' proofs as points, row after row: computed for some rows, parsed for the others
    /// in the columns where they are needed.
    private func dataPoints(
        _ matrix: PartialMatrix, compute: [Int], columns: [Int]
    ) throws(ProofError) -> [G1Affine] {
        var points = [G1Affine](repeating: .infinity, count: shape.dataRows * shape.columns)
        let compute = Set(compute)
        let (shape, prover) = (shape, prover)
        let failure = points.withUnsafeMutableBufferPointer { points -> ProofError? in
            // Each row has elements of its own.
            nonisolated(unsafe) let points = points
            return Parallel.forEach(shape.dataRows, threads: threads, state: { () }) {
                row, _ -> ProofError? in
                let start = row * shape.columns
                if compute.contains(row) {
                    do throws(KZGError) {
                        let computed = try matrix.withBlob(row: row) { blob throws(KZGError) in
                            try prover.proofPoints(ofBlob: blob)
                        }
                        for (column, point) in computed.enumerated() {
                            points[start + column] = point
                        }
                        return nil
                    } catch { return .malformedRow(row, error) }
                }
                for column in columns {
                    let place = CellCoordinate(row: row, column: column)
                    guard let proof = matrix.proof(at: place),
                        let point = G1Affine(checking: proof.bytes)
                    else { return .wrongProofs(CellSet(shape, [place])) }
                    points[start + column] = point
                }
                return nil
            }
        }
        if let failure { throw failure }
        return points
    }

    private func parityProofs(
        _ points: [G1Affine], columns: [Int]
    ) -> [PlacedProof] {
        guard !columns.isEmpty else { return [] }
        let selected =
            columns.count == shape.columns
            ? points
            : (0..<shape.dataRows).flatMap { row in
                columns.map { points[row * shape.columns + $0] }
            }
        let parity = ColumnExtension(shape: shape)
            .extend(selected, width: columns.count, threads: threads)
        return parity.enumerated().map { index, point in
            let (row, place) = index.quotientAndRemainder(dividingBy: columns.count)
            return PlacedProof(
                place: CellCoordinate(row: shape.dataRows + row, column: columns[place]),
                proof: KZGProof(Bytes48(compressing: point)))
        }
    }
}

/// A proof and the cell it is for.
struct PlacedProof: Sendable {
    let place: CellCoordinate
    let proof: KZGProof
}

/// Why proofs can't be completed.
public enum ProofError: Error, Hashable, CustomStringConvertible {
    /// These cells' proofs are not the proofs of these cells.
    case wrongProofs(CellSet)
    /// A row is not made of field elements.
    case malformedRow(Int, KZGError)

    /// What is wrong, with the places.
    public var description: String {
        switch self {
        case .wrongProofs(let cells):
            "\(cells.count) proofs are wrong, the first that of cell "
                + (cells.first { _ in true }?.description ?? "")
        case .malformedRow(let row, let error): "row \(row): \(error)"
        }
    }
}
