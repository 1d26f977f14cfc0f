/// Lost packets as the user of a reliable transport sees them: nothing is missing and nothing is out
/// of order, but what was lost comes later, and all after it waits.
///
/// A transfer is cut into segments. A lost one is sent again one round trip later if at least three
/// segments follow it in the same transfer (fast retransmission), else after a timeout of at
/// least 200 ms; a segment that is lost again waits twice as long each time. Rates do not fall: that is a
/// transport that does not take random loss for congestion.
package struct LossModel: Sendable {
    /// The share of segments lost.
    package let rate: Double
    private var random: FastRandom

    /// Bytes of a segment's content.
    package static let segmentBytes = 1400
    /// The shortest timeout, in nanoseconds.
    package static let minimumTimeout: Int64 = 200_000_000

    /// Losses of this rate.
    package init(rate: Double, random: FastRandom) {
        self.rate = rate
        self.random = random
    }

    /// What the losses of one transfer cost.
    ///
    /// - Parameters:
    ///   - byteCount: Its length.
    ///   - roundTrip: Of the path, in nanoseconds.
    /// - Returns: By how much its last byte is late, and how many bytes were sent again.
    mutating func recovery(of byteCount: Int, roundTrip: Int64) -> (delay: Int64, resent: Int) {
        guard rate > 0 else { return (0, 0) }
        let segments = max(1, (byteCount + Self.segmentBytes - 1) / Self.segmentBytes)
        let timeout = max(Self.minimumTimeout, 2 * roundTrip)
        var latest: Int64 = 0
        var resent = 0
        for segment in 0..<segments where random.chance(rate) {
            var wait = segment + 3 < segments ? roundTrip : timeout
            var next = timeout
            resent += 1
            while random.chance(rate), resent < 64 * segments {
                wait += next
                next *= 2
                resent += 1
            }
            latest = max(latest, wait)
        }
        return (latest, resent * min(byteCount, Self.segmentBytes))
    }
}
