import ArgumentParser
import Foundation
import LibP2P
import LibP2PNIO
import NIOPosix

/// `damask p2p`: bare libp2p hosts, to diagnose networks with.
struct P2PCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "p2p",
        abstract: "A bare libp2p host, to diagnose networks with.",
        subcommands: [P2PServeCommand.self, P2PPingCommand.self, P2PIdentifyCommand.self])
}

extension Multiaddr {
    /// The address that an argument spells.
    init(argument text: String) throws {
        do {
            try self.init(text)
        } catch {
            throw ValidationError("'\(text)' is no multiaddr: \(error)")
        }
    }
}

/// A host for the time of one command, with its news as a sequence.
struct P2PSession {
    /// The host.
    let service: HostService
    /// What the host has to tell.
    let news: AsyncStream<HostDirective>

    /// The echo protocol: a message behind its length, and the same back.
    static let echo = RequestProtocol(
        name: "/damask/echo/1", maximumRequestBytes: 4 << 20, maximumChunkBytes: 4 << 20,
        maximumResponseBytes: 4 << 20)

    /// Starts a host that accepts every message and answers every echo at once.
    static func start(listen: [Multiaddr]) async throws -> P2PSession {
        var configuration = HostServiceConfiguration(identity: IdentityKey())
        configuration.listenAddresses = listen
        configuration.host.protocols = [echo]
        let (news, continuation) = AsyncStream.makeStream(
            of: HostDirective.self, bufferingPolicy: .bufferingNewest(65_536))
        let service = try await HostService.start(
            configuration, on: MultiThreadedEventLoopGroup.singleton.next()
        ) { items, host, now in
            for item in items {
                switch item {
                case .message(let message):
                    host.validated(message.id, .accept, now: now)
                case .request(let id, _, _, let body):
                    if host.respond(id, chunk: body, now: now) {
                        host.finish(id, now: now)
                    } else {
                        host.fail(id, now: now)
                    }
                default: break
                }
                continuation.yield(item)
            }
        }
        return P2PSession(service: service, news: news)
    }

    /// Connects to a peer, or says on standard error why not and ends with 4.
    func dial(_ address: Multiaddr) async throws -> PeerID {
        do {
            return try await service.dial(address)
        } catch {
            throw CommandFailure(.unreachable, "\(error)")
        }
    }
}

/// The forms in which these commands print values.
enum P2PText {
    /// Text as a JSON string.
    static func json(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let data = (try? encoder.encode(text)) ?? Data("\"\"".utf8)
        return String(decoding: data, as: UTF8.self)
    }

    /// A duration in milliseconds with three decimals.
    static func milliseconds(_ duration: Duration) -> String {
        String(format: "%.3f", Double(duration.nanoseconds) / 1e6)
    }
}
