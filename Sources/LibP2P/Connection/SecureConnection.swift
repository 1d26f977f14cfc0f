import SystemCrypto

/// One connection of a libp2p host, from the transport's first byte on: the negotiation of Noise, its
/// handshake, the multiplexer, and on every stream the negotiation of its protocol.
///
/// A value without input, output, clock or randomness of its own. Bytes that arrive go into
/// `received`, bytes to send are taken with `output`, what happened comes out of `drain`, and `tick`
/// is owed when `nextDeadline` has come. No input ends the process: what breaks the rules ends the
/// connection, with a reason.
package struct SecureConnection: Sendable {
    static let noiseProtocol = "/noise"
    static let muxerProtocol = "/yamux/1.0.0"

    /// How far a connection has come.
    enum Phase: Sendable {
        /// Agreeing on Noise, in the clear.
        case negotiatingSecurity(Multistream)
        case handshake(NoiseHandshake)
        /// Agreeing on the multiplexer, over the secured channel.
        case negotiatingMuxer(Multistream)
        case established
        case closed
    }

    /// Who opened the connection.
    package let role: ConnectionRole
    let limits: ConnectionLimits
    private let identity: NoiseIdentity
    /// The key is made only when the handshake begins: whoever just connects costs nothing.
    private let ephemeralSeed: [UInt8]
    private let expectedPeer: PeerID?
    /// The protocols that a peer may open streams for.
    var protocols: Set<String>
    var phase: Phase
    var directives: [ConnectionDirective] = []

    // Sending.
    /// Bytes that go out before the channel is secured, or as the first message in it.
    var clearOutput: [UInt8] = []
    var channelOutput: [UInt8] = []
    var sending: NoiseCipher?
    var yamux: Yamux?

    // Receiving.
    var receiving: NoiseCipher?
    /// A frame that has begun to arrive, with its length in front.
    var partialFrame: [UInt8] = []
    private(set) var peerKey: PublicKey?

    // Streams whose protocol is not agreed on yet.
    var negotiations: [StreamID: StreamNegotiation] = [:]
    var negotiationDeadlines = FIFO<(stream: StreamID, at: Instant)>()

    // Time.
    let upgradeDeadline: Instant
    var lastReceived: Instant
    var frameSince: Instant?
    var pingedAt: Instant?
    var pingCount: UInt32 = 0
    var idleSince: Instant?

    /// A stream whose protocol is being agreed on.
    struct StreamNegotiation: Sendable {
        let isInbound: Bool
        var multistream: Multistream
    }

    /// A connection whose transport has just been established.
    ///
    /// - Parameters:
    ///   - role: Who opened the transport.
    ///   - identity: This host's, with its channel key.
    ///   - ephemeralSeed: 32 unpredictable bytes made for this connection alone.
    ///   - expectedPeer: The only peer to accept, if there is one.
    ///   - protocols: The protocols that the peer may open streams for.
    ///   - limits: What is allowed.
    ///   - now: The present moment.
    package init(
        role: ConnectionRole, identity: NoiseIdentity, ephemeralSeed: [UInt8],
        expectedPeer: PeerID? = nil, protocols: some Sequence<String>,
        limits: ConnectionLimits = ConnectionLimits(), now: Instant
    ) {
        self.role = role
        self.identity = identity
        precondition(ephemeralSeed.count == X25519.byteCount, "a seed has 32 bytes")
        self.ephemeralSeed = ephemeralSeed
        self.expectedPeer = expectedPeer
        self.protocols = Set(protocols)
        self.limits = limits
        upgradeDeadline = now + limits.upgradeTimeout
        lastReceived = now
        let negotiation = Self.negotiation(role, Self.noiseProtocol)
        phase = .negotiatingSecurity(negotiation)
        clearOutput = negotiation.opening
    }

    private static func negotiation(_ role: ConnectionRole, _ name: String) -> Multistream {
        role == .dialer ? Multistream(proposing: [name]) : .listening
    }

    /// The peer, once it is proven.
    package var peer: PeerID? { peerKey?.peerID }

    /// Whether a stream is live.
    package func isOpen(_ stream: StreamID) -> Bool { yamux?.isOpen(stream) ?? false }

    /// Whether streams can be opened.
    package var isEstablished: Bool {
        if case .established = phase { true } else { false }
    }

    /// Whether the connection is over.
    package var isClosed: Bool {
        if case .closed = phase { true } else { false }
    }

    /// Live streams of both sides, those still being negotiated included.
    package var streamCount: Int { yamux?.streamCount ?? 0 }

    /// What happened since the last call, in order.
    package mutating func drain() -> [ConnectionDirective] {
        guard !directives.isEmpty else { return [] }
        defer { directives = [] }
        return directives
    }

    // MARK: commands

    /// Opens a stream and proposes protocols, most wanted first. `streamOpened` or `openFailed`
    /// follows. Nil, and nothing follows, if there can be no stream now: the connection is not
    /// established, one side is going away, or too many streams are open.
    package mutating func openStream(_ protocols: [String], now: Instant) -> StreamID? {
        guard isEstablished, !protocols.isEmpty, let stream = yamux?.open(now: now) else {
            return nil
        }
        begin(stream, isInbound: false, Multistream(proposing: protocols), now: now)
        return stream
    }

    /// Queues bytes on a stream. False if nothing was taken: the stream is gone or its writing side
    /// closed, or too much is queued.
    @discardableResult
    package mutating func write(_ stream: StreamID, _ bytes: [UInt8]) -> Bool {
        yamux?.write(stream, bytes) ?? false
    }

    /// Closes this side of a stream after what is queued.
    package mutating func finish(_ stream: StreamID) {
        yamux?.finish(stream)
    }

    /// Ends a stream at once. Nothing more is reported of it.
    package mutating func reset(_ stream: StreamID) {
        negotiations[stream] = nil
        yamux?.reset(stream)
    }

    /// Lets the peer send more, for bytes that were processed.
    package mutating func consumed(_ stream: StreamID, _ count: Int) {
        yamux?.consumed(stream, count)
    }

    /// Replaces the protocols that the peer may open streams for.
    package mutating func setProtocols(_ protocols: some Sequence<String>) {
        self.protocols = Set(protocols)
    }

    /// Announces that no new streams are taken. Those that live go on; when the last has ended, the
    /// connection closes.
    package mutating func goAway() {
        yamux?.goAway()
    }

    /// Ends the connection politely: what is queued is dropped, and the last output tells the peer
    /// that it is over. No directive follows.
    package mutating func close() {
        guard !isClosed else { return }
        end()
        yamux?.terminate(.normal)
    }

    // MARK: progress

    /// Ends the connection because of `error`.
    mutating func fail(_ error: ConnectionError) {
        guard !isClosed else { return }
        end()
        switch error {
        case .yamux, .frameTimeout: yamux?.terminate(.protocolError)
        case .idle, .keepAliveTimeout: yamux?.terminate(.normal)
        default: yamux = nil
        }
        directives.append(.closed(error))
    }

    private mutating func end() {
        phase = .closed
        partialFrame = []
        clearOutput = []
        channelOutput = []
        negotiations = [:]
        negotiationDeadlines = FIFO()
        receiving = nil
    }

    /// Starts the handshake once both sides have agreed on Noise.
    mutating func startHandshake() throws(NoiseError) {
        guard let ephemeral = try? X25519.PrivateKey(bytes: ephemeralSeed) else {
            preconditionFailure("the seed's length was checked")
        }
        var handshake = NoiseHandshake(
            role: role, identity: identity, ephemeral: ephemeral,
            muxers: limits.namesMuxerInHandshake ? [Self.muxerProtocol] : nil,
            expectedPeer: expectedPeer)
        try sendHandshakeMessage(of: &handshake)
        phase = .handshake(handshake)
    }

    /// Takes one handshake message, without its length.
    mutating func receivedHandshake(
        _ message: UnsafeMutableRawBufferPointer, _ state: NoiseHandshake, now: Instant
    ) throws(NoiseError) {
        var handshake = state
        try handshake.readMessage(Array(message)[...])
        try sendHandshakeMessage(of: &handshake)
        phase = .handshake(handshake)
        guard let session = try handshake.session() else { return }
        sending = session.sending
        receiving = session.receiving
        peerKey = session.peerKey
        switch session.muxer {
        case .agreed:
            establish(now: now)
        case .toBeNegotiated:
            let negotiation = Self.negotiation(role, Self.muxerProtocol)
            channelOutput += negotiation.opening
            phase = .negotiatingMuxer(negotiation)
        }
    }

    private mutating func sendHandshakeMessage(
        of handshake: inout NoiseHandshake
    ) throws(NoiseError) {
        guard handshake.isWriting else { return }
        let message = try handshake.writeMessage()
        clearOutput.append(UInt8(message.count >> 8))
        clearOutput.append(UInt8(message.count & 0xff))
        clearOutput += message
    }

    /// The connection is ready for streams.
    mutating func establish(now: Instant) {
        guard let peerKey else { return }
        phase = .established
        yamux = Yamux(role: role, limits: limits.yamux, now: now)
        yamux?.measureRoundTrip(now: now)
        idleSince = now
        directives.append(.established(peerKey.peerID, peerKey))
    }
}
