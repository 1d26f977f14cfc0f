package import BLS12381

/// All proofs of a blob's cells at once, after Feist and Khovratovich ("Fast amortized KZG proofs",
/// https://eprint.iacr.org/2023/033).
///
/// With l elements to a cell and k cells to a blob, the proof for cell i is the commitment to the
/// quotient of f by X^l - y_i, with y_i = h_i^l one of the 2k-th roots of unity. Long division gives
///
///     P_i = sum over j < k - 1 of y_i^j H_j,   H_j = sum over d of f_((j + 1) l + d) [tau^d]G1,
///
/// so the proofs are a transform of the H_j. Splitting d into l t + s shows each H_j as a sum over s
/// of correlations of length k - 1, and correlations become products under a transform of size 2k:
/// with a_s,m = f_((m + 1) l + s) and its transform A_s, and the points
///
///     Y_w,s = 1 / 2k * sum over t < k - 1 of v^(-wt) [tau^(l t + s)]G1   (v the root of unity),
///
/// the H_j are the first k - 1 terms of the inverse transform (without its factor 1 / 2k) of the sums
/// over s of A_s,w Y_w,s. The Y are fixed, so the sums come from a table.
package struct FK20: Sendable {
    private let preset: Preset
    /// The domain of the 2k-th roots of unity.
    private let domain: EvaluationDomain
    private let transform: GroupTransform
    /// The points Y: for each w, in bit-reversed order, those of all s.
    private let table: FixedBaseTable

    init(preset: Preset, points: [G1Affine]) {
        self.preset = preset
        let domain = EvaluationDomain(size: preset.cellsPerExtendedBlob)
        self.domain = domain
        transform = GroupTransform(size: domain.size)
        let size = preset.fieldElementsPerCell
        let ordered = (0..<domain.size).flatMap { index in
            let w = bitReversed(index, bits: domain.log)
            return points[w * size..<(w + 1) * size]
        }
        table = FixedBaseTable(
            points: ordered, sets: domain.size, window: FK20.window(pointsPerSum: size))
    }

    /// The width of digits that suits sums of so many points.
    private static func window(pointsPerSum: Int) -> Int {
        pointsPerSum >= 32 ? 8 : 5
    }

    /// The points Y for all w in natural order, from the powers of tau: what the data compiled in holds
    /// for the mainnet preset. `monomial` is [tau^i]G1 for as many i as a blob has elements.
    package static func points(monomial: [G1Affine], preset: Preset) -> [G1Affine] {
        let size = preset.fieldElementsPerCell
        let domain = EvaluationDomain(size: preset.cellsPerExtendedBlob)
        // The factor 1 / 2k first, then a transform over t for every s: row t of this matrix has all s.
        let scale = Fr(UInt64(domain.size)).inverse()
        let count = size * (preset.cellsPerBlob - 1)
        var matrix = G1.normalize(monomial[..<count].map { G1($0) * scale })
        matrix += [G1Affine](repeating: .infinity, count: domain.size * size - count)
        GroupTransform(size: domain.size).fftColumnsToBitReversed(&matrix, width: size)
        return (0..<domain.size).flatMap { w in
            // v^(-w): the value at the inverse point is the one at v with w negated.
            let row = bitReversed((domain.size - w) % domain.size, bits: domain.log)
            return matrix[row * size..<(row + 1) * size]
        }
    }

    /// The proofs for all cells, in the order of columns, given the coefficients of the blob's polynomial.
    /// The sums and most of the transforms are split over threads if there are more than one.
    func proofs(coefficients: [Fr], threads: Int = 1) -> [G1Affine] {
        let size = preset.fieldElementsPerCell
        // Row m of this matrix has the a_s,m for all s: the coefficients, moved by a cell.
        var matrix = [Fr](coefficients[size...])
        matrix += [Fr](repeating: .zero, count: domain.size * size - matrix.count)
        matrix.withUnsafeMutableBufferPointer {
            domain.fftColumnsToBitReversed($0, stride: size, width: size)
        }
        var points = G1.normalize(table.sums(scalars: matrix, threads: threads))
        transform.ifftFromBitReversed(&points, scaled: false, threads: threads)
        for index in preset.cellsPerBlob - 1..<points.count { points[index] = .infinity }
        transform.fftToBitReversed(&points, threads: threads)
        return points
    }
}
