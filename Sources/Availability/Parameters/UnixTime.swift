/// A moment of civil time: milliseconds since 1970 began (UTC, leap seconds not counted).
public struct UnixTime: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970 began.
    public let milliseconds: UInt64

    /// The moment that many milliseconds after 1970 began.
    public init(milliseconds: UInt64) {
        self.milliseconds = milliseconds
    }

    /// Whether `a` is earlier than `b`.
    public static func < (a: Self, b: Self) -> Bool { a.milliseconds < b.milliseconds }

    /// The moment later by some milliseconds, or the last one there is.
    public func advanced(byMilliseconds delta: UInt64) -> UnixTime {
        let (sum, overflow) = milliseconds.addingReportingOverflow(delta)
        return UnixTime(milliseconds: overflow ? .max : sum)
    }

    /// The moment earlier by some milliseconds, or the first one there is.
    public func movedBack(byMilliseconds delta: UInt64) -> UnixTime {
        UnixTime(milliseconds: milliseconds > delta ? milliseconds - delta : 0)
    }

    /// Milliseconds from `earlier` to this moment, zero if it is not earlier.
    public func milliseconds(since earlier: UnixTime) -> UInt64 {
        milliseconds > earlier.milliseconds ? milliseconds - earlier.milliseconds : 0
    }
}
