import ArgumentParser

/// `damask network`: what a network agrees on for ever.
struct NetworkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "network",
        abstract: "Make and show genesis parameters, which name a network and never change.",
        subcommands: [NetworkNewCommand.self, NetworkShowCommand.self])
}
