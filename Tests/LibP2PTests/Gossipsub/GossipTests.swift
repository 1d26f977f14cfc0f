import LibP2P
import Testing

@Suite struct GossipTests {
    private let large = [UInt8](repeating: 7, count: 2000)

    @Test func messagesAreDeliveredOnceAndForwarded() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        let peers = try bench.connect(0..<5, topics: ["t"])
        let id = bench.deliver("t", [1], from: peers[0], nil)
        #expect(bench.delivered.map(\.id) == [id])
        #expect(bench.delivered[0].from == peers[0])
        #expect(bench.messages.isEmpty)
        bench.deliver("t", [1], from: peers[1], nil)
        #expect(bench.delivered.count == 1)
        bench.call { $0.validated(id, .accept, now: $1) }
        // Not to the two that have sent it.
        #expect(bench.receivers == Set(peers[2...]))
        #expect(
            bench.messages.allSatisfy {
                $0.frame.bytes == MessageFrame(id: id, topic: "t", data: [1]).bytes
            })
        bench.clear()
        bench.call { $0.validated(id, .accept, now: $1) }
        bench.deliver("t", [1], from: peers[2])
        #expect(bench.messages.isEmpty)
        #expect(bench.delivered.isEmpty)
    }

    @Test func signedMessagesAndUnknownTopicsAreNotDelivered() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        let peer = try bench.connect(0..<1, topics: ["t"])[0]
        bench.receive(from: peer) {
            $0.messages = [
                RPC.Message(topic: "t", data: [1], isSigned: true),
                RPC.Message(topic: "u", data: [1]),
            ]
        }
        #expect(bench.delivered.isEmpty)
        #expect(bench.router.counters.droppedSigned == 1)
        #expect(bench.router.counters.droppedUnknownTopic == 1)
        #expect(bench.router.score(of: peer) < 0)
    }

    @Test func rejectionIsForAllSenders() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        let peers = try bench.connect(0..<4, topics: ["t"])
        let id = bench.deliver("t", [1], from: peers[0], nil)
        bench.deliver("t", [1], from: peers[1], nil)
        bench.call { $0.validated(id, .reject, now: $1) }
        bench.deliver("t", [1], from: peers[2], nil)
        for peer in peers[..<3] { #expect(bench.router.score(of: peer) < 0) }
        #expect(bench.router.score(of: peers[3]) == 0)
        #expect(bench.messages.isEmpty)
    }

    @Test func ignoredMessagesHaveNoConsequences() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        let peers = try bench.connect(0..<2, topics: ["t"])
        bench.deliver("t", [1], from: peers[0], .ignore)
        bench.deliver("t", [1], from: peers[1], nil)
        #expect(bench.router.score(of: peers[0]) == 0)
        #expect(bench.delivered.count == 1)
        #expect(bench.messages.isEmpty)
    }

    @Test func verdictsThatDoNotComeEndAsIgnored() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        let peers = try bench.connect(0..<2, topics: ["t"])
        let id = bench.deliver("t", [1], from: peers[0], nil)
        bench.advance(.seconds(62))
        #expect(bench.router.pendingCount == 0)
        #expect(bench.router.counters.verdictTimeouts == 1)
        bench.clear()
        bench.call { $0.validated(id, .accept, now: $1) }
        #expect(bench.messages.isEmpty)
    }

    @Test func tooManyUndecidedMessagesAreDroppedNotForgotten() throws {
        var bench = GossipBench {
            $0.parameters.maximumPendingMessagesPerPeer = 3
            $0.parameters.maximumPendingMessages = 5
            $0.parameters.maximumPendingBytes = 100
        }
        bench.call { $0.subscribe("t", now: $1) }
        let peers = try bench.connect(0..<3, topics: ["t"])
        for number in 0..<10 { bench.deliver("t", [UInt8(number)], from: peers[0], nil) }
        #expect(bench.router.pendingCount == 3)
        #expect(bench.router.score(of: peers[0]) == 0)
        for number in 0..<10 { bench.deliver("t", [UInt8(number), 1], from: peers[1], nil) }
        #expect(bench.router.pendingCount == 5)
        for message in bench.delivered {
            bench.call { $0.validated(message.id, .ignore, now: $1) }
        }
        bench.deliver("t", [UInt8](repeating: 1, count: 101), from: peers[0], nil)
        #expect(bench.router.pendingCount == 0)
        // One that found no room is taken when it comes again.
        bench.clear()
        bench.deliver("t", [9], from: peers[2], nil)
        #expect(bench.delivered.count == 1)
    }

    @Test func onePeerCanNotTakeAllRoom() throws {
        var bench = GossipBench { $0.parameters.maximumPendingBytesPerPeer = 5000 }
        bench.call { $0.subscribe("t", now: $1) }
        let peers = try bench.connect(0..<2, topics: ["t"])
        for number in 0..<10 { bench.deliver("t", large + [UInt8(number)], from: peers[0], nil) }
        #expect(bench.router.pendingCount == 2)
        bench.deliver("t", large + [99], from: peers[1], nil)
        #expect(bench.router.pendingCount == 3)
        for message in bench.delivered {
            bench.call { $0.validated(message.id, .ignore, now: $1) }
        }
        for number in 20..<30 { bench.deliver("t", large + [UInt8(number)], from: peers[0], nil) }
        #expect(bench.router.pendingCount == 2)
    }

    @Test func seenMessagesAreForgottenAfterTheirTime() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        let peer = try bench.connect(0..<1, topics: ["t"])[0]
        bench.deliver("t", [1], from: peer)
        bench.advance(.seconds(119))
        bench.deliver("t", [1], from: peer)
        #expect(bench.delivered.count == 1)
        bench.advance(.seconds(3))
        bench.deliver("t", [1], from: peer)
        #expect(bench.delivered.count == 2)
    }

    @Test func publishingGoesToTheMeshAndIsGossipedToOthers() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        let peers = try bench.connect(0..<30, topics: ["t"])
        bench.advance(.seconds(1))
        let mesh = Set(bench.router.mesh(of: "t"))
        #expect(mesh.count >= 6)
        bench.clear()
        let publication = try bench.router.publish("t", [1], now: bench.now)
        bench.collect()
        #expect(bench.receivers.isSuperset(of: mesh))
        #expect(bench.receivers.count == 8)
        #expect(Set(publication.peers) == bench.receivers)
        bench.clear()
        bench.advance(.seconds(1))
        let told = peers.filter { !bench.ihave($0).isEmpty }
        #expect(told.count == 6)
        #expect(Set(told).isDisjoint(with: mesh))
        for peer in told {
            #expect(bench.ihave(peer) == [RPC.IHave(topic: "t", ids: [publication.id])])
        }
        // For three heartbeats in all, and no longer.
        bench.advance(.seconds(2))
        bench.clear()
        bench.advance(.seconds(1))
        #expect(peers.allSatisfy { bench.ihave($0).isEmpty })
        #expect(throws: PublishError.duplicate(publication.id)) {
            try bench.router.publish("t", [1], now: bench.now)
        }
    }

    @Test func publishingToChosenPeersFirst() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        let peers = try bench.connect(0..<6, topics: ["t"])
        let first = try bench.router.publish("t", [1], to: [peers[5], peers[2]], now: bench.now)
        #expect(first.peers == [peers[5], peers[2]])
        let second = bench.router.forward(first.id, now: bench.now)
        #expect(Set(second) == Set(peers).subtracting([peers[5], peers[2]]))
        #expect(bench.router.forward(first.id, now: bench.now).isEmpty)
        let nobody = try bench.router.publish("t", [2], to: [], now: bench.now)
        #expect(nobody.peers.isEmpty)
    }

    @Test func floodPublishReachesAllButTheWorst() throws {
        var bench = GossipBench { $0.parameters.floodPublish = true }
        let peers = try bench.connect(0..<20, topics: ["t"])
        bench.router.penalise(peers[3], points: 100)
        bench.router.penalise(peers[4], points: 50)
        let sent = try bench.router.publish("t", [1], now: bench.now).peers
        #expect(Set(sent) == Set(peers).subtracting([peers[3]]))
    }

    @Test func fanoutIsKeptForAWhile() throws {
        var bench = GossipBench()
        let peers = try bench.connect(0..<20, topics: ["t"])
        let first = try bench.router.publish("t", [1], now: bench.now).peers
        #expect(first.count == 8)
        let second = try bench.router.publish("t", [2], now: bench.now).peers
        #expect(Set(second) == Set(first))
        bench.call { $0.disconnected(first[0], now: $1) }
        bench.advance(.seconds(1))
        let third = try bench.router.publish("t", [3], now: bench.now).peers
        #expect(third.count == 8)
        #expect(Set(third).isSuperset(of: first.dropFirst()))
        // Joining takes the fanout over.
        bench.call { $0.subscribe("t", now: $1) }
        #expect(bench.router.mesh(of: "t") == third.sorted())
        _ = peers
    }

    @Test func fanoutEndsWhenUnused() throws {
        var bench = GossipBench()
        try bench.connect(0..<30, topics: ["t"])
        let first = try bench.router.publish("t", [1], now: bench.now).peers
        bench.advance(.seconds(62))
        let second = try bench.router.publish("t", [2], now: bench.now).peers
        #expect(Set(second) != Set(first))
    }

    @Test func sizeIsLimited() throws {
        var bench = GossipBench { $0.parameters.maximumRPCBytes = 1000 }
        try bench.connect(0..<1, topics: ["t"])
        #expect(throws: PublishError.self) {
            try bench.router.publish("t", [UInt8](repeating: 0, count: 992), now: bench.now)
        }
        let sent = try bench.router.publish(
            "t", [UInt8](repeating: 0, count: 990), now: bench.now)
        #expect(sent.peers.count == 1)
        #expect(throws: PublishError.topicTooLong(byteCount: 257, limit: 256)) {
            try bench.router.publish(String(repeating: "x", count: 257), [], now: bench.now)
        }
    }

    // MARK: IHAVE and IWANT

    @Test func unknownIDsAreAskedForOfFewPeers() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        let peers = try bench.connect(0..<4, topics: ["t"])
        let known = bench.deliver("t", [1], from: peers[0])
        let wanted = MessageID.ofTopicAndData("t", [2])
        bench.clear()
        for peer in peers {
            bench.receive(from: peer) {
                $0.ihave = [RPC.IHave(topic: "t", ids: [known, wanted, wanted])]
            }
        }
        #expect(bench.iwant(peers[0]) == [wanted])
        #expect(bench.iwant(peers[1]) == [wanted])
        #expect(bench.iwant(peers[2]).isEmpty)
        // It comes: no promise is broken, and nobody is asked again.
        bench.deliver("t", [2], from: peers[1])
        bench.advance(.seconds(10))
        #expect(bench.router.counters.brokenPromises == 0)
    }

    @Test func brokenPromisesCountOncePerBatch() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        let peer = try bench.connect(0..<1, topics: ["t"])[0]
        let ids = (0..<100).map { MessageID.ofTopicAndData("t", [UInt8($0)]) }
        bench.receive(from: peer) { $0.ihave = [RPC.IHave(topic: "t", ids: ids)] }
        #expect(Set(bench.iwant(peer)) == Set(ids))
        bench.advance(.seconds(2))
        #expect(bench.router.counters.brokenPromises == 0)
        bench.advance(.seconds(2))
        #expect(bench.router.counters.brokenPromises == 1)
    }

    @Test func ihaveFloodIsBounded() throws {
        var bench = GossipBench {
            $0.parameters.maximumIWantLength = 50
            $0.parameters.maximumOutstandingIWant = 80
        }
        bench.call { $0.subscribe("t", now: $1) }
        let peers = try bench.connect(0..<2, topics: ["t"])
        func ids(_ from: Int) -> [MessageID] {
            (from..<from + 30).map {
                MessageID.ofTopicAndData("t", [UInt8($0 & 255), UInt8($0 >> 8)])
            }
        }
        bench.clear()
        for round in 0..<20 {
            bench.receive(from: peers[0]) {
                $0.ihave = [RPC.IHave(topic: "t", ids: ids(round * 30))]
            }
        }
        #expect(bench.iwant(peers[0]).count == 50)
        bench.receive(from: peers[1]) { $0.ihave = [RPC.IHave(topic: "t", ids: ids(2000))] }
        bench.receive(from: peers[1]) { $0.ihave = [RPC.IHave(topic: "t", ids: ids(3000))] }
        #expect(bench.iwant(peers[1]).count == 30)
        #expect(bench.router.counters.droppedIHave == 600 + 60 - 80)
        // The next heartbeat opens the peers' budgets, and the promises' end the common one.
        bench.advance(.seconds(4))
        bench.clear()
        bench.receive(from: peers[0]) { $0.ihave = [RPC.IHave(topic: "t", ids: ids(4000))] }
        #expect(bench.iwant(peers[0]).count == 30)
    }

    @Test func ihaveMessagesPerHeartbeatAreLimited() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        let peer = try bench.connect(0..<1, topics: ["t"])[0]
        for number in 0..<15 {
            bench.receive(from: peer) {
                $0.ihave = [RPC.IHave(topic: "t", ids: [.ofTopicAndData("t", [UInt8(number)])])]
            }
        }
        #expect(bench.iwant(peer).count == 10)
    }

    @Test func iwantIsAnsweredThreeTimesAndWithinItsBudget() throws {
        var bench = GossipBench { $0.parameters.maximumIWantBytes = 10_000 }
        bench.call { $0.subscribe("t", now: $1) }
        let peers = try bench.connect(0..<2, topics: ["t"])
        let id = bench.deliver("t", [1], from: peers[0])
        bench.clear()
        for _ in 0..<5 { bench.receive(from: peers[1]) { $0.iwant = [id, id, id] } }
        #expect(bench.messages.count == 3)
        bench.receive(from: peers[0]) { $0.iwant = [id] }
        #expect(bench.messages.count == 4)
        let many = (0..<8).map { number in
            bench.deliver("t", large + [UInt8(number)], from: peers[0])
        }
        bench.clear()
        bench.receive(from: peers[1]) { $0.iwant = many }
        #expect(bench.messages.count == 4)
        bench.receive(from: peers[1]) { $0.iwant = [.ofTopicAndData("nothing", [])] }
        #expect(bench.messages.count == 4)
        // After five heartbeats the cache has nothing any more.
        bench.advance(.seconds(6))
        bench.clear()
        bench.receive(from: peers[1]) { $0.iwant = many }
        #expect(bench.messages.isEmpty)
    }

    @Test func cacheIsBoundedInBytes() throws {
        var bench = GossipBench { $0.parameters.historyByteLimit = 10_000 }
        bench.call { $0.subscribe("t", now: $1) }
        let peers = try bench.connect(0..<2, topics: ["t"])
        let ids = (0..<50).map { bench.deliver("t", large + [UInt8($0)], from: peers[0]) }
        bench.clear()
        for id in ids { bench.receive(from: peers[1]) { $0.iwant = [id] } }
        #expect(bench.messages.map(\.frame.id) == Array(ids.suffix(4)))
    }

    @Test func lowScoresGetAndGiveNoGossip() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        let peers = try bench.connect(0..<12, topics: ["t"])
        let id = bench.deliver("t", [1], from: peers[0])
        bench.router.penalise(peers[11], points: 60)
        bench.clear()
        bench.receive(from: peers[11]) {
            $0.iwant = [id]
            $0.ihave = [RPC.IHave(topic: "t", ids: [.ofTopicAndData("t", [2])])]
        }
        #expect(bench.messages.isEmpty)
        #expect(bench.control.isEmpty)
        bench.advance(.seconds(1))
        #expect(bench.ihave(peers[11]).isEmpty)
        // Worse still: nothing that it sends is read.
        bench.router.penalise(peers[11], points: 200)
        bench.clear()
        bench.deliver("t", [3], from: peers[11])
        #expect(bench.delivered.isEmpty)
        #expect(bench.router.counters.droppedGraylisted == 1)
    }

    // MARK: IDONTWANT

    @Test func largeMessagesAreAnnouncedAtOnce() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        let peers = try bench.connect(0..<3, topics: ["t"])
        let old = try bench.connect(3..<4, topics: ["t"], version: .v1_1)[0]
        bench.clear()
        let id = bench.deliver("t", large, from: peers[0], nil)
        #expect(bench.idontwant(peers[0]).isEmpty)
        #expect(bench.idontwant(peers[1]) == [id])
        #expect(bench.idontwant(peers[2]) == [id])
        #expect(bench.idontwant(old).isEmpty)
        bench.clear()
        bench.deliver("t", [UInt8](repeating: 0, count: 1023), from: peers[0], nil)
        #expect(bench.control.isEmpty)
    }

    @Test func unwantedMessagesAreNotSentForAWhile() throws {
        var bench = GossipBench()
        bench.call { $0.subscribe("t", now: $1) }
        let peers = try bench.connect(0..<3, topics: ["t"])
        let id = MessageID.ofTopicAndData("t", large)
        bench.receive(from: peers[2]) {
            $0.idontwant = [id]
            $0.idontwantParts = 1
        }
        #expect(bench.cancelled[peers[2]] == [id])
        bench.deliver("t", large, from: peers[0])
        #expect(bench.receivers == [peers[1]])
        bench.receive(from: peers[2]) { $0.iwant = [id] }
        #expect(bench.receivers == [peers[1]])
        bench.advance(.seconds(4))
        bench.receive(from: peers[2]) { $0.iwant = [id] }
        #expect(bench.receivers == [peers[1], peers[2]])
        // A message in spite of IDONTWANT is no offence.
        #expect(peers.allSatisfy { bench.router.score(of: $0) >= 0 })
    }

    @Test func idontwantFloodIsBounded() throws {
        var bench = GossipBench { $0.parameters.maximumIDontWantLength = 100 }
        bench.call { $0.subscribe("t", now: $1) }
        let peer = try bench.connect(0..<1, topics: ["t"])[0]
        for round in 0..<50 {
            bench.receive(from: peer) { rpc in
                rpc.idontwant = (0..<20).map { .ofTopicAndData("t", [UInt8(round), UInt8($0)]) }
                rpc.idontwantParts = 1
            }
        }
        #expect(bench.cancelled[peer]?.count == 100)
        #expect(bench.router.counters.droppedIDontWant == 900)
    }
}
