import LibP2P
import Testing

@Suite struct ScoreTests {
    private func parameters() -> ScoreParameters {
        var topic = TopicScoreParameters()
        topic.weight = 2
        topic.timeInMeshWeight = 1
        topic.timeInMeshCap = 10
        topic.firstDeliveriesWeight = 3
        topic.firstDeliveriesDecay = 0.5
        topic.firstDeliveriesCap = 4
        topic.meshDeliveriesWeight = -1
        topic.meshDeliveriesThreshold = 5
        topic.meshDeliveriesCap = 6
        topic.meshDeliveriesDecay = 0.5
        topic.meshDeliveriesActivation = .seconds(3)
        topic.meshFailureWeight = -1
        topic.meshFailureDecay = 0.5
        topic.invalidMessagesWeight = -7
        topic.invalidMessagesDecay = 0.5
        var scores = ScoreParameters()
        scores.topics["t"] = topic
        scores.defaultTopic = nil
        scores.topicScoreCap = 60
        scores.behaviourThreshold = 2
        scores.behaviourDecay = 0.5
        scores.applicationDecay = 0.5
        scores.addressThreshold = 2
        scores.retention = .seconds(100)
        return scores
    }

    private func start(_ count: Int = 1) throws -> (PeerScores, [PeerID]) {
        var scores = PeerScores(parameters: parameters())
        let peers = try (0..<count).map(GossipBench.peer)
        for peer in peers { scores.connected(peer, address: nil) }
        return (scores, peers)
    }

    private let zero = Instant.zero

    @Test func timeInMesh() throws {
        var (scores, peers) = try start()
        scores.grafted(peers[0], topic: "t", now: zero)
        #expect(scores.score(of: peers[0]) == 0)
        scores.decay(now: zero + .seconds(2))
        #expect(scores.score(of: peers[0]) == 2 * 2)
        // P1 is capped at 10; P3 is active by now, 5 deliveries short.
        scores.decay(now: zero + .seconds(50))
        #expect(scores.score(of: peers[0]) == 2 * (10 - 25))
    }

    @Test func firstDeliveriesAreCappedAndDecay() throws {
        var (scores, peers) = try start()
        scores.deliveredFirst(peers[0], topic: "t")
        #expect(scores.score(of: peers[0]) == 6)
        for _ in 0..<10 { scores.deliveredFirst(peers[0], topic: "t") }
        #expect(scores.score(of: peers[0]) == 2 * 3 * 4)
        scores.decay(now: zero + .seconds(1))
        #expect(scores.score(of: peers[0]) == 12)
        for _ in 0..<20 { scores.decay(now: zero + .seconds(2)) }
        #expect(scores.score(of: peers[0]) == 0)
    }

    @Test func topicsTogetherAreCapped() throws {
        var rules = parameters()
        rules.topics["t"]?.firstDeliveriesCap = 1000
        var scores = PeerScores(parameters: rules)
        let peer = try GossipBench.peer(0)
        scores.connected(peer, address: nil)
        for _ in 0..<500 { scores.deliveredFirst(peer, topic: "t") }
        #expect(scores.score(of: peer) == 60)
    }

    @Test func meshDeliveriesCountOnlyInTheMeshAndStick() throws {
        var (scores, peers) = try start()
        scores.deliveredInTime(peers[0], topic: "t")
        scores.grafted(peers[0], topic: "t", now: zero)
        for _ in 0..<4 { scores.deliveredInTime(peers[0], topic: "t") }
        scores.decay(now: zero + .seconds(4))
        // 4 decayed to 2, so 3 are missing; 4 quanta in the mesh.
        #expect(scores.score(of: peers[0]) == 2 * (4 - 9))
        scores.pruned(peers[0], topic: "t")
        #expect(scores.score(of: peers[0]) == 2 * -9)
        scores.decay(now: zero + .seconds(5))
        #expect(scores.score(of: peers[0]) == 2 * -4.5)
    }

    @Test func invalidMessagesAreSquared() throws {
        var (scores, peers) = try start()
        for _ in 0..<3 { scores.sentInvalid(peers[0], topic: "t") }
        #expect(scores.score(of: peers[0]) == 2 * -7 * 9)
        scores.sentInvalid(peers[0], topic: "not scored")
        #expect(scores.score(of: peers[0]) == 2 * -7 * 9)
    }

    @Test func misbehaviourIsFreeUpToAThreshold() throws {
        var (scores, peers) = try start()
        scores.misbehaved(peers[0], count: 2)
        #expect(scores.score(of: peers[0]) == 0)
        scores.misbehaved(peers[0])
        #expect(scores.score(of: peers[0]) == -10)
        scores.misbehaved(peers[0])
        #expect(scores.score(of: peers[0]) == -40)
    }

    @Test func applicationScore() throws {
        var (scores, peers) = try start()
        scores.penalise(peers[0], points: 8)
        #expect(scores.score(of: peers[0]) == -8)
        scores.penalise(peers[0], points: .nan)
        scores.penalise(peers[0], points: .infinity)
        scores.penalise(peers[0], points: -3)
        #expect(scores.score(of: peers[0]) == -5)
        scores.decay(now: zero + .seconds(1))
        #expect(scores.score(of: peers[0]) == -2.5)
    }

    @Test func peersAtOneAddress() throws {
        var scores = PeerScores(parameters: parameters())
        let peers = try (0..<5).map(GossipBench.peer)
        for (index, peer) in peers.enumerated() {
            // One in IPv4, the others in the mapped form of the same address.
            scores.connected(
                peer,
                address: index == 0
                    ? .v4(0x0102_0304) : .v6(high: 0, low: 0xffff_0102_0304))
        }
        #expect(scores.score(of: peers[0]) == -5 * 9)
        scores.disconnected(peers[4], now: zero)
        scores.disconnected(peers[3], now: zero)
        #expect(scores.score(of: peers[0]) == -5)
        scores.connected(peers[2], address: .v4(7))
        #expect(scores.score(of: peers[0]) == 0)
    }

    @Test func badScoresOutliveTheConnectionGoodOnesDoNot() throws {
        var (scores, peers) = try start(2)
        for _ in 0..<3 { scores.deliveredFirst(peers[0], topic: "t") }
        scores.sentInvalid(peers[1], topic: "t")
        for _ in 0..<2 { scores.deliveredFirst(peers[1], topic: "t") }
        let bad = scores.score(of: peers[1])
        #expect(bad == 2 * (-7 + 6))
        for peer in peers { scores.disconnected(peer, now: zero) }
        #expect(scores.count == 1)
        // No decay while away, and what was good is lost.
        scores.decay(now: zero + .seconds(50))
        scores.connected(peers[1], address: nil)
        #expect(scores.score(of: peers[1]) == 2 * -7)
        scores.connected(peers[0], address: nil)
        #expect(scores.score(of: peers[0]) == 0)
        scores.disconnected(peers[1], now: zero + .seconds(60))
        scores.decay(now: zero + .seconds(161))
        #expect(scores.count == 1)
    }

    @Test func retainedScoresAreLimited() throws {
        var rules = parameters()
        rules.maximumRetained = 10
        var scores = PeerScores(parameters: rules)
        for number in 0..<50 {
            let peer = try GossipBench.peer(number)
            scores.connected(peer, address: nil)
            scores.penalise(peer, points: 1)
            scores.disconnected(peer, now: zero + .seconds(number))
        }
        #expect(scores.count == 10)
        #expect(scores.score(of: try GossipBench.peer(49)) == -1)
        #expect(scores.score(of: try GossipBench.peer(39)) == 0)
    }
}
