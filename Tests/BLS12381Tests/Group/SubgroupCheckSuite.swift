import BLS12381
import Testing

@Suite struct SubgroupCheckSuite {
    /// Points of the curve outside G1: those of small x, most of which are.
    static let strangers: [G1Affine] = (1...200).compactMap { x in
        let x = Fp(UInt64(x))
        guard let y = (x.squared() * x + Fp(4)).squareRoot() else { return nil }
        let point = G1Affine(x: x, y: y)
        return point.isInSubgroup ? nil : point
    }

    static func points(_ count: Int, _ random: inout TestRandom) -> [G1Affine] {
        var sum = G1(.generator) * random.scalar()
        let step = G1(.generator) * random.scalar()
        var result: [G1] = []
        for _ in 0..<count {
            result.append(sum)
            sum += step
        }
        return G1.normalize(result)
    }

    @Test(arguments: [0, 1, 191, 192, 193, 300, 1000, 3000])
    func acceptsPointsOfTheGroup(count: Int) {
        var random = TestRandom(UInt64(count))
        var points = SubgroupCheckSuite.points(count, &random)
        #expect(SubgroupCheck.allInSubgroup(points, using: &random))
        guard count > 4 else { return }
        // Equal, opposite and infinite ones too.
        points[0] = .infinity
        points[1] = points[3]
        points[2] = -points[3]
        points[count - 1] = .infinity
        #expect(SubgroupCheck.allInSubgroup(points, using: &random))
        let same = [G1Affine](repeating: points[3], count: count)
        #expect(SubgroupCheck.allInSubgroup(same, using: &random))
        #expect(
            SubgroupCheck.allInSubgroup(
                [G1Affine](repeating: .infinity, count: count), using: &random))
    }

    @Test func findsOneStrangerAnywhere() {
        var random = TestRandom(7)
        let good = SubgroupCheckSuite.points(400, &random)
        for (i, stranger) in SubgroupCheckSuite.strangers.prefix(30).enumerated() {
            var points = good
            points[i * 13 % 400] = stranger
            #expect(!SubgroupCheck.allInSubgroup(points, using: &random))
        }
    }

    /// A point of order 3 escapes each sum with the probability 1/3: the worst case.
    @Test func findsPointsOfOrderThree() throws {
        let order = try #require(SubgroupCheckSuite.pointOfOrderThree())
        #expect((G1(order) + G1(order) + G1(order)).isInfinity)
        var random = TestRandom(8)
        let good = SubgroupCheckSuite.points(256, &random)
        for i in 0..<20 {
            var points = good
            points[i * 12] = (G1(points[i * 12]) + order).affine
            #expect(!SubgroupCheck.allInSubgroup(points, using: &random))
            // And a second one that would cancel it in a plain sum.
            points[i * 12 + 5] = (G1(points[i * 12 + 5]) - order).affine
            #expect(!SubgroupCheck.allInSubgroup(points, using: &random))
        }
    }

    /// (0, 2): the tangent there is horizontal and meets the curve three times.
    static func pointOfOrderThree() -> G1Affine? {
        let point = G1Affine(x: .zero, y: Fp(2))
        return point.isOnCurve && !point.isInSubgroup ? point : nil
    }
}
