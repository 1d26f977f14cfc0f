import LibP2P
import SystemCrypto

/// One router with peers that are nothing but names, on a clock that the test moves.
struct GossipBench {
    var router: Gossipsub
    var now = Instant.zero
    /// Everything that the router wanted since `clear`.
    var control: [PeerID: [RPC]] = [:]
    var messages: [(peer: PeerID, frame: MessageFrame)] = []
    var delivered: [GossipMessage] = []
    var cancelled: [PeerID: [MessageID]] = [:]
    var subscriptions: [(PeerID, String, Bool)] = []
    var exchanged: [PeerExchangeRecord] = []

    init(seed: UInt64 = 1, _ configure: (inout GossipConfiguration) -> Void = { _ in }) {
        var configuration = GossipConfiguration()
        configure(&configuration)
        let seed = SHA256.hash(Array("bench \(seed)".utf8))
        router = Gossipsub(configuration: configuration, seed: seed, now: now)
    }

    static func peer(_ number: Int) throws -> PeerID {
        try PublicKey(ed25519: SHA256.hash(Array("peer \(number)".utf8))).peerID
    }

    /// Connects peers that are subscribed to `topics`.
    @discardableResult
    mutating func connect(
        _ numbers: Range<Int>, topics: [String] = [], outbound: Bool = false,
        version: Gossipsub.Version = .v1_2, address: IPAddress? = nil
    ) throws -> [PeerID] {
        var peers: [PeerID] = []
        for number in numbers {
            let peer = try Self.peer(number)
            peers.append(peer)
            router.connected(
                peer, version: version, isOutbound: outbound, address: address, now: now)
            if !topics.isEmpty {
                receive(from: peer) { rpc in
                    rpc.subscriptions = topics.map {
                        RPC.Subscription(topic: $0, subscribes: true)
                    }
                }
            }
        }
        collect()
        return peers
    }

    mutating func receive(from peer: PeerID, _ change: (inout RPC) -> Void) {
        var rpc = RPC()
        change(&rpc)
        router.received(rpc, from: peer, now: now)
        collect()
    }

    /// Delivers a message and gives the verdict.
    @discardableResult
    mutating func deliver(
        _ topic: String, _ data: [UInt8], from peer: PeerID, _ verdict: MessageVerdict? = .accept
    ) -> MessageID {
        let id = MessageID.ofTopicAndData(topic, data)
        receive(from: peer) { $0.messages = [RPC.Message(topic: topic, data: data)] }
        if let verdict { router.validated(id, verdict, now: now) }
        collect()
        return id
    }

    mutating func advance(_ duration: Duration) {
        let end = now + duration
        while router.nextDeadline <= end {
            now = max(router.nextDeadline, now)
            router.tick(now: now)
            collect()
        }
        now = end
    }

    mutating func call(_ body: (inout Gossipsub, Instant) -> Void) {
        body(&router, now)
        collect()
    }

    mutating func collect() {
        for directive in router.drain() {
            switch directive {
            case .control(let rpc, let peer): control[peer, default: []].append(rpc)
            case .message(let frame, let peer): messages.append((peer, frame))
            case .cancel(let ids, let peer): cancelled[peer, default: []] += ids
            case .deliver(let message): delivered.append(message)
            case .subscription(let peer, let topic, let on): subscriptions.append((peer, topic, on))
            case .peerExchange(_, let records, _): exchanged += records
            }
        }
    }

    mutating func clear() {
        control = [:]
        messages = []
        delivered = []
        cancelled = [:]
        subscriptions = []
        exchanged = []
    }

    func grafts(_ peer: PeerID) -> [String] { control[peer, default: []].flatMap(\.graft) }
    func prunes(_ peer: PeerID) -> [RPC.Prune] { control[peer, default: []].flatMap(\.prune) }
    func ihave(_ peer: PeerID) -> [RPC.IHave] { control[peer, default: []].flatMap(\.ihave) }
    func iwant(_ peer: PeerID) -> [MessageID] { control[peer, default: []].flatMap(\.iwant) }
    func idontwant(_ peer: PeerID) -> [MessageID] {
        control[peer, default: []].flatMap(\.idontwant)
    }
    var receivers: Set<PeerID> { Set(messages.map(\.peer)) }
}
