import BLS12381
import Testing

@Suite struct PairingSuite {
    /// r, the least significant word first.
    static let r: [UInt64] = [
        0xffff_ffff_0000_0001, 0x53bd_a402_fffe_5bfe, 0x3339_d808_09a1_d805, 0x73ed_a753_299d_7d48,
    ]
    static let e = Pairing.pairing(.generator, .generator)

    static func limbs(_ scalar: Fr) -> [UInt64] {
        let words = scalar.rawLimbs()
        return [words.0, words.1, words.2, words.3]
    }

    @Test func isNotDegenerateAndHasOrderR() {
        #expect(PairingSuite.e != .one)
        #expect(PairingSuite.e.pow(limbs: PairingSuite.r) == .one)
    }

    @Test func isBilinear() {
        var random = TestRandom(1)
        for _ in 0..<5 {
            let a = random.scalar()
            let b = random.scalar()
            let left = (G1(.generator) * a).affine
            let right = (G2(.generator) * b).affine
            let expected = PairingSuite.e.pow(limbs: PairingSuite.limbs(a * b))
            #expect(Pairing.pairing(left, right) == expected)
            #expect(
                Pairing.pairing(left, .generator)
                    == PairingSuite.e.pow(limbs: PairingSuite.limbs(a)))
            #expect(
                Pairing.pairing(.generator, right)
                    == PairingSuite.e.pow(limbs: PairingSuite.limbs(b)))
        }
    }

    @Test func isAdditiveInBothArguments() {
        var random = TestRandom(2)
        let p = [random.scalar(), random.scalar()].map { G1(.generator) * $0 }
        let q = [random.scalar(), random.scalar()].map { G2(.generator) * $0 }
        let sum = Pairing.pairing((p[0] + p[1]).affine, q[0].affine)
        #expect(
            sum == Pairing.pairing(p[0].affine, q[0].affine)
                * Pairing.pairing(p[1].affine, q[0].affine))
        let other = Pairing.pairing(p[0].affine, (q[0] + q[1]).affine)
        #expect(
            other == Pairing.pairing(p[0].affine, q[0].affine)
                * Pairing.pairing(p[0].affine, q[1].affine))
    }

    @Test func isOneAtInfinity() {
        #expect(Pairing.pairing(.infinity, .generator) == .one)
        #expect(Pairing.pairing(.generator, .infinity) == .one)
        #expect(Pairing.productIsOne([]))
        let infinite = PreparedG2(.infinity)
        let generator = PreparedG2(.generator)
        #expect(Pairing.productIsOne([(.generator, infinite), (.infinity, generator)]))
        #expect(!Pairing.productIsOne([(.generator, infinite), (.generator, generator)]))
    }

    @Test func productsOfAnyNumberOfPairs() {
        var random = TestRandom(3)
        // e(a P, Q) e(b P, Q) e(-(a + b) P, Q) = 1.
        let a = random.scalar()
        let b = random.scalar()
        let q = PreparedG2(.generator)
        let p = G1(.generator)
        let pairs = [p * a, p * b, -(p * (a + b))].map { ($0.affine, q) }
        #expect(Pairing.productIsOne(pairs))
        #expect(!Pairing.productIsOne([pairs[0], pairs[1]]))
        // e(a P, b Q) = e(ab P, Q).
        let bQ = PreparedG2((G2(.generator) * b).affine)
        #expect(Pairing.productIsOne([((p * a).affine, bQ), ((-(p * (a * b))).affine, q)]))
        #expect(!Pairing.productIsOne([((p * a).affine, bQ), ((p * (a * b)).affine, q)]))
    }

    @Test func finalExponentIsThreeTimesTheTextbooks() {
        // 3 (p^12 - 1) / r in steps: (p^6 - 1)(p^2 + 1) by Frobenius, the rest as plain powers of the
        // curve's parameter x: 3 (p^4 - p^2 + 1) / r = (x - 1)^2 (x + p)(x^2 + p^2 - 1) + 3.
        var random = TestRandom(4)
        let f = random.fp12()
        var base = f.conjugate() * f.inverse()
        base = base.frobeniusSquared() * base
        func toX(_ f: Fp12) -> Fp12 { f.pow(limbs: [0xd201_0000_0001_0000]).inverse() }
        var t = toX(base) * base.inverse()
        t = toX(t) * t.inverse()
        t = toX(t) * t.frobenius()
        t = toX(toX(t)) * t.frobeniusSquared() * t.inverse()
        #expect(Pairing.finalExponentiation(f) == t * base * base * base)
        // Raised to r it is one: r divides what is left of p^12 - 1.
        #expect(Pairing.finalExponentiation(f).pow(limbs: PairingSuite.r) == .one)
    }
}

@Suite struct G2Suite {
    @Test func generatorIsAPointOfOrderR() {
        #expect(G2Affine.generator.isOnCurve)
        #expect(G2Affine.generator.isInSubgroup)
        #expect(G2(.generator).multiplied(limbs: PairingSuite.r).isZero)
        #expect(G2Affine.infinity.isOnCurve && G2Affine.infinity.isInSubgroup)
    }

    @Test func groupLaws() {
        var random = TestRandom(1)
        let a = G2(.generator) * random.scalar()
        let b = G2(.generator) * random.scalar()
        #expect(a + b == b + a)
        #expect(a + a == a.doubled())
        #expect((a + -a).isZero)
        #expect(a + .zero == a)
        #expect(G2.zero + a == a)
        #expect(G2.zero.doubled().isZero)
        #expect(a - b + b == a)
        #expect(G2(a.affine) == a)
        #expect((a + b).affine.isOnCurve)
        #expect(G2(.generator) * Fr(3) == G2(.generator) + G2(.generator) + G2(.generator))
        #expect(G2.zero.affine == .infinity)
    }

    @Test func compressedPointsComeBack() throws {
        var random = TestRandom(2)
        var points = (0..<5).map { _ in (G2(.generator) * random.scalar()).affine }
        points += [.infinity, .generator]
        for point in points {
            let bytes = point.compressed
            #expect(try G2Affine(compressed: bytes) == point)
            if !point.isInfinity {
                var flipped = bytes
                flipped[0] ^= 0x20
                #expect(try G2(G2Affine(compressed: flipped)) == -G2(point))
            }
        }
        // The encoding that everyone knows.
        #expect(
            G2Affine.generator.compressed.prefix(8).elementsEqual([
                0x93, 0xe0, 0x2b, 0x60, 0x52, 0x71, 0x9f, 0x60,
            ]))
    }

    @Test func badEncodingsAreRefused() {
        let good = G2Affine.generator.compressed
        #expect(throws: PointError.wrongLength(actual: 95, expected: 96)) {
            try G2Affine(compressed: [UInt8](good.dropLast()))
        }
        var bytes = good
        bytes[0] &= 0x7f
        #expect(throws: PointError.badFlags) { try G2Affine(compressed: bytes) }
        bytes = good
        bytes[0] |= 0x40
        #expect(throws: PointError.badFlags) { try G2Affine(compressed: bytes) }
        bytes = [0xe0] + [UInt8](repeating: 0, count: 95)
        #expect(throws: PointError.badFlags) { try G2Affine(compressed: bytes) }
        bytes = [0x9f] + [UInt8](repeating: 0xff, count: 95)
        #expect(throws: PointError.notCanonical) { try G2Affine(compressed: bytes) }
        bytes = good
        bytes.replaceSubrange(48..<96, with: [UInt8](repeating: 0xff, count: 48))
        #expect(throws: PointError.notCanonical) { try G2Affine(compressed: bytes) }

        // Changing the last byte leads off the curve about every second time; what is on it is outside
        // the subgroup.
        var offCurve = 0
        var outside = 0
        for byte in UInt8.min...63 where byte != good[95] {
            bytes = good
            bytes[95] = byte
            do {
                _ = try G2Affine(compressed: bytes)
                Issue.record("a random point of the curve in G2")
            } catch PointError.notOnCurve {
                offCurve += 1
            } catch PointError.notInSubgroup {
                outside += 1
            } catch {
                Issue.record(error)
            }
        }
        #expect(offCurve > 10 && outside > 10)
    }
}
