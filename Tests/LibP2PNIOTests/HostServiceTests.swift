import LibP2P
import LibP2PNIO
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// A running host and what its application was told.
final class TestHost: Sendable {
    private struct State {
        var news: [HostDirective] = []
        var waiting: [(matches: @Sendable (HostDirective) -> Bool, then: @Sendable () -> Void)] = []
    }

    let service: HostService
    private let state: Record

    /// The news so far, and who waits for more.
    private final class Record: Sendable {
        private let state = Mutex(State())

        func append(_ news: [HostDirective]) {
            let due = state.withLock { state in
                state.news += news
                let due = state.waiting.filter { waiting in news.contains { waiting.matches($0) } }
                state.waiting.removeAll { waiting in news.contains { waiting.matches($0) } }
                return due
            }
            for waiting in due { waiting.then() }
        }

        var news: [HostDirective] { state.withLock { $0.news } }

        func forget() { state.withLock { $0.news = [] } }

        func wait(
            from start: Int, for matches: @escaping @Sendable (HostDirective) -> Bool
        ) async {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if state.news.dropFirst(start).contains(where: { matches($0) }) { return true }
                    state.waiting.append((matches, { continuation.resume() }))
                    return false
                }
                if isThere { continuation.resume() }
            }
        }
    }

    private init(_ service: HostService, _ state: Record) {
        self.service = service
        self.state = state
    }

    static let echo = RequestProtocol(
        name: "/echo/1", maximumRequestBytes: 8 << 20, maximumChunkBytes: 8 << 20,
        maximumResponseBytes: 8 << 20)

    /// A host that listens on a free port of 127.0.0.1, accepts every message, and echoes requests.
    static func start(
        _ change: (inout HostServiceConfiguration) -> Void = { _ in }
    ) async throws -> TestHost {
        var configuration = HostServiceConfiguration(identity: IdentityKey())
        configuration.listenAddresses = [try Multiaddr("/ip4/127.0.0.1/tcp/0")]
        configuration.host.protocols = [echo]
        change(&configuration)
        let record = Record()
        let service = try await HostService.start(
            configuration, on: MultiThreadedEventLoopGroup.singleton.next()
        ) { news, host, now in
            for item in news {
                switch item {
                case .message(let message):
                    host.validated(message.id, .accept, now: now)
                case .request(let id, _, _, let body):
                    _ = host.respond(id, chunk: body, now: now)
                    host.finish(id, now: now)
                default: break
                }
            }
            // Requests were answered, and their bodies would only take memory.
            record.append(news.filter { if case .request = $0 { false } else { true } })
        }
        return TestHost(service, record)
    }

    var address: Multiaddr { service.listenAddresses[0] }
    var peer: PeerID { service.localPeer }
    var news: [HostDirective] { state.news }

    /// Forgets the news so far, and gives their memory back.
    func forgetNews() { state.forget() }

    /// Waits for news that match, those that are there included, but for the first `start` of them.
    func wait(
        from start: Int = 0, for matches: @escaping @Sendable (HostDirective) -> Bool
    ) async {
        await state.wait(from: start, for: matches)
    }
}

@Suite(.timeLimit(.minutes(2))) struct HostServiceTests {
    @Test func connectIdentifyPing() async throws {
        let first = try await TestHost.start()
        let second = try await TestHost.start()
        #expect(try await second.service.dial(first.address) == first.peer)
        await first.wait { if case .identified = $0 { true } else { false } }
        await second.wait { if case .identified = $0 { true } else { false } }
        let peer = first.peer
        second.service.execute { host, now in host.ping(peer, now: now) }
        await second.wait { if case .pinged(peer, _) = $0 { true } else { false } }
        await second.service.shutDown()
        await first.wait { if case .peerDisconnected = $0 { true } else { false } }
        #expect(try await first.service.connectionCount() == 0)
        await first.service.shutDown()
    }

    @Test(arguments: [0, 1, 70_000, 4_000_000])
    func requestAndAnswer(count: Int) async throws {
        let first = try await TestHost.start()
        let second = try await TestHost.start()
        let peer = try await second.service.dial(first.address)
        let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let id = try await second.service.submit { host, now in
            try host.request(peer, protocol: "/echo/1", body: body, now: now)
        }
        await second.wait { news in
            switch news {
            case .responseFinished(id), .responseFailed(id, _): true
            default: false
            }
        }
        var answer: [UInt8] = []
        for case .response(id, let chunk) in second.news { answer += chunk }
        #expect(answer == body)
        await first.service.shutDown()
        await second.service.shutDown()
    }

    @Test func messagesReachSubscribers() async throws {
        let hub = try await TestHost.start()
        var others: [TestHost] = []
        for _ in 0..<4 {
            let other = try await TestHost.start()
            try await other.service.dial(hub.address)
            others.append(other)
        }
        for host in others + [hub] {
            host.service.execute { $0.subscribe("news", now: $1) }
        }
        for other in others {
            await other.wait {
                if case .peerSubscribed(_, "news", true) = $0 { true } else { false }
            }
        }
        let data = [UInt8](repeating: 5, count: 60_000)
        others[0].service.execute { host, now in
            _ = try? host.publish("news", data, now: now)
        }
        for host in others.dropFirst() + [hub] {
            await host.wait {
                if case .message(let message) = $0 { message.data == data } else { false }
            }
        }
        for host in others + [hub] { await host.service.shutDown() }
    }

    @Test func busyPortIsNamed() async throws {
        let first = try await TestHost.start()
        let address = first.address.transport
        await #expect(throws: ListenError.addressInUse(address)) {
            _ = try await TestHost.start { $0.listenAddresses = [address] }
        }
        await first.service.shutDown()
        // Once it is shut down, the port is free again.
        let second = try await TestHost.start { $0.listenAddresses = [address] }
        await second.service.shutDown()
    }

    @Test func addressesThatCanNotBeListenedOn() async throws {
        for text in ["/ip4/127.0.0.1/udp/4001/quic-v1", "/dns/localhost/tcp/0"] {
            let address = try Multiaddr(text)
            await #expect(throws: ListenError.unsupportedAddress(address)) {
                _ = try await TestHost.start { $0.listenAddresses = [address] }
            }
        }
        let foreign = try Multiaddr("/ip4/192.0.2.1/tcp/0")
        await #expect(throws: ListenError.addressNotAvailable(foreign)) {
            _ = try await TestHost.start { $0.listenAddresses = [foreign] }
        }
    }

    @Test func dialErrors() async throws {
        let host = try await TestHost.start()
        let other = try await TestHost.start()
        // The right address with another peer's id.
        let wrong = other.address.with(host.peer)
        await #expect(
            throws: DialError.connection(
                wrong, .noise(.unexpectedPeer(expected: host.peer, actual: other.peer)))
        ) {
            try await host.service.dial(wrong)
        }
        await other.service.shutDown()
        await #expect(throws: DialError.unreachable(other.address, reason: "Connection refused")) {
            try await host.service.dial(other.address)
        }
        let quic = try Multiaddr("/ip4/127.0.0.1/udp/1/quic-v1")
        await #expect(throws: DialError.unsupportedAddress(quic)) {
            try await host.service.dial(quic)
        }
        await host.service.shutDown()
        await #expect(throws: DialError.shutDown) { try await host.service.dial(wrong) }
    }

    @Test func namesAndIPv6() async throws {
        let first = try await TestHost.start {
            $0.listenAddresses = (try? [Multiaddr("/ip6/::1/tcp/0")]) ?? []
        }
        let second = try await TestHost.start()
        #expect(try await second.service.dial(first.address) == first.peer)
        let third = try await TestHost.start()
        let port = try #require(second.address.tcpEndpoint?.port)
        #expect(
            try await third.service.dial(Multiaddr("/dns4/localhost/tcp/\(port)")) == second.peer)
        let unknown = try Multiaddr("/dns4/name.invalid/tcp/1")
        await #expect(
            throws: DialError.unreachable(
                unknown, reason: "the name name.invalid has no address")
        ) {
            try await third.service.dial(unknown)
        }
        // A family that the name has no address of.
        let wrong = try Multiaddr("/dns6/localhost/tcp/\(port)")
        await #expect(throws: DialError.self) { try await third.service.dial(wrong) }
        for host in [first, second, third] { await host.service.shutDown() }
    }

    @Test func manyHostsOnFewThreads() async throws {
        var hosts: [TestHost] = []
        for _ in 0..<30 { hosts.append(try await TestHost.start()) }
        for (index, host) in hosts.enumerated().dropFirst() {
            try await host.service.dial(hosts[index / 2].address)
        }
        for host in hosts { await host.service.shutDown() }
        for host in hosts { #expect(try await host.service.connectionCount() == 0) }
    }
}
