import SystemCrypto

/// The router of gossipsub 1.1 and 1.2, under StrictNoSign.
///
/// For each topic it keeps a mesh of peers, to which every valid message is forwarded at once, tells
/// other peers at every heartbeat what it has, scores everybody, and obeys limits in everything. It
/// handles RPCs as values; `Host` turns them into bytes and queues them.
///
/// It has no clock and no randomness of its own, and iterates over nothing unordered, so that equal
/// events give equal directives.
///
/// Where it departs from the specification and go-libp2p-pubsub:
/// - A message is asked for from few peers at a time (`concurrentIWant`), since ours are large.
/// - Peers below the mesh's lower bound are grafted as soon as they subscribe, not at the next
///   heartbeat only: small networks form at once.
/// - The message cache and what IWANT can draw from it are bounded in bytes too.
/// - Only one message id length exists; other ids are skipped while decoding.
package struct Gossipsub: Sendable {
    /// What version of the protocol a peer's stream was agreed on.
    package enum Version: Sendable {
        case v1_1
        case v1_2

        /// The version that a protocol name stands for; nil if it is none of ours.
        package init?(protocolName: String) {
            switch protocolName {
            case "/meshsub/1.2.0": self = .v1_2
            case "/meshsub/1.1.0": self = .v1_1
            default: return nil
            }
        }
    }

    struct Peer: Sendable {
        var version: Version
        var isOutbound: Bool
        var isDirect: Bool
        var topics = SortedSet<String>()
        /// How many meshes it is in.
        var meshes = 0
        /// A signed record of its addresses, to recommend it with.
        var record: SignedPeerRecord?
        /// Which peers may be recommended to it: those whose addresses it may be told of.
        var scope: AddressScope
        // What it did since the last heartbeat.
        var ihaveMessages = 0
        var iwantAsked = 0
        var iwantBytes = 0
        var idontwantMessages = 0
        var idontwantIDs = 0
        /// Ids that it wants no copies of, and until which heartbeat.
        var dontWant: [MessageID: Int] = [:]
        /// Its messages that wait for a verdict, and their bytes.
        var pending = 0
        var pendingBytes = 0
    }

    struct Backoff: Sendable {
        var expires: Instant
        var prunedAt: Instant
    }

    struct Topic: Sendable {
        var isJoined = false
        /// Connected peers that are subscribed.
        var subscribers = SortedSet<PeerID>()
        var mesh = SortedSet<PeerID>()
        /// Peers that own messages go to while the topic is not joined.
        var fanout = SortedSet<PeerID>()
        var fanoutUsed: Instant?
        /// Peers that must not be grafted, and for how long they must not graft.
        var backoff: [PeerID: Backoff] = [:]
    }

    /// A message that waits for the application's verdict.
    struct Pending: Sendable {
        let message: GossipMessage
        /// Who has sent it so far, the first one first.
        var senders: [PeerID]
        let deadline: Instant
    }

    /// A valid message of which further copies still count for P3.
    struct Recent: Sendable {
        let topic: String
        let until: Instant
        var senders: [PeerID]
    }

    let parameters: GossipsubParameters
    let messageID: @Sendable (String, [UInt8]) -> MessageID
    var random: SeededRandom
    var scores: PeerScores

    var peers: [PeerID: Peer] = [:]
    var peerOrder = SortedSet<PeerID>()
    var directPeers = SortedSet<PeerID>()
    /// Every topic that is joined, that a connected peer is subscribed to, or that has a fanout.
    var topics: [String: Topic] = [:]
    /// Those that are joined or have a fanout, or backoffs: what heartbeats look at.
    var activeTopics = SortedSet<String>()

    var seen: SeenCache
    var cache: MessageCache
    var promises: IWantPromises
    var pending: [MessageID: Pending] = [:]
    var pendingOrder = FIFO<(id: MessageID, deadline: Instant)>()
    var pendingBytes = 0
    var recent: [MessageID: Recent] = [:]
    var recentOrder = FIFO<(id: MessageID, until: Instant)>()

    var heartbeat = 0
    var nextHeartbeat: Instant
    var nextDecay: Instant

    /// How often what happened.
    package internal(set) var counters = GossipsubCounters()
    var directives: [GossipsubDirective] = []
    /// Control for each peer that the present event gave rise to, merged into one RPC.
    var control: [PeerID: RPC] = [:]
    var controlOrder: [PeerID] = []

    /// A router without peers and topics.
    ///
    /// - Parameters:
    ///   - configuration: Parameters and the function for message ids.
    ///   - seed: 32 bytes, unpredictable ones where others may be hostile.
    ///   - now: The present moment.
    package init(configuration: GossipConfiguration, seed: [UInt8], now: Instant) {
        parameters = configuration.parameters
        messageID = configuration.messageID
        random = SeededRandom(seed: seed)
        scores = PeerScores(parameters: configuration.scoring)
        seen = SeenCache(lifetime: parameters.seenLifetime, limit: parameters.maximumSeen)
        cache = MessageCache(
            historyLength: parameters.historyLength, historyGossip: parameters.historyGossip,
            byteLimit: parameters.historyByteLimit)
        promises = IWantPromises(
            followUp: parameters.iwantFollowUp, limit: parameters.maximumOutstandingIWant,
            concurrent: parameters.concurrentIWant)
        nextHeartbeat = now + parameters.heartbeatInitialDelay
        nextDecay = now + configuration.scoring.decayInterval
    }

    /// Everything to be done since the last call: control before messages where both go to one peer
    /// because of one event.
    package mutating func drain() -> [GossipsubDirective] {
        flushControl()
        defer { directives = [] }
        return directives
    }

    /// The next moment at which `tick` has something to do.
    package var nextDeadline: Instant { min(nextHeartbeat, nextDecay) }

    /// Does what is due.
    package mutating func tick(now: Instant) {
        if nextDecay <= now {
            scores.decay(now: now)
            nextDecay = max(nextDecay + scores.parameters.decayInterval, now)
        }
        if nextHeartbeat <= now {
            runHeartbeat(now: now)
            nextHeartbeat += parameters.heartbeatInterval
            if nextHeartbeat <= now { nextHeartbeat = now + parameters.heartbeatInterval }
        }
    }

    // MARK: control that is on its way out

    /// Merges control for a peer into what goes out after this event.
    mutating func send(to peer: PeerID, _ add: (inout RPC) -> Void) {
        guard peers[peer] != nil else { return }
        if control[peer] == nil { controlOrder.append(peer) }
        add(&control[peer, default: RPC()])
    }

    /// Moves merged control to the directives; called before messages are sent and at the end.
    mutating func flushControl() {
        for peer in controlOrder {
            guard let rpc = control[peer], !rpc.isEmpty else { continue }
            directives.append(.control(rpc, to: peer))
        }
        controlOrder.removeAll(keepingCapacity: true)
        control.removeAll(keepingCapacity: true)
    }

    // MARK: what is known

    /// The topics that this router is subscribed to, in order.
    package var subscriptions: [String] {
        activeTopics.filter { topics[$0]?.isJoined == true }
    }

    /// The connected peers that are subscribed to a topic, in order.
    package func subscribers(of topic: String) -> [PeerID] {
        topics[topic]?.subscribers.array ?? []
    }

    /// The mesh of a topic, in order.
    package func mesh(of topic: String) -> [PeerID] {
        topics[topic]?.mesh.array ?? []
    }

    /// The peer's score; 0 for an unknown peer.
    package mutating func score(of peer: PeerID) -> Double {
        scores.score(of: peer)
    }

    /// The peer's score without what is due to others at its address (P6): what it has done itself.
    package mutating func conduct(of peer: PeerID) -> Double {
        scores.conduct(of: peer)
    }

    /// Takes points off a peer's score (P5), or gives some if negative.
    package mutating func penalise(_ peer: PeerID, points: Double) {
        scores.penalise(peer, points: points)
    }

    /// Whether the peer is in the mesh of any topic, so that it is sent much.
    func isInMesh(_ peer: PeerID) -> Bool { peers[peer]?.meshes ?? 0 > 0 }

    /// Messages that wait for the application's verdict.
    package var pendingCount: Int { pending.count }
}

/// What the router wants done.
package enum GossipsubDirective: Sendable {
    /// Send subscriptions and control to a peer: never to be dropped, but for IHAVE and IDONTWANT.
    case control(RPC, to: PeerID)
    /// Send a message to a peer.
    case message(MessageFrame, to: PeerID)
    /// Messages that the peer no longer wants, should they still be queued for it.
    case cancel([MessageID], to: PeerID)
    /// A new message for the application.
    case deliver(GossipMessage)
    /// A peer subscribed to a topic (true) or left it.
    case subscription(PeerID, topic: String, Bool)
    /// Peers recommended by a peer that pruned this host.
    case peerExchange(topic: String, [PeerExchangeRecord], from: PeerID)
}
