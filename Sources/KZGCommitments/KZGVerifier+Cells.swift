internal import BLS12381

// EIP-7594: proofs about cells.
extension KZGVerifier {
    /// Whether each cell belongs to the commitment at its index, at the column at its index; true if
    /// there is none. Cells may come in any order and more than once. `verify_cell_kzg_proof_batch`.
    ///
    /// - Parameters:
    ///   - commitments: For each cell the commitment to its blob.
    ///   - columns: For each cell its column, `cell_indices` in the specification.
    ///   - cells: The cells' bytes.
    ///   - proofs: For each cell its proof.
    /// - Returns: Whether all do.
    /// - Throws: ``KZGError`` if the lists differ in length, a column does not exist, a cell has the
    ///   wrong length or an element that is not canonical, or a commitment or proof is not a point.
    public func verifyCells(
        commitments: [KZGCommitment], columns: [Int], cells: [[UInt8]], proofs: [KZGProof]
    ) throws(KZGError) -> Bool {
        let batch = try CellBatch(
            commitments: commitments, columns: columns, cells: cells, proofs: proofs,
            verifier: self)
        return try batch.holds(verifier: self)
    }

    /// The challenge that ``verifyCells(commitments:columns:cells:proofs:)`` uses, 32 bytes.
    /// `compute_verify_cell_kzg_proof_batch_challenge`.
    ///
    /// - Parameters:
    ///   - commitments: The commitments without repetitions.
    ///   - rows: For each cell the index of its commitment in that list.
    ///   - columns: For each cell its column.
    ///   - cells: The cells' bytes.
    ///   - proofs: For each cell its proof.
    /// - Returns: r.
    /// - Throws: ``KZGError`` if the lists differ in length, a row or column does not exist, or a cell
    ///   has the wrong length.
    public func cellBatchChallenge(
        commitments: [KZGCommitment], rows: [Int], columns: [Int], cells: [[UInt8]],
        proofs: [KZGProof]
    ) throws(KZGError) -> [UInt8] {
        guard rows.count == cells.count else {
            throw .wrongCount(of: .commitment, expected: cells.count, actual: rows.count)
        }
        for (index, row) in rows.enumerated() where row < 0 || row >= commitments.count {
            throw .columnOutOfRange(index: index, column: row, limit: commitments.count)
        }
        try checkShape(columns: columns, cells: cells, proofs: proofs)
        let entries = cells.indices.map {
            CellEquation.Entry(
                row: rows[$0], column: columns[$0], cell: cells[$0][...], proof: proofs[$0])
        }
        return Challenges.cellBatch(commitments: commitments, entries: entries, preset: preset)
            .bytes
    }

    /// The positions of the cells that do not belong to their commitments, ascending: what makes
    /// ``verifyCells(commitments:columns:cells:proofs:)`` false, or throw because of one cell alone.
    ///
    /// The parameters are as there. One check if all are good; otherwise the batch is halved until each
    /// bad cell is found, which takes about two checks of the whole for one bad cell, and as long as a
    /// check of each cell by itself if all are bad: limit what a stranger may send.
    ///
    /// - Throws: ``KZGError/wrongCount(of:expected:actual:)`` if the lists differ in length. Whatever is
    ///   wrong with a cell, its proof, its column or its commitment makes that cell a bad one.
    public func invalidCells(
        commitments: [KZGCommitment], columns: [Int], cells: [[UInt8]], proofs: [KZGProof]
    ) throws(KZGError) -> [Int] {
        try checkCounts(commitments: commitments, columns: columns, cells: cells, proofs: proofs)
        let allHold = try? verifyCells(
            commitments: commitments, columns: columns, cells: cells, proofs: proofs)
        if allHold == true { return [] }
        var bad: [Int] = []
        var good: [Int] = []
        for i in cells.indices {
            isWellFormed(commitments[i], columns[i], cells[i], proofs[i])
                ? good.append(i) : bad.append(i)
        }
        let batch = try CellBatch(
            commitments: good.map { commitments[$0] }, columns: good.map { columns[$0] },
            cells: good.map { cells[$0] }, proofs: good.map { proofs[$0] }, verifier: self)
        bad += try batch.invalid(verifier: self).map { good[$0] }
        return bad.sorted()
    }

    private func isWellFormed(
        _ commitment: KZGCommitment, _ column: Int, _ cell: [UInt8], _ proof: KZGProof
    ) -> Bool {
        guard column >= 0, column < preset.cellsPerExtendedBlob, cell.count == preset.bytesPerCell
        else { return false }
        var elements = [Fr](repeating: .zero, count: preset.fieldElementsPerCell)
        let failed = elements.withUnsafeMutableBufferPointer { buffer in
            cell.withBytes { Fr.parse($0, into: buffer) }
        }
        return failed == nil && (try? validatedPoint(commitment)) != nil
            && (try? validatedPoint(proof)) != nil
    }

    func checkCounts(
        commitments: [KZGCommitment], columns: [Int], cells: [[UInt8]], proofs: [KZGProof]
    ) throws(KZGError) {
        guard commitments.count == cells.count else {
            throw .wrongCount(of: .commitment, expected: cells.count, actual: commitments.count)
        }
        guard columns.count == cells.count else {
            throw .wrongCount(of: .column, expected: cells.count, actual: columns.count)
        }
        guard proofs.count == cells.count else {
            throw .wrongCount(of: .proof, expected: cells.count, actual: proofs.count)
        }
    }

    func checkShape(columns: [Int], cells: [[UInt8]], proofs: [KZGProof]) throws(KZGError) {
        guard columns.count == cells.count else {
            throw .wrongCount(of: .column, expected: cells.count, actual: columns.count)
        }
        guard proofs.count == cells.count else {
            throw .wrongCount(of: .proof, expected: cells.count, actual: proofs.count)
        }
        for index in cells.indices {
            guard columns[index] >= 0, columns[index] < preset.cellsPerExtendedBlob else {
                throw .columnOutOfRange(
                    index: index, column: columns[index], limit: preset.cellsPerExtendedBlob)
            }
            guard cells[index].count == preset.bytesPerCell else {
                throw .wrongLength(
                    of: .cell, index: index, expected: preset.bytesPerCell,
                    actual: cells[index].count)
            }
        }
    }
}

/// A batch as the specification has it: commitments without repetitions, its challenge, its equation.
private struct CellBatch {
    private let count: Int
    private let points: [G1Affine]
    private let challenge: Fr
    private let equation: CellEquation

    init(
        commitments: [KZGCommitment], columns: [Int], cells: [[UInt8]], proofs: [KZGProof],
        verifier: KZGVerifier
    ) throws(KZGError) {
        try verifier.checkCounts(
            commitments: commitments, columns: columns, cells: cells, proofs: proofs)
        // The order of first appearance, which the transcript fixes.
        var rowOf: [KZGCommitment: Int] = [:]
        var unique: [KZGCommitment] = []
        var firstAt: [Int] = []
        var entries: [CellEquation.Entry] = []
        for (index, commitment) in commitments.enumerated() {
            let row: Int
            if let known = rowOf[commitment] {
                row = known
            } else {
                row = unique.count
                firstAt.append(index)
                rowOf[commitment] = row
                unique.append(commitment)
            }
            entries.append(
                CellEquation.Entry(
                    row: row, column: columns[index], cell: cells[index][...], proof: proofs[index]
                ))
        }
        do {
            points = try KZGVerifier.points(unique.lazy.map(\.bytes), .commitment)
        } catch .invalidPoint(let subject, let row) {
            throw .invalidPoint(of: subject, index: firstAt[row])
        }
        equation = try CellEquation(entries: entries, rows: unique.count, verifier: verifier)
        challenge = Challenges.cellBatch(
            commitments: unique, entries: entries, preset: verifier.preset)
        count = entries.count
    }

    /// Whether all cells, or those selected, are good.
    func holds(_ selection: [Int]? = nil, verifier: KZGVerifier) throws(KZGError) -> Bool {
        try equation.holds(challenge: challenge, selection: selection) { weights in
            MultiScalar.sum(points: points, scalars: weights)
        }
    }

    /// The positions of the bad cells, by bisection.
    func invalid(verifier: KZGVerifier) throws(KZGError) -> [Int] {
        var result: [Int] = []
        var pending = [0..<count]
        while let range = pending.popLast() {
            if range.isEmpty { continue }
            if try holds([Int](range), verifier: verifier) { continue }
            if range.count == 1 {
                result.append(range.lowerBound)
                continue
            }
            let middle = range.lowerBound + range.count / 2
            pending.append(range.lowerBound..<middle)
            pending.append(middle..<range.upperBound)
        }
        return result
    }
}
