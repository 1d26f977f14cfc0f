/// An allowance that refills with time: what one peer may use of something.
struct TokenBucket: Sendable, Hashable {
    /// The most that can be saved up.
    let capacity: UInt64
    /// Refill for a second.
    let perSecond: UInt64
    private(set) var level: UInt64
    private var filledAt: Int64

    /// A full bucket.
    init(capacity: UInt64, perSecond: UInt64, now: Int64) {
        self.capacity = capacity
        self.perSecond = perSecond
        self.level = capacity
        self.filledAt = now
    }

    /// Takes `amount` if it is there.
    mutating func take(_ amount: UInt64, now: Int64) -> Bool {
        refill(now: now)
        guard amount <= level else { return false }
        level -= amount
        return true
    }

    /// Takes what there is, up to `amount`, for a cost known only afterwards.
    mutating func charge(_ amount: UInt64, now: Int64) {
        refill(now: now)
        level -= min(level, amount)
    }

    private mutating func refill(now: Int64) {
        guard now > filledAt else { return }
        let (elapsed, overflow) = now.subtractingReportingOverflow(filledAt)
        guard !overflow, level < capacity else {
            level = capacity
            filledAt = now
            return
        }
        let (product, tooMuch) = UInt64(elapsed).multipliedReportingOverflow(by: perSecond)
        let gain = tooMuch ? capacity : product / 1_000_000_000
        // A gain of nothing must not move the mark, or frequent small takes would starve it.
        guard gain > 0 else { return }
        level += min(gain, capacity - level)
        filledAt = now
    }
}
