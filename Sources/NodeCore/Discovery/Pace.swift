import LibP2P

/// A rate with a burst, for rates below one a second too: each thing taken is worth an interval, and no
/// more than the burst's intervals may be owed.
struct Pace: Sendable {
    let interval: Duration
    let burst: Int
    private var owedUntil = Instant(nanoseconds: .min)

    init(every interval: Duration, burst: Int) {
        self.interval = interval
        self.burst = burst
    }

    /// Takes one; false, with nothing taken, if the burst is used up.
    mutating func take(now: Instant) -> Bool {
        guard next <= now else { return false }
        owedUntil = max(owedUntil, now) + interval
        return true
    }

    /// The moment from which on one more can be taken.
    var next: Instant { owedUntil - interval * (burst - 1) }
}
