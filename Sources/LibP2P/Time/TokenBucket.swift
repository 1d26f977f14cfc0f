/// A budget that refills with time: so many events at once, so many per second in the long run.
package struct TokenBucket: Sendable {
    /// The most tokens that can be saved up.
    package let capacity: Double
    /// Tokens that come back per second.
    package let perSecond: Double
    private var tokens: Double
    private var updated: Instant

    /// A full bucket.
    package init(capacity: Int, perSecond: Int, now: Instant) {
        self.capacity = Double(capacity)
        self.perSecond = Double(perSecond)
        tokens = Double(capacity)
        updated = now
    }

    /// Takes `count` tokens; false, with nothing taken, if there are fewer.
    package mutating func take(_ count: Int = 1, now: Instant) -> Bool {
        let elapsed = Double((now - updated).nanoseconds) / 1e9
        if elapsed > 0 {
            tokens = min(capacity, tokens + elapsed * perSecond)
            updated = now
        }
        guard tokens >= Double(count) else { return false }
        tokens -= Double(count)
        return true
    }
}
