/// A moment as a node is told it: with every event, by its shell, from two clocks at once.
///
/// The monotonic clock drives timers and timeouts, since it never goes back; the wall clock places
/// the moment among the network's slots. The simulator makes both from its virtual time.
public struct NodeTime: Sendable, Hashable {
    /// Nanoseconds of a clock that never goes back, since an origin that only the shell knows.
    public var monotonic: Int64
    /// Milliseconds since 1970-01-01 00:00 UTC.
    public var unixMilliseconds: UInt64

    /// A moment on both clocks.
    public init(monotonic: Int64, unixMilliseconds: UInt64) {
        self.monotonic = monotonic
        self.unixMilliseconds = unixMilliseconds
    }

    /// The monotonic moment `milliseconds` later; stops at the end of the range.
    public func monotonic(afterMilliseconds milliseconds: UInt64) -> Int64 {
        monotonic.advanced(byMilliseconds: milliseconds)
    }

    /// The monotonic moment at which the wall clock will show `unixMilliseconds`, as far as one can
    /// tell now; `monotonic` itself for a moment in the past.
    public func monotonic(atUnixMilliseconds moment: UInt64) -> Int64 {
        guard moment > unixMilliseconds else { return monotonic }
        return monotonic.advanced(byMilliseconds: moment - unixMilliseconds)
    }
}

extension Int64 {
    /// This moment in nanoseconds, moved by milliseconds; stops at the end of the range.
    func advanced(byMilliseconds milliseconds: UInt64) -> Int64 {
        guard let wide = Int64(exactly: milliseconds) else { return .max }
        let (span, overflow) = wide.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return .max }
        let (sum, carried) = addingReportingOverflow(span)
        return carried ? .max : sum
    }
}
