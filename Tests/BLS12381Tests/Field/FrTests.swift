import BLS12381
import Testing

@Suite struct FrTests {
    static let r = BigInteger(
        hex: "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001")

    static func samples(_ count: Int, seed: UInt64) -> [BigInteger] {
        var random = TestRandom(seed)
        let one = BigInteger(1)
        let power = BigInteger(1).shifted(left: 256) % r
        return [
            BigInteger(0), one, BigInteger(2), r - one, r - BigInteger(2), power, r - power,
            BigInteger(1).shifted(left: 254), BigInteger(1).shifted(left: 128) - one,
        ]
            + (0..<count).map { i in
                BigInteger(bytes: i % 2 == 0 ? random.bytes(32) : random.roughBytes(32)) % r
            }
    }

    static func element(_ value: BigInteger) throws -> Fr {
        try #require(Fr(canonical: value.bytes(count: 32)))
    }

    static func integer(_ value: Fr) -> BigInteger { BigInteger(bytes: value.bytes) }

    @Test func arithmeticAgreesWithSchoolbook() throws {
        let samples = Self.samples(60, seed: 11)
        for x in samples {
            let a = try Self.element(x)
            #expect(Self.integer(a) == x)
            #expect(Self.integer(-a) == (Self.r - x) % Self.r)
            #expect(Self.integer(a.squared()) == x * x % Self.r)
            let limbs = a.rawLimbs()
            #expect(
                BigInteger(limbs.0) + BigInteger(limbs.1).shifted(left: 64)
                    + BigInteger(limbs.2).shifted(left: 128)
                    + BigInteger(limbs.3).shifted(left: 192) == x)
            for y in samples {
                let b = try Self.element(y)
                #expect(Self.integer(a + b) == (x + y) % Self.r)
                #expect(Self.integer(a - b) == (x + Self.r - y) % Self.r)
                #expect(Self.integer(a * b) == x * y % Self.r)
            }
        }
    }

    @Test func inverses() throws {
        var values = try Self.samples(500, seed: 12).map(Self.element)
        for a in values {
            #expect(a.inverse() * a == (a.isZero ? .zero : .one))
        }
        values[30] = .zero
        let expected = values.map { $0.inverse() }
        Fr.invertAll(&values)
        #expect(values == expected)
    }

    @Test func powers() throws {
        let a = try Self.element(Self.samples(1, seed: 13)[9])
        var product = Fr.one
        for (i, power) in Fr.powers(of: a, count: 20).enumerated() {
            #expect(power == product)
            #expect(a.pow(UInt64(i)) == product)
            #expect(a.pow(limbs: [UInt64(i), 0]) == product)
            product *= a
        }
        // a^(r-1) = 1, and 7 is not a square.
        let order: [UInt64] = [
            0xffff_ffff_0000_0000, 0x53bd_a402_fffe_5bfe, 0x3339_d808_09a1_d805,
            0x73ed_a753_299d_7d48,
        ]
        #expect(a.pow(limbs: order) == .one)
    }

    @Test func parsingIsCanonical() throws {
        #expect(Fr(canonical: Self.r.bytes(count: 32)) == nil)
        #expect(Fr(canonical: [UInt8](repeating: 0xff, count: 32)) == nil)
        #expect(Fr(canonical: [UInt8](repeating: 0, count: 31)) == nil)
        #expect(Fr(canonical: []) == nil)
        var random = TestRandom(14)
        for i in 0..<100 {
            let bytes = i == 0 ? [UInt8](repeating: 0xff, count: 32) : random.bytes(32)
            #expect(Self.integer(Fr(reducing: bytes)) == BigInteger(bytes: bytes) % Self.r)
        }
    }

    @Test func arrays() throws {
        let a = try Self.samples(30, seed: 15).map(Self.element)
        let b = Array(a.reversed())
        var encoded = [UInt8](repeating: 0, count: 32 * a.count)
        a.withUnsafeBufferPointer { elements in
            encoded.withUnsafeMutableBytes { Fr.write(elements, to: $0) }
        }
        #expect(encoded == a.flatMap(\.bytes))
        var parsed = [Fr](repeating: .zero, count: a.count)
        func parse() -> Int? {
            encoded.withUnsafeBytes { bytes in
                parsed.withUnsafeMutableBufferPointer { Fr.parse(bytes, into: $0) }
            }
        }
        #expect(parse() == nil)
        #expect(parsed == a)
        encoded.replaceSubrange(32 * 7..<32 * 8, with: Self.r.bytes(count: 32))
        encoded.replaceSubrange(32 * 9..<32 * 10, with: Self.r.bytes(count: 32))
        #expect(parse() == 7)

        var products = a
        products.withUnsafeMutableBufferPointer { p in
            b.withUnsafeBufferPointer { Fr.multiply(p, by: $0) }
        }
        #expect(products == zip(a, b).map { $0 * $1 })
        var scaled = a
        scaled.withUnsafeMutableBufferPointer { Fr.scale($0, by: a[10]) }
        #expect(scaled == a.map { $0 * a[10] })
        var sums = a
        sums.withUnsafeMutableBufferPointer { s in
            b.withUnsafeBufferPointer { Fr.addScaled($0, by: a[11], to: s) }
        }
        #expect(sums == zip(a, b).map { $0 + $1 * a[11] })
        let dot = a.withUnsafeBufferPointer { x in b.withUnsafeBufferPointer { Fr.dot(x, $0) } }
        #expect(dot == zip(a, b).reduce(.zero) { $0 + $1.0 * $1.1 })
    }
}
