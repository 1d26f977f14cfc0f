import CBLS12381

/// The roots of unity of an order that is a power of two, and the transforms between a polynomial's
/// coefficients and its values at them.
///
/// The root is w = 7^((r - 1) / size), as in EIP-4844 and EIP-7594. Value i in natural order is the
/// one at w^i; in bit-reversed order, the one at w^(i with its bits reversed). The bit-reversed
/// forms do the same work without a permutation: prefer them.
public struct EvaluationDomain: Sendable {
    /// The number of points.
    public let size: Int

    /// The binary logarithm of `size`.
    public let log: Int

    /// The primitive root of unity.
    public let root: Fr

    /// 1 / size.
    package let inverseSize: Fr

    /// What the kernels read: see bls_fft.h.
    package let twiddles: [Fr]

    /// The roots of a domain of up to 2^32 points.
    ///
    /// - Parameter size: The number of points: a power of two, at most 2^32. Memory is 32 bytes for
    ///   each point.
    public init(size: Int) {
        precondition(
            size > 0 && size.nonzeroBitCount == 1 && size <= 1 << 32,
            "the size of a domain is a power of two up to 2^32")
        self.size = size
        log = size.trailingZeroBitCount
        root = EvaluationDomain.primitiveRoot(log: log)
        inverseSize = Fr(UInt64(size)).inverse()
        // The first half of the roots of order size, bit-reversed: level by level, each root of
        // the level before and its product with that level's primitive root.
        var twiddles = [Fr](repeating: .one, count: max(1, size / 2))
        var filled = 1
        var order = 2
        while filled < twiddles.count {
            let step = EvaluationDomain.primitiveRoot(log: order)
            for i in 0..<filled { twiddles[filled + i] = twiddles[i] * step }
            filled *= 2
            order += 1
        }
        self.twiddles = twiddles
    }

    /// 7^((r - 1) / 2^log).
    private static func primitiveRoot(log: Int) -> Fr {
        var root = Fr(
            raw: bls_fr(
                l: (
                    0xb9b5_8d8c_5f0e_466a, 0x5b1b_4c80_1819_d7ec, 0x0af5_3ae3_52a3_1e64,
                    0x5bf3_adda_19e9_b27b
                )))
        for _ in log..<32 { root = root.squared() }
        return root
    }

    /// All points, in natural order: 1, w, w^2 and so on.
    public var roots: [Fr] { Fr.powers(of: root, count: size) }

    /// All points, in bit-reversed order.
    public var bitReversedRoots: [Fr] {
        var result: [Fr] = []
        result.reserveCapacity(size)
        for root in twiddles.prefix(max(1, size / 2)) {
            result.append(root)
            if size > 1 { result.append(-root) }
        }
        return result
    }

    // MARK: Bit-reversed values

    /// Turns coefficients, the constant one first, into values in bit-reversed order.
    ///
    /// - Precondition: `elements.count` is `size`.
    public func fftToBitReversed(_ elements: UnsafeMutableBufferPointer<Fr>) {
        run(elements, log: log, node: 0, inverse: false)
    }

    /// Turns values in bit-reversed order into coefficients, the constant one first.
    ///
    /// - Precondition: `elements.count` is `size`.
    public func ifftFromBitReversed(_ elements: UnsafeMutableBufferPointer<Fr>) {
        run(elements, log: log, node: 0, inverse: true)
        Fr.scale(elements, by: inverseSize)
    }

    /// Turns `size / 2` coefficients into the second half of the values in bit-reversed order: those
    /// at the odd powers of w. (The first half is what the domain of half the size gives.)
    ///
    /// - Precondition: `elements.count` is `size / 2`, and `size` is above 1.
    public func fftToBitReversedOddHalf(_ elements: UnsafeMutableBufferPointer<Fr>) {
        run(elements, log: log - 1, node: 1, inverse: false)
    }

    /// Turns the second half of the values in bit-reversed order, those at the odd powers of w, into
    /// the `size / 2` coefficients of the polynomial that takes them.
    ///
    /// - Precondition: `elements.count` is `size / 2`, and `size` is above 1.
    public func ifftFromBitReversedOddHalf(_ elements: UnsafeMutableBufferPointer<Fr>) {
        run(elements, log: log - 1, node: 1, inverse: true)
        Fr.scale(elements, by: inverseSize + inverseSize)
    }

    // MARK: Natural order

    /// Turns coefficients into values, both in natural order.
    ///
    /// - Precondition: `elements.count` is `size`.
    public func fft(_ elements: UnsafeMutableBufferPointer<Fr>) {
        fftToBitReversed(elements)
        bitReversePermute(elements)
    }

    /// Turns values into coefficients, both in natural order.
    ///
    /// - Precondition: `elements.count` is `size`.
    public func ifft(_ elements: UnsafeMutableBufferPointer<Fr>) {
        bitReversePermute(elements)
        ifftFromBitReversed(elements)
    }

    /// Turns coefficients into the values at `shift` times each point, both in natural order.
    ///
    /// - Precondition: `elements.count` is `size`.
    public func cosetFFT(_ elements: UnsafeMutableBufferPointer<Fr>, shift: Fr) {
        scaleByPowers(elements, ratio: shift, factor: .one)
        fft(elements)
    }

    /// Turns the values at `shift` times each point into coefficients, both in natural order.
    ///
    /// - Precondition: `elements.count` is `size`, and `shift` is not zero.
    public func cosetIFFT(_ elements: UnsafeMutableBufferPointer<Fr>, shift: Fr) {
        ifft(elements)
        scaleByPowers(elements, ratio: shift.inverse(), factor: .one)
    }

    /// `cosetFFT` with the values in bit-reversed order.
    ///
    /// - Precondition: `elements.count` is `size`.
    public func cosetFFTToBitReversed(_ elements: UnsafeMutableBufferPointer<Fr>, shift: Fr) {
        scaleByPowers(elements, ratio: shift, factor: .one)
        fftToBitReversed(elements)
    }

    /// `cosetIFFT` with the values in bit-reversed order.
    ///
    /// - Precondition: `elements.count` is `size`, and `shift` is not zero.
    public func cosetIFFTFromBitReversed(_ elements: UnsafeMutableBufferPointer<Fr>, shift: Fr) {
        run(elements, log: log, node: 0, inverse: true)
        scaleByPowers(elements, ratio: shift.inverse(), factor: inverseSize)
    }

    /// Turns coefficients into values, both in natural order.
    ///
    /// - Precondition: `elements.count` is `size`.
    public func fft(_ elements: inout [Fr]) { elements.withUnsafeMutableBufferPointer { fft($0) } }

    /// Turns values into coefficients, both in natural order.
    ///
    /// - Precondition: `elements.count` is `size`.
    public func ifft(_ elements: inout [Fr]) {
        elements.withUnsafeMutableBufferPointer { ifft($0) }
    }

    // MARK: Kernels

    private func run(
        _ elements: UnsafeMutableBufferPointer<Fr>, log: Int, node: Int, inverse: Bool
    ) {
        precondition(log >= 0 && elements.count == 1 << log, "as many elements as points")
        guard let base = elements.baseAddress else { return }
        twiddles.withUnsafeBufferPointer { twiddles in
            guard let roots = twiddles.baseAddress else { return }
            if inverse {
                bls_fr_ifft(base.kernel, Int32(log), node, roots.kernel)
            } else {
                bls_fr_fft(base.kernel, Int32(log), node, roots.kernel)
            }
        }
    }

    private func scaleByPowers(
        _ elements: UnsafeMutableBufferPointer<Fr>, ratio: Fr, factor: Fr
    ) {
        guard let base = elements.baseAddress else { return }
        var first = factor.raw
        var step = ratio.raw
        bls_fr_scale_by_powers(base.kernel, &first, &step, elements.count)
    }
}
