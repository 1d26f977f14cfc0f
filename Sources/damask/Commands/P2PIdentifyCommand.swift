import ArgumentParser
import LibP2P
import LibP2PNIO

/// `damask p2p identify`: what a peer says about itself.
struct P2PIdentifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "identify",
        abstract: "Ask a libp2p host what it is and what it speaks.",
        discussion: "Exits with 4 if the host is not reached or does not answer.")

    @Argument(help: "The host's address, such as /ip4/192.0.2.7/tcp/4001/p2p/12D3KooW….")
    var address: String

    @Flag(help: "One JSON object on one line.")
    var json = false

    func validate() throws {
        _ = try Multiaddr(argument: address)
    }

    func run() async throws {
        try await reportingFailures(of: "p2p identify") {
            let session = try await P2PSession.start(listen: [])
            do {
                try await identify(session)
            } catch {
                await session.service.shutDown()
                throw error
            }
            await session.service.shutDown()
        }
    }

    private func identify(_ session: P2PSession) async throws {
        let peer = try await session.dial(try Multiaddr(argument: address))
        let service = session.service
        let deadline = Task {
            try await Task.sleep(for: .seconds(10))
            service.execute { host, now in host.disconnect(peer, now: now) }
        }
        defer { deadline.cancel() }
        for await item in session.news {
            switch item {
            case .identified(peer, let info):
                print(json ? Self.json(peer, info) : Self.text(peer, info))
                return
            case .peerDisconnected(peer):
                throw CommandFailure(.unreachable, "\(peer) did not identify itself")
            default: continue
            }
        }
    }

    private static func text(_ peer: PeerID, _ info: IdentifyInfo) -> String {
        var lines = ["peer      \(peer)"]
        if let agent = info.agentVersion { lines.append("agent     \(printable(agent))") }
        if let version = info.protocolVersion { lines.append("version   \(printable(version))") }
        if let observed = info.observedAddress { lines.append("sees us   \(observed)") }
        lines += info.listenAddresses.map { "listens   \($0)" }
        lines += info.protocols.map { "speaks    \(printable($0))" }
        return lines.joined(separator: "\n")
    }

    private static func json(_ peer: PeerID, _ info: IdentifyInfo) -> String {
        func list(_ texts: [String]) -> String {
            "[\(texts.map(P2PText.json).joined(separator: ","))]"
        }
        func optional(_ text: String?) -> String { text.map(P2PText.json) ?? "null" }
        return """
            {"peer":"\(peer)","agentVersion":\(optional(info.agentVersion)),\
            "protocolVersion":\(optional(info.protocolVersion)),\
            "observedAddress":\(optional(info.observedAddress.map { "\($0)" })),\
            "listenAddresses":\(list(info.listenAddresses.map { "\($0)" })),\
            "protocols":\(list(info.protocols))}
            """
    }

    /// A peer's text with control characters replaced, so that it can't steer a terminal.
    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    scalar.properties.generalCategory == .control
                        || scalar.properties.generalCategory == .format ? "\u{fffd}" : scalar
                }))
    }
}
