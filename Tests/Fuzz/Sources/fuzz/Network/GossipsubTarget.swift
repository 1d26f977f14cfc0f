import LibP2P
import SystemCrypto

/// Several routers joined by links, and hostile peers, under random events in random order.
///
/// After each event: meshes consist of connected subscribers and keep their bounds, no message is
/// delivered twice or sent back, what is sent goes to those who are there and only as often as
/// allowed, waiting messages stay within their limits. The same events give the same directives.
let gossipsubTarget = FuzzTarget(
    name: "gossipsub", maximumLength: 1024,
    seeds: {
        (0..<32).map { number in
            var random = FuzzRandom(seed: UInt64(900 + number))
            return [UInt8(number)] + random.bytes(150 + 20 * number)
        }
    },
    run: { bytes in
        let first = GossipTrial(bytes).run()
        if bytes.first.map({ $0 % 4 == 0 }) ?? true {
            require(GossipTrial(bytes).run() == first, "a replay went another way")
        }
    })

private let topics = ["a", "b", "c"]

private let people: [PeerID] = (0..<12).map { number in
    must("peer") {
        try PublicKey(ed25519: SHA256.hash(Array("fuzz peer \(number)".utf8))).peerID
    }
}

private struct Router {
    var gossip: Gossipsub
    var connected: Set<PeerID> = []
    var outbound: Set<PeerID> = []
    /// Messages by id: who sent them, when they were delivered, and whether a verdict is owed.
    var senders: [MessageID: Set<PeerID>] = [:]
    var delivered: [MessageID: Instant] = [:]
    var owed: [MessageID] = []
    var published: [MessageID] = []
    /// How often each message went to each peer.
    var sent: [MessageID: [PeerID: Int]] = [:]
}

private struct GossipTrial {
    private static let routerCount = 4

    var reader: ByteReader
    var routers: [Router] = []
    /// RPCs on their way, by link.
    var wires: [[[UInt8]]] = Array(repeating: [], count: 16)
    var now = Instant.zero
    var trace = SHA256()
    var serial = 0
    let parameters: GossipsubParameters

    init(_ bytes: [UInt8]) {
        reader = ByteReader(bytes)
        _ = reader.byte()
        var parameters = GossipsubParameters()
        parameters.meshTarget = 3
        parameters.meshLow = 2
        parameters.meshHigh = 4
        parameters.meshByScore = 1
        parameters.meshOutbound = 1
        parameters.maximumPendingMessages = 12
        parameters.maximumPendingMessagesPerPeer = 5
        parameters.maximumPendingBytes = 30_000
        parameters.maximumPendingBytesPerPeer = 12_000
        parameters.maximumTopicsPerPeer = 4
        parameters.maximumBackoffsPerTopic = 6
        parameters.maximumIHaveLength = 6
        parameters.maximumIWantLength = 6
        parameters.historyByteLimit = 20_000
        parameters.floodPublish = reader.bit()
        parameters.peerExchangeCount = reader.below(4)
        self.parameters = parameters
        var configuration = GossipConfiguration()
        configuration.parameters = parameters
        if reader.bit() {
            configuration.scoring.defaultTopic?.meshDeliveriesWeight = -1
            configuration.scoring.defaultTopic?.meshFailureWeight = -1
        }
        for number in 0..<Self.routerCount {
            let seed = SHA256.hash([UInt8(number), reader.byte()])
            routers.append(
                Router(gossip: Gossipsub(configuration: configuration, seed: seed, now: .zero)))
        }
    }

    /// Records of peers far away, near, and on this machine, and none.
    private static let records: [SignedPeerRecord?] =
        ([0x0808_0808, 0x0a00_0001, 0x7f00_0001] as [UInt32]).map { address in
            let key = try? IdentityKey(seed: [UInt8](repeating: 7, count: 32))
            return key.flatMap {
                SignedPeerRecord(
                    identity: $0, sequence: 1, addresses: [Multiaddr(.v4(address), tcp: 1)])
            }
        } + [nil]

    func run() -> [UInt8] {
        var trial = self
        while !trial.reader.isAtEnd { trial.step() }
        return trial.trace.finalize()
    }

    private mutating func step() {
        let index = reader.below(Self.routerCount)
        switch reader.below(16) {
        case 0, 1: connect(index, reader.below(people.count))
        case 2: disconnect(index, reader.below(people.count))
        case 3: routers[index].gossip.subscribe(reader.pick(topics), now: now)
        case 4: if reader.bit() { routers[index].gossip.unsubscribe(reader.pick(topics), now: now) }
        case 5, 6: publish(index)
        case 7: verdict(index)
        case 8: advance()
        case 9, 10, 11: hostile(index)
        case 12: forward(index)
        case 13:
            let peer = people[reader.below(people.count)]
            switch reader.below(4) {
            case 0: routers[index].gossip.receivedMalformed(from: peer)
            case 1: routers[index].gossip.penalise(peer, points: Double(reader.below(400)) - 100)
            case 2: routers[index].gossip.setRecord(reader.pick(Self.records), of: peer)
            default: _ = routers[index].gossip.score(of: peer)
            }
        default:
            for _ in 0..<(1 + reader.below(8)) { deliver(reader.below(wires.count)) }
        }
        for router in routers.indices { collect(router) }
        check(index)
    }

    private mutating func connect(_ index: Int, _ other: Int) {
        guard other != index else { return }
        let isOutbound = reader.bit()
        let version = reader.bit() ? Gossipsub.Version.v1_2 : .v1_1
        let address = IPAddress(bytes: [10, 0, 0, reader.byte() & 3])
        join(index, other, version, isOutbound, address)
        if other < Self.routerCount { join(other, index, version, !isOutbound, address) }
    }

    private mutating func join(
        _ index: Int, _ other: Int, _ version: Gossipsub.Version, _ isOutbound: Bool,
        _ address: IPAddress?
    ) {
        let peer = people[other]
        routers[index].connected.insert(peer)
        routers[index].outbound.remove(peer)
        if isOutbound { routers[index].outbound.insert(peer) }
        routers[index].gossip.connected(
            peer, version: version, isOutbound: isOutbound, address: address, now: now)
        collect(index)
    }

    private mutating func disconnect(_ index: Int, _ other: Int) {
        routers[index].connected.remove(people[other])
        routers[index].gossip.disconnected(people[other], now: now)
        if other < Self.routerCount {
            routers[other].connected.remove(people[index])
            routers[other].gossip.disconnected(people[index], now: now)
            wires[index * 4 + other] = []
            wires[other * 4 + index] = []
        }
    }

    private mutating func publish(_ index: Int) {
        let topic = reader.pick(topics)
        serial += 1
        let size = [3, 100, 1100, 5000][reader.below(4)]
        let data = [UInt8(serial & 0xff), UInt8(serial >> 8)] + [UInt8](repeating: 1, count: size)
        let receivers: [PeerID]? =
            reader.below(4) == 0 ? [people[reader.below(12)], people[reader.below(12)]] : nil
        do throws(PublishError) {
            let publication = try routers[index].gossip.publish(
                topic, data, to: receivers, now: now)
            routers[index].published.append(publication.id)
            require(
                Set(publication.peers).count == publication.peers.count
                    && publication.peers.allSatisfy(routers[index].connected.contains),
                "published to \(publication.peers.count) peers")
            if let receivers {
                require(publication.peers.allSatisfy(receivers.contains), "others than named")
            }
        } catch { finding("not published: \(error)") }
    }

    private mutating func forward(_ index: Int) {
        guard !routers[index].published.isEmpty else { return }
        let id = reader.pick(routers[index].published)
        let peers = routers[index].gossip.forward(
            id, to: reader.bit() ? people : nil, now: now)
        require(peers.allSatisfy(routers[index].connected.contains), "forwarded to the absent")
    }

    private mutating func verdict(_ index: Int) {
        guard !routers[index].owed.isEmpty else { return }
        let place = reader.below(routers[index].owed.count)
        let id = routers[index].owed.remove(at: place)
        let verdict = reader.pick([MessageVerdict.accept, .accept, .accept, .ignore, .reject])
        routers[index].gossip.validated(id, verdict, now: now)
        if verdict == .accept { routers[index].published.append(id) }
        collect(index)
        // A second verdict changes nothing.
        routers[index].gossip.validated(id, .reject, now: now)
        require(routers[index].gossip.drain().isEmpty, "a second verdict had an effect")
    }

    private mutating func advance() {
        now = now + .milliseconds([1, 100, 700, 3000, 61_000, 130_000][reader.below(6)])
        for index in routers.indices {
            // After a long time decay is due twice.
            for _ in 0..<2 { routers[index].gossip.tick(now: now) }
            require(routers[index].gossip.nextDeadline > now, "still due after ticks")
            collect(index)
        }
    }

    /// An RPC from a peer that is no router.
    private mutating func hostile(_ index: Int) {
        let peer = people[Self.routerCount + reader.below(people.count - Self.routerCount)]
        var rpc = RPC()
        let known = routers[index].published + Array(routers[index].delivered.keys).sorted()
        func id(_ reader: inout ByteReader) -> MessageID {
            if !known.isEmpty, reader.bit() { return known[reader.below(known.count)] }
            return MessageID.ofTopicAndData("x", [reader.byte()])
        }
        func topic(_ reader: inout ByteReader) -> String {
            reader.below(8) == 0 ? "t\(reader.byte())" : reader.pick(topics)
        }
        for _ in 0..<(1 + reader.below(4)) {
            switch reader.below(7) {
            case 0:
                rpc.subscriptions.append(
                    RPC.Subscription(topic: topic(&reader), subscribes: reader.below(4) != 0))
            case 1:
                let data =
                    [reader.byte() & 31, 255]
                    + [UInt8](repeating: 2, count: reader.below(8) == 0 ? 4000 : 10)
                rpc.messages.append(
                    RPC.Message(
                        topic: topic(&reader), data: data, isSigned: reader.below(16) == 0))
            case 2:
                let ids = (0..<reader.below(10)).map { _ in id(&reader) }
                rpc.ihave.append(RPC.IHave(topic: topic(&reader), ids: ids))
            case 3: rpc.iwant += (0..<reader.below(10)).map { _ in id(&reader) }
            case 4: rpc.graft.append(topic(&reader))
            case 5:
                let records = (0..<reader.below(3)).map { _ in
                    PeerExchangeRecord(peer: people[reader.below(12)])
                }
                rpc.prune.append(
                    RPC.Prune(
                        topic: topic(&reader),
                        backoffSeconds: reader.bit() ? reader.uint64() : nil, peers: records))
            default:
                rpc.idontwant += (0..<reader.below(10)).map { _ in id(&reader) }
                rpc.idontwantParts += 1
            }
        }
        receive(rpc, from: peer, at: index)
    }

    private mutating func receive(_ rpc: RPC, from peer: PeerID, at index: Int) {
        for message in rpc.messages {
            let id = MessageID.ofTopicAndData(message.topic, message.data)
            routers[index].senders[id, default: []].insert(peer)
        }
        routers[index].gossip.received(rpc, from: peer, now: now)
        collect(index)
    }

    private mutating func deliver(_ wire: Int) {
        guard !wires[wire].isEmpty else { return }
        let bytes = wires[wire].removeFirst()
        let rpc = must("an honest RPC") { try RPC(decoding: bytes) }
        receive(rpc, from: people[wire / 4], at: wire % 4)
    }

    // MARK: what comes out

    private mutating func collect(_ index: Int) {
        for directive in routers[index].gossip.drain() {
            switch directive {
            case .control(let rpc, let peer):
                require(routers[index].connected.contains(peer), "control for the absent")
                require(!rpc.isEmpty && rpc.messages.isEmpty, "empty control")
                for have in rpc.ihave {
                    require(have.ids.count <= parameters.maximumIHaveLength, "IHAVE too long")
                }
                let frames = rpc.frames(limit: 16_000)
                for frame in frames { send(frame, index, peer) }
            case .message(let frame, let peer):
                require(routers[index].connected.contains(peer), "a message for the absent")
                routers[index].sent[frame.id, default: [:]][peer, default: 0] += 1
                let count = routers[index].sent[frame.id]?[peer] ?? 0
                require(
                    count <= 1 + parameters.gossipRetransmission, "sent \(count) times")
                send(frame.bytes, index, peer)
            case .cancel(let ids, let peer):
                note("cancel \(ids.count) \(peer)")
            case .deliver(let message): take(message, index)
            case .subscription(let peer, let topic, let on):
                note("subscription \(peer) \(topic) \(on)")
            case .peerExchange(let topic, let records, let peer):
                note("exchange \(topic) \(records.count) \(peer)")
                require(
                    !records.contains { routers[index].connected.contains($0.peer) },
                    "recommended peers that are there")
            }
        }
    }

    private mutating func take(_ message: GossipMessage, _ index: Int) {
        note("deliver \(index) \(message.id.bytes)")
        require(
            routers[index].gossip.subscriptions.contains(message.topic), "no such subscription")
        require(
            message.id == MessageID.ofTopicAndData(message.topic, message.data), "another id")
        if let before = routers[index].delivered[message.id] {
            require(now - before >= parameters.seenLifetime, "delivered twice")
        }
        require(
            routers[index].senders[message.id]?.contains(message.from) == true, "from nobody")
        routers[index].delivered[message.id] = now
        routers[index].owed.removeAll { $0 == message.id }
        routers[index].owed.append(message.id)
        routers[index].sent[message.id] = nil
    }

    private mutating func send(_ frame: [UInt8], _ index: Int, _ peer: PeerID) {
        trace.update([UInt8(index)] + peer.bytes)
        trace.update(frame)
        guard let other = people.firstIndex(of: peer), other < Self.routerCount else { return }
        var assembler = FrameAssembler(limit: 1 << 20)
        assembler.append(frame)
        wires[index * 4 + other].append(must("frame") { try assembler.next() })
    }

    private mutating func note(_ text: String) { trace.update(Array(text.utf8)) }

    private func check(_ index: Int) {
        let router = routers[index]
        for topic in topics {
            let mesh = router.gossip.mesh(of: topic)
            let subscribers = Set(router.gossip.subscribers(of: topic))
            require(subscribers.isSubset(of: router.connected), "absent subscribers")
            require(mesh.allSatisfy(subscribers.contains), "mesh members that are not subscribed")
            let dialled = mesh.filter(router.outbound.contains).count
            require(
                mesh.count <= parameters.meshHigh + dialled, "a mesh of \(mesh.count)")
            if !router.gossip.subscriptions.contains(topic) {
                require(mesh.isEmpty, "a mesh of a topic that was left")
            }
        }
        require(
            router.gossip.pendingCount <= parameters.maximumPendingMessages,
            "\(router.gossip.pendingCount) messages wait")
    }
}
