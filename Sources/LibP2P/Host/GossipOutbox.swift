/// What waits to be written on the gossip stream to one peer: control first, then messages. Bounded in
/// bytes; the oldest messages give way, control never does.
struct GossipOutbox: Sendable {
    private var control = FIFO<[UInt8]>()
    private var messages = FIFO<MessageFrame>()
    /// Bytes of control that wait.
    private(set) var controlBytes = 0
    /// Bytes of messages that wait.
    private(set) var messageBytes = 0
    /// Bytes given to the stream that it has not reported as written.
    private(set) var inFlight = 0
    /// The last time that something was written, or that the first thing came to wait.
    private(set) var lastProgress = Instant.zero

    /// Whether nothing waits and nothing is in flight.
    var isIdle: Bool { controlBytes == 0 && messageBytes == 0 && inFlight == 0 }

    /// Adds control.
    mutating func append(control frame: [UInt8], now: Instant) {
        if isIdle { lastProgress = now }
        control.append(frame)
        controlBytes += frame.count
    }

    /// Adds a message.
    mutating func append(_ frame: MessageFrame, now: Instant) {
        if isIdle { lastProgress = now }
        messages.append(frame)
        messageBytes += frame.bytes.count
    }

    /// Drops the oldest message that waits.
    mutating func dropOldestMessage() -> MessageFrame? {
        guard let frame = messages.popFirst() else { return nil }
        messageBytes -= frame.bytes.count
        return frame
    }

    /// Drops messages that the peer does not want any more.
    mutating func cancel(_ ids: [MessageID]) -> [MessageFrame] {
        guard !messages.isEmpty else { return [] }
        let unwanted = Set(ids)
        var dropped: [MessageFrame] = []
        messages.filter { frame in
            guard unwanted.contains(frame.id) else { return true }
            dropped.append(frame)
            return false
        }
        for frame in dropped { messageBytes -= frame.bytes.count }
        return dropped
    }

    /// The next control to write, if less than `limit` bytes are in flight. It counts as in flight from
    /// now on.
    mutating func nextControl(limit: Int) -> [UInt8]? {
        guard inFlight < limit, let frame = control.popFirst() else { return nil }
        controlBytes -= frame.count
        inFlight += frame.count
        return frame
    }

    /// The next message to write, once no control waits, likewise.
    mutating func nextMessage(limit: Int) -> MessageFrame? {
        guard inFlight < limit, control.isEmpty, let frame = messages.popFirst() else { return nil }
        messageBytes -= frame.bytes.count
        inFlight += frame.bytes.count
        return frame
    }

    /// The stream reports progress.
    mutating func written(_ count: Int, now: Instant) {
        inFlight = max(inFlight - max(count, 0), 0)
        lastProgress = now
    }

    /// The stream is there: only now can it make progress.
    mutating func opened(now: Instant) {
        lastProgress = now
    }
}
