import LibP2P
import LibP2PNIO
import NIOConcurrencyHelpers
import NIOCore

/// What streams carry, and how long small things wait behind large ones.
enum P2PStreamBench {
    /// One streamed answer over loopback.
    static func stream(_ group: any EventLoopGroup) async throws -> Measurement {
        let pair = try await Pair.start(group)
        var samples: [(cpu: Double, wall: Double)] = []
        for _ in 0..<5 {
            let watch = Stopwatch()
            try await pair.download(512_000_000)
            samples.append(watch.elapsed)
        }
        await pair.shutDown()
        var result = Measurement(name: "stream", threads: 2, samples)
        result.figures = [("mb_per_second", 512_000 / result.medianWallMilliseconds)]
        return result
    }

    /// Requests of 64 bytes, each on a new stream, answered with the same 64 bytes, one after the other
    /// while 100 MB are on their way on the same connection; asked by the end that sends those, and by
    /// the one that gets them, in turn. A time includes the negotiation of the stream's protocol.
    static func pingUnderLoad(_ group: any EventLoopGroup) async throws -> Measurement {
        let pair = try await Pair.start(group)
        var samples: [(cpu: Double, wall: Double)] = []
        var times: [[Double]] = [[], []]
        for run in 0..<10 {
            let asker = run % 2 == 0 ? pair.server : pair.client
            let watch = Stopwatch()
            pair.startPings(from: asker)
            try await pair.download(100_000_000)
            samples.append(watch.elapsed)
            times[run % 2] += try await pair.endPings(from: asker)
        }
        await pair.shutDown()
        let all = (times[0] + times[1]).sorted()
        var result = Measurement(name: "ping_under_load", threads: 2, samples)
        result.figures = [
            ("pings", Double(all.count)),
            ("p50_ms", percentile(all, 0.5)),
            ("p99_ms", percentile(all, 0.99)),
            ("p99_ms_of_sender", percentile(times[0].sorted(), 0.99)),
            ("p99_ms_of_receiver", percentile(times[1].sorted(), 0.99)),
            ("max_ms", all.last ?? 0),
        ]
        return result
    }

    /// The smallest value that at least this share of the values is not above.
    private static func percentile(_ sorted: [Double], _ share: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let rank = Int((share * Double(sorted.count)).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }
}

/// Two connected hosts: one that answers and one that asks.
private struct Pair: Sendable {
    let server: BenchHost
    let client: BenchHost
    private let ends: [PeerID: End]

    /// What one of the two waits for.
    private final class End: Sendable {
        private struct State {
            var received: [RequestID: Int] = [:]
            var transfer: (id: RequestID, continuation: CheckedContinuation<Int, any Error>)?
            var ping: (id: RequestID, since: Stopwatch)?
            var other: PeerID?
            var isPinging = false
            var times: [Double] = []
            var pingsEnded: CheckedContinuation<[Double], any Error>?
        }

        private let state = NIOLockedValueBox(State())

        func take(_ item: HostDirective, _ host: inout Host, _ now: Instant) {
            switch item {
            case .response(let id, let chunk):
                state.withLockedValue { $0.received[id, default: 0] += chunk.count }
            case .responseFinished(let id):
                let count = state.withLockedValue { $0.received.removeValue(forKey: id) } ?? 0
                if takePing(id, isGood: count == 64) {
                    ping(&host, now)
                } else {
                    endTransfer(id, .success(count))
                }
            case .responseFailed(let id, let failure):
                if takePing(id, isGood: false) { return }
                endTransfer(id, .failure(CommandFailure(.failed, "a request failed: \(failure)")))
            default:
                break
            }
        }

        private func endTransfer(_ id: RequestID, _ outcome: Result<Int, any Error>) {
            let transfer = state.withLockedValue { state in
                guard state.transfer?.id == id else {
                    return nil as CheckedContinuation<Int, any Error>?
                }
                defer { state.transfer = nil }
                return state.transfer?.continuation
            }
            transfer?.resume(with: outcome)
        }

        /// Whether it was the ping that is under way; one with a wrong answer ends the pings.
        private func takePing(_ id: RequestID, isGood: Bool) -> Bool {
            let (isPing, failed) = state.withLockedValue { state in
                guard let ping = state.ping, ping.id == id else {
                    return (false, nil as CheckedContinuation<[Double], any Error>?)
                }
                state.ping = nil
                guard !isGood else {
                    state.times.append(ping.since.elapsed.wall)
                    return (true, nil)
                }
                state.isPinging = false
                state.times = []
                defer { state.pingsEnded = nil }
                return (true, state.pingsEnded)
            }
            failed?.resume(throwing: CommandFailure(.failed, "a ping had no answer"))
            return isPing
        }

        /// Asks once more, or says that all is done.
        private func ping(_ host: inout Host, _ now: Instant) {
            typealias Waiting = CheckedContinuation<[Double], any Error>
            let (peer, ended, times): (PeerID?, Waiting?, [Double]) = state.withLockedValue {
                state in
                guard !state.isPinging else { return (state.other, nil, []) }
                defer { state.pingsEnded = nil }
                return (nil, state.pingsEnded, state.times)
            }
            ended?.resume(returning: times)
            guard let peer else { return }
            let since = Stopwatch()
            let id = try? host.request(
                peer, protocol: BenchHost.echo.name, body: [UInt8](repeating: 7, count: 64),
                now: now)
            guard let id else { return }
            state.withLockedValue { $0.ping = (id, since) }
        }

        func startPings(of other: PeerID, _ host: inout Host, _ now: Instant) {
            state.withLockedValue { state in
                state.other = other
                state.isPinging = true
                state.times = []
            }
            ping(&host, now)
        }

        /// Lets the present ping come back and gives the times.
        func endPings(_ continuation: CheckedContinuation<[Double], any Error>) {
            let times = state.withLockedValue { state in
                state.isPinging = false
                if state.ping == nil { return state.times as [Double]? }
                state.pingsEnded = continuation
                return nil
            }
            if let times { continuation.resume(returning: times) }
        }

        func begin(_ id: RequestID, _ continuation: CheckedContinuation<Int, any Error>) {
            state.withLockedValue { $0.transfer = (id, continuation) }
        }
    }

    static func start(_ group: any EventLoopGroup) async throws -> Pair {
        let identified = Tally()
        @Sendable func host() async throws -> (BenchHost, End) {
            let end = End()
            let host = try await BenchHost.start(on: group.next()) { item, host, now in
                if case .identified = item { identified.add() }
                end.take(item, &host, now)
            }
            return (host, end)
        }
        let (server, serverEnd) = try await host()
        let (client, clientEnd) = try await host()
        try await client.service.dial(server.address)
        await identified.reach(2)
        return Pair(
            server: server, client: client,
            ends: [server.peer: serverEnd, client.peer: clientEnd])
    }

    private init(server: BenchHost, client: BenchHost, ends: [PeerID: End]) {
        self.server = server
        self.client = client
        self.ends = ends
    }

    func download(_ count: Int) async throws {
        let peer = server.peer
        let end = ends[client.peer]
        let received = try await withCheckedThrowingContinuation { continuation in
            client.service.execute { host, now in
                do {
                    let id = try host.request(
                        peer, protocol: BenchHost.download.name,
                        body: BenchHost.downloadBody(count), now: now)
                    end?.begin(id, continuation)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
        guard received == count else {
            throw CommandFailure(.failed, "\(received) of \(count) bytes arrived")
        }
    }

    func startPings(from asker: BenchHost) {
        let end = ends[asker.peer]
        let other = asker.peer == server.peer ? client.peer : server.peer
        asker.service.execute { host, now in end?.startPings(of: other, &host, now) }
    }

    /// Milliseconds from each request to the end of its answer.
    func endPings(from asker: BenchHost) async throws -> [Double] {
        let end = ends[asker.peer]
        return try await withCheckedThrowingContinuation { continuation in
            asker.service.execute { _, _ in end?.endPings(continuation) }
        }
    }

    func shutDown() async {
        await server.service.shutDown()
        await client.service.shutDown()
    }
}
