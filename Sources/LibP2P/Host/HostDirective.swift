/// One connection of the shell's, under a number that the shell gives and never gives again.
package struct ConnectionID: Hashable, Comparable, Sendable {
    /// The shell's number.
    package let rawValue: UInt64

    package init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package static func < (left: ConnectionID, right: ConnectionID) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Who dialled a connection.
package enum ConnectionDirection: Hashable, Sendable {
    /// The other side did.
    case inbound
    /// This side did.
    case outbound
}

/// A request that this host made.
package struct RequestID: Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package static func < (left: RequestID, right: RequestID) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A request that a peer made of this host.
package struct InboundRequestID: Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package static func < (left: InboundRequestID, right: InboundRequestID) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Why a connection is closed by the host.
package enum CloseReason: Hashable, Sendable {
    /// The application asked for it.
    case application
    /// Another connection to the same peer is kept.
    case duplicate
    /// The peer's id is this host's own.
    case ownPeerID
    /// As many peers, or connections of this peer, as there may be.
    case tooManyConnections
    /// The peer is banned, or its score fell to where a ban starts.
    case banned
    /// The peer broke a protocol's rules too often; which one, in words.
    case protocolViolation(String)
    /// The peer has not taken what was queued for it for too long.
    case slowReader
}

/// Why a request that this host made has no (further) answer.
package enum RequestFailure: Hashable, Sendable {
    /// No connection, or it was lost before the answer ended.
    case connectionLost
    /// The peer does not speak the protocol, or no stream could be opened.
    case streamRefused
    /// The peer reset the stream: busy, over a limit, or unable to answer.
    case reset
    /// No stream, or no first byte of the answer, in time.
    case firstByteTimeout
    /// The answer did not end in time.
    case timeout
    /// The answer, or one chunk of it, is longer than its limit, in bytes.
    case tooLong(limit: Int)
    /// The answer is no sequence of length-prefixed chunks, or ends within one.
    case malformed
    /// The application cancelled it.
    case cancelled
}

/// Why a ping has no result.
package enum PingFailure: Hashable, Sendable {
    /// No connection, or it was lost.
    case connectionLost
    /// The peer does not answer pings.
    case streamRefused
    /// No echo in time.
    case timeout
    /// What came back is not what was sent.
    case mismatch
}

/// What a peer said about itself in identify. Claims, all of them, but for the public key, which was
/// compared with the connection's.
package struct IdentifyInfo: Hashable, Sendable {
    /// The key that the peer's id is made of, if it was sent.
    package var publicKey: PublicKey?
    /// Where the peer says that it listens. Not verified.
    package var listenAddresses: [Multiaddr] = []
    /// The protocols that it says it accepts.
    package var protocols: [String] = []
    /// The address that the peer sees this host under. Never to be trusted alone.
    package var observedAddress: Multiaddr?
    /// The family of protocols, such as `ipfs/0.1.0`.
    package var protocolVersion: String?
    /// The peer's software.
    package var agentVersion: String?
    /// The newest signed record of the peer's addresses; verified. What it says is still the peer's
    /// claim, but one that can be passed on.
    package var peerRecord: SignedPeerRecord?

    package init() {}
}

/// What the host wants done. The first group is for the shell that moves bytes, the second for the
/// application.
package enum HostDirective: Sendable {
    // MARK: for the shell

    /// Open a stream and negotiate one of the protocols, most wanted first; then call
    /// `streamOpened` or `openFailed` with the token.
    case openStream(ConnectionID, protocols: [String], token: UInt64)
    /// Send bytes on a stream; report them with `streamWritten` once they have left the connection's
    /// buffers.
    case write(ConnectionID, StreamID, [UInt8])
    /// Close this side of a stream, after what was written.
    case finish(ConnectionID, StreamID)
    /// End a stream at once. Nothing more is expected from it, not even `streamClosed`.
    case reset(ConnectionID, StreamID)
    /// So many received bytes were processed: the peer may send as many more.
    case consumed(ConnectionID, StreamID, Int)
    /// Close a connection (politely, with go-away). The host has already forgotten it;
    /// `disconnected` may still be called and does nothing.
    case close(ConnectionID, CloseReason)

    // MARK: for the application

    /// The first connection to a peer is there.
    case peerConnected(PeerID, Multiaddr, ConnectionDirection)
    /// The last connection to a peer is gone.
    case peerDisconnected(PeerID)
    /// A peer's identify message arrived, or a push that changed it.
    case identified(PeerID, IdentifyInfo)
    /// A new message on a subscribed topic. It must be answered with `validated`.
    case message(GossipMessage)
    /// A peer subscribed to a topic (true) or left it.
    case peerSubscribed(PeerID, topic: String, Bool)
    /// Peers of a topic that a pruning peer recommends, to be dialled if more are needed. Their
    /// names alone; nothing about them is verified.
    case peerExchange(topic: String, [PeerExchangeRecord], from: PeerID)
    /// A peer asks; answer with `respond` and `finish`, or `fail`.
    case request(InboundRequestID, from: PeerID, protocol: String, body: [UInt8])
    /// The asker is gone, or the time to answer over: no answer is wanted any more.
    case requestCancelled(InboundRequestID)
    /// Everything that was queued for this answer has left the host: room for more.
    case responseDrained(InboundRequestID)
    /// One chunk of an answer.
    case response(RequestID, chunk: [UInt8])
    /// An answer is complete.
    case responseFinished(RequestID)
    /// There is no answer, or no more of it.
    case responseFailed(RequestID, RequestFailure)
    /// The time that a ping took to come back.
    case pinged(PeerID, Duration)
    /// A ping that did not come back.
    case pingFailed(PeerID, PingFailure)
}
