import Availability
import DataMatrix
package import KZGCommitments
import SystemCrypto

/// From how many light nodes on a block survives with nothing but their samples: drawn many times, and
/// held against the formula.
package struct HealingScenario: Sendable {
    /// The sizes, the data rows of the block, and the target that gives the number of samples.
    package let preset: Preset
    package let dataRows: Int
    package let target: Int
    /// How often nodes are added one by one until the block can be rebuilt.
    package let trials: Int

    /// A scenario of these figures.
    package init(preset: Preset, dataRows: Int, target: Int = 9, trials: Int = 200) {
        self.preset = preset
        self.dataRows = dataRows
        self.target = target
        self.trials = trials
    }

    /// Draws, node after node with the plan of a light node, until the cells of all together decode,
    /// and on until they are more than anyone can be short of.
    package func run(seed: UInt64, progress: (Int) -> Void = { _ in }) throws -> HealingResult {
        let shape = try MatrixShape(preset: preset, dataRows: dataRows)
        let plan = SamplingPlan(shape: shape, knownZeroRows: [], target: target)
        let samples = plan.samples() ?? plan.cellCount
        let floor = HealingFloor(plan: plan, samples: samples)
        var result = HealingResult(
            scenario: self, seed: seed, cells: plan.cellCount, samples: samples,
            stoppingSet: plan.smallestStoppingSet, floor: floor.guaranteed,
            typical: floor.typical)
        let enough = plan.cellCount - plan.smallestStoppingSet
        for trial in 0..<trials {
            var random = SimulationSeed(seed).generator("healing", trial)
            var state = RebuildState.starting(with: CellSet(shape)).state
            var nodes = 0
            var decodes: Int?
            while state.held.count <= enough {
                nodes += 1
                for cell in plan.draw(using: &random).cells { _ = state.insert(cell) }
                if decodes == nil, state.isDecodable { decodes = nodes }
            }
            result.covering.append(nodes)
            result.decoding.append(decodes ?? nodes)
            progress(trial + 1)
        }
        return result
    }
}

/// What came of it.
package struct HealingResult: Sendable {
    /// What was drawn, and from which seed.
    package let scenario: HealingScenario
    package let seed: UInt64
    /// Cells, samples to a node, and the smallest set without which nothing decodes.
    package let cells: Int
    package let samples: Int
    package let stoppingSet: Int
    /// The formula's numbers of nodes.
    package let floor: Int
    package let typical: Int
    /// By trial: the first number of nodes with more cells than `cells - stoppingSet`, and the first
    /// whose cells decode.
    package internal(set) var covering: [Int] = []
    package internal(set) var decoding: [Int] = []

    /// The share of trials in which so many nodes had enough cells for certain.
    package func coveredShare(nodes: Int) -> Double {
        Double(covering.count { $0 <= nodes }) / Double(max(1, covering.count))
    }

    /// The share of trials in which the cells of so many nodes decoded.
    package func decodedShare(nodes: Int) -> Double {
        Double(decoding.count { $0 <= nodes }) / Double(max(1, decoding.count))
    }

    /// The formula's share for so many nodes: the probability of more than `cells - stoppingSet` cells,
    /// in the normal approximation of the number of covered cells.
    package func expectedShare(nodes: Int) -> Double {
        let cells = Double(self.cells)
        let missed = 1 - Double(samples) / cells
        let two = (cells - Double(samples)) * (cells - Double(samples) - 1) / (cells * (cells - 1))
        var none = 1.0
        var both = 1.0
        for _ in 0..<nodes {
            none *= missed
            both *= two
        }
        let mean = cells * (1 - none)
        let variance = cells * none + cells * (cells - 1) * both - cells * cells * none * none
        let needed = cells - Double(stoppingSet) + 0.5
        guard variance > 1e-9 else { return mean >= needed ? 1 : 0 }
        return Self.normal((mean - needed) / variance.squareRoot())
    }

    /// The standard normal distribution, after Abramowitz and Stegun 26.2.17 (to 7.5e-8).
    private static func normal(_ x: Double) -> Double {
        if x < 0 { return 1 - normal(-x) }
        let t = 1 / (1 + 0.2316419 * x)
        let factors = [0.319381530, -0.356563782, 1.781477937, -1.821255978, 1.330274429]
        let sum = factors.reversed().reduce(0.0) { ($0 + $1) * t }
        return 1 - exponential(-x * x / 2) / (2 * Double.pi).squareRoot() * sum
    }

    /// `e^x` for `x <= 0`, by halving and squaring.
    private static func exponential(_ x: Double) -> Double {
        guard x > -700 else { return 0 }
        let small = x / 1024
        var value = 1 + small * (1 + small / 2 * (1 + small / 3 * (1 + small / 4)))
        for _ in 0..<10 { value *= value }
        return value
    }

    /// The number of nodes with which half of the trials had enough cells, and what the formula says.
    package var medians: (measured: Int, expected: Int) {
        let measured = covering.sorted()[covering.count / 2]
        var nodes = 1
        while expectedShare(nodes: nodes) < 0.5 { nodes += 1 }
        return (measured, nodes)
    }

    /// The result as JSON.
    package var json: JSONText {
        let medians = medians
        return .object([
            ("scenario", .text("healing")), ("seed", .integer(Int(clamping: seed))),
            ("preset", .text(scenario.preset.name)),
            ("data_rows", .integer(scenario.dataRows)), ("target", .integer(scenario.target)),
            ("trials", .integer(scenario.trials)), ("cells", .integer(cells)),
            ("samples", .integer(samples)), ("stopping_set", .integer(stoppingSet)),
            ("floor", .integer(floor)), ("typical", .integer(typical)),
            ("covered_share_at_floor", .number(coveredShare(nodes: floor))),
            ("decoded_share_at_floor", .number(decodedShare(nodes: floor))),
            ("decoded_share_at_typical", .number(decodedShare(nodes: typical))),
            ("median_nodes_to_cover", .integer(medians.measured)),
            ("median_nodes_to_cover_expected", .integer(medians.expected)),
            ("nodes_to_cover", Distribution(covering.map(Double.init)).json),
            ("nodes_to_decode", Distribution(decoding.map(Double.init)).json),
        ])
    }

    /// Shares by the number of nodes.
    package var plot: SVGPlot {
        let most = max(floor, covering.max() ?? 1) + 2
        let step = max(1, most / 200)
        let numbers = Array(stride(from: 0, through: most, by: step))
        let curve = { (share: (Int) -> Double) in numbers.map { (Double($0), share($0)) } }
        return SVGPlot(
            title: "Light nodes from whose samples a block of \(scenario.dataRows) rows survives",
            x: "light nodes", y: "share of trials",
            series: [
                SVGPlot.Series("decodes", curve { decodedShare(nodes: $0) }),
                SVGPlot.Series("enough for certain", curve { coveredShare(nodes: $0) }),
                SVGPlot.Series("formula", curve { expectedShare(nodes: $0) }, isDashed: true),
                SVGPlot.Series("floor", [(Double(floor), 1)], isDashed: true),
                SVGPlot.Series("typical", [(Double(typical), 1)], isDashed: true),
            ])
    }
}
