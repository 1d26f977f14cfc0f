/// The messages that were seen, by id, for a limited time and in a limited number, so that each is
/// validated once.
package struct SeenCache: Sendable {
    /// What is known of a message that was seen.
    package enum Status: UInt8, Sendable {
        /// It waits for the application's verdict.
        case pending
        /// Accepted, or this host's own.
        case valid
        /// Ignored, or no verdict came.
        case ignored
        /// Rejected.
        case invalid
    }

    private let lifetime: Duration
    private let limit: Int
    private var statuses: [MessageID: Status] = [:]
    private var order = FIFO<(id: MessageID, since: Instant)>()

    package init(lifetime: Duration, limit: Int) {
        self.lifetime = lifetime
        self.limit = limit
    }

    /// Messages remembered.
    package var count: Int { statuses.count }

    package subscript(id: MessageID) -> Status? { statuses[id] }

    /// Remembers a message that is new.
    package mutating func insert(_ id: MessageID, _ status: Status, now: Instant) {
        guard statuses.updateValue(status, forKey: id) == nil else { return }
        order.append((id, now))
        while order.count > limit, let oldest = order.popFirst() { statuses[oldest.id] = nil }
    }

    /// Changes what is known of a message that is remembered.
    package mutating func update(_ id: MessageID, _ status: Status) {
        guard let index = statuses.index(forKey: id) else { return }
        statuses.values[index] = status
    }

    /// Forgets what is too old.
    package mutating func expire(now: Instant) {
        while let oldest = order.first, oldest.since + lifetime <= now {
            _ = order.popFirst()
            statuses[oldest.id] = nil
        }
    }
}
