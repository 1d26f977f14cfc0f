import Foundation
import LibP2P
import LibP2PNIO
import Testing

/// Limits of how many connections there may be. Loopback is exempt from those that count addresses, so
/// they are tested through an address that is given to the host instead.
extension Attacks {
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
}

@Suite struct AdmissionLedgerTests {
    @Test func pageAndCodeAgree() throws {
        let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
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
