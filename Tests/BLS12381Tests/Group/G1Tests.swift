import BLS12381
import CBLS12381
import Testing

@Suite struct G1Tests {
    static let order = BigInteger(
        hex: "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001")

    static let edgeScalars: [Fr] = {
        // lambda, and what surrounds it and its multiples.
        let lambda = Fr(reducing: (0x0000_0000_ffff_ffff, 0xac45_a401_0001_a402, 0, 0))
        let half = Fr(2).inverse()
        return [
            .zero, .one, Fr(2), Fr(15), Fr(16), Fr(17), Fr(31), Fr(32), -Fr.one, -Fr(2), -Fr(17),
            lambda, lambda + .one, lambda - .one, -lambda, -lambda - .one, lambda * half, half,
            half - .one, half + .one, Fr(reducing: (0, 0, 1, 0)), Fr(reducing: (0, 0, 0, 1 << 62)),
            Fr(reducing: (.max, .max, 0, 0)), lambda * Fr(UInt64.max),
            EvaluationDomain(size: 4).root, -EvaluationDomain(size: 4).root,
        ]
    }()

    @Test func generatorAndDouble() {
        // The encodings of the generator and twice it, as in every library.
        #expect(
            G1Affine.generator.compressed
                == [UInt8](
                    hex:
                        "97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"
                ))
        #expect(
            G1(.generator).doubled().affine.compressed
                == [UInt8](
                    hex:
                        "a572cbea904d67468808c8eb50a9450c9721db309128012543902d0ac358a62ae28f75bb8f1c7c42c39a8c5529bf0f4e"
                ))
        #expect(G1Affine.generator.isOnCurve && G1Affine.generator.isInSubgroup)
        #expect(
            G1Reference.multiply(.generator, by: Self.order.bytes(count: 32)) == .infinity)
    }

    @Test func additionIsComplete() {
        var random = TestRandom(21)
        let p = random.point()
        let q = random.point()
        let points = [p, -p, q, -q, .infinity, G1Reference.add(p, q), G1Reference.add(p, p)]
        // The same points with other denominators.
        let scaled = points.map { a -> G1 in
            let z = Fp(random.next())
            let zz = z.squared()
            guard !a.isInfinity else { return .zero }
            return G1(
                raw: bls_g1(x: (a.x * zz).raw, y: (a.y * zz * z).raw, z: z.raw))
        }
        for (i, a) in points.enumerated() {
            #expect(G1(a).affine == a)
            #expect(scaled[i].affine == a)
            #expect(scaled[i] == G1(a))
            #expect(G1(a).doubled().affine == G1Reference.add(a, a))
            #expect(scaled[i].doubled().affine == G1Reference.add(a, a))
            #expect((-scaled[i]).affine == -a)
            for (j, b) in points.enumerated() {
                let expected = G1Reference.add(a, b)
                #expect((G1(a) + b).affine == expected)
                #expect((scaled[i] + b).affine == expected)
                #expect((scaled[i] + scaled[j]).affine == expected)
                #expect((G1(a) + scaled[j]).affine == expected)
                #expect((scaled[i] - scaled[j]).affine == G1Reference.add(a, -b))
                #expect((scaled[i] - b).affine == G1Reference.add(a, -b))
                #expect((scaled[i] == scaled[j]) == (a == b))
            }
        }
        #expect(G1.normalize(scaled + scaled) == points + points)
        #expect(G1.normalize([]).isEmpty)
        #expect(G1.normalize([.zero, .zero]) == [.infinity, .infinity])
    }

    @Test func multiplicationAgreesWithDoubleAndAdd() {
        var random = TestRandom(22)
        let p = random.point()
        let scalars = Self.edgeScalars + (0..<40).map { _ in random.scalar() }
        for k in scalars {
            #expect((G1(p) * k).affine == G1Reference.multiply(p, by: k))
            #expect((k * G1(p).doubled()).affine == G1Reference.multiply(p, by: k + k))
            #expect((G1.zero * k).isInfinity)
        }
    }

    @Test func scalarsSplitShort() {
        var random = TestRandom(23)
        let lambda = Fr(reducing: (0x0000_0000_ffff_ffff, 0xac45_a401_0001_a402, 0, 0))
        for k in Self.edgeScalars + (0..<2000).map({ _ in random.scalar() }) {
            var split = bls_glv()
            withUnsafeBytes(of: k.rawLimbs()) {
                bls_glv_split(&split, $0.assumingMemoryBound(to: UInt64.self).baseAddress)
            }
            let (a, b) = split.k
            #expect(a.1 < 0x5700_0000_0000_0000 && b.1 < 0x5700_0000_0000_0000)
            let first = Fr(reducing: (a.0, a.1, 0, 0))
            let second = Fr(reducing: (b.0, b.1, 0, 0))
            let sum =
                (split.negative.0 != 0 ? -first : first)
                + (split.negative.1 != 0 ? -second : second) * lambda
            #expect(sum == k)
        }
    }

    @Test func fourthRoot() {
        var random = TestRandom(24)
        let root = EvaluationDomain(size: 4).root
        for p in [random.point(), random.point(), .infinity] {
            var (raw, result) = (p.raw, bls_g1())
            bls_g1_mul_fourth_root(&result, &raw, 0)
            #expect(G1(raw: result) == G1(p) * root)
            bls_g1_mul_fourth_root(&result, &raw, 1)
            #expect(G1(raw: result) == G1(p) * -root)
        }
    }
}
