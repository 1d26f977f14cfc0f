import ArgumentParser
import Availability
import DamaskNode
import DataMatrix
import Foundation
import KZGCommitments
import LibP2P
import LibP2PNIO
import NodeCore
import SSZ

/// `damask demo`: a whole local network, one story.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "A whole network on this machine: publish, sample, lose, rebuild, catch.",
        discussion: """
            Starts a sequencer, four full nodes and light nodes, every one a libp2p host with a key \
            and a socket of its own on the loopback interface, and tells a story in five acts, each \
            of which is checked. Exits with 0 only if every act held.
            """)

    /// Light nodes that a story has at least, and at most.
    private static let lightNodes = 24...200

    @Option(
        help: "The file to publish; by default one of 1 to 4 MB that is found on the machine.",
        completion: .file())
    var file: String?

    @Option(help: "How many light nodes, from 24 to 200.")
    var light = 32

    @Flag(help: "Print one JSON object; the story goes to standard error.")
    var json = false

    func validate() throws {
        guard Self.lightNodes.contains(light) else {
            throw ValidationError(
                "--light takes a number from \(Self.lightNodes.lowerBound) to "
                    + "\(Self.lightNodes.upperBound), not \(light)")
        }
    }

    func run() async throws {
        try await reportingFailures(of: "demo") {
            let limit = PayloadIndex.maximumPackedBytes(.mainnet)
            let input = try file.map { try DemoInput(file: $0, limit: limit) } ?? DemoInput()
            let threads = max(2, min(8, ProcessInfo.processInfo.activeProcessorCount))
            let narrator = DemoNarrator(json: json)
            let prover = KZGProver(preset: .mainnet)
            let network = try DemoNetwork(prover: prover, threads: threads)
            let story = DemoStory(
                narrator: narrator, network: network, prover: prover, input: input,
                lightNodes: light, threads: threads)
            var result: DemoResult
            do {
                result = try await story.tell()
            } catch {
                await network.shutDown()
                throw error
            }
            await story.sequencer?.service.shutDown()
            await network.shutDown()
            result.peakMemoryBytes = peakMemory()
            let memory = result.peakMemoryBytes / (1 << 20)
            narrator.say(
                "\n" + (result.held ? "Every act held" : "NOT every act held")
                    + ": \(result.seconds) s, at most \(memory) MiB of memory")
            try narrator.finish(result)
            guard result.held else { throw ExitCode(CommandFailure.Status.failed.rawValue) }
        }
    }

    /// The most memory that this process has had, in bytes.
    private func peakMemory() -> Int {
        var usage = rusage()
        #if os(Linux)
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            return usage.ru_maxrss * 1024
        #else
            getrusage(RUSAGE_SELF, &usage)
            return usage.ru_maxrss
        #endif
    }
}
