/// How the mesh of a topic is kept, what is remembered for how long, and what a peer may send.
///
/// Names follow the gossipsub specification where it has one, in words. Defaults are the
/// specification's or go-libp2p's; `specs/network/limits.md` has them in one table.
package struct GossipsubParameters: Sendable, Equatable {
    // MARK: mesh

    /// Peers that a topic's mesh should have (D).
    package var meshTarget = 8
    /// With fewer, peers are grafted (D_lo).
    package var meshLow = 6
    /// With more, peers are pruned (D_hi).
    package var meshHigh = 12
    /// Of those kept when pruning, how many are kept for their score (D_score).
    package var meshByScore = 4
    /// How many of the mesh should be peers that this host dialled (D_out): below `meshLow`, at
    /// most half of `meshTarget`.
    package var meshOutbound = 2
    /// Time between two heartbeats.
    package var heartbeatInterval: Duration = .seconds(1)
    /// How long after its start the first heartbeat comes.
    package var heartbeatInitialDelay: Duration = .milliseconds(100)
    /// How long a pruned peer stays out of the mesh.
    package var pruneBackoff: Duration = .seconds(60)
    /// How long peers stay out of the mesh after this host left the topic.
    package var unsubscribeBackoff: Duration = .seconds(10)
    /// No backoff that a peer asks for is longer than this.
    package var maximumBackoff: Duration = .seconds(3600)
    /// Backoffs remembered for one topic; the one that ends first goes first.
    package var maximumBackoffsPerTopic = 1024
    /// A GRAFT so soon after a PRUNE counts as misbehaviour twice.
    package var graftFloodThreshold: Duration = .seconds(10)
    /// Every so many heartbeats, a mesh of low scores gets better peers.
    package var opportunisticGraftTicks = 60
    /// How many it gets then.
    package var opportunisticGraftPeers = 2
    /// How long the peers of a topic that is only published to are remembered.
    package var fanoutLifetime: Duration = .seconds(60)
    /// Whether own messages go to all peers of the topic, not only to the mesh. It makes the first
    /// hop robust, at the price of uplink; off where messages are large.
    package var floodPublish = false
    /// Peers recommended with a PRUNE to a peer whose score is not below 0, each with a signed record;
    /// 0 switches peer exchange off.
    package var peerExchangeCount = 16

    // MARK: gossip

    /// Heartbeats that a message stays in the cache (mcache_len).
    package var historyLength = 5
    /// Heartbeats during which its id is gossiped (mcache_gossip).
    package var historyGossip = 3
    /// Message bytes in the cache at most; the oldest go first.
    package var historyByteLimit = 64 << 20
    /// Peers outside of the mesh that get gossip, at least (D_lazy).
    package var gossipLazy = 6
    /// Share of the peers outside of the mesh that get gossip, if that is more.
    package var gossipFactor = 0.25
    /// Ids named to one peer in one heartbeat and topic, at most. Foreign peers refuse control
    /// messages of over 16 KiB.
    package var maximumIHaveLength = 5000
    /// IHAVE messages that are read from one peer in one heartbeat.
    package var maximumIHaveMessages = 10
    /// Message ids that are asked of one peer in one heartbeat.
    package var maximumIWantLength = 5000
    /// Messages that were asked for and not received, in all: no more is asked.
    package var maximumOutstandingIWant = 20_000
    /// Peers that are asked for one message at the same time.
    package var concurrentIWant = 2
    /// How long a peer has to send what it was asked for, before the promise is broken.
    package var iwantFollowUp: Duration = .seconds(3)
    /// How often one message is sent to one peer on IWANT.
    package var gossipRetransmission = 3
    /// Message bytes sent to one peer on IWANT in one heartbeat.
    package var maximumIWantBytes = 8 << 20

    // MARK: IDONTWANT

    /// From this many bytes on, mesh peers are told that a message has arrived.
    package var idontwantThreshold = 1024
    /// Ids read from one peer in one heartbeat.
    package var maximumIDontWantLength = 2000
    /// Messages with ids read from one peer in one heartbeat.
    package var maximumIDontWantMessages = 2000
    /// Heartbeats that an id is remembered.
    package var idontwantTicks = 3

    // MARK: messages

    /// How long a message's id is remembered, so that it is taken only once.
    package var seenLifetime: Duration = .seconds(120)
    /// Ids remembered at most; the oldest go first.
    package var maximumSeen = 300_000
    /// Messages waiting for the application's verdict, in all. Those that arrive beyond are dropped,
    /// without blame, and not remembered.
    package var maximumPendingMessages = 8192
    /// The same of one peer.
    package var maximumPendingMessagesPerPeer = 1024
    /// Bytes of messages waiting for a verdict, in all.
    package var maximumPendingBytes = 64 << 20
    /// The same of one peer, so that none can take all of it.
    package var maximumPendingBytesPerPeer = 8 << 20
    /// A message without a verdict is ignored after this time.
    package var verdictLifetime: Duration = .seconds(60)

    // MARK: wire

    /// An RPC is at most this long, in bytes, both ways.
    package var maximumRPCBytes = 1 << 20
    /// A control RPC that is sent is shorter than this (rust-libp2p refuses more).
    package var maximumControlBytes = 16_000
    /// A topic's name is at most this long, in bytes.
    package var maximumTopicBytes = 256
    /// Topics that one peer may be subscribed to; further ones are not remembered.
    package var maximumTopicsPerPeer = 128
    /// Which topics of peers are remembered at all.
    package var topicFilter = TopicFilter.any
    /// What an RPC may hold.
    package var rpcLimits = RPCLimits()

    package init() {}
}

/// Which topics a host takes note of when peers subscribe to them.
package enum TopicFilter: Sendable, Equatable {
    /// All (their number is limited for each peer).
    case any
    /// Those that start with a text, such as `/damask/01234567/`.
    case prefix(String)
    /// Those listed.
    case only(Set<String>)

    /// Whether `topic` passes.
    package func allows(_ topic: String) -> Bool {
        switch self {
        case .any: true
        case .prefix(let prefix): topic.hasPrefix(prefix)
        case .only(let topics): topics.contains(topic)
        }
    }
}

/// What one RPC may hold at most. More parts than that is an error (the stream is reset), since
/// handling costs far more than sending them.
package struct RPCLimits: Sendable, Equatable {
    /// Changes of subscriptions.
    package var subscriptions = 512
    /// Messages.
    package var messages = 4096
    /// IHAVE, IWANT, GRAFT, PRUNE and IDONTWANT parts, each.
    package var controlParts = 512
    /// Message ids in all control parts.
    package var messageIDs = 16_384
    /// Peers recommended in one PRUNE; further ones are skipped.
    package var exchangedPeers = 32
    /// Bytes of a recommended peer's signed record; longer ones are skipped.
    package var signedRecordBytes = 2048

    package init() {}
}
