#if canImport(Glibc)
    import Glibc  // Unoptimised builds call `sqrt`, which nothing else here links.
#endif

/// What light nodes saw of a block, held against what its missing cells lead to expect.
///
/// A node draws `s` distinct cells of a population of `M`, of which `w` are missing; nodes draw
/// independently. Then the failed share of all samples has mean `w / M` and the variance of `N`
/// hypergeometric draws, and a node has not failed after `i` samples with probability
/// `C(M - w, i) / C(M, i)`.
public struct SamplingStatistics: Sendable {
    /// One expectation and what came of it.
    public struct Comparison: Sendable {
        /// What is compared, in words.
        public let what: String
        /// What was seen.
        public let observed: Double
        /// What is to be expected.
        public let expected: Double
        /// By how much an observation usually misses the expectation.
        public let standardDeviation: Double

        /// Whether the observation lies within four standard deviations.
        public var holds: Bool { abs(observed - expected) <= 4 * standardDeviation }

        /// The distance in standard deviations.
        public var deviations: Double {
            standardDeviation == 0 ? 0 : (observed - expected) / standardDeviation
        }
    }

    /// Cells from which nodes draw.
    public let population: Int
    /// How many of these are missing.
    public let missing: Int
    /// Per node, in the order of its draw, whether each sample failed.
    public let outcomes: [[Bool]]

    /// Statistics of these outcomes.
    ///
    /// - Precondition: `0 <= missing <= population`, and no node has more samples than cells.
    public init(population: Int, missing: Int, outcomes: [[Bool]]) {
        self.population = population
        self.missing = missing
        self.outcomes = outcomes
    }

    /// The failed share of all samples.
    public var failedShare: Comparison {
        let total = outcomes.reduce(0) { $0 + $1.count }
        let failed = outcomes.reduce(0) { $0 + $1.lazy.filter { $0 }.count }
        let share = Double(missing) / Double(population)
        var variance = 0.0
        for node in outcomes {
            // Drawn without replacement: the finite population correction.
            let correction =
                population > 1 ? Double(population - node.count) / Double(population - 1) : 0
            variance += Double(node.count) * share * (1 - share) * correction
        }
        return Comparison(
            what: "failed share of all samples",
            observed: total == 0 ? .nan : Double(failed) / Double(total), expected: share,
            standardDeviation: total == 0 ? 0 : variance.squareRoot() / Double(total))
    }

    /// The share of nodes that have not failed after that many samples.
    public func unfailedShare(after samples: Int) -> Comparison {
        let unfailed = outcomes.lazy.filter { !$0.prefix(samples).contains(true) }.count
        var probability = 1.0
        for drawn in 0..<samples {
            probability *= Double(population - missing - drawn) / Double(population - drawn)
        }
        guard !outcomes.isEmpty else {
            return Comparison(
                what: "share of nodes not yet failed after \(samples)", observed: .nan,
                expected: probability, standardDeviation: 0)
        }
        let count = Double(outcomes.count)
        return Comparison(
            what: "share of nodes not yet failed after \(samples)",
            observed: Double(unfailed) / count, expected: probability,
            standardDeviation: (probability * (1 - probability) / count).squareRoot())
    }
}
