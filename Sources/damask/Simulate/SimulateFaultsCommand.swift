import ArgumentParser
import Foundation
import KZGCommitments
import Simulation

/// `damask simulate faults`: a small network through everything that goes wrong.
struct SimulateFaultsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faults",
        abstract: "A small network through crashes, partitions and lies; its invariants checked.",
        discussion: """
            100 nodes of the minimal preset: two sequencers, full nodes, light nodes. Some crash and \
            come back, the network splits, packets are lost, nodes lie about what they hold, a \
            sequencer withholds, discloses selectively or signs twice. specs/simulation.md lists the \
            invariants. Exits with 1 if any seed violates one; the same seed replays it.
            """)

    @OptionGroup var options: SimulateOptions

    @Option(help: "How many seeds, from --seed on.")
    var seeds = 1

    @Flag(help: "Every node really does its arithmetic, and both answers are compared.")
    var real = false

    func validate() throws {
        guard (1...100_000).contains(seeds) else {
            throw ValidationError("--seeds takes a number from 1 to 100000, not \(seeds)")
        }
    }

    func run() throws {
        try reportingFailures(of: "simulate faults") {
            var mix = FaultMix()
            mix.reallyComputes = real
            let material = try NetworkMaterial(
                preset: .minimal, dataRows: FaultMix.dataRows, nodes: mix.nodes + 1)
            var results: [FaultResult] = []
            for number in 0..<UInt64(seeds) {
                var run = try FaultRun(mix, material: material, seed: options.seed &+ number)
                results.append(run.run())
                Console.progress("\(results.count) of \(seeds) seeds")
            }
            let failed = results.filter { !$0.holds }
            let json = JSONText.object([
                ("scenario", .text("faults")), ("nodes", .integer(mix.nodes)),
                ("seeds", .integer(seeds)), ("failed", .integer(failed.count)),
                ("runs", .list(results.map(\.json))),
            ])
            try options.finish(json: json, plot: nil, lines: lines(results, failed))
            if !failed.isEmpty { throw ExitCode(CommandFailure.Status.failed.rawValue) }
        }
    }

    private func lines(_ results: [FaultResult], _ failed: [FaultResult]) -> [String] {
        let sum = { (value: (FaultResult) -> Int) in results.reduce(0) { $0 + value($1) } }
        var lines = [
            "\(results.count) seeds from \(options.seed): \(failed.count) with a violated invariant",
            "\(sum(\.blocks)) blocks, \(sum(\.rebuildable)) of which could be rebuilt from what was "
                + "released, \(sum(\.available)) available and read by a new node",
            "\(sum(\.availableVerdicts)) times available, \(sum(\.confidentVerdicts)) times "
                + "confident, \(sum(\.reports)) withholding reports "
                + "(\(sum(\.reportsAfterCrash)) after a sequencer's crash), "
                + "\(sum(\.equivocations)) proofs of equivocation, \(sum(\.crashes)) crashes",
        ]
        for result in failed {
            lines.append("seed \(result.seed):")
            lines += result.violations.prefix(20).map { "  " + $0 }
        }
        if let last = results.last { lines.append("trace of seed \(last.seed): \(last.traceHash)") }
        return lines
    }
}
