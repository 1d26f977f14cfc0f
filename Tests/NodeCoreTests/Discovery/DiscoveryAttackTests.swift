import Availability
import LibP2P
import NodeCore
import SSZ
import SystemCrypto
import Testing

/// What peers could do to a node by way of discovery, and what becomes of it.
@Suite struct DiscoveryAttackTests {
    @Test func aVictimIsNotDialledMoreThanAFewTimes() throws {
        var bench = try ManagerBench { $0.busyRound = .seconds(5) }
        bench.failsDials = true
        bench.wish(50, groups: Array(0..<32))
        try bench.connect(1, .inbound)
        try bench.connect(2, .inbound)
        let victim = DiscoveryFixture.address(77)
        // For an hour, two peers name ever new ids at the victim, with rightly signed records for it.
        var number = 1000
        for _ in 0..<240 {
            try bench.tell(number..<(number + 16), from: 1, groups: .all) { _ in
                Multiaddr(.v4(0x0b4d_0001), tcp: UInt16(2000 + number % 1000))
            }
            try bench.tell((number + 16)..<(number + 24), from: 2, groups: .all) { _ in victim }
            number += 24
            bench.advance(.seconds(15))
        }
        let dials = bench.dials.count { $0.ipAddress == victim.ipAddress }
        #expect(dials >= 1)
        #expect(dials <= 12, "\(dials) dials in an hour")
        // In the next hour it is one or two.
        for _ in 0..<240 {
            try bench.tell(number..<(number + 8), from: 2, groups: .all) { _ in victim }
            number += 8
            bench.advance(.seconds(15))
        }
        #expect(bench.dials.count { $0.ipAddress == victim.ipAddress } - dials <= 2)
        #expect(bench.manager.book.count <= 2 + 2 * 4)
    }

    @Test func aFloodOfRecordsCostsBoundedWorkAndNobodysPlace() throws {
        var bench = try ManagerBench()
        try bench.connect(1, .outbound)
        for number in 2..<12 { try bench.tell([100 + number], from: 1) }
        let honest = bench.manager.book.entries.map(\.peer)
        try bench.connect(50, .inbound)
        let flooder = try DiscoveryFixture.peer(50)
        let before = bench.manager.counters.recordsTaken
        for number in 0..<400 {
            let record = try DiscoveryFixture.record(5000 + number)
            let offer = PeerExchangeRecord(peer: record.peer, signedRecord: record.envelope)
            bench.call { $0.exchanged([offer], from: flooder, now: $1) }
        }
        let settings = DiscoverySettings()
        #expect(bench.manager.counters.recordsTaken - before == settings.recordBurst)
        #expect(bench.manager.counters.recordsOverQuota == 400 - settings.recordBurst)
        for peer in honest { #expect(bench.manager.book[peer] != nil) }
        #expect(
            bench.manager.book.entries.count { $0.source.peer == flooder }
                <= settings.maximumPerSource + 1)
        #expect(bench.penalties.isEmpty)
    }

    @Test func forgedRecordsArePenalisedAndReplaysChangeNothing() throws {
        var bench = try ManagerBench()
        try bench.connect(1, .outbound)
        let liar = try DiscoveryFixture.peer(1)
        let record = try DiscoveryFixture.record(2, sequence: 5)
        let honest = PeerExchangeRecord(peer: record.peer, signedRecord: record.envelope)
        bench.call { $0.exchanged([honest], from: liar, now: $1) }
        let entry = bench.manager.book[record.peer]
        #expect(entry?.addresses == [DiscoveryFixture.address(2)])
        // Altered.
        var altered = record.envelope
        altered[60] ^= 1
        bench.call {
            $0.exchanged(
                [PeerExchangeRecord(peer: record.peer, signedRecord: altered)], from: liar, now: $1)
        }
        #expect(bench.penalties.count == 1)
        // Another's.
        let other = try DiscoveryFixture.record(3)
        bench.call {
            $0.exchanged(
                [PeerExchangeRecord(peer: record.peer, signedRecord: other.envelope)], from: liar,
                now: $1)
        }
        #expect(bench.penalties.count == 2)
        // None at all: ignored.
        bench.call {
            $0.exchanged([PeerExchangeRecord(peer: other.peer)], from: liar, now: $1)
        }
        #expect(bench.penalties.count == 2)
        // An older one, by which the peer once was elsewhere.
        let old = try DiscoveryFixture.record(2, sequence: 4, at: [DiscoveryFixture.address(9)])
        bench.call {
            $0.exchanged(
                [PeerExchangeRecord(peer: old.peer, signedRecord: old.envelope)], from: liar,
                now: $1)
        }
        #expect(bench.manager.book[record.peer] == entry)
        #expect(bench.manager.book[other.peer] == nil)
        // In answers: a custody record of somebody else, one of another network, rubbish.
        let fresh = try DiscoveryFixture.record(4)
        try bench.answer(
            from: 1,
            [KnownPeer(record: fresh.envelope, custody: try DiscoveryFixture.custody(5, .all))])
        #expect(bench.penalties.count == 3)
        #expect(bench.manager.book[fresh.peer]?.custody == nil)
        try bench.answer(
            from: 1,
            [
                KnownPeer(
                    record: fresh.envelope,
                    custody: try DiscoveryFixture.custody(4, .all, network: .zero))
            ])
        #expect(bench.penalties.count == 3)
        #expect(bench.manager.book[fresh.peer]?.custody == nil)
        bench.call { $0.answered(liar, [9, 9, 9], now: $1) }
        #expect(bench.penalties.count == 4)
    }

    @Test func custodyThatWasGivenUpIsNotReplayed() throws {
        var bench = try ManagerBench()
        try bench.connect(1, .outbound)
        let record = try DiscoveryFixture.record(2)
        for (made, groups) in [(5, ColumnGroups([1])), (4, .all), (6, ColumnGroups([2]))] {
            try bench.answer(
                from: 1,
                [
                    KnownPeer(
                        record: record.envelope,
                        custody: try DiscoveryFixture.custody(2, groups, made: UInt64(made)))
                ])
        }
        #expect(bench.manager.book[record.peer]?.groups == ColumnGroups([2]))
    }

    @Test func noPrivateAddressIsDialledOnAPublicPeersWord() throws {
        var bench = try ManagerBench()
        bench.wish(50)
        let inner = try [
            "/ip4/127.0.0.1/tcp/22", "/ip4/10.0.0.1/tcp/80", "/ip4/169.254.169.254/tcp/80",
            "/ip4/192.168.1.1/tcp/443", "/ip6/::1/tcp/1", "/ip6/fd00::1/tcp/1",
            "/dns4/intranet/tcp/80", "/ip6/::ffff:10.0.0.1/tcp/1",
        ].map { try Multiaddr($0) }
        try bench.connect(1, .inbound, listens: inner)
        for (index, address) in inner.enumerated() {
            try bench.tell([100 + index], from: 1) { _ in address }
        }
        // Also not if the peer says so of itself without a record.
        let peer = try DiscoveryFixture.peer(2)
        var info = IdentifyInfo()
        info.listenAddresses = inner
        bench.call { manager, now in
            manager.connected(
                peer, at: DiscoveryFixture.address(2), direction: .inbound, now: now)
            manager.identified(peer, info, now: now)
            manager.disconnected(peer, now: now)
        }
        bench.advance(.seconds(600))
        #expect(bench.dials.isEmpty)
        #expect(bench.manager.book.count == 0)
    }

    @Test func anInboundFloodTakesNoPlaceThatMatters() throws {
        var bench = try ManagerBench { $0.maximumPeers = 40 }
        bench.wish(24, groups: [5], perGroup: 2)
        // Old inbound peers, this node's own connections, two custodians of the group among the inbound.
        for number in 1...4 { try bench.connect(number, .inbound, groups: ColumnGroups([9])) }
        bench.advance(.seconds(100))
        for number in 5...14 { try bench.connect(number, .outbound, groups: ColumnGroups([9])) }
        for number in 15...16 { try bench.connect(number, .inbound, groups: ColumnGroups([5])) }
        bench.advance(.seconds(100))
        for number in 100..<600 {
            try bench.connect(
                number, .inbound, at: DiscoveryFixture.address(150, host: number),
                groups: ColumnGroups([9]))
            if number.isMultiple(of: 50) { bench.advance(.seconds(1)) }
        }
        let lost = Set(bench.disconnects)
        for number in 1...16 {
            #expect(!lost.contains(try DiscoveryFixture.peer(number)), "\(number)")
        }
        #expect(bench.disconnects.count == 16 + 500 - 40)
        // Those who misbehave go first, whoever they are.
        bench.scores[try DiscoveryFixture.peer(2)] = -5
        bench.advance(.seconds(6))
        try bench.connect(700, .inbound)
        #expect(bench.disconnects.last == (try DiscoveryFixture.peer(2)))
        // Full of inbound peers, the node still dials.
        bench.dials = []
        try bench.tell(800..<804, from: 5, groups: ColumnGroups([5]))
        bench.call { manager, now in
            if let peer = try? DiscoveryFixture.peer(15) { manager.disconnected(peer, now: now) }
        }
        bench.advance(.seconds(5))
        #expect(!bench.dials.isEmpty)
    }

    @Test func loopbackIsExemptFromTheNumberOfPeers() throws {
        var bench = try ManagerBench { $0.maximumPeers = 4 }
        for number in 1...20 {
            try bench.connect(
                number, .inbound, at: Multiaddr(.v4(0x7f00_0001), tcp: UInt16(number)))
        }
        bench.advance(.seconds(30))
        #expect(bench.disconnects.isEmpty)
    }

    @Test func uselessPeersGiveTheirPlaceToOthers() throws {
        var bench = try ManagerBench {
            $0.uselessFor = .seconds(100)
            $0.rotationInterval = .seconds(30)
        }
        bench.wish(2, groups: [5], perGroup: 1)
        try bench.connect(1, .outbound, groups: ColumnGroups([5]))
        try bench.connect(2, .outbound, groups: nil)  // no node of this network
        bench.advance(.seconds(300))
        // Nobody else is known: it may stay.
        #expect(bench.disconnects.isEmpty)
        try bench.tell([10], from: 1)
        bench.advance(.seconds(40))
        #expect(bench.disconnects == [try DiscoveryFixture.peer(2)])
        #expect(bench.dials.compactMap(\.peerID) == [try DiscoveryFixture.peer(10)])
        // It is not dialled again soon.
        bench.advance(.seconds(200))
        #expect(bench.dials.count { $0.peerID == (try? DiscoveryFixture.peer(2)) } == 0)
    }

    @Test func whoLeavesAtOnceIsNotDialledAgainAndAgain() throws {
        var bench = try ManagerBench()
        bench.wish(10)
        try bench.connect(1, .inbound)
        try bench.tell([2], from: 1)
        let peer = try DiscoveryFixture.peer(2)
        let address = DiscoveryFixture.address(2)
        for _ in 0..<3600 {
            if let dial = bench.dials.last, dial.peerID == peer,
                bench.manager.book[peer]?.isConnected == false
            {
                bench.call { manager, now in
                    manager.connected(peer, at: address, direction: .outbound, now: now)
                    manager.dialEnded(dial, .reached, now: now)
                    manager.disconnected(peer, now: now)
                }
            }
            bench.advance(.seconds(1))
        }
        #expect(bench.dials.count <= 20, "\(bench.dials.count)")
    }

    /// Random events in random order: nothing traps, and the bounds hold.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func storm(seed: UInt64) throws {
        var random = SeededRandom(number: seed)
        var bench = try ManagerBench {
            $0.maximumPeers = 20
            $0.maximumProven = 12
            $0.maximumUnproven = 12
            $0.maximumAddressPauses = 4
        }
        var connected: [Int] = []
        for _ in 0..<1500 {
            let number = 1 + random.uniform(below: 60)
            let peer = try DiscoveryFixture.peer(number)
            let groups = ColumnGroups(bits: UInt32(truncatingIfNeeded: random.next()))
            let now = bench.now
            switch random.uniform(below: 13) {
            case 0...2:
                guard !connected.contains(number) else { continue }
                connected.append(number)
                let isOutbound = random.uniform(below: 2) == 0
                try bench.connect(number, isOutbound ? .outbound : .inbound, groups: groups)
            case 3:
                bench.call { manager, _ in manager.disconnected(peer, now: now) }
            case 4:
                try bench.tell(
                    [number], from: 1 + random.uniform(below: 60), groups: groups)
            case 5:
                bench.wish(random.uniform(below: 30), groups: groups.groups)
            case 6, 7:
                guard let dial = bench.dials.randomElement(using: &random) else { continue }
                let outcomes: [DialOutcome] = [.failed, .wrongPeer, .notTried, .reached]
                let outcome = outcomes[random.uniform(below: 4)]
                bench.call { manager, _ in manager.dialEnded(dial, outcome, now: now) }
            case 8:
                let bytes = (0..<random.uniform(below: 60)).map { _ in
                    UInt8(random.uniform(below: 256))
                }
                bench.call { manager, _ in manager.answered(peer, bytes, now: now) }
            case 9:
                let body = PeersRequest(groups: groups).encoded
                bench.call { manager, _ in _ = manager.answer(body, from: peer, now: now) }
            case 10:
                bench.scores[peer] = Double(random.uniform(below: 100)) - 50
            case 11:
                let saved = bench.manager.book.saved(now: now, unixSeconds: 77)
                bench.call { manager, _ in try? manager.restore(saved, now: now, unixSeconds: 77) }
            default:
                bench.advance(.milliseconds(Int64(random.uniform(below: 5000))))
            }
            let gone = Set(bench.disconnects)
            bench.disconnects = []
            connected.removeAll { number in
                (try? DiscoveryFixture.peer(number)).map(gone.contains) ?? false
            }
            let book = bench.manager.book
            #expect(book.entries.count { $0.standing == .proven } <= 12 + 20)
            #expect(book.entries.count { $0.standing != .proven } <= 12 + 20)
            #expect(book.entries.allSatisfy { !$0.addresses.isEmpty })
        }
        #expect(bench.manager.counters.dials > 0)
    }
}
