import Foundation
import LibP2P
import LibP2PNIO
import Testing

private let header = Multistream.line(Multistream.header)
private let noise = header + Multistream.line("/noise")

/// What a hostile peer sends, and whether it is cut off for it or just contained.
struct Attack: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    var isSecured = false
    var isCutOff = true

    var testDescription: String { name }

    static func secured(_ name: String, _ bytes: [UInt8], isCutOff: Bool = true) -> Attack {
        Attack(name: name, bytes: bytes, isSecured: true, isCutOff: isCutOff)
    }

    private static func streams(_ count: UInt32, reset: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = []
        for index in 0..<count {
            bytes += frame(.windowUpdate, .syn, 2 * index + 1)
            if reset { bytes += frame(.windowUpdate, .rst, 2 * index + 1) }
        }
        return bytes
    }

    private static func repeated(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
        var all: [UInt8] = []
        for _ in 0..<count { all += bytes }
        return all
    }

    static let all: [Attack] = [
        Attack(name: "garbage", bytes: repeated(Array("GET / HTTP/1.1\r\n".utf8), 100)),
        Attack(name: "mss-huge", bytes: [0xff, 0x7f] + [UInt8](repeating: 65, count: 16_383)),
        Attack(name: "mss-varint", bytes: [UInt8](repeating: 0xff, count: 40)),
        Attack(name: "mss-na-flood", bytes: header + repeated(Multistream.line("/x"), 10_000)),
        Attack(name: "noise-zero", bytes: noise + [0, 0]),
        Attack(name: "noise-loworder", bytes: noise + [0, 32] + [UInt8](repeating: 0, count: 32)),
        Attack(name: "noise-large", bytes: noise + [0xff, 0xff]),
        Attack(name: "noise-short", bytes: noise + [0, 3, 1, 2, 3]),
        .secured("yamux-bad-version", [9] + frame(.data, [], 1).dropFirst()),
        .secured("yamux-bad-type", [0, 9] + frame(.data, [], 1).dropFirst(2)),
        .secured("yamux-even-id", frame(.windowUpdate, .syn, 1000)),
        .secured("yamux-dup-syn", repeated(frame(.windowUpdate, .syn, 901), 2)),
        .secured("yamux-syn-oversize", frame(.data, .syn, 901, length: 1 << 30)),
        .secured(
            "yamux-window-overflow",
            frame(.windowUpdate, .syn, 901) + frame(.data, [], 901, length: .max)),
        .secured(
            "yamux-window-wrap",
            frame(.windowUpdate, .syn, 901)
                + repeated(frame(.windowUpdate, [], 901, length: .max), 3)),
        .secured("yamux-ping-flood", repeated(frame(.ping, .syn, 0, length: 1), 10_000)),
        .secured("yamux-stream-flood", streams(20_000)),
        .secured("yamux-rapid-reset", streams(20_000, reset: true)),
        .secured("yamux-empty-frames", repeated(frame(.data, [], 901), 20_000)),
        .secured("yamux-unknown-stream", frame(.data, [], 999, [1, 2, 3]), isCutOff: false),
        .secured("yamux-streams", streams(200), isCutOff: false),
    ]
}

@Suite(.serialized, .timeLimit(.minutes(3))) struct HostAttackTests {
    /// The time of a ping from one host to another.
    private static func ping(_ from: TestHost, _ to: TestHost) async -> Duration? {
        let peer = to.peer
        let before = from.news.count
        from.service.execute { host, now in host.ping(peer, now: now) }
        await from.wait { news in
            switch news {
            case .pinged(peer, _), .pingFailed(peer, _): true
            default: false
            }
        }
        for item in from.news.dropFirst(before) {
            if case .pinged(peer, let time) = item { return time }
        }
        return nil
    }

    @Test(arguments: Attack.all)
    func offendersAreCutOffAndOthersServed(attack: Attack) async throws {
        let host = try await TestHost.start()
        let honest = try await TestHost.start()
        try await honest.service.dial(host.address)
        let offender = try await RawPeer.connect(to: host.address, secured: attack.isSecured)
        if attack.isSecured {
            offender.sendFrames(attack.bytes)
        } else {
            offender.send(attack.bytes)
        }
        #expect(
            await offender.isClosed(within: attack.isCutOff ? .seconds(5) : .milliseconds(300))
                == attack.isCutOff)
        let time = try #require(await Self.ping(honest, host))
        #expect(time < .milliseconds(100))
        await offender.close()
        for each in [host, honest] { await each.service.shutDown() }
    }

    @Test func upgradesHaveOneDeadline() async throws {
        let host = try await TestHost.start { $0.connections.upgradeTimeout = .milliseconds(600) }
        let silent = try await RawPeer.connect(to: host.address)
        let slow = try await RawPeer.connect(to: host.address)
        let half = try await RawPeer.connect(to: host.address)
        half.send(noise + [0, 32] + [UInt8](repeating: 9, count: 20))
        let trickle = Task {
            for byte in noise {
                slow.send([byte])
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        for peer in [silent, slow, half] { #expect(await peer.isClosed(within: .seconds(3))) }
        trickle.cancel()
        #expect(try await host.service.connectionCount() == 0)
        await host.service.shutDown()
    }

    @Test func theOldestHalfOpenConnectionGivesWay() async throws {
        let host = try await TestHost.start { $0.admission.maximumHalfOpen = 8 }
        var idle: [RawPeer] = []
        for _ in 0..<20 { idle.append(try await RawPeer.connect(to: host.address)) }
        #expect(await idle[0].isClosed(within: .seconds(3)))
        #expect(await idle[11].isClosed(within: .seconds(3)))
        #expect(await !idle[19].isClosed(within: .milliseconds(200)))
        // Whoever comes now and goes on is served.
        let honest = try await TestHost.start()
        #expect(try await honest.service.dial(host.address) == host.peer)
        #expect(try await host.service.connectionCount() <= 9)
        for peer in idle { await peer.close() }
        for each in [host, honest] { await each.service.shutDown() }
    }

    @Test func addressesAreLimited() async throws {
        let foreign = try #require(IPAddress("203.0.113.9"))
        let host = try await TestHost.start {
            $0.admission.maximumHalfOpenPerAddress = 4
            $0.admission.maximumConnectionsPerAddress = 6
            $0.addressForLimits = { _ in foreign }
        }
        var idle: [RawPeer] = []
        for _ in 0..<4 { idle.append(try await RawPeer.connect(to: host.address)) }
        let refused = try await RawPeer.connect(to: host.address)
        #expect(await refused.isClosed(within: .seconds(3)))
        for peer in idle { await peer.close() }
        var honest: [TestHost] = []
        for _ in 0..<6 {
            let each = try await TestHost.start()
            try await each.service.dial(host.address)
            honest.append(each)
        }
        let seventh = try await TestHost.start()
        await #expect(throws: DialError.self) { try await seventh.service.dial(host.address) }
        for each in honest + [host, seventh] { await each.service.shutDown() }
    }

    @Test func whoReadsNothingIsCutOff() async throws {
        let host = try await TestHost.start { $0.stallTimeout = .seconds(1) }
        let offender = try await RawPeer.connect(
            to: host.address, secured: true, receiveBuffer: 4096)
        try await offender.stopReading()
        // Requests whose answers are larger than the buffers on the way, with credit for all of them.
        let request = header + Multistream.line("/echo/1")
        for stream in stride(from: 901, to: 1001, by: 2) as StrideTo<UInt32> {
            let body = [UInt8](repeating: 1, count: 240_000)
            offender.sendFrames(
                frame(.windowUpdate, .syn, stream, length: 1 << 29)
                    + frame(.data, [], stream, request + FrameAssembler.frame(body)))
            try await Task.sleep(for: .milliseconds(10))
        }
        // It does not see its connection end, since it reads nothing.
        var count = 1
        for _ in 0..<100 where count > 0 {
            try await Task.sleep(for: .milliseconds(100))
            count = try await host.service.connectionCount()
        }
        #expect(count == 0)
        await offender.close()
        await host.service.shutDown()
    }
}

@Suite struct AdmissionLedgerTests {
    @Test func pageAndCodeAgree() throws {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let page = try String(contentsOfFile: "/\(root)/specs/network/limits.md", encoding: .utf8)
        for case (let name?, let value) in Mirror(reflecting: AdmissionLimits()).children {
            #expect(page.contains("\n| `\(name)` | \(value) | "), "\(name)")
        }
    }

    @Test func countsComeBack() throws {
        var limits = AdmissionLimits()
        limits.maximumConnections = 10
        limits.maximumHalfOpen = 3
        limits.maximumHalfOpenPerAddress = 2
        limits.maximumConnectionsPerAddress = 3
        var ledger = AdmissionLedger(limits: limits)
        let first = try #require(IPAddress("198.51.100.1"))
        let second = try #require(IPAddress("198.51.100.2"))
        let id = { (value: UInt64) in ConnectionID(value) }
        func admit(_ value: UInt64, _ address: IPAddress?) -> AdmissionLedger.Decision {
            ledger.admit(id(value), from: address)
        }
        #expect(admit(1, first) == .accept)
        #expect(admit(2, first) == .accept)
        #expect(admit(3, first) == .refuse)
        ledger.secured(id(1))
        #expect(admit(4, first) == .accept)
        #expect(admit(5, first) == .refuse)
        #expect(admit(6, second) == .accept)
        #expect(ledger.halfOpenCount == 3)
        #expect(admit(7, second) == .acceptInsteadOf(id(2)))
        ledger.remove(id(2))
        #expect(ledger.count == 4 && ledger.halfOpenCount == 3)
        for value in [1, 4, 6, 7, 99] as [UInt64] { ledger.remove(id(value)) }
        #expect(ledger.count == 0 && ledger.halfOpenCount == 0)
        #expect(admit(8, first) == .accept)
    }

    @Test func loopbackIsExemptAndIPv6CountsByNetwork() throws {
        var limits = AdmissionLimits()
        limits.maximumHalfOpenPerAddress = 1
        var ledger = AdmissionLedger(limits: limits)
        for value in 0..<20 as Range<UInt64> {
            let address = IPAddress(["127.0.0.1", "::1", "::ffff:127.0.0.1"][Int(value % 3)])
            #expect(ledger.admit(ConnectionID(value), from: address) == .accept)
        }
        #expect(ledger.admit(ConnectionID(30), from: IPAddress("2001:db8::1")) == .accept)
        #expect(ledger.admit(ConnectionID(31), from: IPAddress("2001:db8::2")) == .refuse)
        #expect(ledger.admit(ConnectionID(32), from: IPAddress("2001:db8:0:1::2")) == .accept)
        #expect(ledger.admit(ConnectionID(33), from: IPAddress("198.51.100.1")) == .accept)
        #expect(ledger.admit(ConnectionID(34), from: IPAddress("::ffff:198.51.100.1")) == .refuse)
    }

    @Test func neverMoreThanTheLimits() {
        var limits = AdmissionLimits()
        limits.maximumConnections = 50
        limits.maximumHalfOpen = 10
        var ledger = AdmissionLedger(limits: limits)
        var live: [ConnectionID] = []
        for value in 0..<20_000 as Range<UInt64> {
            let id = ConnectionID(value)
            switch ledger.admit(id, from: .v4(UInt32(value % 7 + 1) << 24)) {
            case .accept: live.append(id)
            case .acceptInsteadOf(let old):
                live.removeAll { $0 == old }
                live.append(id)
            case .refuse: break
            }
            if value % 3 == 0, let last = live.last { ledger.secured(last) }
            if value % 4 == 0, !live.isEmpty { ledger.remove(live.removeFirst()) }
            #expect(ledger.count == live.count && ledger.count <= 50)
            #expect(ledger.halfOpenCount <= 10)
        }
    }
}
