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

    /// Drops the oldest message that waits, and says how long it was.
    mutating func dropOldestMessage() -> Int? {
        guard let frame = messages.popFirst() else { return nil }
        messageBytes -= frame.bytes.count
        return frame.bytes.count
    }

    /// Drops messages that the peer does not want any more, and says how many bytes that were.
    mutating func cancel(_ ids: [MessageID]) -> Int {
        guard !messages.isEmpty else { return 0 }
        let unwanted = Set(ids)
        var dropped = 0
        messages.filter { frame in
            guard unwanted.contains(frame.id) else { return true }
            dropped += frame.bytes.count
            return false
        }
        messageBytes -= dropped
        return dropped
    }

    /// The next frame to write, if less than `limit` bytes are in flight. It counts as in flight from
    /// now on.
    mutating func next(limit: Int) -> [UInt8]? {
        guard inFlight < limit else { return nil }
        let bytes: [UInt8]
        if let frame = control.popFirst() {
            bytes = frame
            controlBytes -= frame.count
        } else if let frame = messages.popFirst() {
            bytes = frame.bytes
            messageBytes -= bytes.count
        } else {
            return nil
        }
        inFlight += bytes.count
        return bytes
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
