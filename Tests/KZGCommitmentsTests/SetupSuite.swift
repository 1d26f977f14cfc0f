import BLS12381
import CTrustedSetup
import KZGCommitments
import SystemCrypto
import Testing

/// The data compiled in is the ceremony's.
@Suite struct SetupSuite {
    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    private static func sha256(_ start: UnsafePointer<UInt8>?, _ count: some BinaryInteger)
        -> String
    {
        hex(SHA256.hash(UnsafeRawBufferPointer(start: start, count: Int(count))))
    }

    @Test func filesHaveTheHashesThatTheScriptFixes() {
        #expect(
            SetupSuite.sha256(trusted_setup_g1_monomial(), trusted_setup_g1_monomial_size)
                == "2ab2ea576293ede14f62cc315d49d2f98a54df399546a0e52ca546c2d2f9601f")
        #expect(
            SetupSuite.sha256(trusted_setup_g1_lagrange(), trusted_setup_g1_lagrange_size)
                == "6758e7d4ec7e5f45c31441f7edc97eee5947f933a6479f4b283d1eaf86848397")
        #expect(
            SetupSuite.sha256(trusted_setup_g2_monomial(), trusted_setup_g2_monomial_size)
                == "9c146a46ab465624a879f54d5070db1ef01660f5a1bdaac60f4d93c418cff711")
        #expect(
            SetupSuite.sha256(trusted_setup_fk20(), trusted_setup_fk20_size)
                == "e09200c585878054fdcea766013233b440368c8428c65d38af36762262ab9db7")
    }

    @Test func compressedPointsHaveTheHashOfTheCeremonysOutput() {
        var hash = SHA256()
        for point in TrustedSetup.monomialG1(4096) { hash.update(point.compressed) }
        for point in TrustedSetup.lagrangeG1() { hash.update(point.compressed) }
        for i in 0...64 { hash.update(TrustedSetup.monomialG2(i).compressed) }
        #expect(
            SetupSuite.hex(hash.finalize())
                == "753bd011b238fb9b63a35b9b526f7830057ced42b9a9c87368a67105bd8f0566")
    }

    @Test func pointsAreInTheirGroups() {
        let g1 = TrustedSetup.monomialG1(4096) + TrustedSetup.lagrangeG1() + TrustedSetup.fk20()
        #expect(g1.allSatisfy { $0.isOnCurve && !$0.isInfinity })
        var random = TestRandom(1)
        #expect(SubgroupCheck.allInSubgroup(g1, using: &random))
        for i in 0...64 {
            let point = TrustedSetup.monomialG2(i)
            #expect(point.isOnCurve && point.isInSubgroup && !point.isInfinity)
        }
        #expect(TrustedSetup.monomialG1(1) == [.generator])
        #expect(TrustedSetup.monomialG2(0) == .generator)
    }

    /// Each point is tau times the one before it: with random weights, by one pairing for each group.
    @Test func monomialPointsAreSuccessivePowers() {
        var random = TestRandom(2)
        let points = TrustedSetup.monomialG1(4096)
        let weights = (0..<4095).map { _ in random.scalar() }
        let lower = MultiScalar.sum(points: Array(points.dropLast()), scalars: weights)
        let upper = MultiScalar.sum(points: Array(points.dropFirst()), scalars: weights)
        let tau = PreparedG2(TrustedSetup.monomialG2(1))
        let one = PreparedG2(.generator)
        #expect(Pairing.productIsOne([(upper.affine, one), ((-lower).affine, tau)]))

        let inG2 = (0...64).map { G2(TrustedSetup.monomialG2($0)) }
        var low = G2.zero
        var high = G2.zero
        for i in 0..<64 {
            let weight = random.scalar()
            low = low + inG2[i] * weight
            high = high + inG2[i + 1] * weight
        }
        #expect(
            Pairing.productIsOne([
                (.generator, PreparedG2(high.affine)), (-points[1], PreparedG2(low.affine)),
            ]))
    }

    /// A polynomial's commitment is the same from its coefficients and from its values.
    @Test func lagrangePointsCommitToTheSamePolynomials() {
        var random = TestRandom(3)
        let coefficients = (0..<4096).map { _ in random.scalar() }
        var values = coefficients
        EvaluationDomain(size: 4096).fft(&values)
        #expect(
            MultiScalar.sum(points: TrustedSetup.monomialG1(4096), scalars: coefficients)
                == MultiScalar.sum(points: TrustedSetup.lagrangeG1(), scalars: values))
    }

    @Test func fk20PointsAreTheTransformedSetup() {
        #expect(
            TrustedSetup.fk20()
                == FK20.points(monomial: TrustedSetup.monomialG1(4096), preset: .mainnet))
    }
}
