/// Why a connection ended. The cases say who broke what; none carries secrets.
package enum ConnectionError: Error, Equatable, Sendable {
    /// The connection was not secured and multiplexed in time.
    case upgradeTimeout
    /// The negotiation of the security protocol or the multiplexer failed.
    case negotiation(MultistreamError)
    /// A handshake message longer than the limit, in bytes.
    case handshakeMessageTooLong(byteCount: Int, limit: Int)
    /// The handshake or the secured channel failed.
    case noise(NoiseError)
    /// The peer broke the multiplexer's rules.
    case yamux(YamuxError)
    /// A frame was begun and not completed in time.
    case frameTimeout
    /// The peer gave no sign of life when asked for one.
    case keepAliveTimeout
    /// There was no stream for too long.
    case idle
    /// The peer ended the session, for this reason (`YamuxGoAway`, or one unknown).
    case peerWentAway(UInt32)
}

/// Why a stream could not be opened.
package enum StreamOpenError: Error, Equatable, Sendable {
    /// The peer speaks none of the protocols, or broke the rules of negotiation.
    case negotiation(MultistreamError)
    /// The peer did not answer in time.
    case timeout
    /// The peer refused or ended the stream.
    case reset
}

/// What happened on a connection, for the shell to pass on.
package enum ConnectionDirective: Equatable, Sendable {
    /// The connection is secured, the peer proven, and streams can be opened.
    case established(PeerID, PublicKey)
    /// A stream's protocol is agreed on.
    case streamOpened(StreamID, protocol: String, inbound: Bool)
    /// A stream that `openStream` gave will not be; it is gone.
    case openFailed(StreamID, StreamOpenError)
    /// Bytes of a stream. The peer may send as many more once they are `consumed`.
    case data(StreamID, [UInt8])
    /// The peer writes no more on a stream.
    case readClosed(StreamID)
    /// A stream ended: both sides had closed it, or the peer reset it.
    case streamClosed(StreamID, reset: Bool)
    /// So many bytes given to `write` left for the transport.
    case written(StreamID, Int)
    /// The connection is over: send what output there still is, then close the transport. Nothing
    /// else follows.
    case closed(ConnectionError)
}

/// What a connection allows, in numbers.
package struct ConnectionLimits: Sendable {
    /// The time from the transport's connection to the first stream: negotiation, handshake and
    /// multiplexer together.
    package var upgradeTimeout: Duration = .seconds(10)
    /// The longest message of a handshake, in bytes.
    package var maximumHandshakeMessage = 16_384
    /// The time that the negotiation of a stream's protocol may take.
    package var negotiationTimeout: Duration = .seconds(10)
    /// After this long without a byte the peer is asked for a sign of life.
    package var keepAliveInterval: Duration = .seconds(30)
    /// After this long without an answer the connection is closed.
    package var keepAliveTimeout: Duration = .seconds(10)
    /// The time that a frame may take to arrive once it has begun.
    package var frameTimeout: Duration = .seconds(60)
    /// After this long without a stream the connection is closed; nil for never.
    package var idleTimeout: Duration? = .seconds(120)
    /// Whether the handshake names the multiplexer, which saves a round trip.
    package var namesMuxerInHandshake = true
    /// The multiplexer's own limits. Receive windows may grow beyond the specification's: bytes that
    /// arrive are passed on at once, so that costs no memory here, and it keeps long paths busy.
    package var yamux = YamuxLimits()

    package init() {
        yamux.maximumReceiveWindow = 1_048_576
    }
}
