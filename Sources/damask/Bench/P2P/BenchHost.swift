import LibP2P
import LibP2PNIO
import NIOConcurrencyHelpers
import NIOCore

/// A host on loopback as the measurements use it: every message is found valid, and what is news is given
/// to a closure on the host's loop.
struct BenchHost: Sendable {
    /// Told each item of news, with the host at hand.
    typealias News = @Sendable (_ item: HostDirective, _ host: inout Host, _ now: Instant) -> Void

    let service: HostService

    /// Answers requests with what they ask: the same bytes.
    static let echo = RequestProtocol(
        name: "/damask/echo/1", maximumRequestBytes: 1 << 20, maximumChunkBytes: 1 << 20,
        maximumResponseBytes: 1 << 20)
    /// Answers with as many bytes as the request's eight bytes say, in chunks of 1 MiB.
    static let download: RequestProtocol = {
        var rules = RequestProtocol(
            name: "/damask/bench/download/1", maximumRequestBytes: 8, maximumChunkBytes: 1 << 20,
            maximumResponseBytes: 1 << 32)
        rules.serviceTimeout = .seconds(120)
        rules.responseTimeout = .seconds(120)
        return rules
    }()

    static func start(
        on eventLoop: any EventLoop,
        news: @escaping News = { _, _, _ in }
    ) async throws -> BenchHost {
        var configuration = HostServiceConfiguration(identity: IdentityKey())
        configuration.listenAddresses = [try Multiaddr("/ip4/127.0.0.1/tcp/0")]
        configuration.host.protocols = [echo, download]
        let uploads = NIOLockedValueBox<[InboundRequestID: Int]>([:])
        let chunk = [UInt8](repeating: 0x5a, count: 1 << 20)
        @Sendable func upload(_ id: InboundRequestID, _ host: inout Host, _ now: Instant) {
            var left = uploads.withLockedValue { $0.removeValue(forKey: id) } ?? 0
            while left > 0 {
                let part = left < chunk.count ? Array(chunk.prefix(left)) : chunk
                guard host.respond(id, chunk: part, now: now) else { break }
                left -= part.count
            }
            if left > 0 {
                uploads.withLockedValue { [left] in $0[id] = left }
            } else {
                host.finish(id, now: now)
            }
        }
        let service = try await HostService.start(configuration, on: eventLoop) {
            items, host, now in
            for item in items {
                switch item {
                case .message(let message):
                    host.validated(message.id, .accept, now: now)
                case .request(let id, _, download.name, let body):
                    let count = body.reduce(0) { $0 << 8 | Int($1) }
                    uploads.withLockedValue { $0[id] = count }
                    upload(id, &host, now)
                case .responseDrained(let id):
                    guard uploads.withLockedValue({ $0[id] != nil }) else { break }
                    upload(id, &host, now)
                case .request(let id, _, _, let body):
                    _ = host.respond(id, chunk: body, now: now)
                    host.finish(id, now: now)
                case .requestCancelled(let id):
                    _ = uploads.withLockedValue { $0.removeValue(forKey: id) }
                default:
                    break
                }
                news(item, &host, now)
            }
        }
        return BenchHost(service: service)
    }

    var peer: PeerID { service.localPeer }
    var address: Multiaddr { service.listenAddresses[0] }

    /// A request for `count` bytes.
    static func downloadBody(_ count: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - 8 * $0)) }
    }
}

/// Counts what happens on any thread, and lets one task wait for it.
final class Tally: Sendable {
    private struct State {
        var count = 0
        var wanted = 0
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = NIOLockedValueBox(State())

    var count: Int { state.withLockedValue { $0.count } }

    /// Adds to the count.
    func add(_ count: Int = 1) {
        let waiter = state.withLockedValue { state in
            state.count += count
            guard state.count >= state.wanted else {
                return nil as CheckedContinuation<Void, Never>?
            }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Waits until the count is at least `count`; one task at a time.
    func reach(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLockedValue { state in
                guard state.count < count else { return true }
                state.wanted = count
                state.waiter = continuation
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}
