import Availability
import LibP2P
import NodeCore
import SSZ
import SystemCrypto
import Testing

@Suite struct ConnectionManagerTests {
    private func bootstraps(_ numbers: Range<Int>) throws -> [Multiaddr] {
        try numbers.map { try DiscoveryFixture.address($0).with(DiscoveryFixture.peer($0)) }
    }

    @Test func bootstrapsAreDialledAsFarAsPeersAreMissing() throws {
        var bench = try ManagerBench()
        let nameless = DiscoveryFixture.address(50)
        let own = try DiscoveryFixture.address(0).with(DiscoveryFixture.peer(0))
        let all = try bootstraps(1..<21)
        bench.call { $0.add(bootstraps: [nameless, own] + all + all, now: $1) }
        #expect(bench.dials.isEmpty)
        bench.wish(5)
        #expect(bench.dials == Array(all.prefix(5)))
        for number in 1..<6 { try bench.connect(number, .outbound) }
        bench.advance(.seconds(60))
        #expect(bench.dials.count == 5)
        // One is lost: another takes its place.
        bench.call { manager, now in
            if let peer = all[0].peerID { manager.disconnected(peer, now: now) }
        }
        bench.advance(.seconds(60))
        #expect(bench.dials.count == 6)
    }

    @Test func dialsAreLimitedInNumberAndInTime() throws {
        var bench = try ManagerBench {
            $0.maximumDials = 4
            $0.dialBurst = 6
            $0.dialInterval = .seconds(2)
        }
        let all = try bootstraps(1..<51)
        bench.call { $0.add(bootstraps: all, now: $1) }
        bench.wish(100)
        #expect(bench.dials.count == 4)
        bench.advance(.seconds(30))
        #expect(bench.dials.count == 4)
        // As dials end others begin, at the pace that is set.
        bench.failsDials = true
        for address in bench.dials {
            bench.call { $0.dialEnded(address, .failed, now: $1) }
        }
        let before = bench.dials.count
        #expect(before <= 4 + 6)
        bench.advance(.seconds(60))
        #expect(bench.dials.count - before <= 31)
        #expect(bench.dials.count - before >= 20)
    }

    @Test func pausesDoubleWithJitterAndAnEnd() throws {
        var bench = try ManagerBench()
        bench.failsDials = true
        let address = try bootstraps(1..<2)
        bench.call { $0.add(bootstraps: address, now: $1) }
        bench.wish(1)
        var times: [Instant] = [bench.now]
        while times.count < 14 {
            let count = bench.dials.count
            bench.advance(.milliseconds(100))
            if bench.dials.count > count { times.append(bench.now) }
        }
        let settings = DiscoverySettings()
        let pauses = zip(times, times.dropFirst()).map { $1 - $0 }
        for (index, pause) in pauses.enumerated() {
            let nominal = min(
                settings.firstPause * (1 << min(index, 20)), settings.longestBootstrapPause)
            #expect(pause >= nominal * 3 / 4 - .milliseconds(200))
            #expect(pause <= nominal * 5 / 4 + .milliseconds(1200))
        }
        // Not in step with others that started at the same time.
        var other = bench
        other.manager = try DiscoveryFixture.manager(0, seed: 2)
        other.dials = []
        other.now = .zero
        other.call { $0.add(bootstraps: address, now: $1) }
        other.wish(1)
        bench = try ManagerBench()
        bench.failsDials = true
        bench.call { $0.add(bootstraps: address, now: $1) }
        bench.wish(1)
        var differs = false
        for _ in 0..<2000 {
            bench.advance(.milliseconds(50))
            other.advance(.milliseconds(50))
            if bench.dials.count != other.dials.count { differs = true }
        }
        #expect(differs)
    }

    @Test func custodiansOfShortGroupsComeFirst() throws {
        var bench = try ManagerBench()
        bench.wish(1, groups: [3, 4], perGroup: 2)
        try bench.connect(1, .outbound)
        // Enough peers in number, but no custodian: those are dialled, others are not.
        try bench.tell(10..<14, from: 1, groups: ColumnGroups([3]))
        try bench.tell(20..<24, from: 1, groups: ColumnGroups([4]))
        try bench.tell(30..<34, from: 1, groups: ColumnGroups([5]))
        let dialled = Set(bench.dials.compactMap(\.peerID))
        #expect(dialled.count == 4)
        let expected = try [10..<14, 20..<24].map { range in
            try range.filter { dialled.contains(try DiscoveryFixture.peer($0)) }.count
        }
        #expect(expected == [2, 2])
        bench.dials = []
        bench.call { manager, now in
            for address in dialled {
                if let entry = manager.book[address] {
                    manager.dialEnded(entry.addresses[0].with(address), .failed, now: now)
                }
            }
        }
        bench.advance(.seconds(5))
        #expect(bench.dials.count >= 4)
    }

    @Test func claimingAllGroupsDoesNotMakeOneTheOnlyChoice() throws {
        var bench = try ManagerBench()
        try bench.connect(1, .outbound)
        try bench.tell(100..<116, from: 1, groups: .all)
        try bench.tell(200..<208, from: 1, groups: ColumnGroups([7]))
        var honest = 0
        for seed in UInt8(0)..<40 {
            var settings = DiscoverySettings()
            settings.maximumDials = 1
            var other = ConnectionManager(
                local: bench.manager.book.entries[0].peer, names: DiscoveryFixture.names,
                networkID: DiscoveryFixture.networkID, settings: settings,
                seed: [UInt8](repeating: seed, count: 32), now: .zero)
            try other.restore(
                bench.manager.book.saved(now: .zero, unixSeconds: 9), now: .zero, unixSeconds: 9)
            other.wish(
                ConnectionWishes(peers: 0, groups: [7], peersPerGroup: 1, needed: [7]), now: .zero)
            for case .dial(let address) in other.drain() {
                let custody = address.peerID.flatMap { other.book[$0]?.groups }
                if custody == ColumnGroups([7]) { honest += 1 }
            }
        }
        #expect((5...30).contains(honest), "\(honest) of 40")
    }

    @Test func unknownOnesAreTriedWhenNobodyIsKnownToKeepAGroup() throws {
        var bench = try ManagerBench { $0.exploredPeers = 3 }
        bench.wish(1, groups: [3], perGroup: 1)
        try bench.connect(1, .outbound)
        try bench.tell(10..<20, from: 1)
        #expect(bench.dials.count == 3)
        #expect(!bench.asks.isEmpty)
    }

    @Test func dialledPeersAreSpreadOverNetworks() throws {
        var bench = try ManagerBench()
        try bench.connect(1, .inbound)
        // Many in one network, few elsewhere.
        try bench.tell(10..<40, from: 1) { DiscoveryFixture.address(150, host: $0) }
        try bench.tell(50..<54, from: 1)
        bench.wish(9)
        let networks = Set(bench.dials.compactMap { $0.ipAddress?.group })
        #expect(bench.dials.count == 8)
        #expect(networks.count == 5)
    }

    @Test func observedAddressesNeedSeveralWitnesses() throws {
        var bench = try ManagerBench()
        let seen = try Multiaddr("/ip4/8.8.8.8/tcp/50000")
        func meet(_ number: Int, _ direction: ConnectionDirection, at: Multiaddr, _ seen: Multiaddr)
            throws
        {
            let peer = try DiscoveryFixture.peer(number)
            let info = try DiscoveryFixture.info(number, at: [at], observed: seen)
            bench.call { manager, now in
                manager.connected(peer, at: at, direction: direction, now: now)
                manager.identified(peer, info, now: now)
            }
        }
        // A crowd of inbound peers, or of one network, proves nothing.
        for number in 1..<20 {
            try meet(number, .inbound, at: DiscoveryFixture.address(number), seen)
            try meet(
                number + 50, .outbound, at: DiscoveryFixture.address(150, host: number), seen)
        }
        #expect(bench.observed.isEmpty)
        try meet(101, .outbound, at: DiscoveryFixture.address(101), seen)
        let other = try Multiaddr("/ip4/9.9.9.9/tcp/1")
        try meet(102, .outbound, at: DiscoveryFixture.address(102), other)
        let inner = try Multiaddr("/ip4/10.1.1.1/tcp/1")
        for number in 103..<108 {
            try meet(number, .outbound, at: DiscoveryFixture.address(number), inner)
        }
        #expect(bench.observed.isEmpty)
        try meet(110, .outbound, at: DiscoveryFixture.address(110), seen)
        #expect(bench.observed == [.v4(0x0808_0808)])
    }

    @Test func answersNameOthersWithinBounds() throws {
        var bench = try ManagerBench()
        for number in 1...30 {
            try bench.connect(
                number, .inbound, groups: ColumnGroups([number % 4]))
        }
        let asker = try DiscoveryFixture.peer(1)
        func ask(_ groups: ColumnGroups) -> ConnectionManager.Answer {
            var answer = ConnectionManager.Answer.overBudget
            bench.call {
                answer = $0.answer(PeersRequest(groups: groups).encoded, from: asker, now: $1)
            }
            return answer
        }
        guard case .peers(let bytes) = ask(.none) else {
            Issue.record("refused")
            return
        }
        let all = try PeersResponse(encoded: bytes).peers
        #expect(all.count == Limits.peersPerAnswer)
        #expect(bytes.count <= Limits.messageBytes)
        for known in all {
            let record = try SignedPeerRecord(verifying: known.record)
            #expect(record.peer != asker)
            #expect(known.custody?.isSignatureValid == true)
        }
        guard case .peers(let some) = ask(ColumnGroups([2])) else {
            Issue.record("refused")
            return
        }
        let custodians = try PeersResponse(encoded: some).peers
        #expect(custodians.count == 8)
        #expect(custodians.allSatisfy { $0.custody?.groups == ColumnGroups([2]) })
        // Not too often, and not from strangers.
        #expect(ask(.none) != .overBudget)
        #expect(ask(.none) != .overBudget)
        #expect(ask(.none) == .overBudget)
        bench.advance(.seconds(5))
        #expect(ask(.none) != .overBudget)
        #expect(ask(.none) == .overBudget)
        let stranger = try DiscoveryFixture.peer(99)
        let question = PeersRequest(groups: .none).encoded
        #expect(bench.manager.answer(question, from: stranger, now: bench.now) == .overBudget)
        let other = try DiscoveryFixture.peer(2)
        #expect(bench.manager.answer([1, 2, 3], from: other, now: bench.now) == .malformed)
    }

    @Test func privateAddressesStayAmongThemselves() throws {
        var bench = try ManagerBench()
        let inner = try Multiaddr("/ip4/192.168.0.7/tcp/4001")
        try bench.connect(1, .inbound, at: inner, groups: ColumnGroups([1]))
        try bench.connect(2, .inbound, groups: ColumnGroups([1]))
        try bench.connect(
            3, .inbound, at: try Multiaddr("/ip4/192.168.0.9/tcp/1"), groups: ColumnGroups([1]))
        func names(_ asker: Int) throws -> [Multiaddr] {
            let answer = bench.manager.answer(
                PeersRequest(groups: .none).encoded, from: try DiscoveryFixture.peer(asker),
                now: bench.now)
            guard case .peers(let bytes) = answer else { return [] }
            return try PeersResponse(encoded: bytes).peers.flatMap {
                try SignedPeerRecord(verifying: $0.record).addresses
            }
        }
        #expect(try names(2) == [])
        #expect(try Set(names(3)) == [inner, DiscoveryFixture.address(2)])
    }
}
