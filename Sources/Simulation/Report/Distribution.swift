/// Numbers in ascending order, to be asked for shares and quantiles.
package struct Distribution: Sendable {
    /// Ascending.
    package let values: [Double]

    /// The distribution of these numbers.
    package init(_ values: [Double]) {
        self.values = values.sorted()
    }

    /// How many there are.
    package var count: Int { values.count }
    /// Their mean; not a number if there are none.
    package var mean: Double { values.reduce(0, +) / Double(values.count) }

    /// The smallest number that at least this share are at most; not a number if there are none.
    package func quantile(_ share: Double) -> Double {
        guard !values.isEmpty else { return .nan }
        let rank = Int((share * Double(values.count)).rounded(.up)) - 1
        return values[min(max(rank, 0), values.count - 1)]
    }

    /// The share of `total` (by default of the numbers themselves) that are at most `bound`.
    package func share(atMost bound: Double, of total: Int? = nil) -> Double {
        let total = total ?? values.count
        guard total > 0 else { return .nan }
        var low = 0
        var high = values.count
        while low < high {
            let middle = (low + high) / 2
            if values[middle] <= bound { low = middle + 1 } else { high = middle }
        }
        return Double(low) / Double(total)
    }

    /// The probability that a number from here is above one from `other`; equal ones count half.
    package func probabilityAbove(_ other: Distribution) -> Double {
        guard !values.isEmpty, !other.values.isEmpty else { return .nan }
        var below = 0
        var upTo = 0
        var sum = 0.0
        for value in values {
            while below < other.values.count, other.values[below] < value { below += 1 }
            while upTo < other.values.count, other.values[upTo] <= value { upTo += 1 }
            sum += Double(below + upTo) / 2
        }
        return sum / Double(values.count * other.values.count)
    }

    /// Count, mean and quantiles.
    package var json: JSONText {
        .object([
            ("count", .integer(count)), ("mean", .number(mean)),
            ("min", .number(values.first ?? .nan)), ("p10", .number(quantile(0.1))),
            ("p50", .number(quantile(0.5))), ("p90", .number(quantile(0.9))),
            ("p99", .number(quantile(0.99))), ("p999", .number(quantile(0.999))),
            ("max", .number(values.last ?? .nan)),
        ])
    }

    /// Points of the cumulative distribution, at most so many.
    package func cumulative(points: Int, of total: Int? = nil) -> [(Double, Double)] {
        let total = total ?? count
        guard count > 0, total > 0 else { return [] }
        let step = max(1, count / points)
        var result: [(Double, Double)] = []
        for index in stride(from: 0, to: count, by: step) {
            result.append((values[index], Double(index + 1) / Double(total)))
        }
        result.append((values[count - 1], Double(count) / Double(total)))
        return result
    }
}
