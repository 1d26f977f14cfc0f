package import BLS12381
internal import SystemCrypto

/// The equation that any set of cells with their proofs satisfies, with the commitments' side left
/// open:
///
///     e(S - [sum of w_k I_k] + sum of w_k h_k^l P_k, G2) = e(sum of w_k P_k, [tau^l]G2)
///
/// over all cells k, where I_k is the polynomial of degree below the cell's size l that takes the
/// cell's values, h_k the factor of its column's coset, P_k its proof, w_k a weight that depends on a
/// hash of everything, and S the sum of w_k times the commitment of the cell's row. See EIP-7594 and `specs/commitments.md`.
///
/// Making it parses the cells' proofs; ``holds(challenge:selection:commitmentSum:)`` does the rest.
package struct CellEquation {
    /// A cell, its place and its proof.
    package struct Entry: Sendable {
        /// The row's number, from 0; what it means is the caller's business.
        package let row: Int
        /// The column, below the number of cells of an extended blob.
        package let column: Int
        /// The cell's bytes.
        package let cell: ArraySlice<UInt8>
        /// The proof for the cell.
        package let proof: KZGProof

        /// A cell, its place and its proof.
        package init(row: Int, column: Int, cell: ArraySlice<UInt8>, proof: KZGProof) {
            self.row = row
            self.column = column
            self.cell = cell
            self.proof = proof
        }
    }

    private let verifier: KZGVerifier
    private let entries: [Entry]
    private let rows: Int
    private let proofs: [G1Affine]

    /// Parses the proofs.
    ///
    /// - Parameters:
    ///   - entries: Any cells, in any order, also repeated.
    ///   - rows: One more than the largest row number.
    ///   - verifier: For the setup and the sizes.
    /// - Throws: ``KZGError`` naming the first entry whose column or length is wrong, or whose proof is
    ///   not a point of G1.
    /// - Precondition: Row numbers are in `0..<rows`.
    package init(entries: [Entry], rows: Int, verifier: KZGVerifier) throws(KZGError) {
        let preset = verifier.preset
        for (index, entry) in entries.enumerated() {
            precondition(entry.row >= 0 && entry.row < rows, "a row of the batch")
            guard entry.column >= 0, entry.column < preset.cellsPerExtendedBlob else {
                throw .columnOutOfRange(
                    index: index, column: entry.column, limit: preset.cellsPerExtendedBlob)
            }
            guard entry.cell.count == preset.bytesPerCell else {
                throw .wrongLength(
                    of: .cell, index: index, expected: preset.bytesPerCell,
                    actual: entry.cell.count)
            }
        }
        let proofs = try KZGVerifier.points(entries.lazy.map(\.proof.bytes), .proof)
        self.verifier = verifier
        self.entries = entries
        self.rows = rows
        self.proofs = proofs
    }

    /// Whether the equation holds, for all entries or for some.
    ///
    /// - Parameters:
    ///   - challenge: r: a hash of everything that is checked, commitments included.
    ///   - selection: The entries' positions; all if nil.
    ///   - commitmentSum: Given for each row the sum of its entries' weights, the sum of the rows'
    ///     commitments times these.
    /// - Returns: Whether it holds; true for no entries.
    /// - Throws: ``KZGError/notCanonical(of:index:element:)`` for a cell that is not made of field
    ///   elements, and what `commitmentSum` throws.
    package func holds(
        challenge: Fr, selection: [Int]? = nil,
        commitmentSum: ([Fr]) throws(KZGError) -> G1
    ) throws(KZGError) -> Bool {
        let selection = selection ?? [Int](entries.indices)
        guard !selection.isEmpty else { return true }
        let weights = CellEquation.weights(challenge, count: entries.count)
        let interpolation = try interpolation(selection, weights: weights)
        var rowWeights = [Fr](repeating: .zero, count: rows)
        for k in selection { rowWeights[entries[k].row] += weights[k] }

        let (proofSum, shiftedSum) = proofSums(selection, weights: weights)
        let left =
            try commitmentSum(rowWeights) + shiftedSum
            - verifier.monomial.sum(scalars: interpolation)
        let sums = G1.normalize([left, -proofSum])
        return Pairing.productIsOne([
            (sums[0], verifier.preparedGenerator), (sums[1], verifier.preparedTauToCell),
        ])
    }

    /// The entries' weights: 1, then 128 bits each from a generator keyed with the challenge. A false
    /// equation then holds with probability 2^-128, as the specification's powers of r also make it
    /// improbable, and the sums cost half as much. Nothing else depends on the choice.
    private static func weights(_ challenge: Fr, count: Int) -> [Fr] {
        var random = SeededRandom(seed: challenge.bytes)
        return (0..<count).map { k in
            k == 0 ? .one : Fr(reducing: (random.next(), random.next(), 0, 0))
        }
    }

    /// The sums of w_k P_k and of w_k h_k^l P_k.
    private func proofSums(_ selection: [Int], weights: [Fr]) -> (G1, G1) {
        var positions: [Int: Int] = [:]
        var columns: [Int] = []
        for k in selection where positions.updateValue(0, forKey: entries[k].column) == nil {
            columns.append(entries[k].column)
        }
        if columns.count > 1, selection.count < 16 * columns.count {
            let points = selection.map { proofs[$0] }
            let chosen = selection.map { weights[$0] }
            let shifted = selection.map { weights[$0] * verifier.cosetPowers[entries[$0].column] }
            return (
                MultiScalar.sum(points: points, scalars: chosen),
                MultiScalar.sum(points: points, scalars: shifted)
            )
        }
        // Many entries to a column: sum up each column's proofs, with the short weights, and then the
        // columns' sums with and without the factor h^l, which is the column's.
        for (position, column) in columns.enumerated() { positions[column] = position }
        var points = [[G1Affine]](repeating: [], count: columns.count)
        var scalars = [[Fr]](repeating: [], count: columns.count)
        for k in selection {
            guard let position = positions[entries[k].column] else { continue }
            points[position].append(proofs[k])
            scalars[position].append(weights[k])
        }
        let sums = columns.indices.map {
            MultiScalar.sum(points: points[$0], scalars: scalars[$0])
        }
        return (
            sums.reduce(.zero, +),
            MultiScalar.sum(
                points: G1.normalize(sums), scalars: columns.map { verifier.cosetPowers[$0] })
        )
    }

    /// The coefficients of the sum of w_k I_k: the cells of each column are summed up first, so there
    /// is one inverse transform for each column.
    private func interpolation(
        _ selection: [Int], weights: [Fr]
    ) throws(KZGError) -> [Fr] {
        let size = verifier.preset.fieldElementsPerCell
        var sums = [[Fr]](repeating: [], count: verifier.preset.cellsPerExtendedBlob)
        var parsed = [Fr](repeating: .zero, count: size)
        for k in selection {
            let failed = parsed.withUnsafeMutableBufferPointer { buffer in
                entries[k].cell.withBytes { Fr.parse($0, into: buffer) }
            }
            if let failed { throw .notCanonical(of: .cell, index: k, element: failed) }
            let column = entries[k].column
            if sums[column].isEmpty { sums[column] = [Fr](repeating: .zero, count: size) }
            sums[column].withUnsafeMutableBufferPointer { sum in
                parsed.withUnsafeBufferPointer { Fr.addScaled($0, by: weights[k], to: sum) }
            }
        }
        var total = [Fr](repeating: .zero, count: size)
        for column in sums.indices where !sums[column].isEmpty {
            sums[column].withUnsafeMutableBufferPointer {
                verifier.domain.unscaledIFFTFromBitReversed($0, block: column)
            }
            total.withUnsafeMutableBufferPointer { total in
                sums[column].withUnsafeBufferPointer {
                    Fr.addScaled($0, by: verifier.inverseCellSize, to: total)
                }
            }
        }
        return total
    }
}
