/// A request/response protocol of the application's, with its limits.
package struct RequestProtocol: Sendable, Equatable {
    /// The name that is negotiated, such as `/damask/01234567/cells/1`.
    package var name: String
    /// Bytes of a request's body, at most.
    package var maximumRequestBytes: Int
    /// Bytes of one chunk of an answer, at most.
    package var maximumChunkBytes: Int
    /// Bytes of all chunks of an answer, at most.
    package var maximumResponseBytes: Int
    /// Requests of one peer that are served at the same time; further ones are reset.
    package var maximumInboundPerPeer = 2
    /// Requests of all peers that are served at the same time.
    package var maximumInbound = 256
    /// Requests made of one peer at the same time; further ones wait.
    package var maximumOutboundPerPeer = 2
    /// The time within which an inbound request must be whole.
    package var requestTimeout: Duration = .seconds(10)
    /// The time from a request, being whole, to the end of its answer, on the serving side.
    package var serviceTimeout: Duration = .seconds(30)
    /// The time from making a request to the first byte of the answer.
    package var firstByteTimeout: Duration = .seconds(10)
    /// The time from making a request to the end of the answer.
    package var responseTimeout: Duration = .seconds(30)

    package init(
        name: String, maximumRequestBytes: Int, maximumChunkBytes: Int, maximumResponseBytes: Int
    ) {
        self.name = name
        self.maximumRequestBytes = maximumRequestBytes
        self.maximumChunkBytes = maximumChunkBytes
        self.maximumResponseBytes = maximumResponseBytes
    }
}

/// How a host gossips.
package struct GossipConfiguration: Sendable {
    /// Mesh, caches and limits.
    package var parameters = GossipsubParameters()
    /// How peers are judged.
    package var scoring = ScoreParameters()
    /// The id of a message; all peers of a topic must agree on it.
    package var messageID: @Sendable (_ topic: String, _ data: [UInt8]) -> MessageID = MessageID
        .ofTopicAndData

    package init() {}
}

/// What a host allows and keeps, in numbers. `specs/network/limits.md` lists them all.
package struct HostLimits: Sendable, Equatable {
    /// Peers connected at the same time; further connections are closed. Loopback is exempt.
    package var maximumPeers = 256
    /// Connections of one peer kept for the moment until both sides have agreed on one.
    package var maximumConnectionsPerPeer = 2
    /// Two connections in opposite directions that come within this time of each other are taken for
    /// simultaneous dials: both sides keep the one that the smaller peer id dialled.
    package var simultaneousDialWindow: Duration = .seconds(10)
    /// Inbound streams of one connection, in all.
    package var maximumInboundStreams = 128
    /// Inbound ping streams of one peer.
    package var maximumPingStreams = 2
    /// Inbound identify and push streams of one peer.
    package var maximumIdentifyStreams = 4
    /// Bytes of an identify message, both ways.
    package var maximumIdentifyBytes = 4096
    /// The time that an identify exchange may take.
    package var identifyTimeout: Duration = .seconds(10)
    /// Identify pushes that are read from one peer in one minute.
    package var maximumPushesPerMinute = 10
    /// The time that a ping of ours may take.
    package var pingTimeout: Duration = .seconds(10)
    /// The time after which an idle ping stream of a peer's is closed. rust-libp2p pings every 15 seconds
    /// on one stream.
    package var pingIdleTimeout: Duration = .seconds(60)
    /// Pings of each peer that the host makes by itself; nil for none.
    package var pingInterval: Duration?

    /// Message bytes queued for one peer; then the oldest message is dropped, never control.
    package var gossipQueueBytes = 16 << 20
    /// Message bytes queued for all peers. A message that several peers are to get counts once, since
    /// their queues share its bytes.
    package var gossipQueueBytesInAll = 64 << 20
    /// While more than half of the mesh have this many bytes queued, what others send is credited later:
    /// the host itself is too slow, and who sends has to wait.
    package var congestionBytes = 1 << 20
    /// After this long it ends, unless gossip was written at a good rate meanwhile: peers that read slowly on
    /// purpose must not stop others.
    package var withholdingInterval: Duration = .milliseconds(250)
    /// Bytes written in one interval, for each mesh peer, that are a good rate.
    package var withholdingProgress = 512 << 10
    /// It ends after so many of these intervals in any case.
    package var maximumWithholdingIntervals = 20
    /// Control bytes queued for one peer; with more, the peer is disconnected. IHAVE and IDONTWANT are
    /// dropped from half of it on.
    package var controlQueueBytes = 256 << 10
    /// Bytes given to a stream and not yet reported as written; the rest waits in the host's queue.
    package var bytesInFlight = 128 << 10
    /// A peer that takes nothing of what is queued for this long is disconnected.
    package var stallTimeout: Duration = .seconds(20)
    /// Streams with malformed or oversize content that a peer may open before it is disconnected.
    package var maximumViolations = 3

    /// Requests that wait for one peer.
    package var maximumQueuedRequestsPerPeer = 64
    /// Answer bytes queued for one request; `respond` refuses more.
    package var responseQueueBytes = 4 << 20
    /// Answer bytes queued for all requests.
    package var responseQueueBytesInAll = 64 << 20
    /// Bytes of half-received requests, answers and RPCs of all peers. At the limit the largest is
    /// given up.
    package var partialBytesInAll = 32 << 20

    /// The score, without P6, below which a peer is disconnected and banned; nil to leave it at the
    /// graylist.
    package var banThreshold: Double? = -200
    /// How long a ban lasts.
    package var banDuration: Duration = .seconds(600)
    /// Bans remembered at most; the one that ends first goes first.
    package var maximumBans = 4096

    package init() {}
}

/// What a host is: who, what it speaks, and its limits.
package struct HostConfiguration: Sendable {
    /// The host's public key; its peer id follows from it.
    package var publicKey: PublicKey
    /// Where the host can be reached, for identify. Without `/p2p/…`. Each peer is told of those that
    /// it may be told of (`AddressScope`).
    package var listenAddresses: [Multiaddr] = []
    /// Signs the record of those addresses; nil for a host that sends none. It must be the key of
    /// `publicKey`.
    package var identity: IdentityKey?
    /// The number of the first record that is signed. Each later one has the next number, so this
    /// should be the time in milliseconds or finer, to be higher than before a restart.
    package var firstRecord: UInt64 = 1
    /// The software's name and version, for identify.
    package var agentVersion = "damask/0.1.0"
    /// The family of protocols, for identify.
    package var protocolVersion = "damask/0.1.0"
    /// The application's protocols.
    package var protocols: [RequestProtocol] = []
    /// How the host gossips; nil if it does not.
    package var gossip: GossipConfiguration? = GossipConfiguration()
    /// Limits.
    package var limits = HostLimits()

    package init(publicKey: PublicKey) {
        self.publicKey = publicKey
    }
}
