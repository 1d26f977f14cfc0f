package import BLS12381

/// The equation that any set of cells with their proofs satisfies, with the commitments' side left
/// open:
///
///     e(S - [sum of r^k I_k] + sum of r^k h_k^l P_k, G2) = e(sum of r^k P_k, [tau^l]G2)
///
/// over all cells k, where I_k is the polynomial of degree below the cell's size l that takes the
/// cell's values, h_k the factor of its column's coset, P_k its proof, and S the sum of r^k times the
/// commitment of the cell's row. See EIP-7594 and `specs/commitments.md`.
///
/// Making it parses the cells' proofs; ``holds(challenge:rows:commitmentSum:)`` does the rest.
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
        var proofs: [G1Affine] = []
        proofs.reserveCapacity(entries.count)
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
            proofs.append(try verifier.validatedPoint(entry.proof, index: index))
        }
        self.verifier = verifier
        self.entries = entries
        self.proofs = proofs
        self.rows = rows
    }

    private let rows: Int

    /// Whether the equation holds, for all entries or for some.
    ///
    /// - Parameters:
    ///   - challenge: r: a hash of everything that is checked, commitments included.
    ///   - selection: The entries' positions; all if nil. Entry k's weight is r^k in either case.
    ///   - commitmentSum: Given the sum of the weights r^k for each row, the sum of the rows'
    ///     commitments times these.
    /// - Returns: Whether it holds; true for no entries.
    /// - Throws: ``KZGError/notCanonical(of:index:element:)`` for a cell that is not made of field
    ///   elements, and what `commitmentSum` throws.
    package func holds(
        challenge: Fr, selection: [Int]? = nil,
        commitmentSum: ([Fr]) throws(KZGError) -> G1
    ) throws(KZGError) -> Bool {
        let weights = Fr.powers(of: challenge, count: entries.count)
        let selection = selection ?? [Int](entries.indices)
        guard !selection.isEmpty else { return true }
        let interpolation = try interpolation(selection, weights: weights)

        var rowWeights = [Fr](repeating: .zero, count: rows)
        var points: [G1Affine] = []
        var right: [Fr] = []
        var left: [Fr] = []
        for k in selection {
            let weight = weights[k]
            rowWeights[entries[k].row] += weight
            points.append(proofs[k])
            right.append(weight)
            left.append(weight * verifier.cosetPowers[entries[k].column])
        }
        let proofSum = MultiScalar.sum(points: points, scalars: right)
        let leftSum = MultiScalar.sum(
            points: points + verifier.monomial, scalars: left + interpolation.map { -$0 })
        let sums = G1.normalize([try commitmentSum(rowWeights) + leftSum, -proofSum])
        return Pairing.productIsOne([
            (sums[0], verifier.preparedGenerator), (sums[1], verifier.preparedTauToCell),
        ])
    }

    /// The coefficients of the sum of r^k I_k: the cells of each column are summed up first, so there
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
        let scale = Fr(UInt64(size)).inverse()
        for column in sums.indices where !sums[column].isEmpty {
            sums[column].withUnsafeMutableBufferPointer {
                verifier.domain.unscaledIFFTFromBitReversed($0, block: column)
            }
            total.withUnsafeMutableBufferPointer { total in
                sums[column].withUnsafeBufferPointer { Fr.addScaled($0, by: scale, to: total) }
            }
        }
        return total
    }
}
