import SystemCrypto

/// One libp2p node without its sockets: the connections that a shell feeds in become peers, with
/// identify, ping, gossip and request/response on top.
///
/// A value that takes an event and the time and leaves directives, which `drain` hands out. It has no
/// clock and no randomness of its own: two hosts that start from the same seed and get the same
/// events at the same times give the same directives. No event that a remote can cause traps.
///
/// The shell owes it: every stream that a peer opens on a connection (negotiated to one of
/// `inboundProtocols`), the received bytes of each stream in order, `streamWritten` for what has left
/// its buffers, and `tick` when `nextDeadline` has come.
package struct Host: Sendable {
    package let configuration: HostConfiguration
    /// The id of this host.
    package let localPeer: PeerID

    var random: SeededRandom
    var directives: [HostDirective] = []
    /// How often what happened.
    package internal(set) var counters = HostCounters()

    var connections: [ConnectionID: HostConnection] = [:]
    var peerStates: [PeerID: HostPeer] = [:]
    var peerOrder = SortedSet<PeerID>()
    var bans: [PeerID: Instant] = [:]

    var streams: [StreamKey: HostStream] = [:]
    var openings: [UInt64: Opening] = [:]
    var nextToken: UInt64 = 1
    /// Bytes of half-received messages on all streams.
    var partialBytes = 0

    var gossip: Gossipsub?
    /// Messages that wait in the outboxes of all peers.
    var queuedMessages = QueuedMessages()
    /// Received bytes of gossip that are credited later since this host can't forward as fast.
    var withheld: [StreamKey: Int] = [:]
    /// Bytes of gossip written since that was last looked at, and how often it was prolonged.
    var withholding = (written: 0, prolonged: 0)
    /// How many mesh peers there are and how many of them have long queues, and when that was counted.
    var congestion = (countedAt: Instant.zero, mesh: 0, queued: 0)
    /// Peers whose outboxes may have something to write.
    var readyOutboxes = SortedSet<PeerID>()

    let protocols: [String: RequestProtocol]
    var requests: [RequestID: OutboundRequest] = [:]
    var nextRequest: UInt64 = 1
    var inboundRequests: [InboundRequestID: InboundRequest] = [:]
    var nextInboundRequest: UInt64 = 1
    /// Requests of all peers that are being served, by protocol name.
    var serving: [String: Int] = [:]
    var queuedResponseBytes = 0

    /// The time of the present event.
    var lastEvent: Instant
    var timers = DeadlineQueue<TimerKey>()
    /// Where the host can be reached.
    package internal(set) var listenAddresses: [Multiaddr]
    /// The signed record of those addresses for each scope of peers; made when they change.
    var ownRecords: [AddressScope: SignedPeerRecord] = [:]
    var nextRecord: UInt64

    /// A host that knows nobody yet.
    ///
    /// - Parameters:
    ///   - configuration: What it is and what its limits are. Of two protocols of one name the first
    ///     counts.
    ///   - seed: 32 bytes; unpredictable ones where others may be hostile.
    ///   - now: The present moment.
    package init(configuration: HostConfiguration, seed: [UInt8], now: Instant) {
        self.configuration = configuration
        localPeer = configuration.publicKey.peerID
        random = SeededRandom(seed: seed)
        listenAddresses = configuration.listenAddresses
        nextRecord = configuration.firstRecord
        lastEvent = now
        protocols = Dictionary(
            configuration.protocols.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        if let gossip = configuration.gossip {
            self.gossip = Gossipsub(configuration: gossip, seed: randomBytes(32), now: now)
        }
        signRecords()
    }

    var limits: HostLimits { configuration.limits }

    mutating func randomBytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let word = random.next()
            for shift in stride(from: 0, to: 64, by: 8) where bytes.count < count {
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        return bytes
    }

    /// The protocols to accept on inbound streams, in order of names.
    package var inboundProtocols: [String] {
        var names = [HostProtocol.identify, HostProtocol.identifyPush, HostProtocol.ping]
        if gossip != nil { names += HostProtocol.gossip }
        return (names + protocols.keys).sorted()
    }

    /// Everything to be done since the last call, in order.
    package mutating func drain() -> [HostDirective] {
        settle()
        defer { directives = [] }
        return directives
    }

    // MARK: events of the shell

    /// A connection is secured and multiplexed.
    ///
    /// The host may answer with `close` at once. It opens identify and gossip streams by itself.
    package mutating func connected(
        _ connection: ConnectionID, peer: PeerID, remote: Multiaddr,
        direction: ConnectionDirection, now: Instant
    ) {
        lastEvent = now
        handleConnected(connection, peer: peer, remote: remote, direction: direction, now: now)
    }

    /// A connection is gone, with all of its streams; nothing is called for those.
    package mutating func disconnected(_ connection: ConnectionID, now: Instant) {
        lastEvent = now
        forget(connection, now: now)
    }

    /// A stream is negotiated.
    ///
    /// - Parameters:
    ///   - connection: The connection that it belongs to.
    ///   - stream: Its number there.
    ///   - name: The protocol that was agreed on.
    ///   - token: That of `openStream`, or nil if the peer opened the stream.
    ///   - now: The present moment.
    package mutating func streamOpened(
        _ connection: ConnectionID, _ stream: StreamID, protocol name: String, token: UInt64?,
        now: Instant
    ) {
        lastEvent = now
        let key = StreamKey(connection: connection, stream: stream)
        handleOpened(key, protocol: name, token: token, now: now)
    }

    /// A stream asked for with `openStream` could not be opened, or the peer has none of its
    /// protocols.
    package mutating func openFailed(_ connection: ConnectionID, token: UInt64, now: Instant) {
        lastEvent = now
        openingFailed(token, connectionLost: false, now: now)
    }

    /// Bytes arrived on a stream.
    package mutating func streamData(
        _ connection: ConnectionID, _ stream: StreamID, _ bytes: [UInt8], now: Instant
    ) {
        lastEvent = now
        handleData(StreamKey(connection: connection, stream: stream), bytes, now: now)
    }

    /// The peer closed its side of a stream.
    package mutating func streamReadClosed(
        _ connection: ConnectionID, _ stream: StreamID, now: Instant
    ) {
        lastEvent = now
        handleReadClosed(StreamKey(connection: connection, stream: stream), now: now)
    }

    /// A stream has ended: both sides are closed, or either reset it (`reset`).
    package mutating func streamClosed(
        _ connection: ConnectionID, _ stream: StreamID, reset: Bool, now: Instant
    ) {
        lastEvent = now
        let key = StreamKey(connection: connection, stream: stream)
        if !reset { handleReadClosed(key, now: now) }
        endStream(key, .reset, now: now)
    }

    /// So many bytes of a stream's earlier `write` directives have left the connection's buffers
    /// towards the transport. Without it no more than `bytesInFlight` is ever written to a stream.
    package mutating func streamWritten(
        _ connection: ConnectionID, _ stream: StreamID, count: Int, now: Instant
    ) {
        lastEvent = now
        let key = StreamKey(connection: connection, stream: stream)
        handleWritten(key, count: count, now: now)
    }

    /// The earliest moment at which `tick` has something to do.
    package var nextDeadline: Instant? {
        guard let gossip else { return timers.next }
        return min(timers.next ?? .distantFuture, gossip.nextDeadline)
    }

    /// Does what is due. Calling it early or late does no harm.
    package mutating func tick(now: Instant) {
        lastEvent = now
        gossip?.tick(now: now)
        runTimers(now: now)
    }

    // MARK: commands of the application

    /// Joins a topic. Its messages then arrive as `message` directives.
    package mutating func subscribe(_ topic: String, now: Instant) {
        lastEvent = now
        gossip?.subscribe(topic, now: now)
    }

    /// Leaves a topic.
    package mutating func unsubscribe(_ topic: String, now: Instant) {
        lastEvent = now
        gossip?.unsubscribe(topic, now: now)
    }

    /// Publishes a message; the host need not be subscribed to the topic.
    ///
    /// - Parameters:
    ///   - topic: The topic.
    ///   - data: The content.
    ///   - peers: The peers to send it to, or nil for the usual ones (the mesh, or all peers of the
    ///     topic with `floodPublish`). More peers can be given the message later with `forward`.
    ///   - now: The present moment.
    /// - Returns: The message's id and whom it was queued for; nobody, if no peer of the topic is
    ///   there, which is no error.
    /// - Throws: `PublishError` if the message is too large or was seen before.
    @discardableResult
    package mutating func publish(
        _ topic: String, _ data: [UInt8], to peers: [PeerID]? = nil, now: Instant
    ) throws(PublishError) -> Publication {
        lastEvent = now
        guard let publication = try gossip?.publish(topic, data, to: peers, now: now) else {
            throw .gossipDisabled
        }
        return publication
    }

    /// Sends a message that is still in the cache to peers that have not been sent it and have not
    /// sent it, or to the mesh if none are named.
    ///
    /// - Returns: Whom it was queued for.
    @discardableResult
    package mutating func forward(_ id: MessageID, to peers: [PeerID]? = nil, now: Instant)
        -> [PeerID]
    {
        lastEvent = now
        return gossip?.forward(id, to: peers, now: now) ?? []
    }

    /// The application's verdict on a message. Does nothing for a message that waits for none.
    package mutating func validated(_ id: MessageID, _ verdict: MessageVerdict, now: Instant) {
        lastEvent = now
        gossip?.validated(id, verdict, now: now)
    }

    /// Asks a peer. The answer comes as `response` directives, then `responseFinished` or
    /// `responseFailed`.
    ///
    /// - Parameters:
    ///   - peer: Whom.
    ///   - name: One of the application's protocols.
    ///   - body: The request.
    ///   - timeout: The time until the whole answer is there; the protocol's own if nil.
    ///   - now: The present moment.
    /// - Returns: The request's number, which the answer's directives carry.
    /// - Throws: `RequestError` if nothing was sent and no directive will come.
    package mutating func request(
        _ peer: PeerID, protocol name: String, body: [UInt8], timeout: Duration? = nil,
        now: Instant
    ) throws(RequestError) -> RequestID {
        lastEvent = now
        return try makeRequest(peer, protocol: name, body: body, timeout: timeout, now: now)
    }

    /// Gives up a request; `responseFailed` with `cancelled` follows.
    package mutating func cancel(_ request: RequestID, now: Instant) {
        lastEvent = now
        failRequest(request, .cancelled, now: now)
    }

    /// Adds a chunk to the answer to a peer's request.
    ///
    /// - Returns: False if the chunk was not taken: the request is gone (then nothing else is to be
    ///   done), or its queue is full (then wait for `responseDrained`).
    @discardableResult
    package mutating func respond(
        _ request: InboundRequestID, chunk: [UInt8], now: Instant
    ) -> Bool {
        lastEvent = now
        return queueResponse(request, chunk: chunk, now: now)
    }

    /// Ends the answer to a peer's request, after the chunks given so far.
    package mutating func finish(_ request: InboundRequestID, now: Instant) {
        lastEvent = now
        endResponse(request)
    }

    /// Refuses a peer's request, or breaks its answer off: the stream is reset.
    package mutating func fail(_ request: InboundRequestID, now: Instant) {
        lastEvent = now
        guard let stream = inboundRequests[request]?.stream else { return }
        // No directive follows: the application knows.
        inboundRequests[request]?.writer.isEnding = true
        reset(stream, .reset, now: now)
    }

    /// Measures the time to a peer and back.
    package mutating func ping(_ peer: PeerID, now: Instant) {
        lastEvent = now
        startPing(of: peer)
    }

    /// Closes all connections of a peer.
    package mutating func disconnect(_ peer: PeerID, now: Instant) {
        lastEvent = now
        closeAll(of: peer, .application, now: now)
    }

    /// Counts misbehaviour that the application found: `points` are taken off the peer's score (P5),
    /// where they decay. A negative number makes up for earlier ones.
    package mutating func penalise(_ peer: PeerID, points: Double, now: Instant) {
        lastEvent = now
        gossip?.penalise(peer, points: points)
        banIfDue(peer, now: now)
    }

    /// Closes all connections of a peer and refuses new ones for a time (the limit's if nil).
    package mutating func ban(_ peer: PeerID, for duration: Duration? = nil, now: Instant) {
        lastEvent = now
        addBan(of: peer, until: now + (duration ?? limits.banDuration), now: now)
    }

    /// Replaces the addresses told in identify, and tells connected peers.
    package mutating func setListenAddresses(_ addresses: [Multiaddr], now: Instant) {
        lastEvent = now
        guard addresses != listenAddresses else { return }
        listenAddresses = addresses
        signRecords()
        pushIdentify()
    }

    // MARK: what is known

    /// The connected peers, in order.
    package var peers: [PeerID] { peerOrder.array }
    /// What a connected peer has said about itself.
    package func identity(of peer: PeerID) -> IdentifyInfo? { peerStates[peer]?.identify }
    /// How often what happened in gossip.
    package var gossipCounters: GossipsubCounters { gossip?.counters ?? GossipsubCounters() }
    /// The connected peers that are subscribed to a topic, in order.
    package func subscribers(of topic: String) -> [PeerID] {
        gossip?.subscribers(of: topic) ?? []
    }
    /// The peers of a topic's mesh, in order.
    package func mesh(of topic: String) -> [PeerID] { gossip?.mesh(of: topic) ?? [] }
    /// The peer's score; 0 for an unknown peer.
    package mutating func score(of peer: PeerID) -> Double { gossip?.score(of: peer) ?? 0 }
}

/// Why a request can't be made.
package enum RequestError: Error, Hashable, Sendable {
    /// No protocol of this name was configured.
    case unknownProtocol(String)
    /// The body is longer than the protocol's limit, in bytes.
    case tooLarge(byteCount: Int, limit: Int)
    /// No connection to the peer.
    case notConnected(PeerID)
    /// As many requests as may wait for the peer already do.
    case tooManyQueued(limit: Int)
}
