import CBLS12381

// Transforms on a part of the domain: a run of 2^m values in bit-reversed order that starts at a
// multiple of its length is a coset of the 2^m-th roots of unity.
extension EvaluationDomain {
    /// Turns the coefficients of a polynomial of degree below `elements.count` into its values on a
    /// block of the domain: those with the indices from `block * elements.count` in bit-reversed order.
    ///
    /// - Precondition: `elements.count` is a power of two, and the domain has the block.
    package func fftToBitReversed(_ elements: UnsafeMutableBufferPointer<Fr>, block: Int) {
        guard let log = blockLog(elements.count, block), let base = elements.baseAddress else {
            return
        }
        twiddles.withUnsafeBufferPointer { twiddles in
            guard let roots = twiddles.baseAddress else { return }
            bls_fr_fft(base.kernel, log, block, roots.kernel)
        }
    }

    /// Turns values on a block of the domain into the coefficients of the polynomial that takes them,
    /// without the division by their number: the result is `elements.count` times those coefficients.
    ///
    /// - Precondition: `elements.count` is a power of two, and the domain has the block.
    package func unscaledIFFTFromBitReversed(
        _ elements: UnsafeMutableBufferPointer<Fr>, block: Int
    ) {
        guard let log = blockLog(elements.count, block), let base = elements.baseAddress else {
            return
        }
        twiddles.withUnsafeBufferPointer { twiddles in
            guard let roots = twiddles.baseAddress else { return }
            bls_fr_ifft(base.kernel, log, block, roots.kernel)
        }
    }

    private func blockLog(_ count: Int, _ block: Int) -> Int32? {
        precondition(
            count > 0 && count.nonzeroBitCount == 1 && count <= size && block >= 0
                && block < size / count,
            "a block of the domain")
        return Int32(count.trailingZeroBitCount)
    }
}
