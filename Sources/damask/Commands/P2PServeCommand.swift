import ArgumentParser
import Foundation
import LibP2P
import LibP2PNIO

/// `damask p2p serve`: a host that listens, joins topics and echoes.
struct P2PServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Listen, join topics, and echo on /damask/echo/1, until interrupted.",
        discussion: """
            The first line of the output is the address to reach the host under, with its peer id. \
            Without --json what happens afterwards goes to standard error; with it every event is \
            one JSON object on a line of standard output.

            With --commands, lines of standard input are carried out: 'publish TOPIC HEX', \
            'dial MULTIADDR', 'ping PEER', 'echo PEER HEX'.
            """)

    @Option(help: "Where to listen, such as /ip4/127.0.0.1/tcp/0; repeat for more.")
    var listen: [String] = []

    @Option(help: "A gossip topic to join, taken as it is; repeat for more.")
    var topic: [String] = []

    @Flag(help: "Events as JSON lines on standard output.")
    var json = false

    @Flag(help: "Carry out commands from standard input.")
    var commands = false

    func validate() throws {
        guard !listen.isEmpty else { throw ValidationError("--listen is missing") }
        for text in listen { _ = try Multiaddr(argument: text) }
    }

    func run() async throws {
        try await reportingFailures(of: "p2p serve") { try await serve() }
    }

    private func serve() async throws {
        let interrupts = Interrupts()
        let session = try await P2PSession.start(
            listen: try listen.map { try Multiaddr(argument: $0) })
        let topics = topic
        session.service.execute { host, now in
            for topic in topics { host.subscribe(topic, now: now) }
        }
        for address in session.service.listenAddresses { print(line: "\(address)") }

        let report = Task { [json] in
            for await item in session.news {
                guard let event = P2PEvent(item) else { continue }
                if json { print(line: event.json) } else { complain(event.text) }
            }
        }
        if commands {
            Thread.detachNewThread { [service = session.service] in
                while let line = readLine() { P2PLine(line)?.carryOut(service) }
            }
        }
        await interrupts.next()
        report.cancel()
        await session.service.shutDown()
    }
}

/// A line on standard output, at once.
private func print(line: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
}

/// One event of a host, in the two forms in which it is told.
private struct P2PEvent {
    let text: String
    let json: String

    init?(_ item: HostDirective) {
        switch item {
        case .peerConnected(let peer, let address, let direction):
            self.init(
                "connected", peer, [("address", "\(address)"), ("direction", "\(direction)")])
        case .peerDisconnected(let peer):
            self.init("disconnected", peer, [])
        case .identified(let peer, let info):
            self.init("identified", peer, [("agent", info.agentVersion ?? "")])
        case .peerSubscribed(let peer, let topic, let isSubscribed):
            self.init(isSubscribed ? "subscribed" : "unsubscribed", peer, [("topic", topic)])
        case .message(let message):
            self.init(
                "message", message.from,
                [("topic", message.topic), ("data", hexadecimal(message.data))])
        case .request(_, let peer, let name, let body):
            self.init("request", peer, [("protocol", name), ("bytes", "\(body.count)")])
        case .response(_, let chunk):
            self.init("response", nil, [("data", hexadecimal(chunk))])
        case .responseFinished:
            self.init("responseFinished", nil, [])
        case .responseFailed(_, let reason):
            self.init("responseFailed", nil, [("reason", "\(reason)")])
        case .pinged(let peer, let time):
            self.init("pinged", peer, [("milliseconds", P2PText.milliseconds(time))])
        case .pingFailed(let peer, let reason):
            self.init("pingFailed", peer, [("reason", "\(reason)")])
        default:
            return nil
        }
    }

    private init(_ event: String, _ peer: PeerID?, _ details: [(name: String, value: String)]) {
        let all = (peer.map { [("peer", "\($0)")] } ?? []) + details
        text = ([event] + all.map { "\($0)=\($1)" }).joined(separator: " ")
        let fields = ([("event", event)] + all).map { "\(P2PText.json($0)):\(P2PText.json($1))" }
        json = "{\(fields.joined(separator: ","))}"
    }
}

/// A command from standard input.
private enum P2PLine {
    case publish(topic: String, data: [UInt8])
    case dial(Multiaddr)
    case ping(PeerID)
    case echo(PeerID, [UInt8])

    /// The command that a line spells; nil, with a complaint, if it spells none.
    init?(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 2).map(String.init)
        switch (words.first, words.count) {
        case ("publish", 3):
            guard let data = Self.bytes(words[2]) else { break }
            self = .publish(topic: words[1], data: data)
            return
        case ("dial", 2):
            guard let address = try? Multiaddr(words[1]) else { break }
            self = .dial(address)
            return
        case ("ping", 2):
            guard let peer = try? PeerID(words[1]) else { break }
            self = .ping(peer)
            return
        case ("echo", 3):
            guard let peer = try? PeerID(words[1]), let data = Self.bytes(words[2]) else { break }
            self = .echo(peer, data)
            return
        default: break
        }
        complain("damask p2p serve: not understood: \(line.prefix(80))")
        return nil
    }

    func carryOut(_ service: HostService) {
        switch self {
        case .publish(let topic, let data):
            service.execute { host, now in
                do {
                    _ = try host.publish(topic, data, now: now)
                } catch {
                    complain("damask p2p serve: not published: \(error)")
                }
            }
        case .dial(let address):
            Task {
                do {
                    try await service.dial(address)
                } catch {
                    complain("damask p2p serve: \(error)")
                }
            }
        case .ping(let peer):
            service.execute { host, now in host.ping(peer, now: now) }
        case .echo(let peer, let data):
            service.execute { host, now in
                do {
                    _ = try host.request(
                        peer, protocol: P2PSession.echo.name, body: data, now: now)
                } catch {
                    complain("damask p2p serve: no request: \(error)")
                }
            }
        }
    }

    private static func bytes(_ hex: String) -> [UInt8]? {
        let digits = hex.compactMap(\.hexDigitValue)
        guard digits.count == hex.count, digits.count % 2 == 0 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
    }
}
