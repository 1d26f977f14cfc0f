import BLS12381
import Foundation
import Testing

@Suite struct MultiScalarTests {
    /// Sets of points where additions meet equal, opposite and infinite operands, with scalars.
    static func hardCases(_ random: inout TestRandom, count: Int) -> [([G1Affine], [Fr])] {
        let distinct = random.points(count)
        let one = [G1Affine](repeating: distinct[0], count: count)
        let opposite = (0..<count).map { $0 % 2 == 0 ? distinct[0] : -distinct[0] }
        let few = (0..<count).map { i in [distinct[0], -distinct[0], .infinity][i % 3] }
        // Consecutive multiples, whose sums collide with other members.
        var multiple = G1.zero
        let multiples = G1.normalize(
            (0..<count).map { _ in
                multiple = multiple + G1.init(.generator)
                return multiple
            })
        let infinite = [G1Affine](repeating: .infinity, count: count)
        let random255 = (0..<count).map { _ in random.scalar() }
        let random128 = (0..<count).map { _ in
            Fr(reducing: (random.next(), random.next(), 0, 0))
        }
        let small = (0..<count).map { Fr(UInt64($0 % 5)) }
        let ones = [Fr](repeating: .one, count: count)
        let minusOnes = [Fr](repeating: -.one, count: count)
        let zeros = [Fr](repeating: .zero, count: count)
        let edges = (0..<count).map { G1Tests.edgeScalars[$0 % G1Tests.edgeScalars.count] }
        var cases: [([G1Affine], [Fr])] = []
        for points in [distinct, one, opposite, few, multiples, infinite] {
            for scalars in [random255, random128, small, ones, minusOnes, zeros, edges] {
                cases.append((points, scalars))
            }
        }
        return cases
    }

    @Test(arguments: [1, 2, 3, 4, 5, 8, 17, 40])
    func agreesWithSchoolbook(count: Int) {
        var random = TestRandom(UInt64(400 + count))
        for (points, scalars) in Self.hardCases(&random, count: count) {
            let expected = G1Reference.sum(points: points, scalars: scalars)
            #expect(MultiScalar.sum(points: points, scalars: scalars).affine == expected)
        }
    }

    /// Random sums of up to 128 points: as many as `DAMASK_DIFFERENTIAL_CASES` says, 40 if it is not
    /// set. A failure names its case, whose number is the seed.
    @Test func randomSums() {
        let environment = ProcessInfo.processInfo.environment
        let cases = environment["DAMASK_DIFFERENTIAL_CASES"].flatMap { Int($0) } ?? 40
        var random = TestRandom(410)
        let pool = random.points(400) + [.infinity]
        for number in 0..<cases {
            var random = TestRandom(UInt64(4_000_000 + number))
            let count = 1 + Int(random.next() % 128)
            var points = (0..<count).map { _ in pool[Int(random.next() % UInt64(pool.count))] }
            if number % 4 == 0 {
                for i in 1..<count where random.next() % 2 == 0 {
                    points[i] = random.next() % 2 == 0 ? points[i - 1] : -points[i - 1]
                }
            }
            let scalars = random.roughScalars(count)
            #expect(
                MultiScalar.sum(points: points, scalars: scalars).affine
                    == G1Reference.sum(points: points, scalars: scalars), "case \(number)")
        }
    }

    @Test func empty() {
        #expect(MultiScalar.sum(points: [], scalars: []).isInfinity)
    }

    /// Points of the form k G have a sum that one multiplication gives.
    @Test(arguments: [64, 128, 300, 1000, 4096])
    func largeSums(count: Int) {
        var random = TestRandom(UInt64(500 + count))
        let logs = (0..<count).map { _ in random.scalar() }
        let points = G1.normalize(logs.map { G1(.generator) * $0 })
        let full = (0..<count).map { _ in random.scalar() }
        let short = (0..<count).map { _ in Fr(reducing: (random.next(), random.next(), 0, 0)) }
        for scalars in [full, short, [Fr](repeating: random.scalar(), count: count)] {
            let log = zip(logs, scalars).reduce(Fr.zero) { $0 + $1.0 * $1.1 }
            #expect(MultiScalar.sum(points: points, scalars: scalars) == G1(.generator) * log)
        }
        // Every point the same, so that each bucket is one long chain of doublings.
        let same = [G1Affine](repeating: points[0], count: count)
        let total = full.reduce(Fr.zero, +)
        #expect(MultiScalar.sum(points: same, scalars: full) == G1(points[0]) * total)
        let opposite = (0..<count).map { $0 % 2 == 0 ? points[0] : -points[0] }
        #expect(
            MultiScalar.sum(points: opposite, scalars: [Fr](repeating: full[0], count: count))
                .isInfinity)
    }

    /// Points outside the subgroup, which the endomorphism does not multiply by lambda.
    @Test func shortScalarsOnTheWholeCurve() {
        var random = TestRandom(41)
        let points = (0..<20).map { _ in random.curvePoint() }
        let scalars = (0..<20).map { _ in Fr(reducing: (random.next(), random.next(), 0, 0)) }
        #expect(
            MultiScalar.sum(points: points, scalars: scalars).affine
                == G1Reference.sum(points: points, scalars: scalars))
    }

    @Test(arguments: [(1, 5), (2, 8), (3, 13), (16, 4)])
    func fixedBaseAgreesWithSchoolbook(sets: Int, window: Int) {
        var random = TestRandom(UInt64(600 + window))
        let count = sets * 5
        for (points, scalars) in Self.hardCases(&random, count: count) {
            let table = FixedBaseTable(points: points, sets: sets, window: window)
            let sums = table.sums(scalars: scalars)
            #expect(sums.count == sets)
            for (set, sum) in sums.enumerated() {
                let range = set * 5..<(set + 1) * 5
                #expect(
                    sum.affine
                        == G1Reference.sum(
                            points: Array(points[range]), scalars: Array(scalars[range])))
            }
            let last = scalars[(sets - 1) * 5..<count]
            let part = Array(last).withUnsafeBufferPointer {
                table.sums(scalars: $0, ofSets: sets - 1..<sets)
            }
            #expect(part == [sums[sets - 1]])
        }
    }

    @Test func fixedBaseLarge() {
        var random = TestRandom(42)
        let count = 512
        let logs = (0..<count).map { _ in random.scalar() }
        let points = G1.normalize(logs.map { G1(.generator) * $0 })
        let one = FixedBaseTable(points: points, window: 13)
        let many = FixedBaseTable(points: points, sets: 8, window: 8)
        let full = (0..<count).map { _ in random.scalar() }
        for scalars in [
            full, [Fr](repeating: .one, count: count), [Fr](repeating: .zero, count: count),
        ] {
            let products = zip(logs, scalars).map { $0 * $1 }
            #expect(one.sum(scalars: scalars) == G1(.generator) * products.reduce(.zero, +))
            for (set, sum) in many.sums(scalars: scalars).enumerated() {
                let log = products[set * 64..<(set + 1) * 64].reduce(Fr.zero, +)
                #expect(sum == G1(.generator) * log)
            }
        }
    }

    @Test func everyKernel() {
        var random = TestRandom(43)
        let points = random.points(200)
        let scalars = (0..<200).map { _ in random.scalar() }
        let encodings = points.map(\.compressed)
        var sums: [G1Affine] = []
        Kernels.onEach { _ in
            sums.append(MultiScalar.sum(points: points, scalars: scalars).affine)
            sums.append(
                FixedBaseTable(points: points, window: 9).sum(scalars: scalars).affine)
            sums.append((G1(points[0]) * scalars[0]).affine)
            sums.append(G1Reference.multiply(points[0], by: scalars[0]))
            #expect(points.map { $0.compressed } == encodings)
            #expect(points.allSatisfy { $0.isInSubgroup })
        }
        #expect(sums[0] == sums[1] && sums[2] == sums[3])
        #expect(Array(sums.prefix(4)) == Array(sums.suffix(4)))
    }
}
