/// How fast a node is connected: what it sends goes through one queue, what it receives through
/// another, each at its own rate.
package struct Access: Sendable {
    /// Bytes a second towards the network.
    package let upBytesPerSecond: Double
    /// Bytes a second from the network.
    package let downBytesPerSecond: Double
    /// When everything that was given to the uplink so far is out.
    private(set) var upFree: Int64 = 0
    private var downFree: Int64 = 0
    /// Bytes sent and received so far.
    package private(set) var sentBytes = 0
    package private(set) var receivedBytes = 0

    /// An access of these rates, in megabits (10^6 bits) a second.
    package init(upMegabits: Double, downMegabits: Double) {
        upBytesPerSecond = upMegabits * 125_000
        downBytesPerSecond = downMegabits * 125_000
    }

    /// Puts bytes into the uplink's queue.
    ///
    /// - Returns: When the last of them is out, and how long they took by themselves.
    package mutating func send(_ byteCount: Int, now: Int64) -> (done: Int64, span: Int64) {
        let span = Int64(Double(byteCount) / upBytesPerSecond * 1e9)
        upFree = max(upFree, now) + span
        sentBytes += byteCount
        return (upFree, span)
    }

    /// When bytes whose last one arrives now have been received. They streamed in while they were
    /// sent, so an idle downlink at least as fast as the sender's uplink adds nothing.
    package mutating func receive(_ byteCount: Int, sentOver span: Int64, now: Int64) -> Int64 {
        receivedBytes += byteCount
        downFree =
            max(downFree, now - span) + Int64(Double(byteCount) / downBytesPerSecond * 1e9)
        return max(now, downFree)
    }

    /// Bytes that wait for the uplink.
    func backlog(now: Int64) -> Int {
        upFree > now ? Int(Double(upFree - now) / 1e9 * upBytesPerSecond) : 0
    }
}
