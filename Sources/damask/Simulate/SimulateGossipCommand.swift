import ArgumentParser
import Foundation
import Simulation

/// `damask simulate gossip`: one topic while nodes come and go, or some of them are hostile.
struct SimulateGossipCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gossip",
        abstract: "Gossip among many nodes that come and go, some of them hostile.",
        discussion: """
            Every node is a libp2p host with the real gossip router, its streams and its scores; \
            sessions are modelled, nothing is encrypted. By default 1,000 nodes, a fifth of which go \
            and come back each minute. With --hostile, a share of the nodes spams, keeps silent, \
            censors, or grafts against backoff, in equal parts.
            """)

    @OptionGroup var options: SimulateOptions

    @Option(help: "Nodes in all, from 10 to 10000.")
    var nodes = 1000

    @Option(help: "The share of nodes that are hostile, below 0.9.")
    var hostile = 0.0

    @Option(help: "The share of nodes that go each minute; 0.2, or 0 with --hostile.")
    var churn: Double?

    @Option(help: "The share of packets lost.")
    var loss = 0.05

    @Option(help: "Messages a second; 1, or 2 with --hostile.")
    var rate: Double?

    @Option(help: "Seconds in which messages are published.")
    var seconds = 60

    func validate() throws {
        guard (10...10_000).contains(nodes) else {
            throw ValidationError("--nodes takes a number from 10 to 10000, not \(nodes)")
        }
        guard (0..<0.9).contains(hostile), (0...10).contains(churn ?? 0),
            (0..<0.9).contains(loss)
        else { throw ValidationError("--hostile, --churn and --loss take shares") }
        guard (0.01...1000).contains(rate ?? 1), (1...3600).contains(seconds) else {
            throw ValidationError("--rate takes 0.01 to 1000, --seconds 1 to 3600")
        }
    }

    func run() throws {
        try reportingFailures(of: "simulate gossip") {
            var scenario = hostile > 0 ? GossipScenario.hostility : GossipScenario.churn
            scenario.nodes = nodes
            scenario.hostile = hostile
            scenario.churnPerMinute = churn ?? scenario.churnPerMinute
            scenario.loss = loss
            scenario.messagesPerSecond = rate ?? scenario.messagesPerSecond
            scenario.publishingSeconds = seconds
            var run = try GossipRun(scenario, seed: SimulationSeed(options.seed))
            let result = run.run { Console.progress("\($0) s of virtual time") }
            try options.finish(json: result.json, plot: result.plot, lines: lines(result))
        }
    }

    private func lines(_ result: GossipResult) -> [String] {
        let scenario = result.scenario
        let times = result.distribution
        let milliseconds = { (share: Double) in "\(Int(times.quantile(share).rounded())) ms" }
        var lines = [
            "\(scenario.nodes) nodes, seed \(result.seed.number): \(result.messages) messages of "
                + "\(scenario.messageBytes) bytes",
            "links of \(scenario.delays.lowerBound) to \(scenario.delays.upperBound) ms, "
                + "\(SimulateOptions.percent(scenario.loss)) lost, "
                + "\(SimulateOptions.percent(scenario.churnPerMinute)) gone each minute, "
                + "\(SimulateOptions.percent(scenario.hostile)) hostile",
            "reached within \(scenario.deadline) ms: "
                + "\(SimulateOptions.percent(result.strictShare)) of the honest subscribers",
            "arrival: half by \(milliseconds(0.5)), 99 % by \(milliseconds(0.99)), 99.9 % by "
                + "\(milliseconds(0.999)), last \(milliseconds(1))",
        ]
        if scenario.hostile > 0 {
            lines.append(
                "scores, in the eyes of honest nodes that deal with a peer (p10, p50, p90):")
            for kind in GossipScenario.Kind.allCases {
                let scores = result.scores(of: kind)
                let quantiles = [0.1, 0.5, 0.9]
                    .map { String(format: "%9.2f", scores.quantile($0)) }
                lines.append(
                    "  " + kind.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)
                        + quantiles.joined())
            }
            for (kind, probability) in result.separation {
                lines.append(
                    "  an honest peer stands above a \(kind.rawValue): "
                        + SimulateOptions.percent(probability))
            }
            lines.append("  \(result.bans) bans")
        }
        lines.append("\(result.eventCount) events, trace \(result.traceHash)")
        return lines
    }
}
