import DataMatrix

/// From how many honest light nodes on a block survives with nothing but their samples.
///
/// Below the floor, every node can be satisfied and the block be lost all the same: whoever
/// withholds answers the honest queries and nothing else (selective disclosure). So the floor stands
/// beside every confidence that a user is shown.
public struct HealingFloor: Sendable, Hashable {
    /// The smallest number of nodes whose samples together exceed `M - w` cells with a probability
    /// of at least `1 - 10^-6`. More than `M - w` cells always decode, whichever they are.
    public let guaranteed: Int
    /// The number of nodes at which as many random cells as they are expected to cover typically
    /// decode: not a bound, what simulation shows.
    public let typical: Int

    /// The probability with which the guaranteed number may fail.
    public static let failureProbability = 1e-6

    /// The floor of a plan. Takes some 0.1 s for the largest matrix, so whoever shows it for every
    /// block keeps it by plan.
    ///
    /// - Parameters:
    ///   - plan: The plan that every node follows.
    ///   - samples: How many cells each node samples, at least one unless every cell is known.
    public init(plan: SamplingPlan, samples: Int) {
        guard plan.cellCount > 0 else {
            guaranteed = 0
            typical = 0
            return
        }
        precondition((1...plan.cellCount).contains(samples), "no sample, or more than cells")
        let needed = plan.cellCount - plan.smallestStoppingSet + 1
        guaranteed = Self.nodes(
            covering: needed, of: plan.cellCount, samples: samples,
            failure: Self.failureProbability)
        let fraction = TypicalCoverage.fraction(
            dataRows: plan.shape.dataRows, preset: plan.shape.preset)
        typical = Self.nodes(
            expecting: fraction * Double(plan.cellCount), of: plan.cellCount, samples: samples)
    }

    /// The smallest number of nodes that cover at least `needed` cells except with a probability of
    /// `failure`, exactly: the distribution of the number of covered cells, carried on from node to
    /// node.
    ///
    /// A node adds to `u` covered cells as many as of its draws fall on the others, which is
    /// hypergeometric. States with a probability below 10^-30 are dropped.
    package static func nodes(covering needed: Int, of cells: Int, samples: Int, failure: Double)
        -> Int
    {
        var nodes = 1
        var first = samples
        var probabilities = [1.0]
        // Rows of transition probabilities, kept while their states are within the window.
        var additions: [Int: [Double]] = [:]
        while true {
            let below = probabilities.indices.prefix { first + $0 < needed }
                .reduce(0.0) { $0 + probabilities[$1] }
            if below <= failure { return nodes }
            var next = [Double](repeating: 0, count: probabilities.count + samples)
            for (offset, probability) in probabilities.enumerated() where probability > 0 {
                let covered = first + offset
                let row: [Double]
                if let kept = additions[covered] {
                    row = kept
                } else {
                    row = Hypergeometric.distribution(
                        population: cells, marked: cells - covered, draws: samples)
                    additions[covered] = row
                }
                next.withUnsafeMutableBufferPointer { next in
                    row.withUnsafeBufferPointer { row in
                        for added in row.indices {
                            next[offset + added] += probability * row[added]
                        }
                    }
                }
            }
            let low = next.firstIndex { $0 > 1e-30 } ?? 0
            let high = next.lastIndex { $0 > 1e-30 } ?? 0
            for state in first..<(first + low) { additions[state] = nil }
            first += low
            probabilities = Array(next[low...high])
            nodes += 1
        }
    }

    /// The smallest number of nodes that are expected to cover at least `needed` cells:
    /// `M (1 - (1 - s/M)^n)`.
    package static func nodes(expecting needed: Double, of cells: Int, samples: Int) -> Int {
        var uncovered = Double(cells)
        var nodes = 0
        while Double(cells) - uncovered < needed, uncovered > 0.5 {
            uncovered *= 1 - Double(samples) / Double(cells)
            nodes += 1
        }
        return nodes
    }
}
