import BLS12381
import Testing

extension TestRandom {
    /// Below p, often with words of zeros or ones.
    mutating func towerBase() -> Fp {
        var bytes = next() % 4 == 0 ? roughBytes(48) : bytes(48)
        bytes[0] &= 0x0f
        return Fp(canonical: bytes) ?? .zero
    }
    mutating func fp2() -> Fp2 { Fp2(towerBase(), towerBase()) }
    mutating func fp6() -> Fp6 { Fp6(fp2(), fp2(), fp2()) }
    mutating func fp12() -> Fp12 { Fp12(fp6(), fp6()) }
}

@Suite struct TowerSuite {
    /// p, the least significant word first.
    static let p: [UInt64] = [
        0xb9fe_ffff_ffff_aaab, 0x1eab_fffe_b153_ffff, 0x6730_d2a0_f6b0_f624,
        0x6477_4b84_f385_12bf, 0x4b1b_a7b6_434b_acd7, 0x1a01_11ea_397f_e69a,
    ]
    static let xi = Fp2(.one, .one)
    static let v = Fp6(.zero, .one, .zero)
    static let w = Fp12(.zero, .one)

    @Test func fp2IsTheQuadraticExtension() {
        var random = TestRandom(1)
        for _ in 0..<200 {
            let a = random.fp2()
            let b = random.fp2()
            #expect(a * b == Fp2(a.c0 * b.c0 - a.c1 * b.c1, a.c0 * b.c1 + a.c1 * b.c0))
            #expect(a.squared() == a * a)
            #expect(a * a.inverse() == .one)
            #expect(a.squared().squareRoot().map { $0 == a || $0 == -a } == true)
        }
        #expect(Fp2.zero.inverse() == .zero)
    }

    @Test func fp2RootsOfElementsOfTheBaseFieldAndOfNonSquares() {
        var random = TestRandom(2)
        var without = 0
        for _ in 0..<50 {
            // Every element of Fp is a square in Fp2.
            let real = Fp2(random.towerBase(), .zero)
            #expect(real.squareRoot().map { $0.squared() == real } == true)
            let any = random.fp2()
            if let root = any.squareRoot() { #expect(root.squared() == any) } else { without += 1 }
        }
        #expect((10...40).contains(without))
        #expect(Fp2.zero.squareRoot() == .zero)
        // xi is no square: the twist depends on it.
        #expect(TowerSuite.xi.squareRoot() == nil)
    }

    @Test func fp2InvertsAllButZeros() {
        var random = TestRandom(3)
        let elements = [random.fp2(), .zero, random.fp2(), random.fp2(), .zero]
        var inverses = elements
        Fp2.invertAll(&inverses)
        #expect(inverses == elements.map { $0.inverse() })
    }

    @Test func fp6MultipliesLikePolynomialsModuloTheCubic() {
        var random = TestRandom(4)
        for _ in 0..<100 {
            let a = random.fp6()
            let b = random.fp6()
            let x = [a.c0, a.c1, a.c2]
            let y = [b.c0, b.c1, b.c2]
            var product = [Fp2](repeating: .zero, count: 5)
            for i in 0..<3 { for j in 0..<3 { product[i + j] += x[i] * y[j] } }
            let expected = Fp6(
                product[0] + TowerSuite.xi * product[3], product[1] + TowerSuite.xi * product[4],
                product[2])
            #expect(a * b == expected)
            #expect(a * a.inverse() == .one)
        }
    }

    @Test func fp12MultipliesLikePolynomialsModuloTheQuadratic() {
        var random = TestRandom(5)
        for _ in 0..<50 {
            let a = random.fp12()
            let b = random.fp12()
            let expected = Fp12(
                a.c0 * b.c0 + TowerSuite.v * (a.c1 * b.c1), a.c0 * b.c1 + a.c1 * b.c0)
            #expect(a * b == expected)
            #expect(a.squared() == a * a)
            #expect(a * a.inverse() == .one)
            let line = (random.fp2(), random.fp2())
            var f = a
            f.multiply(line: line.0, line.1)
            #expect(f == a * Fp12(Fp6(line.0, line.1, .zero), TowerSuite.v))
        }
    }

    @Test func frobeniusIsThePowerOfP() {
        var random = TestRandom(6)
        for _ in 0..<3 {
            let a = random.fp12()
            #expect(a.frobenius() == a.pow(limbs: TowerSuite.p))
            #expect(a.frobeniusSquared() == a.frobenius().frobenius())
            let sixTimes = (0..<6).reduce(a) { power, _ in power.frobenius() }
            #expect(a.conjugate() == sixTimes)
        }
    }

    @Test func cyclotomicSquaresAreSquares() {
        var random = TestRandom(7)
        for _ in 0..<20 {
            var f = random.fp12()
            f = f.conjugate() * f.inverse()
            f = f.frobeniusSquared() * f
            var square = f
            square.squareInCyclotomicSubgroup()
            #expect(square == f.squared())
            #expect(f * f.conjugate() == .one)
        }
    }
}
