import BLS12381
import CBLS12381
import Testing

@Suite struct FpTests {
    static let p = BigInteger(
        hex:
            "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab"
    )

    static let edges: [BigInteger] = {
        let one = BigInteger(1)
        let half = BigInteger(
            hex:
                "0d0088f51cbff34d258dd3db21a5d66bb23ba5c279c2895fb39869507b587b120f55ffff58a9ffffdcff7fffffffd555"
        )
        let power = BigInteger(1).shifted(left: 384)
        return [
            BigInteger(0), one, BigInteger(2), p - one, p - BigInteger(2), half, half + one,
            power % p, p - power % p, BigInteger(1).shifted(left: 380),
            BigInteger(1).shifted(left: 64) - one, BigInteger(1).shifted(left: 320) - one,
        ]
    }()

    static func element(_ value: BigInteger) throws -> Fp {
        try #require(Fp(canonical: value.bytes(count: 48)))
    }

    static func integer(_ value: Fp) -> BigInteger { BigInteger(bytes: value.bytes) }

    static func samples(_ count: Int, seed: UInt64) -> [BigInteger] {
        var random = TestRandom(seed)
        return edges
            + (0..<count).map { i in
                BigInteger(bytes: i % 2 == 0 ? random.bytes(48) : random.roughBytes(48)) % p
            }
    }

    @Test func arithmeticAgreesWithSchoolbook() throws {
        let samples = Self.samples(60, seed: 1)
        for kernels in Kernels.available {
            for x in samples {
                let a = try Self.element(x)
                #expect(Self.integer(a) == x)
                #expect(Self.integer(-a) == (Self.p - x) % Self.p)
                #expect(Self.integer(Self.square(a, kernels)) == x * x % Self.p)
                for y in samples {
                    let b = try Self.element(y)
                    #expect(Self.integer(a + b) == (x + y) % Self.p)
                    #expect(Self.integer(a - b) == (x + Self.p - y) % Self.p)
                    #expect(Self.integer(Self.multiply(a, b, kernels)) == x * y % Self.p)
                }
            }
        }
    }

    /// The kernels by name, so that a test that runs at the same time can't change the choice.
    static func multiply(_ a: Fp, _ b: Fp, _ kernels: Kernels) -> Fp {
        var (x, y, r) = (a.raw, b.raw, bls_fp())
        switch kernels {
        case .portable: bls_fp_mul_portable(&r, &x, &y)
        case .adx: return a * b
        }
        return Fp(raw: r)
    }

    static func square(_ a: Fp, _ kernels: Kernels) -> Fp {
        var (x, r) = (a.raw, bls_fp())
        switch kernels {
        case .portable: bls_fp_sqr_portable(&r, &x)
        case .adx: return a.squared()
        }
        return Fp(raw: r)
    }

    @Test func kernelsAgree() throws {
        var random = TestRandom(7)
        for i in 0..<100_000 {
            let x = i % 2 == 0 ? random.bytes(48) : random.roughBytes(48)
            let y = i % 3 == 0 ? random.bytes(48) : random.roughBytes(48)
            guard let a = Fp(canonical: [x[0] % 0x1a] + x.dropFirst()),
                let b = Fp(canonical: [y[0] % 0x1a] + y.dropFirst())
            else { continue }
            #expect(a * b == Self.multiply(a, b, .portable))
            #expect(a.squared() == Self.multiply(a, a, .portable))
        }
    }

    @Test func inverseAndSquareRoot() throws {
        for (i, x) in Self.samples(400, seed: 2).enumerated() {
            let a = try Self.element(x)
            #expect(a.inverse() * a == (a.isZero ? .zero : .one))
            let square = a.squared()
            let root = try #require(square.squareRoot())
            #expect(root == a || root == -a)
            if i < 40 {
                // Euler's criterion, and -1 is no square.
                let power = a.pow(limbs: [
                    0xdcff_7fff_ffff_d555, 0x0f55_ffff_58a9_ffff, 0xb398_6950_7b58_7b12,
                    0xb23b_a5c2_79c2_895f, 0x258d_d3db_21a5_d66b, 0x0d00_88f5_1cbf_f34d,
                ])
                #expect((a.squareRoot() != nil) == (power != -Fp.one))
            }
            if !a.isZero { #expect((-square).squareRoot() == nil) }
        }
    }

    @Test func batchInversionKeepsZeros() throws {
        var values = try Self.samples(50, seed: 3).map(Self.element)
        values[20] = .zero
        values.append(.zero)
        let expected = values.map { $0.inverse() }
        values.withUnsafeMutableBufferPointer { Fp.invertAll($0) }
        #expect(values == expected)
        var none: [Fp] = []
        none.withUnsafeMutableBufferPointer { Fp.invertAll($0) }
    }

    @Test func parsingIsCanonical() {
        #expect(Fp(canonical: Self.p.bytes(count: 48)) == nil)
        #expect(Fp(canonical: (Self.p + BigInteger(1)).bytes(count: 48)) == nil)
        #expect(Fp(canonical: [UInt8](repeating: 0xff, count: 48)) == nil)
        #expect(Fp(canonical: [UInt8](repeating: 0, count: 47)) == nil)
        #expect(Fp(canonical: [UInt8](repeating: 0, count: 49)) == nil)
        #expect(Fp(canonical: []) == nil)
        #expect(Fp(canonical: [UInt8](repeating: 0, count: 48)) == .zero)
        #expect(Fp(1) == .one)
        #expect(Fp(UInt64.max).bytes.suffix(9) == [0] + [UInt8](repeating: 0xff, count: 8))
    }

    @Test func lexicographicOrder() throws {
        for x in Self.samples(50, seed: 4) {
            let a = try Self.element(x)
            #expect(a.isLexicographicallyLargest == (Self.p < x + x))
        }
    }
}
