import ArgumentParser
import LibP2P
import LibP2PNIO

/// `damask p2p ping`: how long a peer takes to answer.
struct P2PPingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ping",
        abstract: "Measure the time to a libp2p host and back.",
        discussion: "Exits with 4 if the host is not reached or does not answer.")

    @Argument(help: "The host's address, such as /ip4/192.0.2.7/tcp/4001/p2p/12D3KooW….")
    var address: String

    @Option(help: "How often to ask.")
    var count = 3

    @Flag(help: "One JSON object on one line.")
    var json = false

    func validate() throws {
        _ = try Multiaddr(argument: address)
        guard (1...1000).contains(count) else {
            throw ValidationError("--count is a number from 1 to 1000")
        }
    }

    func run() async throws {
        try await reportingFailures(of: "p2p ping") {
            let session = try await P2PSession.start(listen: [])
            do {
                try await ping(session)
            } catch {
                await session.service.shutDown()
                throw error
            }
            await session.service.shutDown()
        }
    }

    private func ping(_ session: P2PSession) async throws {
        let peer = try await session.dial(try Multiaddr(argument: address))
        var times: [String] = []
        if !json { print(peer) }
        session.service.execute { host, now in host.ping(peer, now: now) }
        for await item in session.news {
            switch item {
            case .pinged(peer, let time):
                times.append(P2PText.milliseconds(time))
                if !json { print("\(P2PText.milliseconds(time)) ms") }
                guard times.count < count else {
                    if json {
                        print(
                            "{\"peer\":\"\(peer)\",\"milliseconds\":[\(times.joined(separator: ","))]}"
                        )
                    }
                    return
                }
                session.service.execute { host, now in host.ping(peer, now: now) }
            case .pingFailed(peer, let reason):
                throw CommandFailure(.unreachable, "\(peer) does not answer pings: \(reason)")
            case .peerDisconnected(peer):
                throw CommandFailure(.unreachable, "\(peer) closed the connection")
            default: continue
            }
        }
    }
}
