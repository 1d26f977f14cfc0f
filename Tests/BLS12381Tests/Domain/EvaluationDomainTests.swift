import BLS12381
import Testing

@Suite struct EvaluationDomainTests {
    /// The value of a polynomial by Horner's rule.
    static func value(_ coefficients: [Fr], at x: Fr) -> Fr {
        coefficients.reversed().reduce(.zero) { $0 * x + $1 }
    }

    static func transformed(
        _ elements: [Fr], _ body: (UnsafeMutableBufferPointer<Fr>) -> Void
    ) -> [Fr] {
        var copy = elements
        copy.withUnsafeMutableBufferPointer { body($0) }
        return copy
    }

    @Test func knownRoots() {
        // The 8192-th root of EIP-7594 and the 4096-th of EIP-4844.
        #expect(
            EvaluationDomain(size: 8192).root.bytes
                == [UInt8](hex: "485d512737b1da3d2ccddea2972e89ed146b58bc434906ac6fdd00bfc78c8967"))
        #expect(
            EvaluationDomain(size: 4096).root.bytes
                == [UInt8](hex: "564c0a11a0f704f4fc3e8acfe0f8245f0ad1347b378fbf96e206da11a5d36306"))
        #expect(EvaluationDomain(size: 1).root == .one)
        #expect(EvaluationDomain(size: 2).root == -Fr.one)
    }

    @Test(arguments: 0...7)
    func agreesWithQuadraticTransform(log: Int) {
        var random = TestRandom(UInt64(100 + log))
        let domain = EvaluationDomain(size: 1 << log)
        let coefficients = (0..<domain.size).map { _ in random.scalar() }
        let roots = domain.roots
        #expect(roots.count == domain.size)
        #expect(domain.root.pow(UInt64(domain.size)) == .one)
        var reversedRoots = roots
        bitReversePermute(&reversedRoots)
        #expect(domain.bitReversedRoots == reversedRoots)

        let values = roots.map { Self.value(coefficients, at: $0) }
        #expect(Self.transformed(coefficients) { domain.fft($0) } == values)
        #expect(Self.transformed(values) { domain.ifft($0) } == coefficients)
        let reversed = reversedRoots.map { Self.value(coefficients, at: $0) }
        #expect(Self.transformed(coefficients) { domain.fftToBitReversed($0) } == reversed)
        #expect(Self.transformed(reversed) { domain.ifftFromBitReversed($0) } == coefficients)

        let shift = Fr(7)
        let shifted = roots.map { Self.value(coefficients, at: shift * $0) }
        #expect(Self.transformed(coefficients) { domain.cosetFFT($0, shift: shift) } == shifted)
        #expect(Self.transformed(shifted) { domain.cosetIFFT($0, shift: shift) } == coefficients)
        let shiftedReversed = reversedRoots.map { Self.value(coefficients, at: shift * $0) }
        #expect(
            Self.transformed(coefficients) { domain.cosetFFTToBitReversed($0, shift: shift) }
                == shiftedReversed)
        #expect(
            Self.transformed(shiftedReversed) {
                domain.cosetIFFTFromBitReversed($0, shift: shift)
            } == coefficients)

        if log > 0 {
            let half = Array(coefficients.prefix(domain.size / 2))
            let odd = reversedRoots.suffix(domain.size / 2).map { Self.value(half, at: $0) }
            #expect(Self.transformed(half) { domain.fftToBitReversedOddHalf($0) } == odd)
            #expect(Self.transformed(odd) { domain.ifftFromBitReversedOddHalf($0) } == half)
        }
    }

    @Test(arguments: [10, 12, 13])
    func largeSizes(log: Int) {
        var random = TestRandom(UInt64(200 + log))
        let domain = EvaluationDomain(size: 1 << log)
        let coefficients = (0..<domain.size).map { _ in random.scalar() }
        let values = Self.transformed(coefficients) { domain.fft($0) }
        for _ in 0..<8 {
            let i = Int(random.next() % UInt64(domain.size))
            #expect(values[i] == Self.value(coefficients, at: domain.root.pow(UInt64(i))))
        }
        #expect(Self.transformed(values) { domain.ifft($0) } == coefficients)
        let half = Array(coefficients.prefix(domain.size / 2))
        let padded = half + [Fr](repeating: .zero, count: domain.size / 2)
        let all = Self.transformed(padded) { domain.fftToBitReversed($0) }
        let odd = Self.transformed(half) { domain.fftToBitReversedOddHalf($0) }
        #expect(Array(all.suffix(domain.size / 2)) == odd)
        #expect(Self.transformed(odd) { domain.ifftFromBitReversedOddHalf($0) } == half)
    }

    @Test(arguments: 1...5, [1, 3, 32, 70])
    func columns(log: Int, width: Int) {
        var random = TestRandom(UInt64(300 + log))
        let domain = EvaluationDomain(size: 1 << log)
        let rows = domain.size / 2
        let stride = width + 2
        let matrix = (0..<rows * stride).map { _ in random.scalar() }
        var extended = matrix
        extended.withUnsafeMutableBufferPointer {
            domain.extendColumns(UnsafeBufferPointer($0), into: $0, stride: stride, width: width)
        }
        var apart = [Fr](repeating: .one, count: matrix.count)
        matrix.withUnsafeBufferPointer { source in
            apart.withUnsafeMutableBufferPointer {
                domain.extendColumns(source, into: $0, stride: stride, width: width)
            }
        }
        let halfDomain = EvaluationDomain(size: rows)
        for j in 0..<stride {
            let column = (0..<rows).map { matrix[$0 * stride + j] }
            if j >= width {
                #expect((0..<rows).map { extended[$0 * stride + j] } == column)
                continue
            }
            var expected = Self.transformed(column) { halfDomain.ifftFromBitReversed($0) }
            expected = Self.transformed(expected) { domain.fftToBitReversedOddHalf($0) }
            #expect((0..<rows).map { extended[$0 * stride + j] } == expected)
            #expect((0..<rows).map { apart[$0 * stride + j] } == expected)
        }

        let square = (0..<domain.size * stride).map { _ in random.scalar() }
        var there = square
        there.withUnsafeMutableBufferPointer {
            domain.fftColumnsToBitReversed($0, stride: stride, width: width)
        }
        for j in 0..<width {
            let column = (0..<domain.size).map { square[$0 * stride + j] }
            let expected = Self.transformed(column) { domain.fftToBitReversed($0) }
            #expect((0..<domain.size).map { there[$0 * stride + j] } == expected)
        }
        there.withUnsafeMutableBufferPointer {
            domain.ifftColumnsFromBitReversed($0, stride: stride, width: width)
        }
        #expect(there == square)
    }

    @Test func bitReversal() {
        #expect(bitReversed(0, bits: 0) == 0)
        #expect(bitReversed(1, bits: 1) == 1)
        #expect(bitReversed(1, bits: 13) == 4096)
        #expect(bitReversed(6, bits: 4) == 6)
        #expect(bitReversed(3, bits: 4) == 12)
        for i in 0..<64 { #expect(bitReversed(bitReversed(i, bits: 6), bits: 6) == i) }
        var letters = Array("abcdefgh")
        bitReversePermute(&letters)
        #expect(letters == Array("aecgbfdh"))
    }
}
