/// The answering side of one ping stream: 32 bytes come, in any pieces, and the same 32 bytes go back,
/// again and again.
struct PingEcho: Sendable {
    /// Bytes of one ping.
    static let byteCount = 32

    private var partial: [UInt8] = []
    /// Echoed bytes that have not left yet: only then may the peer send as many more, so that who does
    /// not read its echoes can't fill our buffers.
    private var unwritten = 0

    /// Bytes arrived.
    ///
    /// - Returns: Whole pings, to be sent back.
    mutating func received(_ bytes: [UInt8]) -> [UInt8] {
        partial += bytes
        let whole = partial.count / Self.byteCount * Self.byteCount
        guard whole > 0 else { return [] }
        let echo = Array(partial[..<whole])
        partial.removeFirst(whole)
        unwritten += whole
        return echo
    }

    /// So many echoed bytes have left.
    ///
    /// - Returns: How many bytes the peer may send for them.
    mutating func written(_ count: Int) -> Int {
        let credit = min(max(count, 0), unwritten)
        unwritten -= credit
        return credit
    }
}

/// The asking side of one ping.
struct PingProbe: Sendable {
    let peer: PeerID
    let payload: [UInt8]
    /// Nil until the payload is on its way.
    var sentAt: Instant?
    private var echo: [UInt8] = []

    init(peer: PeerID, payload: [UInt8]) {
        self.peer = peer
        self.payload = payload
    }

    /// Bytes came back.
    ///
    /// - Returns: Nil until 32 are there, then whether they are those that were sent.
    mutating func received(_ bytes: [UInt8]) -> Bool? {
        echo += bytes.prefix(PingEcho.byteCount + 1 - echo.count)
        guard echo.count >= PingEcho.byteCount else { return nil }
        return echo == payload
    }
}
