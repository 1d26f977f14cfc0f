/// A stream of one connection.
struct StreamKey: Hashable, Comparable, Sendable {
    let connection: ConnectionID
    let stream: StreamID

    static func < (left: StreamKey, right: StreamKey) -> Bool {
        (left.connection, left.stream) < (right.connection, right.stream)
    }
}

/// What a stream is there for, with what its protocol has to remember.
enum StreamRole: Sendable {
    /// RPCs of a peer.
    case gossipIn(FrameAssembler)
    /// RPCs for a peer.
    case gossipOut
    /// The peer's answer to our question who it is.
    case identifyAsk(FrameAssembler)
    /// Our answer to that question, all of it written.
    case identifyAnswer
    /// The peer's news about itself.
    case pushIn(FrameAssembler)
    /// Ours, all of it written.
    case pushOut
    case pingIn(PingEcho)
    case pingOut(PingProbe)
    case requestOut(RequestID)
    case requestIn(InboundRequestID)
}

/// A stream with its role.
struct HostStream: Sendable {
    let peer: PeerID
    let isInbound: Bool
    var role: StreamRole
    /// Whether RPCs come in on it: to be asked without copying what the role holds.
    let carriesRPCs: Bool
    /// Bytes of a half-received message that the role holds.
    var partialBytes = 0
}

/// What an outbound stream is to be opened for.
enum StreamPurpose: Sendable {
    case gossip
    case identify
    case push
    case ping
    case request(RequestID)
}

/// An `openStream` that has no answer yet.
struct Opening: Sendable {
    let peer: PeerID
    let connection: ConnectionID
    let purpose: StreamPurpose
}

/// A connection that is kept.
struct HostConnection: Sendable {
    let id: ConnectionID
    let peer: PeerID
    let remote: Multiaddr
    let direction: ConnectionDirection
    let since: Instant
    /// Its streams, in order of their numbers.
    var streams = SortedSet<StreamID>()
    var inboundStreams = 0
}

/// Gossip with one peer.
struct GossipSession: Sendable {
    /// The stream that we write on.
    var outbound: StreamKey?
    var isOpening = false
    /// Attempts to open it since it was last open.
    var failures = 0
    /// The stream that the peer writes on.
    var inbound: StreamKey?
    /// Whether the router knows the peer.
    var isActive = false
    var outbox = GossipOutbox()
}

/// Requests to one peer by one protocol.
struct OutboundLane: Sendable {
    var active = 0
    var waiting = FIFO<RequestID>()
}

/// A connected peer.
struct HostPeer: Sendable {
    /// In the order in which they came.
    var connections: [ConnectionID] = []
    /// The one that streams are opened on.
    var primary: ConnectionID
    var identify: IdentifyInfo?
    var gossip = GossipSession()
    /// By protocol name.
    var lanes: [String: OutboundLane] = [:]
    /// Of requests that wait for a free place, in all lanes.
    var waitingRequests = 0
    /// The peer's requests that are being served, by protocol name.
    var serving: [String: Int] = [:]
    var pingStreams = 0
    var identifyStreams = 0
    var isPinging = false
    var violations = 0
    var pushes = 0
    var pushesSince = Instant.zero
}

/// A request of ours on its way.
struct OutboundRequest: Sendable {
    let peer: PeerID
    let rules: RequestProtocol
    /// Nil once it is written.
    var body: [UInt8]?
    var stream: StreamKey?
    var reader: ResponseReader
    let firstByteBy: Instant
    let completeBy: Instant
    var hasFirstByte = false
    var isWaiting = true
}

/// A peer's request.
struct InboundRequest: Sendable {
    let peer: PeerID
    let stream: StreamKey
    let rules: RequestProtocol
    /// Nil once the request is whole and with the application.
    var reader: RequestReader?
    var writer = ResponseWriter()
    /// Whether the application must be told when the queue is empty.
    var owesDrained = false
}

/// What a deadline is for.
enum TimerKey: Hashable, Sendable {
    /// A stream that has to have got on by then: identify, push, ping.
    case stream(StreamKey)
    case requestFirstByte(RequestID)
    case request(RequestID)
    case inbound(InboundRequestID)
    /// Ping the peer again.
    case ping(PeerID)
    /// Try to open a gossip stream again.
    case gossip(PeerID)
    /// Look at queues and scores once a second.
    case housekeeping
    /// Credit what was withheld from gossip streams, come what may.
    case withheld
    /// Give up a second connection in the same direction.
    case duplicate(ConnectionID)
}
