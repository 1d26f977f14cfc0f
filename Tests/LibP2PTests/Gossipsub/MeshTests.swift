import LibP2P
import Testing

@Suite struct MeshTests {
    @Test func helloTellsAllSubscriptions() throws {
        var bench = GossipBench()
        bench.call { router, now in
            for topic in ["b", "a", "c"] { router.subscribe(topic, now: now) }
        }
        let peer = try bench.connect(0..<1)[0]
        #expect(
            bench.control[peer]?.first?.subscriptions
                == ["a", "b", "c"].map { RPC.Subscription(topic: $0, subscribes: true) })
        bench.clear()
        bench.call { $0.subscribe("d", now: $1) }
        bench.call { $0.unsubscribe("a", now: $1) }
        #expect(
            bench.control[peer, default: []].flatMap(\.subscriptions) == [
                RPC.Subscription(topic: "d", subscribes: true),
                RPC.Subscription(topic: "a", subscribes: false),
            ])
    }

    @Test func joiningGraftsUpToTheTarget() throws {
        var bench = GossipBench()
        let peers = try bench.connect(0..<20, topics: ["t"])
        #expect(bench.router.mesh(of: "t").isEmpty)
        bench.call { $0.subscribe("t", now: $1) }
        #expect(bench.router.mesh(of: "t").count == 8)
        for peer in peers {
            let isIn = bench.router.mesh(of: "t").contains(peer)
            #expect(bench.grafts(peer) == (isIn ? ["t"] : []))
        }
    }

    @Test func peersBelowTheLowerBoundAreGraftedAsTheyCome() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        try bench.connect(0..<20, topics: ["t"])
        #expect(bench.router.mesh(of: "t").count == 6)
    }

    @Test func heartbeatFillsAndPrunes() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        var peers = try bench.connect(0..<20, topics: ["t"])
        for peer in peers { bench.receive(from: peer) { $0.graft = ["t"] } }
        // Inbound peers can't push the mesh over the upper bound.
        #expect(bench.router.mesh(of: "t").count == 12)
        peers = try bench.connect(20..<25, topics: ["t"], outbound: true)
        for peer in peers { bench.receive(from: peer) { $0.graft = ["t"] } }
        #expect(bench.router.mesh(of: "t").count == 17)
        bench.clear()
        bench.advance(.seconds(1))
        let mesh = bench.router.mesh(of: "t")
        #expect(mesh.count == 8)
        // Of those kept, some were dialled by this host.
        #expect(mesh.filter(peers.contains).count >= 2)
        let pruned = bench.control.keys.filter { !bench.prunes($0).isEmpty }
        #expect(pruned.count == 9)
        for peer in pruned { #expect(bench.prunes(peer)[0].backoffSeconds == 60) }
    }

    @Test func tooFewOutboundPeersAreMadeUpFor() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        try bench.connect(0..<10, topics: ["t"])
        let outbound = try bench.connect(10..<13, topics: ["t"], outbound: true)
        bench.advance(.seconds(1))
        #expect(bench.router.mesh(of: "t").filter(outbound.contains).count == 2)
    }

    @Test func prunedPeersStayOutForTheirBackoff() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        let peer = try bench.connect(0..<1, topics: ["t"])[0]
        bench.receive(from: peer) { $0.prune = [RPC.Prune(topic: "t", backoffSeconds: 20)] }
        #expect(bench.router.mesh(of: "t").isEmpty)
        bench.clear()
        bench.advance(.seconds(19))
        #expect(bench.grafts(peer).isEmpty)
        // Also not by leaving and joining again.
        bench.call { $0.unsubscribe("t", now: $1) }
        bench.call { $0.subscribe("t", now: $1) }
        #expect(bench.grafts(peer).isEmpty)
        bench.advance(.seconds(6))
        #expect(bench.grafts(peer) == ["t"])
    }

    @Test func hugeBackoffsAreCut() throws {
        for seconds in [UInt64.max, UInt64(Int64.max), 1 << 40, 3601] {
            var bench = GossipBench { $0.scoring.defaultTopic = nil }
            bench.call { $0.subscribe("t", now: $1) }
            let peer = try bench.connect(0..<1, topics: ["t"])[0]
            bench.receive(from: peer) {
                $0.prune = [RPC.Prune(topic: "t", backoffSeconds: seconds)]
            }
            bench.clear()
            bench.advance(.seconds(3600))
            #expect(bench.grafts(peer).isEmpty)
            bench.advance(.seconds(5))
            #expect(bench.grafts(peer) == ["t"])
        }
    }

    @Test func missingBackoffIsTheUsualOne() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        let peer = try bench.connect(0..<1, topics: ["t"])[0]
        bench.receive(from: peer) { $0.prune = [RPC.Prune(topic: "t")] }
        bench.clear()
        bench.advance(.seconds(60))
        #expect(bench.grafts(peer).isEmpty)
        bench.advance(.seconds(4))
        #expect(bench.grafts(peer) == ["t"])
    }

    @Test func graftWithinBackoffIsMisbehaviour() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        let peers = try bench.connect(0..<14, topics: ["t"])
        for peer in peers.prefix(12) { bench.receive(from: peer) { $0.graft = ["t"] } }
        let late = peers[13]
        bench.receive(from: late) { $0.graft = ["t"] }
        #expect(bench.prunes(late).count == 1)
        bench.clear()
        // Soon after: counts twice, is pruned again, and the backoff starts anew.
        bench.advance(.seconds(5))
        for _ in 0..<5 { bench.receive(from: late) { $0.graft = ["t", "t", "t"] } }
        #expect(bench.prunes(late).count == 5)
        #expect(bench.router.counters.backoffViolations == 5)
        #expect(bench.router.score(of: late) < 0)
        #expect(bench.router.mesh(of: "t").contains(late) == false)
    }

    @Test func unknownTopicsAreNotAnswered() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        let peer = try bench.connect(0..<1, topics: ["t"])[0]
        bench.clear()
        bench.receive(from: peer) { rpc in
            rpc.graft = (0..<500).map { "unknown \($0)" }
            rpc.prune = (0..<500).map { RPC.Prune(topic: "unknown \($0)") }
            rpc.ihave = [RPC.IHave(topic: "unknown", ids: [.ofTopicAndData("x", [])])]
        }
        #expect(bench.control.isEmpty)
        #expect(bench.router.score(of: peer) == 0)
    }

    @Test func lowScoresAreKeptOutOfTheMesh() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        let peers = try bench.connect(0..<2, topics: ["t"])
        bench.call { router, _ in router.penalise(peers[0], points: 5) }
        bench.clear()
        bench.advance(.seconds(1))
        #expect(bench.router.mesh(of: "t") == [peers[1]])
        #expect(bench.prunes(peers[0]).first?.peers.isEmpty == true)
        // Its own wish is refused, without further blame.
        bench.advance(.seconds(70))
        bench.call { router, _ in router.penalise(peers[0], points: 5) }
        let before = bench.router.score(of: peers[0])
        bench.clear()
        bench.receive(from: peers[0]) { $0.graft = ["t"] }
        #expect(bench.prunes(peers[0]).count == 1)
        #expect(bench.router.score(of: peers[0]) == before)
    }

    @Test func peerExchangeIsForGoodPeersAndFromGoodPeersOnly() throws {
        var bench = GossipBench { $0.parameters.peerExchangeCount = 4 }
        bench.call { $0.subscribe("t", now: $1) }
        let peers = try bench.connect(0..<14, topics: ["t"])
        let record = try #require(
            SignedPeerRecord(
                identity: IdentityKey(), sequence: 1,
                addresses: [Multiaddr(.v4(0x0808_0808), tcp: 4001)]))
        // Nobody is recommended without a record.
        for peer in peers.prefix(12) { bench.receive(from: peer) { $0.graft = ["t"] } }
        bench.receive(from: peers[12]) { $0.graft = ["t"] }
        #expect(bench.prunes(peers[12]).first?.peers == [])
        for peer in peers { bench.router.setRecord(record, of: peer) }
        bench.router.penalise(peers[0], points: 1)
        bench.receive(from: peers[13]) { $0.graft = ["t"] }
        let records = try #require(bench.prunes(peers[13]).first?.peers)
        #expect(records.count == 4)
        #expect(records.allSatisfy { $0.signedRecord == record.envelope })
        #expect(!records.map(\.peer).contains(peers[0]))
        #expect(!records.map(\.peer).contains(peers[13]))

        // In the other direction: only from peers of a high score, and not those that are here.
        let stranger = try GossipBench.peer(99)
        let offer = RPC.Prune(
            topic: "t",
            peers: [PeerExchangeRecord(peer: stranger), PeerExchangeRecord(peer: peers[2])])
        bench.receive(from: peers[1]) { $0.prune = [offer] }
        #expect(bench.exchanged.isEmpty)
        bench.router.penalise(peers[1], points: -50)
        bench.receive(from: peers[1]) { $0.prune = [offer] }
        #expect(bench.exchanged.map(\.peer) == [stranger])
    }

    @Test func privateAddressesAreNotExchangedWithTheWorld() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        let peers = try bench.connect(0..<13, topics: ["t"])
        let site = try #require(
            SignedPeerRecord(
                identity: IdentityKey(), sequence: 1,
                addresses: [
                    Multiaddr(.v4(0x0808_0808), tcp: 4001), Multiaddr(.v4(0x0a00_0001), tcp: 4001),
                ]))
        bench.router.setRecord(site, of: peers[0])
        for peer in peers { bench.receive(from: peer) { $0.graft = ["t"] } }
        #expect(bench.prunes(peers[12]).first?.peers == [])
        // A peer of the same private network may know.
        let neighbour = try GossipBench.peer(50)
        bench.router.connected(
            neighbour, version: .v1_2, isOutbound: false, address: nil, scope: .site, now: bench.now
        )
        bench.receive(from: neighbour) { $0.graft = ["t"] }
        #expect(bench.prunes(neighbour).first?.peers.map(\.peer) == [peers[0]])
    }

    @Test func aPruneWithRecordsStaysBelowTheControlLimit() throws {
        var bench = GossipBench { $0.parameters.meshHigh = 1 }
        bench.call { $0.subscribe("t", now: $1) }
        let peers = try bench.connect(0..<32, topics: ["t"])
        let addresses = try (0..<SignedPeerRecord.maximumAddresses).map {
            try Multiaddr([.dns(.any, String(repeating: "a", count: 90 + $0)), .tcp(1)])
        }
        let long = try #require(
            SignedPeerRecord(
                identity: IdentityKey(), sequence: .max, addresses: addresses))
        #expect(long.envelope.count > 1500)
        for peer in peers { bench.router.setRecord(long, of: peer) }
        for peer in peers { bench.receive(from: peer) { $0.graft = ["t"] } }
        let prune = try #require(bench.control.values.flatMap { $0 }.first { !$0.prune.isEmpty })
        #expect(prune.prune[0].peers.count >= 6)
        let limit = GossipsubParameters().maximumControlBytes
        #expect(prune.frames(limit: limit).allSatisfy { $0.count <= limit })
    }

    @Test func opportunisticGraftingReplacesAMeshOfLowScores() throws {
        var bench = GossipBench {
            $0.parameters.opportunisticGraftTicks = 5
            $0.scoring.defaultTopic = nil
        }
        bench.call { $0.subscribe("t", now: $1) }
        try bench.connect(0..<8, topics: ["t"])
        bench.advance(.seconds(1))
        let good = try bench.connect(8..<12, topics: ["t"])
        for peer in good { bench.router.penalise(peer, points: -3) }
        let before = bench.router.mesh(of: "t").filter(good.contains).count
        #expect(before == 0)
        bench.advance(.seconds(5))
        #expect(bench.router.mesh(of: "t").filter(good.contains).count == 2)
    }

    @Test func disconnectedPeersLeaveEverything() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        let peers = try bench.connect(0..<3, topics: ["t", "u"])
        bench.call { router, now in
            for peer in peers { router.disconnected(peer, now: now) }
        }
        #expect(bench.router.mesh(of: "t").isEmpty)
        #expect(bench.router.subscribers(of: "t").isEmpty)
        #expect(bench.router.subscribers(of: "u").isEmpty)
        bench.clear()
        bench.advance(.seconds(3))
        #expect(bench.control.isEmpty)
    }

    @Test func subscriptionsOfAPeerAreLimited() throws {
        var bench = GossipBench {
            $0.parameters.maximumTopicsPerPeer = 10
            $0.parameters.topicFilter = .prefix("/d/")
        }
        bench.call { $0.subscribe("own", now: $1) }
        let peer = try bench.connect(0..<1)[0]
        bench.receive(from: peer) { rpc in
            rpc.subscriptions = (0..<500).map {
                RPC.Subscription(topic: "/d/\($0)", subscribes: true)
            }
        }
        #expect(bench.subscriptions.count == 10)
        #expect(bench.router.counters.droppedSubscriptions == 490)
        let other = try bench.connect(1..<2, topics: ["/x/1", "own"])[0]
        #expect(bench.router.subscribers(of: "/x/1").isEmpty)
        #expect(bench.router.subscribers(of: "own") == [other])
        #expect(bench.router.mesh(of: "own") == [other])
    }

    @Test func directPeersAreNeverInTheMesh() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        let direct = try GossipBench.peer(0)
        bench.router.setDirect(direct, true)
        let peers = try bench.connect(0..<3, topics: ["t"])
        bench.advance(.seconds(1))
        #expect(Set(bench.router.mesh(of: "t")) == Set(peers.dropFirst()))
        bench.clear()
        bench.receive(from: direct) { $0.graft = ["t"] }
        #expect(bench.prunes(direct).count == 1)
        bench.deliver("t", [1], from: peers[1])
        #expect(bench.receivers == [direct, peers[2]])
    }
}
