import ArgumentParser
import Foundation
import KZGCommitments
import Simulation

/// `damask simulate healing`: the healing floor, measured.
struct SimulateHealingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healing",
        abstract: "How many light nodes it takes for a block to survive with them alone.",
        discussion: """
            Draws samples as light nodes do, node after node, until the cells of all together \
            decode, and on until they are so many that they decode whichever they are; beside it \
            the formula's numbers.
            """)

    @OptionGroup var options: SimulateOptions

    @Option(help: "Data rows of the block: a power of two up to 256.")
    var rows = 64

    @Option(help: "The target: a block that is lost passes with at most 10^-t.")
    var target = 9

    @Option(help: "How often to draw.")
    var trials = 200

    func validate() throws {
        guard (1...256).contains(rows), rows & (rows - 1) == 0 else {
            throw ValidationError("--rows takes a power of two up to 256, not \(rows)")
        }
        guard (1...18).contains(target), (1...100_000).contains(trials) else {
            throw ValidationError("--target takes 1 to 18, --trials 1 to 100000")
        }
    }

    func run() throws {
        try reportingFailures(of: "simulate healing") {
            let scenario = HealingScenario(
                preset: .mainnet, dataRows: rows, target: target, trials: trials)
            let result = try scenario.run(seed: options.seed) {
                Console.progress("\($0) of \(trials) trials")
            }
            try options.finish(json: result.json, plot: result.plot, lines: lines(result))
        }
    }

    private func lines(_ result: HealingResult) -> [String] {
        let medians = result.medians
        return [
            "a block of \(rows) rows: \(result.cells) cells, \(result.samples) samples to a node",
            "floor \(result.floor) nodes: enough cells for certain in "
                + SimulateOptions.percent(result.coveredShare(nodes: result.floor))
                + " of \(trials) trials",
            "typical \(result.typical) nodes: the cells decode in "
                + SimulateOptions.percent(result.decodedShare(nodes: result.typical)),
            "enough for certain in half of the trials: \(medians.measured) nodes, by the formula "
                + "\(medians.expected)",
        ]
    }
}
