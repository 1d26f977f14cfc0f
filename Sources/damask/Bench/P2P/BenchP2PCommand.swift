import ArgumentParser
import NIOCore
import NIOPosix

/// `damask bench p2p`: what the network layer does, between hosts of this process over loopback.
struct BenchP2PCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "p2p", abstract: "Connections, streams and gossip between hosts on loopback.",
        discussion: "Names: \(names.joined(separator: ", ")).")

    static let names = ["connect", "idle_connection", "stream", "ping_under_load", "gossip"]

    @Flag(help: "One JSON object.")
    var json = false

    @Option(parsing: .upToNextOption, help: "Only these measurements.")
    var only: [String] = []

    @Option(help: "Messages of the gossip measurement.")
    var messages = 10_000

    func validate() throws {
        for name in only where !Self.names.contains(name) {
            throw ValidationError("\(name) is none of \(Self.names.joined(separator: ", "))")
        }
        guard (1...1_000_000).contains(messages) else {
            throw ValidationError("--messages is a number from 1 to 1000000")
        }
    }

    func run() async throws {
        try await reportingFailures(of: "bench p2p") {
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
            var measurements: [Measurement] = []
            for name in Self.names where only.isEmpty || only.contains(name) {
                Console.progress("\(name) …")
                switch name {
                case "connect":
                    measurements.append(try await P2PConnectionBench.connect(group))
                case "idle_connection":
                    measurements.append(try await P2PConnectionBench.idle(group))
                case "stream":
                    measurements.append(try await P2PStreamBench.stream(group))
                case "ping_under_load":
                    measurements.append(try await P2PStreamBench.pingUnderLoad(group))
                default:
                    measurements.append(
                        try await P2PGossipBench.gossip(group, messages: messages))
                }
            }
            Console.clearProgress()
            try await group.shutdownGracefully()
            try BenchReport.write(measurements, json: json)
        }
    }
}
