import ArgumentParser

/// `damask bench`: medians of what the layer does, on this machine, one family to a subcommand.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure this machine: medians of processor and wall time.",
        subcommands: [BenchKZGCommand.self, BenchMatrixCommand.self, BenchP2PCommand.self])
}
