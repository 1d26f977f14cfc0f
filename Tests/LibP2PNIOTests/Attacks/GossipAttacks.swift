import LibP2P
import LibP2PNIO
import Testing

private let meshsub = "/meshsub/1.2.0"

/// A peer with gossip both ways that sends whatever a test wants.
struct GossipOffender {
    let peer: RawPeer
    let stream: StreamID

    /// Connects and subscribes.
    static func connect(
        to host: TestHost, receiveBuffer: Int? = nil
    ) async throws -> GossipOffender {
        let peer = try await RawPeer.connect(
            to: host.address, secured: true, receiveBuffer: receiveBuffer, protocols: [meshsub])
        let offender = GossipOffender(peer: peer, stream: try await peer.openStream(meshsub))
        offender.send { $0.subscriptions = [.init(topic: Arena.topic, subscribes: true)] }
        return offender
    }

    func send(_ change: (inout RPC) -> Void) {
        var rpc = RPC()
        change(&rpc)
        for frame in rpc.frames(limit: 1 << 20) { peer.write(stream, frame) }
    }

    /// Sends again and again until the connection is closed, for ten seconds at most.
    func sendUntilClosed(
        every pause: Duration = .milliseconds(50), _ change: (inout RPC, Int) -> Void
    ) async {
        for round in 0..<200 {
            send { change(&$0, round) }
            if await peer.isClosed(within: pause) { return }
        }
    }
}

/// Bytes on a gossip stream that are no RPC.
struct RPCAttack: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]

    static let all: [RPCAttack] = [
        RPCAttack(testDescription: "rpc-oversize", bytes: [0x81, 0x80, 0x40]),
        RPCAttack(testDescription: "rpc-varint", bytes: [UInt8](repeating: 0x80, count: 10)),
        RPCAttack(testDescription: "rpc-padded-varint", bytes: [0x80, 0x00]),
        RPCAttack(testDescription: "rpc-malformed", bytes: [3, 0x1b, 0x01, 0x02]),
        RPCAttack(
            testDescription: "rpc-tiny-parts",
            bytes: FrameAssembler.frame(([0x12, 0x00] as [UInt8]).repeated(100_000))),
    ]
}

/// What a peer with a working gossip stream sends.
enum GossipAttack: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case subscriptions = "sub-flood"
    case idontwant = "idontwant-flood"
    case iwantUnknown = "iwant-unknown"
    case hugeBackoff = "prune-huge-backoff"
    case peerExchange = "prune-px-garbage"
    case graftUnknown = "graft-unknown-topics"
    case tinyMessages = "tiny-messages"
    case unknownTopics = "messages-on-unknown-topics"

    var testDescription: String { rawValue }

    func send(_ offender: GossipOffender, _ round: Int) {
        func id(_ number: Int) -> MessageID {
            .ofTopicAndData("\(round)", [UInt8(number & 255), UInt8(number >> 8)])
        }
        switch self {
        case .subscriptions:
            offender.send { rpc in
                rpc.subscriptions = (0..<200).map {
                    .init(topic: "\(round)/\($0)", subscribes: true)
                }
            }
        case .idontwant:
            offender.send { $0.idontwant = (0..<500).map(id) }
        case .iwantUnknown:
            offender.send { $0.iwant = (0..<500).map(id) }
        case .hugeBackoff:
            offender.send { rpc in
                rpc.prune = (0..<100).map {
                    .init(topic: Arena.topic, backoffSeconds: .max - UInt64($0))
                }
            }
        case .peerExchange:
            var writer = WireWriter()
            writer.message(3) { control in
                for number in 0..<3 {
                    control.message(4) { part in
                        part.string(1, Arena.topic)
                        part.uint64(3, .max)
                        for _ in 0..<40 {
                            part.message(2) {
                                $0.bytes(1, [UInt8](repeating: UInt8(number), count: 38))
                            }
                        }
                    }
                }
            }
            offender.peer.write(offender.stream, FrameAssembler.frame(writer.bytes))
        case .graftUnknown:
            offender.send { $0.graft = (0..<300).map { "\(round)/\($0)" } }
        case .tinyMessages:
            offender.send { rpc in
                rpc.messages = (0..<10).map {
                    .init(topic: Arena.topic, data: [UInt8(round), UInt8($0), 3])
                }
            }
        case .unknownTopics:
            offender.send { rpc in
                rpc.messages = (0..<50).map {
                    .init(topic: "x/\($0)", data: [UInt8](repeating: UInt8(round), count: 5000))
                }
            }
        }
    }
}

extension Attacks {
    /// A stream of what is no RPC is reset; at the third one the connection is closed.
    @Test(arguments: RPCAttack.all)
    func malformedGossip(attack: RPCAttack) async throws {
        let arena = try await Arena.open()
        try await arena.run(expecting: .cutOff) {
            let peer = try await RawPeer.connect(
                to: arena.host.address, secured: true, protocols: [meshsub])
            for _ in 0..<3 {
                guard let stream = try? await peer.openStream(meshsub) else { break }
                peer.write(stream, attack.bytes)
                try await Task.sleep(for: .milliseconds(50))
            }
            return peer
        } afterwards: {
            let violations = try await arena.host.service.submit { host, _ in
                host.counters.violations
            }
            #expect(violations == 3)
        }
    }

    @Test(arguments: GossipAttack.allCases)
    func floods(attack: GossipAttack) async throws {
        let arena = try await Arena.open()
        try await arena.run(expecting: .contained, within: 0.5) {
            let offender = try await GossipOffender.connect(to: arena.host)
            for round in 0..<100 {
                attack.send(offender, round)
                try await Task.sleep(for: .milliseconds(5))
            }
            return offender.peer
        } afterwards: {
            // What it said of peers reached nobody, and its topics are forgotten with it.
            #expect(
                !arena.host.news.contains { if case .peerExchange = $0 { true } else { false } })
            let left = try await arena.host.service.submit { host, _ in
                host.subscribers(of: "0/1").count
            }
            #expect(left == 0)
        }
    }

    /// ihave-flood: ids of messages that do not exist. Some are asked for; who does not send what it announced
    /// is not listened to any more, or banned.
    @Test func announcedAndNotSent() async throws {
        let arena = try await Arena.open {
            $0.host.gossip?.parameters.heartbeatInterval = .milliseconds(100)
            $0.host.gossip?.parameters.iwantFollowUp = .milliseconds(200)
        }
        var asked = 0
        try await arena.run(expecting: nil) {
            let offender = try await GossipOffender.connect(to: arena.host)
            for round in 0..<100 {
                offender.send { rpc in
                    rpc.ihave = [
                        .init(
                            topic: Arena.topic,
                            ids: (0..<500).map {
                                .ofTopicAndData(
                                    "x", [UInt8(round), UInt8($0 & 255), UInt8($0 >> 8)])
                            })
                    ]
                }
                try await Task.sleep(for: .milliseconds(30))
            }
            asked = try await offender.peer.received().bytes / MessageID.byteCount
            return offender.peer
        } afterwards: {
            let (dropped, bans) = try await arena.host.service.submit { host, _ in
                (host.gossipCounters.droppedIHave, host.counters.bans)
            }
            // Of 50,000 ids.
            #expect(dropped > 15_000 || bans == 1)
            #expect(asked < 40_000)
        }
    }

    /// iwant-flood: one message asked for again and again.
    @Test func askedForAgainAndAgain() async throws {
        let arena = try await Arena.open()
        let data = [UInt8](repeating: 5, count: 50_000)
        let id = MessageID.ofTopicAndData(Arena.topic, data)
        arena.pinger.service.execute { host, now in
            _ = try? host.publish(Arena.topic, data, now: now)
        }
        await arena.reader.wait {
            if case .message(let message) = $0 { message.id == id } else { false }
        }
        var received = 0
        try await arena.run(expecting: .contained, within: 0.5) {
            let offender = try await GossipOffender.connect(to: arena.host)
            for _ in 0..<100 {
                offender.send { $0.iwant = [MessageID](repeating: id, count: 100) }
                try await Task.sleep(for: .milliseconds(5))
            }
            try await Task.sleep(for: .milliseconds(300))
            received = try await offender.peer.received().bytes
            return offender.peer
        }
        // Three copies, and perhaps one as a member of the mesh.
        #expect((150_000..<260_000).contains(received))
    }

    /// graft-flood: in and out of the mesh, against the backoff.
    @Test func graftsAgainstTheBackoff() async throws {
        let arena = try await Arena.open()
        try await arena.run(expecting: .cutOff) {
            let offender = try await GossipOffender.connect(to: arena.host)
            await offender.sendUntilClosed { rpc, round in
                if round % 2 == 0 {
                    rpc.prune = [.init(topic: Arena.topic)]
                } else {
                    rpc.graft = [Arena.topic]
                }
            }
            return offender.peer
        }
    }

    /// Messages that carry an author: invalid, each of them.
    @Test func invalidMessages() async throws {
        let arena = try await Arena.open()
        try await arena.run(expecting: .cutOff) {
            let offender = try await GossipOffender.connect(to: arena.host)
            for round in 0..<100 {
                var writer = WireWriter()
                writer.message(2) { message in
                    message.bytes(1, [1, 2, 3])
                    message.bytes(2, [UInt8(round)])
                    message.string(4, Arena.topic)
                }
                offender.peer.write(offender.stream, FrameAssembler.frame(writer.bytes))
                if await offender.peer.isClosed(within: .milliseconds(20)) { break }
            }
            return offender.peer
        }
    }

    /// gossip-slow-reader: in the mesh, and takes nothing. It loses messages, then its connection; who reads
    /// gets every message.
    @Test(arguments: [true, false])
    func slowReader(stopsReading: Bool) async throws {
        let arena = try await Arena.open {
            $0.host.limits.stallTimeout = .seconds(2)
            $0.host.limits.gossipQueueBytes = 2 << 20
        }
        let host = arena.host
        try await arena.run(expecting: nil) {
            let offender = try await GossipOffender.connect(to: host, receiveBuffer: 4096)
            offender.send { $0.graft = [Arena.topic] }
            try await Task.sleep(for: .milliseconds(300))
            if stopsReading {
                try await offender.peer.stopReading()
            } else {
                offender.peer.stopCrediting()
            }
            for number in 0..<200 {
                let data = [UInt8](repeating: UInt8(number), count: 50_000)
                arena.pinger.service.execute { host, now in
                    _ = try? host.publish(Arena.topic, data, now: now)
                }
                try await Task.sleep(for: .milliseconds(5))
            }
            var count = 3
            for _ in 0..<100 where count > 2 {
                try await Task.sleep(for: .milliseconds(100))
                count = try await host.service.connectionCount()
            }
            #expect(count == 2)
            let counters = try await host.service.submit { host, _ in host.counters }
            #expect(counters.slowReaders == 1)
            #expect(counters.droppedMessages > 100)
            let got = arena.reader.news.count {
                if case .message = $0 { true } else { false }
            }
            #expect(got == 200)
            return offender.peer
        }
    }

    /// One stream after the other for gossip, identify and ping: each kind has its bound.
    @Test(arguments: [meshsub, "/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0", "/ipfs/ping/1.0.0"])
    func manyStreamsOfOneProtocol(name: String) async throws {
        let arena = try await Arena.open()
        try await arena.run(expecting: .contained, within: 0.3) {
            let offender = try await RawPeer.connect(
                to: arena.host.address, secured: true, protocols: [meshsub])
            for _ in 0..<150 {
                guard let stream = try? await offender.openStream(name) else { continue }
                if name == "/ipfs/ping/1.0.0" {
                    offender.write(stream, [UInt8](repeating: 1, count: 32 * 1000))
                }
            }
            return offender
        }
    }
}
