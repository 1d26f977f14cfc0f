import Availability
import LibP2P
import NodeCore
import SystemCrypto
import Testing

@Suite struct DiscoveryNetworkTests {
    static let nodeCount = 60
    static let fullNodes = 38

    /// Two bootstrap nodes that keep nothing, 38 full nodes with four groups each (so that each group has
    /// four or five custodians), 20 light nodes that need all groups.
    private func network(seed: UInt64) throws -> DiscoveryNetwork {
        var network = DiscoveryNetwork(seed: seed)
        try network.add(custody: .none, isFull: true, bootstraps: [])
        try network.add(custody: .none, isFull: true, bootstraps: [try network.bootstrap(0)])
        let bootstraps = try [network.bootstrap(0), network.bootstrap(1)]
        for number in 0..<(Self.nodeCount - 2) {
            let isFull = number < Self.fullNodes
            let groups = (0..<4).map { (number * 4 + $0 * 9) % 32 }
            try network.add(
                custody: isFull ? ColumnGroups(groups) : .none, isFull: isFull,
                bootstraps: bootstraps)
            try network.run(.milliseconds(50))
        }
        return network
    }

    /// Seconds of virtual time until every node has enough custodians; nil if not within `limit`.
    private func settle(
        _ network: inout DiscoveryNetwork, _ nodes: Range<Int>, limit: Int
    ) throws -> Int? {
        for second in 1...limit {
            try network.run(.seconds(1))
            if nodes.allSatisfy({ !network.nodes[$0].isUp || network.short($0).isEmpty }) {
                return second
            }
        }
        return nil
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func everyGroupHasCustodiansEverywhere(seed: UInt64) throws {
        var network = try network(seed: seed)
        let all = 2..<Self.nodeCount
        for group in 0..<32 {
            let custodians = network.nodes.count { $0.custody.contains(group) }
            try #require(custodians > DiscoveryNetwork.peersPerGroup, "group \(group)")
        }
        let first = try settle(&network, all, limit: 60)
        #expect(first != nil, "not settled: \(all.map { network.short($0) })")
        // Nobody dialled like mad.
        for node in network.nodes { #expect(node.dials < 4 * Self.nodeCount) }

        // The bootstrap nodes vanish: nobody notices, and whoever lost a peer finds others.
        try network.stop(0)
        try network.stop(1)
        try network.stop(7)
        let gone = network.nodes[7].custody
        try network.run(.seconds(1))
        for index in all where index != 7 {
            for group in network.nodes[index].needed where !gone.contains(group) {
                #expect(
                    network.nodes[index].manager.custodians(of: group)
                        >= DiscoveryNetwork.peersPerGroup)
            }
        }

        // Every third node is restarted, with nothing but what it remembers and two bootstrap nodes that
        // do not answer.
        let bootstraps = try [network.bootstrap(0), network.bootstrap(1)]
        for index in all where index.isMultiple(of: 3) && index != 7 {
            let saved = network.nodes[index].manager.book.saved(
                now: network.now, unixSeconds: network.unix)
            try network.stop(index)
            try network.begin(index, saved: saved, bootstraps: bootstraps)
        }
        // One of the group's custodians is gone for good.
        let rest = all.filter { index in
            index != 7
                && !network.nodes[index].needed.contains { group in
                    network.nodes.count {
                        $0.number != index && $0.isUp && $0.custody.contains(group)
                    } < DiscoveryNetwork.peersPerGroup
                }
        }
        #expect(rest.count > 40)
        var second: Int?
        for time in 1...60 where second == nil {
            try network.run(.seconds(1))
            if rest.allSatisfy({ network.short($0).isEmpty }) { second = time }
        }
        #expect(second != nil, "after the restart: \(rest.map { network.short($0) })")

        // The whole network is restarted.
        let saved = network.nodes.map {
            $0.manager.book.saved(now: network.now, unixSeconds: network.unix)
        }
        for index in all where index != 7 { try network.stop(index) }
        try network.run(.seconds(5))
        for index in all where index != 7 {
            try network.begin(index, saved: saved[index], bootstraps: bootstraps)
        }
        var third: Int?
        for time in 1...60 where third == nil {
            try network.run(.seconds(1))
            if rest.allSatisfy({ network.short($0).isEmpty }) { third = time }
        }
        #expect(third != nil, "after the second restart: \(rest.map { network.short($0) })")
    }

    @Test func equalSeedsGiveEqualRuns() throws {
        var digests: [[UInt8]] = []
        for seed in [5, 5, 6] as [UInt64] {
            var network = try network(seed: seed)
            try network.run(.seconds(20))
            digests.append(network.trace.finalize())
        }
        #expect(digests[0] == digests[1])
        #expect(digests[0] != digests[2])
    }
}
