import ArgumentParser
import Foundation
import KZGCommitments
import Simulation

/// `damask simulate block`: one block in a large network.
struct SimulateBlockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "block",
        abstract: "One block in a network of thousands of light nodes.",
        discussion: """
            A sequencer at 1 Gbit/s publishes a block, full nodes at 200 Mbit/s spread and extend \
            it, light nodes at 10 Mbit/s sample it. Proofs are made beforehand; one light node in a \
            hundred and one full node verify really, the others' cells are compared with those that \
            were made.
            """)

    @OptionGroup var options: SimulateOptions
    @OptionGroup var threads: ThreadOptions

    @Option(help: "Light nodes, from 1 to 20000.")
    var light = 10_000

    @Option(help: "Full nodes, from 2 to 500.")
    var full = 100

    @Option(help: "Data rows of the block: a power of two up to 256.")
    var rows = 64

    @Option(help: "The share of packets lost.")
    var loss = 0.0

    func validate() throws {
        guard (1...20_000).contains(light), (2...500).contains(full) else {
            throw ValidationError("--light takes 1 to 20000, --full 2 to 500")
        }
        guard (1...256).contains(rows), rows & (rows - 1) == 0 else {
            throw ValidationError("--rows takes a power of two up to 256, not \(rows)")
        }
        guard (0..<0.5).contains(loss) else { throw ValidationError("--loss is a share") }
    }

    func run() throws {
        try reportingFailures(of: "simulate block") {
            var scenario = ScaleScenario()
            scenario.lightNodes = light
            scenario.fullNodes = full
            scenario.dataRows = rows
            scenario.loss = loss
            Console.progress("making the block")
            let material = try NetworkMaterial(
                preset: .mainnet, dataRows: [rows], nodes: 1 + light + full,
                threads: threads.count)
            var run = try ScaleRun(scenario, material: material, seed: options.seed)
            let result = try run.run { Console.progress("\($0) ms of virtual time") }
            try options.finish(json: result.json, plot: result.plot, lines: lines(result))
        }
    }

    private func lines(_ result: ScaleResult) -> [String] {
        let scenario = result.scenario
        let when = { (values: [Double], share: Double) in
            String(format: "%.2f s", Distribution(values).quantile(share) / 1000)
        }
        return [
            "\(scenario.lightNodes) light nodes, \(scenario.fullNodes) full nodes, a block of "
                + "\(scenario.dataRows) rows, seed \(result.seed)",
            "confident within \(scenario.deadline) ms of the header: "
                + SimulateOptions.percent(result.share)
                + " (99 % after "
                + (result.secondsTo99.map { String(format: "%.2f s", $0) } ?? "more than the run")
                + ")",
            "header at light nodes: half by \(when(result.headers, 0.5)), last "
                + when(result.headers, 1),
            "available at \(result.available.count) full nodes, last by "
                + when(result.available, 1),
            "\(result.samples) samples each, \(result.requests) requests for cells; "
                + "\(result.lightBytes >> 10) KiB to a light node, \(result.fullBytes >> 20) MiB from "
                + "a full node, \(result.sequencerBytes >> 20) MiB from the sequencer",
            "\(result.realNodes) light nodes verified really: \(result.realWork) pieces of work, "
                + "\(result.disagreements) disagreements",
            "\(result.eventCount) events, trace \(result.traceHash)",
        ]
    }
}
