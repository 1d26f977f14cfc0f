import ArgumentParser

@main
struct Damask: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "damask",
        abstract: "Publish, sample and rebuild blocks of a data-availability layer.",
        subcommands: [
            EncodeCommand.self, InspectCommand.self, EraseCommand.self, RecoverCommand.self,
            VerifyCommand.self, VerifyEvidenceCommand.self, DemoCommand.self, P2PCommand.self,
            KZGCommand.self, BenchCommand.self, SimulateCommand.self,
            PublishCommand.self, GetCommand.self,
            StatusCommand.self, WatchCommand.self, SampleCommand.self, NetworkCommand.self,
        ])
}
