/// What happened in a yamux session.
package enum YamuxEvent: Equatable, Sendable {
    /// The peer opened a stream, which is accepted already.
    case opened(StreamID)
    /// Bytes of a stream. The peer may send as many more once they are `consumed`.
    case data(StreamID, [UInt8])
    /// The peer writes no more on a stream.
    case readClosed(StreamID)
    /// A stream ended: both sides had closed it, or the peer reset it.
    case closed(StreamID, reset: Bool)
    /// So many bytes given to `write` were handed out by `fill`.
    case written(StreamID, Int)
    /// The peer will take no new streams, for a reason of `YamuxGoAway` or one unknown.
    case goAway(UInt32)
}

/// A yamux session: many streams over one connection, each with credit of its own.
///
/// Received bytes go in with `received`, bytes to send come out with `fill`, what happened with
/// `takeEvents`. Frames other than data go first; streams with data take turns.
package struct Yamux: Sendable {
    let role: ConnectionRole
    let limits: YamuxLimits
    var streams: [StreamID: YamuxStream] = [:]
    var events: [YamuxEvent] = []

    // Sending.
    var control = FIFO<YamuxHeader>()
    var ready = FIFO<StreamID>()
    /// Bytes that wait on all streams.
    package internal(set) var queuedBytes = 0
    private var nextStream: UInt32
    private var unacknowledgedCount = 0
    private(set) var goAwaySent = false

    // Receiving.
    /// The number in the ping that measures the round trip; others count from 1.
    static let probe: UInt32 = 0
    var probedAt: Instant?
    /// The time that a ping took to come back.
    var roundTrip: Duration?
    var lastReceived: Instant
    var header: [UInt8] = []
    var body: Body?
    package internal(set) var goAwayReceived = false
    /// Live streams that the peer opened.
    package private(set) var inboundCount = 0
    /// Bytes for streams that no longer exist which the peer may have sent in good faith.
    var strayAllowance = YamuxLimits.initialWindow
    var streamBudget: TokenBucket
    var resetBudget: TokenBucket
    var pingBudget: TokenBucket
    var emptyFrameBudget: TokenBucket

    /// The rest of a data frame that is arriving.
    struct Body: Sendable {
        let stream: StreamID
        var remaining: Int
        /// Whether the frame closes the peer's side.
        let isFin: Bool
        let since: Instant
    }

    package init(role: ConnectionRole, limits: YamuxLimits = YamuxLimits(), now: Instant) {
        self.role = role
        self.limits = limits
        nextStream = role == .dialer ? 1 : 2
        lastReceived = now
        func bucket(_ budget: (burst: Int, perSecond: Int)) -> TokenBucket {
            TokenBucket(capacity: budget.burst, perSecond: budget.perSecond, now: now)
        }
        streamBudget = bucket(limits.streamBudget)
        resetBudget = bucket(limits.resetBudget)
        pingBudget = bucket(limits.pingBudget)
        emptyFrameBudget = bucket(limits.emptyFrameBudget)
    }

    /// Live streams of both sides.
    package var streamCount: Int { streams.count }

    /// Since when a frame is arriving whose end has not come.
    package var incompleteSince: Instant? { body?.since }

    /// Whether a stream is live.
    package func isOpen(_ stream: StreamID) -> Bool { streams[stream] != nil }

    /// What happened since the last call.
    package mutating func takeEvents() -> [YamuxEvent] {
        guard !events.isEmpty else { return [] }
        defer { events = [] }
        return events
    }

    // MARK: commands

    /// Opens a stream; nil at a limit, or when either side is going away.
    package mutating func open(now: Instant) -> StreamID? {
        guard !goAwaySent, !goAwayReceived, unacknowledgedCount < limits.maximumUnacknowledged,
            streams.count - inboundCount < limits.maximumOutboundStreams,
            nextStream < UInt32.max - 2
        else { return nil }
        let stream = StreamID(nextStream)
        nextStream += 2
        register(stream, isInbound: false, now: now)
        unacknowledgedCount += 1
        control.append(
            YamuxHeader(.windowUpdate, .syn, stream: stream, length: additionalWindow))
        return stream
    }

    /// Queues bytes on a stream. False if nothing was taken: the stream is gone or this side of it
    /// closed, or too much is queued.
    package mutating func write(_ stream: StreamID, _ bytes: [UInt8]) -> Bool {
        guard bytes.count <= limits.maximumQueuedBytes - queuedBytes,
            streams[stream]?.enqueue(bytes, limit: limits.maximumQueuedBytesPerStream) == true
        else { return false }
        queuedBytes += bytes.count
        makeReady(stream)
        return true
    }

    /// Queues bytes in front of all that `write` is given for a stream, without a `written` event:
    /// the negotiation of the stream's protocol.
    package mutating func writeUnreported(_ stream: StreamID, _ bytes: [UInt8]) {
        guard write(stream, bytes) else { return }
        streams[stream]?.unreportedBytes += bytes.count
    }

    /// Closes this side of a stream after what is queued.
    package mutating func finish(_ stream: StreamID) {
        guard streams[stream]?.isFinishing == false else { return }
        streams[stream]?.isFinishing = true
        makeReady(stream)
    }

    /// Ends a stream at once. No event follows.
    package mutating func reset(_ stream: StreamID) {
        guard let state = streams[stream] else { return }
        // Until the peer sees this it may send what its window allows.
        if !state.finReceived { allowStray(state.receiveWindow) }
        control.append(YamuxHeader(.windowUpdate, .rst, stream: stream))
        remove(stream)
    }

    /// Gives the peer credit for bytes that were processed. Credit goes out when it makes up half of
    /// the window; if that took less than two round trips, the window grows.
    package mutating func consumed(_ stream: StreamID, _ count: Int) {
        guard let state = streams[stream], count > 0 else { return }
        let count = min(count, state.unconsumed)
        var credit = state.pendingCredit + count
        streams[stream]?.unconsumed -= count
        guard !state.finReceived else { return }
        guard credit >= state.wholeWindow / 2 else {
            streams[stream]?.pendingCredit = credit
            return
        }
        if let roundTrip, lastReceived - state.creditedAt < roundTrip + roundTrip,
            state.wholeWindow < limits.maximumReceiveWindow
        {
            let larger = min(2 * state.wholeWindow, limits.maximumReceiveWindow)
            credit += larger - state.wholeWindow
            streams[stream]?.wholeWindow = larger
        }
        streams[stream]?.pendingCredit = 0
        streams[stream]?.receiveWindow += credit
        streams[stream]?.creditedAt = lastReceived
        control.append(
            YamuxHeader(.windowUpdate, stream: stream, length: UInt32(clamping: credit)))
    }

    /// Measures the time to the peer and back, which lets windows grow.
    package mutating func measureRoundTrip(now: Instant) {
        probedAt = now
        ping(Self.probe)
    }

    /// Asks the peer for a sign of life.
    package mutating func ping(_ value: UInt32) {
        control.append(YamuxHeader(.ping, .syn, stream: StreamID(0), length: value))
    }

    /// Announces that this side takes no new streams; those that live go on.
    package mutating func goAway() {
        guard !goAwaySent else { return }
        goAwaySent = true
        let reason = YamuxGoAway.normal.rawValue
        control.append(YamuxHeader(.goAway, stream: StreamID(0), length: reason))
    }

    /// Drops everything and leaves a go-away frame as the last to be sent.
    package mutating func terminate(_ reason: YamuxGoAway) {
        streams = [:]
        events = []
        ready = FIFO()
        control = FIFO()
        queuedBytes = 0
        inboundCount = 0
        goAwaySent = true
        control.append(YamuxHeader(.goAway, stream: StreamID(0), length: reason.rawValue))
    }

    // MARK: shared parts

    /// What a stream's window is larger than the specification's.
    var additionalWindow: UInt32 {
        UInt32(clamping: max(0, limits.receiveWindow - YamuxLimits.initialWindow))
    }

    mutating func register(_ stream: StreamID, isInbound: Bool, now: Instant) {
        let window = max(limits.receiveWindow, YamuxLimits.initialWindow)
        streams[stream] = YamuxStream(isInbound: isInbound, receiveWindow: window, now: now)
        if isInbound { inboundCount += 1 }
    }

    mutating func remove(_ stream: StreamID) {
        guard let state = streams.removeValue(forKey: stream) else { return }
        queuedBytes -= state.queuedBytes
        if state.isInbound { inboundCount -= 1 }
        if !state.isAcknowledged { unacknowledgedCount -= 1 }
    }

    mutating func acknowledge(_ stream: StreamID) {
        guard streams[stream]?.isAcknowledged == false else { return }
        streams[stream]?.isAcknowledged = true
        unacknowledgedCount -= 1
    }

    /// Lines a stream up to send, if it has something to send.
    mutating func makeReady(_ stream: StreamID) {
        if streams[stream]?.becomeReady() == true { ready.append(stream) }
    }

    /// Removes a stream that both sides have closed.
    mutating func removeIfDone(_ stream: StreamID) {
        guard let state = streams[stream], state.finSent, state.finReceived else { return }
        remove(stream)
        events.append(.closed(stream, reset: false))
    }

    mutating func allowStray(_ count: Int) {
        strayAllowance = min(strayAllowance + count, 256 * YamuxLimits.initialWindow)
    }
}
