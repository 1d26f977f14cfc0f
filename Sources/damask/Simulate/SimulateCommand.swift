import ArgumentParser
import Foundation
import Simulation

/// `damask simulate`: whole networks on virtual time.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run whole networks on virtual time, in one thread, from one seed.",
        discussion: """
            The nodes are the daemons' own logic; the network between them, with its delays, losses, \
            rates and faults, is made up. The same seed gives the same run, event for event: the \
            hash of all events is in the result.
            """,
        subcommands: [
            SimulateBlockCommand.self, SimulateFaultsCommand.self, SimulateGossipCommand.self,
            SimulateHealingCommand.self,
        ])
}

/// What every scenario takes.
struct SimulateOptions: ParsableArguments {
    @Option(help: "The number that everything random follows from.")
    var seed: UInt64 = 1

    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(help: "Write a plot of the result here.", completion: .file(extensions: ["svg"]))
    var svg: String?

    /// Prints a result in the form that was asked for, and writes its plot.
    func finish(json result: JSONText, plot: SVGPlot?, lines: [String]) throws {
        Console.clearProgress()
        if let svg, let plot { try OutputFile.write(svg, Array(plot.document.utf8)) }
        var output = ResultWriter()
        if json {
            try output.line(result.description)
        } else {
            for line in lines { try output.line(line) }
        }
        try output.flush()
    }

    /// A share as people read it.
    static func percent(_ share: Double) -> String {
        String(format: "%.3f %%", share * 100)
    }
}
