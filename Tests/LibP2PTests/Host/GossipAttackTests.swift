import LibP2P
import SystemCrypto
import Testing

/// The gossip rows of the list of attacks: what the offender gets, and that others are not harmed.
@Suite struct GossipAttackTests {
    private func start(
        _ configure: (inout HostConfiguration) -> Void = { _ in }
    ) throws -> HostBench {
        var bench = try HostBench(configure)
        bench.call { $0.subscribe("t", now: $1) }
        return bench
    }

    @Test func oversizeRPCIsCutBeforeItsBody() throws {
        var bench = try start()
        for (number, prefix) in [
            [0x81, 0x80, 0x40],  // 1,048,577
            [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
            [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
            [0x80, 0x00],
        ].enumerated() {
            let (_, theirs, _) = try bench.gossiper(number + 1, topics: ["t"])
            bench.send(theirs, prefix.map { UInt8($0) })
            #expect(bench.resets.last == theirs)
            let peer = try HostBench.peer(number + 1)
            let score = bench.call { host, _ in host.score(of: peer) }
            #expect(score <= 0)
        }
        #expect(bench.host.counters.violations == 4)
        #expect(bench.host.peers.count == 4)
    }

    @Test func malformedRPCsEndTheConnectionAtLast() throws {
        var bench = try start()
        let (id, first, _) = try bench.gossiper(1, topics: ["t"])
        bench.send(first, [1, 0x0a])
        let second = bench.inbound(id, "/meshsub/1.2.0")
        bench.send(second, [2, 0x00, 0x01])
        #expect(bench.closes[id] == nil)
        let third = bench.inbound(id, "/meshsub/1.1.0")
        bench.send(third, [3, 0x1b, 0x01, 0x02])
        #expect(bench.closes[id] == .protocolViolation("malformed RPC"))
        // The score is remembered.
        let again = try bench.connect(1)
        #expect(bench.closes[again] == nil)
        let peer = try HostBench.peer(1)
        _ = try bench.grant("/meshsub/1.2.0", on: again)
        let score = bench.call { host, _ in host.score(of: peer) }
        #expect(score < 0)
    }

    @Test func tinyPartsAreRefused() throws {
        var bench = try start()
        let (_, theirs, _) = try bench.gossiper(1, topics: ["t"])
        let parts = [UInt8](hex: String(repeating: "1200", count: 100_000))
        bench.send(theirs, FrameAssembler.frame(parts))
        #expect(bench.resets == [theirs])
    }

    @Test func subscriptionFloodStaysWithinItsLimit() throws {
        var bench = try start()
        let (id, theirs, _) = try bench.gossiper(1, topics: [])
        for round in 0..<100 {
            bench.sendRPC(theirs) { rpc in
                rpc.subscriptions = (0..<200).map {
                    RPC.Subscription(topic: "\(round)/\($0)", subscribes: true)
                }
            }
        }
        #expect(bench.host.gossipCounters.droppedSubscriptions == 20_000 - 128)
        // Subscribing and leaving in turn leaves nothing behind either.
        bench.application = []
        bench.call { $0.disconnected(id, now: $1) }
        #expect(bench.host.subscribers(of: "0/1").isEmpty)
    }

    @Test func graftFloodEndsInABan() throws {
        var bench = try start()
        for number in 2..<14 {
            let other = try bench.gossiper(
                number, topics: ["t"], address: .v4(UInt32(number) << 8))
            bench.sendRPC(other.theirs) { $0.graft = ["t"] }
        }
        let (id, theirs, ours) = try bench.gossiper(1, topics: ["t"])
        for _ in 0..<200 where bench.closes[id] == nil {
            bench.sendRPC(theirs) { rpc in
                rpc.graft = ["t"] + (0..<300).map { "unknown \($0)" }
            }
            bench.advance(.milliseconds(100))
        }
        #expect(bench.closes[id] == .banned)
        // At most one answer to each, never about unknown topics.
        let answers = try bench.rpcs(ours).flatMap(\.prune)
        #expect(answers.allSatisfy { $0.topic == "t" })
        #expect(answers.count < 20)
        let mesh = bench.host.mesh(of: "t").count
        #expect((6...12).contains(mesh))
        #expect(bench.closes.count == 1)
        let again = try bench.connect(1)
        #expect(bench.closes[again] == .banned)
    }

    @Test func ihaveFloodOfLiesEndsInABan() throws {
        var bench = try start()
        let (id, theirs, ours) = try bench.gossiper(1, topics: ["t"])
        for round in 0..<100 where bench.closes[id] == nil {
            for part in 0..<20 {
                bench.sendRPC(theirs) { rpc in
                    rpc.ihave = [
                        RPC.IHave(
                            topic: "t",
                            ids: (0..<500).map {
                                .ofTopicAndData(
                                    "t",
                                    [UInt8(round), UInt8(part), UInt8($0 & 255), UInt8($0 >> 8)])
                            })
                    ]
                }
            }
            bench.advance(.seconds(1))
        }
        #expect(bench.closes[id] == .banned)
        let asked = try bench.rpcs(ours).flatMap(\.iwant).count
        #expect(asked <= 20_000 + 5000)
    }

    @Test func iwantFloodIsAnsweredThreeTimes() throws {
        var bench = try start()
        let (_, victim, _) = try bench.gossiper(2, topics: ["t"])
        let (_, theirs, ours) = try bench.gossiper(1, topics: [])
        let data = [UInt8](repeating: 5, count: 50_000)
        bench.sendRPC(victim) { $0.messages = [RPC.Message(topic: "t", data: data)] }
        let id = MessageID.ofTopicAndData("t", data)
        bench.call { $0.validated(id, .accept, now: $1) }
        for _ in 0..<500 {
            bench.sendRPC(theirs) { $0.iwant = [MessageID](repeating: id, count: 100) }
        }
        let sent = bench.written[ours]?.count ?? 0
        #expect((150_000..<160_000).contains(sent))
    }

    @Test func idontwantFloodIsBoundedAndHarmsNobodyElse() throws {
        var bench = try start()
        let (_, theirs, ours) = try bench.gossiper(1, topics: ["t"])
        let (_, _, other) = try bench.gossiper(2, topics: ["t"])
        for round in 0..<200 {
            bench.sendRPC(theirs) { rpc in
                rpc.idontwant = (0..<500).map {
                    .ofTopicAndData("t", [UInt8(round), UInt8($0 & 255), UInt8($0 >> 8)])
                }
            }
        }
        #expect(bench.host.gossipCounters.droppedIDontWant == 200 * 500 - 2000)
        let message = [UInt8](repeating: 3, count: 3000)
        _ = try bench.call { try $0.publish("t", message, now: $1) }
        for stream in [ours, other] {
            let got = try bench.rpcs(stream).flatMap(\.messages)
            #expect(got.count == 1)
        }
    }

    @Test func hugeBackoffAndBrokenPeerExchange() throws {
        var bench = try start { $0.gossip?.scoring.acceptPeerExchangeThreshold = -1 }
        let (_, theirs, _) = try bench.gossiper(1, topics: ["t"])
        var writer = WireWriter()
        writer.message(3) { control in
            for number in 0..<300 {
                control.message(4) { part in
                    part.string(1, "t")
                    part.uint64(3, .max - UInt64(number))
                    for _ in 0..<40 {
                        part.message(2) {
                            $0.bytes(1, [UInt8](repeating: UInt8(number & 255), count: 38))
                        }
                    }
                }
            }
        }
        bench.send(theirs, FrameAssembler.frame(writer.bytes))
        #expect(bench.host.mesh(of: "t").isEmpty)
        let exchanged = bench.application.contains {
            if case .peerExchange = $0 { true } else { false }
        }
        #expect(!exchanged)
        #expect(bench.resets.isEmpty)
        bench.advance(.seconds(3700))
        let peer = try HostBench.peer(1)
        #expect(bench.host.mesh(of: "t") == [peer])
    }

    @Test func slowReaderLosesOldMessagesFirstThenTheConnection() throws {
        var bench = try start {
            $0.limits.gossipQueueBytes = 1_000_000
            $0.limits.bytesInFlight = 100_000
        }
        bench.reportsWritten = false
        let (slow, _, ours) = try bench.gossiper(1, topics: ["t"])
        // Its hello is in flight already, then two messages; the rest waits.
        var ids: [MessageID] = []
        for number in 0..<100 {
            let data = [UInt8](repeating: UInt8(number), count: 50_000)
            let publication = try bench.call { try $0.publish("t", data, now: $1) }
            ids.append(publication.id)
        }
        #expect(bench.host.counters.droppedMessages == 100 - 2 - 19)
        bench.call { $0.subscribe("another", now: $1) }
        // Now it reads on: control comes first, then the newest messages.
        bench.reportsWritten = true
        let inFlight = bench.written[ours]?.count ?? 0
        bench.call { $0.streamWritten(slow, ours.stream, count: inFlight, now: $1) }
        let rpcs = try bench.rpcs(ours)
        let got = rpcs.flatMap(\.messages).map { MessageID.ofTopicAndData($0.topic, $0.data) }
        #expect(got == Array(ids[..<2]) + Array(ids.suffix(19)))
        let change = rpcs.firstIndex { $0.subscriptions.contains { $0.topic == "another" } }
        let third = rpcs.firstIndex {
            $0.messages.contains { MessageID.ofTopicAndData($0.topic, $0.data) == ids[81] }
        }
        #expect(try #require(change) < (try #require(third)))
        // One that reads nothing at all is disconnected in the end.
        bench.reportsWritten = false
        _ = try bench.call { try $0.publish("t", [1], now: $1) }
        bench.advance(.seconds(25))
        #expect(bench.closes[slow] == .slowReader)
    }

    /// Twenty peers that take nothing, and messages: the same ones for all, or another for each.
    private func queued(shared: Bool) throws -> (kept: Int, all: Int) {
        var bench = try start {
            $0.limits.gossipQueueBytesInAll = 2_000_000
            $0.limits.bytesInFlight = 10
            $0.gossip?.parameters.floodPublish = true
        }
        bench.reportsWritten = false
        for number in 1...20 {
            _ = try bench.gossiper(number, topics: ["t"], address: .v4(UInt32(number) << 8))
        }
        for number in 0..<20 {
            let peer = try HostBench.peer(number + 1)
            for part in 0..<(shared ? 1 : 20) {
                var data = [UInt8](repeating: UInt8(number), count: 50_000)
                data[0] = UInt8(part)
                _ = try bench.call {
                    try $0.publish("t", data, to: shared ? nil : [peer], now: $1)
                }
            }
        }
        #expect(bench.host.peers.count == 20)
        return (20 * 20 - bench.host.counters.droppedMessages, 20 * 20)
    }

    @Test func queuesOfAllPeersTogetherAreBounded() throws {
        // 40 different messages have room, whoever they are for.
        let different = try queued(shared: false)
        #expect((35...65).contains(different.kept))
        // Queues share the bytes of 20 messages that all peers are to get.
        let shared = try queued(shared: true)
        #expect(shared.kept == shared.all)
    }

    /// Six mesh peers, of which the last `slow` take nothing for the moment; what the sender is credited.
    private func credited(slow: Int) throws -> (now: Int, later: Int, sent: Int) {
        var bench = try start {
            $0.limits.bytesInFlight = 10_000
            $0.gossip?.scoring.defaultTopic = nil
        }
        var senders: [HostBench.StreamAddress] = []
        for number in 1...6 {
            let (_, theirs, ours) = try bench.gossiper(
                number, topics: ["t"], address: .v4(UInt32(number) << 8))
            senders.append(theirs)
            if number > 6 - slow { bench.stalled.insert(ours) }
        }
        let before = bench.credits[senders[0]] ?? 0
        var sent = 0
        for number in 0..<60 {
            let data = [UInt8](repeating: UInt8(number), count: 50_000)
            let id = MessageID.ofTopicAndData("t", data)
            let frame = MessageFrame(id: id, topic: "t", data: data)
            bench.send(senders[0], frame.bytes)
            sent += frame.bytes.count
            bench.call { $0.validated(id, .accept, now: $1) }
            bench.now += .milliseconds(1)
        }
        let now = (bench.credits[senders[0]] ?? 0) - before
        bench.advance(.milliseconds(400))
        return (now, (bench.credits[senders[0]] ?? 0) - before, sent)
    }

    @Test func aSlowUplinkHoldsSendersBackAFewSlowReadersDoNot() throws {
        let few = try credited(slow: 2)
        #expect(few.now == few.sent)
        let most = try credited(slow: 4)
        #expect(most.now < most.sent * 2 / 3)
        #expect(most.later == most.sent)
    }

    @Test func aSharedAddressIsNoReasonForABan() throws {
        var bench = try start()
        for number in 1...40 { _ = try bench.gossiper(number, topics: ["t"]) }
        bench.advance(.seconds(3))
        let peer = try HostBench.peer(7)
        let score = bench.call { host, _ in host.score(of: peer) }
        #expect(score == -5 * 32 * 32)
        #expect(bench.closes.isEmpty)
        #expect(bench.host.mesh(of: "t").isEmpty)
    }

    @Test func unwantedCopiesAreTakenOutOfTheQueue() throws {
        var bench = try start { $0.limits.bytesInFlight = 1000 }
        bench.reportsWritten = false
        let (id, theirs, ours) = try bench.gossiper(1, topics: ["t"])
        var ids: [MessageID] = []
        for number in 0..<5 {
            let data = [UInt8](repeating: UInt8(number), count: 50_000)
            ids.append(try bench.call { try $0.publish("t", data, now: $1) }.id)
        }
        bench.sendRPC(theirs) { $0.idontwant = Array(ids[2...3]) }
        bench.reportsWritten = true
        let inFlight = bench.written[ours]?.count ?? 0
        bench.call { $0.streamWritten(id, ours.stream, count: inFlight, now: $1) }
        let got = try bench.rpcs(ours).flatMap(\.messages).map(\.data[0])
        #expect(got == [0, 1, 4])
        #expect(bench.host.counters.cancelledBytes > 100_000)
    }

    @Test func manyHalfMessagesAreGivenUp() throws {
        var bench = try start { $0.limits.partialBytesInAll = 1_000_000 }
        var streams: [HostBench.StreamAddress] = []
        for number in 1...30 {
            let (_, theirs, _) = try bench.gossiper(
                number, topics: ["t"], address: .v4(UInt32(number) << 8))
            streams.append(theirs)
            var bytes: [UInt8] = []
            Varint.append(1_000_000, to: &bytes)
            bench.send(theirs, bytes + [UInt8](repeating: 0, count: 50_000))
        }
        #expect(bench.host.counters.droppedPartials == 10)
        #expect(bench.resets.count == 10)
    }

    @Test func secondStreamReplacesTheFirst() throws {
        var bench = try start()
        let (id, first, _) = try bench.gossiper(1, topics: ["t"])
        let second = bench.inbound(id, "/meshsub/1.1.0")
        #expect(bench.resets == [first])
        bench.sendRPC(second) { $0.messages = [RPC.Message(topic: "t", data: [1])] }
        bench.sendRPC(first) { $0.messages = [RPC.Message(topic: "t", data: [2])] }
        let got = bench.application.compactMap {
            if case .message(let message) = $0 { message.data } else { nil }
        }
        #expect(got == [[1]])
    }

    @Test func helloBeforeOurStreamIsNotLost() throws {
        var bench = try start()
        let id = try bench.connect(1)
        let theirs = bench.inbound(id, "/meshsub/1.2.0")
        bench.sendRPC(theirs) {
            $0.subscriptions = [RPC.Subscription(topic: "t", subscribes: true)]
        }
        let peer = try HostBench.peer(1)
        #expect(bench.host.subscribers(of: "t") == [peer])
        let ours = try bench.grant("/meshsub/1.2.0", on: id)
        let rpcs = try bench.rpcs(ours)
        #expect(rpcs.first?.subscriptions == [RPC.Subscription(topic: "t", subscribes: true)])
        #expect(rpcs.flatMap(\.graft) == ["t"])
    }

    @Test func gossipStreamsAreTriedAgainAndThenGivenUp() throws {
        var bench = try start()
        let id = try bench.connect(1)
        for _ in 0..<10 {
            let open = bench.opens.last { $0.protocols.contains("/meshsub/1.2.0") }
            guard let token = open?.token else { break }
            bench.opens.removeAll { $0.token == token }
            bench.call { $0.openFailed(id, token: token, now: $1) }
            bench.advance(.seconds(30))
        }
        #expect(bench.host.peers.count == 1)
        let theirs = bench.inbound(id, "/meshsub/1.2.0")
        #expect(bench.resets == [theirs])
    }

    @Test func randomEventsNeverTrap() throws {
        for seed in 0..<40 {
            var random = SeededRandom(number: UInt64(1000 + seed))
            var bench = try start()
            let names = bench.host.inboundProtocols + ["/none"]
            for _ in 0..<400 {
                let id = ConnectionID(UInt64(random.uniform(below: 6)))
                let stream = StreamID(UInt32(random.uniform(below: 12)))
                switch random.uniform(below: 14) {
                case 0, 1:
                    _ = try bench.connect(
                        random.uniform(below: 4),
                        random.uniform(below: 2) == 0 ? .inbound : .outbound)
                case 2: bench.call { $0.disconnected(id, now: $1) }
                case 3, 4:
                    let name = names[random.uniform(below: names.count)]
                    bench.call { $0.streamOpened(id, stream, protocol: name, token: nil, now: $1) }
                case 5:
                    if let open = bench.opens.popLast() {
                        let name = open.protocols[0]
                        bench.call {
                            $0.streamOpened(
                                open.connection, stream, protocol: name, token: open.token, now: $1)
                        }
                    }
                case 6:
                    if let open = bench.opens.popLast() {
                        bench.call { $0.openFailed(open.connection, token: open.token, now: $1) }
                    }
                case 7, 8, 9:
                    let bytes = (0..<random.uniform(below: 50)).map { _ in
                        UInt8(random.uniform(below: random.uniform(below: 2) == 0 ? 256 : 30))
                    }
                    bench.call { $0.streamData(id, stream, bytes, now: $1) }
                case 10: bench.call { $0.streamReadClosed(id, stream, now: $1) }
                case 11:
                    let reset = random.uniform(below: 2) == 0
                    bench.call { $0.streamClosed(id, stream, reset: reset, now: $1) }
                case 12:
                    let peer = try HostBench.peer(random.uniform(below: 4))
                    bench.call { host, now in
                        _ = try? host.request(peer, protocol: "/test/echo/1", body: [1], now: now)
                        host.ping(peer, now: now)
                        host.penalise(peer, points: 1, now: now)
                        _ = try? host.publish("t", [UInt8(now.nanoseconds & 255)], now: now)
                    }
                default: bench.advance(.milliseconds(random.uniform(below: 3000)))
                }
            }
            for number in 0..<40 {
                bench.call { $0.disconnected(ConnectionID(UInt64(number)), now: $1) }
            }
            for connection in 0..<1000 {
                bench.call { $0.disconnected(ConnectionID(UInt64(connection)), now: $1) }
            }
            #expect(bench.host.peers.isEmpty)
        }
    }
}
