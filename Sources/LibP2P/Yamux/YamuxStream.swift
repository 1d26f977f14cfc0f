/// One live stream: what waits to be sent, and how much either side may still send.
struct YamuxStream: Sendable {
    let isInbound: Bool
    let opened: Instant

    /// Bytes that the peer still allows this side to send.
    var sendWindow = YamuxLimits.initialWindow
    /// What waits to be sent, of which the first `sentOfFirst` bytes of the first piece are gone.
    private var queue = FIFO<[UInt8]>()
    private var sentOfFirst = 0
    /// Bytes that wait to be sent.
    private(set) var queuedBytes = 0
    /// How many of them, at the front, are not reported when they are sent.
    var unreportedBytes = 0
    /// Whether the stream has its place among those that take turns.
    var isReady = false
    /// Whether this side writes no more after what is queued.
    var isFinishing = false
    var finSent = false
    var isAcknowledged: Bool

    /// Bytes that the peer may still send.
    var receiveWindow: Int
    /// Bytes that the peer may send before this side has processed them.
    var wholeWindow: Int
    /// When the peer was last given credit.
    var creditedAt: Instant
    /// Bytes that arrived and that the application has not processed.
    var unconsumed = 0
    /// Bytes that were processed and not yet given back to the peer as credit.
    var pendingCredit = 0
    var finReceived = false

    init(isInbound: Bool, receiveWindow: Int, now: Instant) {
        self.isInbound = isInbound
        self.receiveWindow = receiveWindow
        wholeWindow = receiveWindow
        creditedAt = now
        isAcknowledged = isInbound
        opened = now
    }

    /// Whether there is something that the windows allow to be sent now.
    var canSend: Bool {
        queuedBytes > 0 ? sendWindow > 0 : isFinishing && !finSent
    }

    /// The most bytes that may be sent now.
    var sendable: Int { min(queuedBytes, sendWindow) }

    /// The same, or nil if it is not the stream's turn at all.
    var sendableInTurn: Int? { isReady ? sendable : nil }

    /// Queues bytes; false if this side is closed or more than `limit` bytes would wait.
    mutating func enqueue(_ bytes: [UInt8], limit: Int) -> Bool {
        guard !isFinishing, bytes.count <= limit - queuedBytes else { return false }
        guard !bytes.isEmpty else { return true }
        queuedBytes += bytes.count
        queue.append(bytes)
        return true
    }

    /// Marks the stream as one that takes turns; false if it is one or has nothing to send.
    mutating func becomeReady() -> Bool {
        guard !isReady, canSend else { return false }
        isReady = true
        return true
    }

    /// Moves queued bytes to all of `target`, which is no larger than `sendable`.
    mutating func dequeue(into target: UnsafeMutableRawBufferPointer) {
        var filled = 0
        while filled < target.count, let first = queue.first {
            let count = min(first.count - sentOfFirst, target.count - filled)
            first.withUnsafeBytes { source in
                let part = UnsafeRawBufferPointer(rebasing: source[sentOfFirst...].prefix(count))
                UnsafeMutableRawBufferPointer(rebasing: target[filled...]).copyMemory(from: part)
            }
            filled += count
            sentOfFirst += count
            if sentOfFirst == first.count {
                _ = queue.popFirst()
                sentOfFirst = 0
            }
        }
        queuedBytes -= filled
        sendWindow -= filled
    }
}
