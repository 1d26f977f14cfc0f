import CBLS12381

/// Checks many points of the curve at once for being in G1.
///
/// A sum of the points with random factors from {-1, 0, 1} is in G1 if they all are. If one is not, it
/// has a part of an order that divides the cofactor, which is odd; whatever the other points add up to,
/// at most one of the three factors takes that part to zero. So such a sum is in G1 with a probability
/// of at most 1/3, and 81 independent ones all are with at most 3^-81, below 2^-128. (One sum with
/// large random factors would not do: the cofactor is divisible by 3.)
///
/// The sums share their additions: each point's factors in `digits` sums together choose one of
/// (3^digits - 1) / 2 buckets, up to the sign, and the sums come out of the buckets' contents.
package enum SubgroupCheck {
    /// The number of sums.
    static let rounds = 81

    /// From this number of points on the sums take less time than a check of each point.
    package static let worthwhileCount = 192

    /// Whether all points are in G1; wrong with a probability below 2^-128 where one is not.
    ///
    /// - Parameters:
    ///   - points: Points of the curve.
    ///   - random: A source that who chose the points could not predict: seeded with a hash of them.
    /// - Returns: Whether they are.
    package static func allInSubgroup(
        _ points: [G1Affine], using random: inout some RandomNumberGenerator
    ) -> Bool {
        guard points.count >= worthwhileCount else { return points.allSatisfy(\.isInSubgroup) }
        return sums(of: points, using: &random).allSatisfy(\.isInSubgroup)
    }

    /// The sums with random factors.
    private static func sums(
        of points: [G1Affine], using random: inout some RandomNumberGenerator
    ) -> [G1Affine] {
        let digits = bestDigits(count: points.count)
        let passes = (rounds + digits - 1) / digits
        var power = 1
        for _ in 0..<digits { power *= 3 }
        var buckets = fill(points, passes: passes, power: power, using: &random)

        // From the top digit down: where it is 1, a bucket's content belongs to that digit's sum, and to
        // the bucket of what is left of its number, whose sign may differ.
        var sums: [G1Affine] = []
        var count = power / 2
        while count > 0 {
            let third = (2 * count + 1) / 3
            let rest = third / 2
            var runs = Runs()
            for pass in 0..<passes {
                let base = pass * count - 1
                runs.add((third - rest...third + rest).lazy.map { (base + $0, false) })
            }
            sums += runs.sums(of: buckets)
            runs = Runs()
            for pass in 0..<passes where rest > 0 {
                let base = pass * count - 1
                for i in 1...rest {
                    runs.add([
                        (base + i, false), (base + third + i, false), (base + third - i, true),
                    ])
                }
            }
            buckets = runs.sums(of: buckets)
            count = rest
        }
        return sums
    }

    /// The buckets' contents, pass by pass, from number 1 to power / 2.
    private static func fill(
        _ points: [G1Affine], passes: Int, power: Int,
        using random: inout some RandomNumberGenerator
    ) -> [G1Affine] {
        let buckets = power / 2
        var numbers = [Int32](repeating: 0, count: points.count)
        var runs = Runs()
        for _ in 0..<passes {
            // A counting sort by the number's absolute value; number 0 stays out.
            var counts = [Int](repeating: 0, count: buckets + 1)
            for i in points.indices {
                let word = random.next() >> 32
                let number = Int((word * UInt64(power)) >> 32) - buckets
                numbers[i] = Int32(number)
                counts[abs(number)] += 1
            }
            runs.addSorted(numbers: numbers, counts: counts)
        }
        return runs.sums(of: points)
    }

    /// How many factors of a point to draw at once so that additions are few.
    private static func bestDigits(count: Int) -> Int {
        var best = (digits: 1, cost: Int.max)
        var power = 1
        for digits in 1...7 {
            power *= 3
            let cost = (rounds + digits - 1) / digits * (count + power)
            if cost < best.cost { best = (digits, cost) }
        }
        return best.digits
    }
}

/// Sums of points to be made, as the kernel takes them.
private struct Runs {
    private var entries: [UInt32] = []
    private var offsets: [UInt32] = [0]

    /// One sum: of the points with these indices, negated where it says so.
    mutating func add(_ run: some Sequence<(Int, Bool)>) {
        for (index, negative) in run { entries.append(UInt32(2 * index + (negative ? 1 : 0))) }
        offsets.append(UInt32(entries.count))
    }

    /// A sum for each number from 1: of the points i with that number, and the negatives of those with
    /// its opposite. `counts[n]` says how many there are.
    mutating func addSorted(numbers: [Int32], counts: [Int]) {
        var next = [Int](repeating: 0, count: counts.count)
        var end = entries.count
        for number in 1..<counts.count {
            next[number] = end
            end += counts[number]
            offsets.append(UInt32(end))
        }
        entries += [UInt32](repeating: 0, count: end - entries.count)
        for (i, number) in numbers.enumerated() where number != 0 {
            let bucket = Int(abs(number))
            entries[next[bucket]] = UInt32(2 * i) + (number < 0 ? 1 : 0)
            next[bucket] += 1
        }
    }

    /// The sums.
    func sums(of points: [G1Affine]) -> [G1Affine] {
        let scratch = SumScratch()
        return [G1Affine](unsafeUninitializedCapacity: offsets.count - 1) { buffer, initialized in
            initialized = offsets.count - 1
            points.withUnsafeBufferPointer { points in
                guard let target = buffer.baseAddress, let source = points.baseAddress else {
                    buffer.initialize(repeating: .infinity)
                    return
                }
                guard Lanes.areActive else {
                    bls_g1_sum_runs(
                        target.kernel, source.kernel, entries, offsets, initialized, scratch.kernel)
                    return
                }
                let rows = RowStorage(points)
                let sums = RowStorage(count: initialized, isTable: false) {
                    bls_lane_sum_runs(
                        $0, rows.rows, entries, offsets, initialized, 1,
                        bls_sum_scratch_for_lanes(scratch.kernel))
                }
                withExtendedLifetime(rows) {
                    bls_lane_rows_to_points(target.kernel, sums.rows, initialized)
                }
            }
        }
    }
}
