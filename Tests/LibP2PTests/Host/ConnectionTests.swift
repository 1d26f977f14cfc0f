import LibP2P
import Testing

@Suite struct HostConnectionTests {
    @Test func ownIDBansAndLimitsAreRefused() throws {
        var bench = try HostBench { $0.limits.maximumPeers = 3 }
        let own = bench.host.localPeer
        bench.call {
            $0.connected(
                ConnectionID(99), peer: own, remote: Multiaddr(.v4(1), tcp: 1),
                direction: .outbound, now: $1)
        }
        #expect(bench.closes[ConnectionID(99)] == .ownPeerID)
        for number in 1...3 { _ = try bench.connect(number) }
        let fourth = try bench.connect(4)
        #expect(bench.closes[fourth] == .tooManyConnections)
        // Loopback is exempt.
        let local = try bench.connect(5, address: .v4(0x7f00_0001))
        #expect(bench.closes[local] == nil)
        #expect(bench.host.peers.count == 4)

        let banned = try HostBench.peer(1)
        bench.call { $0.ban(banned, now: $1) }
        #expect(bench.closes[ConnectionID(0)] == .banned)
        let again = try bench.connect(1)
        #expect(bench.closes[again] == .banned)
        bench.advance(.seconds(601))
        let later = try bench.connect(1, address: .v4(0x7f00_0001))
        #expect(bench.closes[later] == nil)
    }

    @Test func simultaneousDialsLeaveTheSameConnectionOnBothSides() throws {
        // Of all orders in which the two ends can see the two connections.
        for order in 0..<4 {
            var network = try VirtualNetwork(count: 2, seed: UInt64(order))
            for node in 0...1 { network.with(node) { $0.subscribe("t", now: $1) } }
            network.delay = order.isMultiple(of: 2) ? 20...20 : 1...90
            network.dial(order / 2, 1 - order / 2)
            network.run(.milliseconds(order * 7))
            network.dial(1 - order / 2, order / 2)
            network.run(.seconds(5))
            let open = network.links.filter(\.isOpen)
            #expect(open.count == 1)
            // The smaller id's dial.
            let smaller = network.peer(0) < network.peer(1) ? 0 : 1
            #expect(open.first?.ends.first == smaller)
            for node in 0...1 {
                #expect(network.nodes[node].connected.count == 1)
                #expect(network.nodes[node].disconnected.isEmpty)
                #expect(network.nodes[node].host.mesh(of: "t") == [network.peer(1 - node)])
            }
            try network.with(0) { _ = try $0.publish("t", [1], now: $1) }
            network.run(.seconds(1))
            #expect(network.nodes[1].messages.count == 1)
        }
    }

    @Test func aLaterConnectionTakesOver() throws {
        var network = try VirtualNetwork(count: 2, seed: 4)
        for node in 0...1 { network.with(node) { $0.subscribe("t", now: $1) } }
        network.dial(0, 1)
        network.run(.seconds(30))
        // In the same direction: node 0 dials again, as after a restart.
        network.dial(0, 1)
        network.run(.seconds(5))
        #expect(network.links.map(\.isOpen) == [false, true])
        // In the other direction, whichever id is smaller.
        network.run(.seconds(30))
        network.dial(1, 0)
        network.run(.seconds(5))
        #expect(network.links.map(\.isOpen) == [false, false, true])
        network.run(.seconds(2))
        try network.with(0) { _ = try $0.publish("t", [1], now: $1) }
        network.run(.seconds(1))
        #expect(network.nodes[1].messages.count == 1)
        for node in 0...1 { #expect(network.nodes[node].disconnected.isEmpty) }
    }

    @Test func losingTheLastConnectionEndsEverything() throws {
        var bench = try HostBench()
        bench.call { $0.subscribe("t", now: $1) }
        let (id, _, _) = try bench.gossiper(1, topics: ["t"])
        let peer = try HostBench.peer(1)
        #expect(bench.host.mesh(of: "t") == [peer])
        let request = try bench.call {
            try $0.request(peer, protocol: "/test/echo/1", body: [1], now: $1)
        }
        var waiting: [RequestID] = []
        for _ in 0..<3 {
            waiting.append(
                try bench.call {
                    try $0.request(peer, protocol: "/test/echo/1", body: [1], now: $1)
                })
        }
        _ = try bench.grant("/test/echo/1", on: id)
        bench.call { $0.ping(peer, now: $1) }
        bench.application = []
        bench.call { $0.disconnected(id, now: $1) }
        let failed = bench.application.compactMap { directive -> RequestID? in
            guard case .responseFailed(let id, .connectionLost) = directive else { return nil }
            return id
        }
        #expect(Set(failed) == Set([request] + waiting))
        #expect(
            bench.application.contains {
                if case .pingFailed(peer, .connectionLost) = $0 { true } else { false }
            })
        guard case .peerDisconnected(peer)? = bench.application.last else {
            Issue.record("no peerDisconnected at the end")
            return
        }
        #expect(bench.host.peers.isEmpty)
        #expect(bench.host.mesh(of: "t").isEmpty)
        #expect(throws: RequestError.notConnected(peer)) {
            try bench.host.request(peer, protocol: "/test/echo/1", body: [1], now: bench.now)
        }
    }

    @Test func eventsOfUnknownThingsDoNothing() throws {
        var bench = try HostBench()
        let id = ConnectionID(7)
        let stream = StreamID(3)
        bench.call { host, now in
            host.disconnected(id, now: now)
            host.streamOpened(id, stream, protocol: "/x", token: nil, now: now)
            host.streamOpened(id, stream, protocol: "/x", token: 4, now: now)
            host.openFailed(id, token: 9, now: now)
            host.streamData(id, stream, [1, 2, 3], now: now)
            host.streamReadClosed(id, stream, now: now)
            host.streamClosed(id, stream, reset: true, now: now)
            host.streamWritten(id, stream, count: -5, now: now)
            host.validated(.ofTopicAndData("t", []), .accept, now: now)
        }
        #expect(bench.application.isEmpty)
        #expect(bench.closes.isEmpty)
    }
}
