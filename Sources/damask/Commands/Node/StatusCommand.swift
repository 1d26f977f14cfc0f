import ArgumentParser
import DamaskClient

/// `damask status`: who a node is and how it fares.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show who a node is, whether it keeps up, and what it found out about a block.")

    @Option(help: ArgumentHelp("Show this block instead.", valueName: "hex"))
    var root: HexBytes?

    @Flag(help: "Show the connected peers instead.")
    var peers = false

    @OptionGroup var server: ServerOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        try root?.require("--root", count: 32...32)
        if root != nil, peers { throw ValidationError("--root and --peers go one at a time.") }
    }

    func run() async throws {
        try await reportingFailures(of: "status") {
            try await server.withClient { client in
                if let root {
                    let block = try await client.block(root)
                    try json ? printJSON(block) : printLines(Self.lines(block))
                } else if peers {
                    let peers = try await client.peers()
                    try json
                        ? printJSON(PeersAnswer(peers: peers)) : printLines(peers.map(Self.line))
                } else {
                    let status = try await client.status()
                    try json ? printJSON(status) : printLines(Self.lines(status))
                }
            }
        }
    }

    private static func lines(_ status: StatusAnswer) -> [String] {
        var lines = [
            "\(status.role) node \(status.version), peer \(status.peer)",
            "network     \(status.network)"
                + (status.slot.map { ", slot \($0)" } ?? ", before genesis"),
        ]
        lines += status.addresses.map { "address     \($0)" }
        let readiness = status.readiness
        lines.append(
            "ready       "
                + (readiness.ready
                    ? "yes, \(readiness.lag) blocks behind"
                    : "NO, \(readiness.lag) blocks behind (\(readiness.allowedLag) allowed): "
                        + readiness.reasons.joined(separator: "; ")))
        lines.append(
            "peers       \(status.peers), outbound ones in \(status.addressGroups) address groups")
        if !status.custody.isEmpty {
            lines.append("custody     \(status.custody.count) of 32 column groups")
        }
        for lane in status.lanes {
            var line = "lane        \(lane.sequencer): "
            line += lane.height.map { "height \($0)" } ?? "no header yet"
            if let sampled = lane.sampledHeight { line += ", judged to \(sampled)" }
            if let closed = lane.closedAt { line += ", CLOSED by an equivocation at \(closed)" }
            lines.append(line)
        }
        let store = status.store
        lines.append(
            "store       \(store.bytes) of \(store.limit) bytes, \(store.blocks) blocks, "
                + "\(store.headers) headers")
        if store.errors > 0 {
            lines.append("            \(store.errors) ERRORS, the last: \(store.lastError ?? "?")")
        }
        return lines
    }

    private static func lines(_ block: BlockAnswer) -> [String] {
        var lines = [
            "block       \(block.root)",
            "lane        \(block.sequencer), height \(block.height), slot \(block.slot)",
            "rows        \(block.dataRows) of data",
            "held        \(block.heldCells) cells"
                + (block.decodable ? ", enough to rebuild all" : ""),
        ]
        if let state = block.state { lines.append("state       \(state)") }
        if let sampling = block.sampling {
            lines.append(
                "samples     \(sampling.verified) of \(sampling.drawn) verified, "
                    + "\(sampling.failed) failed so far")
            if let bound = sampling.missProbability {
                lines.append(
                    "bound       a block that can't be rebuilt gets here with probability "
                        + scientific(bound))
            }
            if let floor = sampling.healingFloor, let typical = sampling.typicalFloor {
                lines.append(
                    "floor       \(floor) honest light nodes (typically \(typical)), or it can "
                        + "still be lost")
            }
            lines.append(
                "asked       \(sampling.peersAsked) peers in \(sampling.groupsAsked) address groups"
            )
        }
        return lines
    }

    private static func line(_ peer: PeerAnswer) -> String {
        "\(peer.peer)  \(peer.direction)  \(peer.role ?? "-")  \(peer.address ?? "-")"
    }
}
