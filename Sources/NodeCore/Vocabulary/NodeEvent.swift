public import LibP2P

/// What happens to a node. The shell (NIO or the simulator) makes these from its host's directives.
public enum NodeEvent: Sendable {
    /// A peer has a secured connection to this node now; its first one.
    case peerConnected(PeerConnection)
    /// The last connection to a peer has gone.
    case peerDisconnected(PeerID)
    /// A gossip message awaits this node's verdict.
    case message(GossipDelivery)
    /// A peer asks this node for something.
    case request(InboundRequest)
    /// One whole message of the streamed answer to this node's request.
    case responseChunk(OutboundRequestToken, [UInt8])
    /// The answer is complete.
    case responseFinished(OutboundRequestToken)
    /// There is no answer, or not all of it.
    case responseFailed(OutboundRequestToken, RequestFailure)
    /// A `Work` value that the node handed out has been run.
    case workFinished(WorkToken, WorkResult)
}

/// A new peer.
public struct PeerConnection: Sendable, Hashable {
    /// Who it proved to be.
    public let peer: PeerID
    /// Whether this node chose to connect (an attacker can fill inbound places, not outbound ones).
    public let isOutbound: Bool
    /// Where in the address space it is.
    public let addressGroup: AddressGroup

    /// A peer with what the shell knows of its connection.
    public init(peer: PeerID, isOutbound: Bool, addressGroup: AddressGroup = .unknown) {
        self.peer = peer
        self.isOutbound = isOutbound
        self.addressGroup = addressGroup
    }
}

/// A gossip message on its way in.
public struct GossipDelivery: Sendable, Hashable {
    /// Names it in the verdict.
    public let token: GossipToken
    /// The full topic string.
    public let topic: String
    /// The message.
    public let data: [UInt8]
    /// The peer it came from first.
    public let from: PeerID

    /// A message with its origin.
    public init(token: GossipToken, topic: String, data: [UInt8], from: PeerID) {
        self.token = token
        self.topic = topic
        self.data = data
        self.from = from
    }
}

/// A request on its way in.
public struct InboundRequest: Sendable, Hashable {
    /// Names it in the answer.
    public let token: InboundRequestToken
    /// The peer that asks.
    public let from: PeerID
    /// The full protocol name.
    public let protocolName: String
    /// What it asks, one message.
    public let body: [UInt8]

    /// A request with its origin.
    public init(token: InboundRequestToken, from: PeerID, protocolName: String, body: [UInt8]) {
        self.token = token
        self.from = from
        self.protocolName = protocolName
        self.body = body
    }
}

/// Why a request ended without a complete answer.
public enum RequestFailure: Sendable, Hashable {
    /// The deadline passed.
    case timedOut
    /// The peer does not speak the protocol.
    case unsupported
    /// The connection or the stream broke, or the peer reset it.
    case disconnected
    /// The answer broke the framing or was too long.
    case malformed
}
