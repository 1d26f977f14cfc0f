import ArgumentParser
import Availability
import DamaskClient
import DamaskNode
import DataMatrix
import Foundation
import KZGCommitments
import LibP2P
import NodeCore
import SSZ

/// `damask sample`: a light node for the time of one block.
struct SampleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Join a network, sample one block, and say what that proves.",
        discussion: """
            Asks no daemon and takes no one's word: connects to the peers named, follows headers, \
            draws samples, verifies them. By default it samples the newest block that it hears of. \
            Ends with 0 if every sample came and verified, with 3 if not, with 4 if no peer answered.
            """)

    @Option(help: "The network's parameters.", completion: .file())
    var network: String

    @Option(
        help: ArgumentHelp(
            "A peer to begin with, such as /ip4/…/tcp/…/p2p/…; repeat for more.",
            valueName: "multiaddr"))
    var peer: [String] = []

    @Option(help: ArgumentHelp("The block; by default the newest.", valueName: "hex"))
    var root: HexBytes?

    @Option(help: "How many seconds to try.")
    var timeout = 30.0

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard !peer.isEmpty else { throw ValidationError("--peer is missing.") }
        for text in peer {
            guard try Multiaddr(argument: text).peerID != nil else {
                throw ValidationError(
                    "'\(text)' does not say whose address it is: /p2p/… is missing.")
            }
        }
        try root?.require("--root", count: 32...32)
        guard (0.1...3600).contains(timeout) else {
            throw ValidationError("--timeout takes 0.1 to 3600 seconds.")
        }
    }

    func run() async throws {
        try await reportingFailures(of: "sample") {
            let parameters = try VerifyEvidenceCommand.parameters(at: network)
            let session = try await SampleSession.start(
                parameters: parameters, peers: peer.map { try Multiaddr(argument: $0) })
            let finding: SampleFinding
            do {
                finding = try await session.sample(
                    root.flatMap { Bytes32($0.bytes) }, seconds: timeout)
            } catch {
                await session.stop()
                throw error
            }
            await session.stop()
            try json ? printJSON(finding) : printLines(finding.lines)
            guard finding.complete else {
                throw CommandFailure(
                    .unavailable,
                    "\(finding.root) is not available to this node: \(finding.verified) of "
                        + "\(finding.drawn) samples after \(timeout) s")
            }
        }
    }
}

/// What a light node of one block found out.
struct SampleFinding: Encodable {
    let root: HexBytes
    let sequencer: HexBytes
    let height: UInt64
    let slot: UInt64
    let dataRows: Int
    let drawn: Int
    let verified: Int
    let failed: Int
    let complete: Bool
    /// The exact bound, for the samples verified.
    let missProbability: Double
    let healingFloor: Int
    let typicalFloor: Int
    /// Light nodes that this node knows of, itself included.
    let lightNodesKnown: Int
    let peersAsked: Int
    let groupsAsked: Int
    let mostAskedOfOnePeer: Int
    /// Whether all three hold: the bound, the floor, and more than one address group.
    let safe: Bool
    let seconds: Double

    var lines: [String] {
        let probability = scientific(missProbability)
        return [
            "block       \(root)",
            "lane        \(sequencer), height \(height), slot \(slot), \(dataRows) rows of data",
            "samples     \(verified) of \(drawn) verified in \(String(format: "%.2f", seconds)) s"
                + (failed > 0 ? ", \(failed) failed" : ""),
            "bound       a block that can't be rebuilt gets here with probability \(probability)",
            "floor       \(healingFloor) honest light nodes (typically \(typicalFloor)); "
                + "\(lightNodesKnown) known here",
            "asked       \(peersAsked) peers in \(groupsAsked) address groups, at most "
                + "\(mostAskedOfOnePeer) cells of one",
            "safe        " + (safe ? "yes" : "not shown: \(doubts.joined(separator: "; "))"),
        ]
    }

    private var doubts: [String] {
        var doubts: [String] = []
        if !complete { doubts.append("not every sample came") }
        if lightNodesKnown < healingFloor {
            doubts.append("fewer light nodes known than the floor")
        }
        if groupsAsked < 2 { doubts.append("all peers are of one address group") }
        return doubts
    }
}
