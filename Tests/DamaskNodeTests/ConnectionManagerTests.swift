import DamaskNode
import LibP2P
import Testing

@Suite struct ConnectionManagerTests {
    private let local = IdentityKey().peerID
    private let addresses: [Multiaddr] = (0..<12).map {
        Multiaddr(.v4(0x7f00_0001), tcp: 4000 + UInt16($0)).with(IdentityKey().peerID)
    }
    private let start = Instant(nanoseconds: 0)

    private func manager(target: Int) -> ConnectionManager {
        var manager = ConnectionManager(local: local, addresses: addresses)
        manager.target = target
        return manager
    }

    @Test func dialsAsManyAsAreMissing() {
        var manager = manager(target: 5)
        let first = manager.dials(now: start)
        #expect(first == Array(addresses.prefix(5)))
        // Those count as under way until they end.
        #expect(manager.dials(now: start).isEmpty)
        #expect(manager.nextDial == nil)
        manager.connected(first.prefix(2).compactMap(\.peerID))
        for address in first { manager.ended(address, reached: true, now: start) }
        // Three of five did not become peers; the addresses not tried yet come first.
        #expect(manager.dials(now: start) == Array(addresses[5..<8]))
    }

    @Test func neverMoreDialsThanTheLimit() {
        var manager = manager(target: 100)
        #expect(manager.dials(now: start).count == ConnectionManager.maximumDials)
    }

    @Test func pausesDoubleAfterFailures() {
        var manager = ConnectionManager(local: local, addresses: [addresses[0]])
        manager.target = 1
        var now = start
        var pauses: [Duration] = []
        for _ in 0..<9 {
            #expect(manager.dials(now: now).count == 1)
            manager.ended(addresses[0], reached: false, now: now)
            guard let next = manager.nextDial else {
                Issue.record("no next dial")
                return
            }
            #expect(manager.dials(now: next - .nanoseconds(1)).isEmpty)
            pauses.append(next - now)
            now = next
        }
        #expect(pauses.prefix(4) == [.seconds(1), .seconds(2), .seconds(4), .seconds(8)])
        #expect(pauses.last == ConnectionManager.pauses.longest)
        // Success forgives.
        #expect(manager.dials(now: now).count == 1)
        manager.ended(addresses[0], reached: true, now: now)
        #expect(manager.nextDial == now + ConnectionManager.pauses.first)
    }

    @Test func itselfDoublesAndNamelessAddressesAreLeftOut() {
        let own = Multiaddr(.v4(0x7f00_0001), tcp: 1).with(local)
        let nameless = Multiaddr(.v4(0x7f00_0001), tcp: 2)
        var manager = ConnectionManager(
            local: local, addresses: [own, nameless, addresses[0], addresses[0]])
        manager.target = 10
        #expect(manager.dials(now: start) == [addresses[0]])
    }
}
