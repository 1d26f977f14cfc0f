import CBLS12381

// A row of values in bit-reversed order cut into equal parts: each part holds the values on one
// coset, and the transform of a part alone is the transform between those values and the polynomial's
// remainder modulo the part's vanishing polynomial, x^m - c. So a polynomial with coefficients
// f_(mi + j) has, on the part, the remainder with coefficients r_j = sum of f_(mi + j) c^i: the parts'
// remainders are in turn values of the m polynomials f_j, at the points c of a domain of `size / m`
// points in bit-reversed order.
extension EvaluationDomain {
    /// Turns the values in one part of the row into the coefficients of the remainder there, times
    /// the number of elements in a part (which whoever has many parts scales away at once).
    ///
    /// - Parameters:
    ///   - elements: The part: a power of two of elements, at most `size`.
    ///   - part: Which part of the row it is, from 0 to `size / elements.count - 1`.
    package func unscaledIFFTFromBitReversed(
        _ elements: UnsafeMutableBufferPointer<Fr>, part: Int
    ) {
        run(elements, part: part, bls_fr_ifft)
    }

    /// Turns the coefficients of the remainder on one part of the row into the values there.
    ///
    /// - Parameters:
    ///   - elements: The part: a power of two of elements, at most `size`.
    ///   - part: Which part of the row it is, from 0 to `size / elements.count - 1`.
    package func fftToBitReversed(_ elements: UnsafeMutableBufferPointer<Fr>, part: Int) {
        run(elements, part: part, bls_fr_fft)
    }

    private func run(
        _ elements: UnsafeMutableBufferPointer<Fr>, part: Int,
        _ transform: (UnsafeMutablePointer<bls_fr>?, Int32, Int, UnsafePointer<bls_fr>?) -> Void
    ) {
        let count = elements.count
        precondition(
            count > 0 && count.nonzeroBitCount == 1 && part >= 0 && (part + 1) * count <= size,
            "a part of a row")
        guard let base = elements.baseAddress else { return }
        twiddles.withUnsafeBufferPointer { twiddles in
            guard let roots = twiddles.baseAddress else { return }
            transform(base.kernel, Int32(count.trailingZeroBitCount), part, roots.kernel)
        }
    }
}
