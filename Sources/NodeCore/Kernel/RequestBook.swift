import LibP2P

/// The requests that a node has under way: to whom, what for, and until when.
struct RequestBook<Purpose: Sendable>: Sendable {
    struct Entry: Sendable {
        let peer: PeerID
        let purpose: Purpose
        let deadline: Int64
        /// Answer bytes and messages so far.
        var byteCount = 0
        var chunkCount = 0
    }

    private var entries = OrderedTable<OutboundRequestToken, Entry>()
    /// The deadlines by themselves: they are looked at after every event.
    private var deadlines: [OutboundRequestToken: Int64] = [:]
    private var lastToken: UInt64 = 0

    var count: Int { entries.count }

    /// Takes a request in and names it.
    mutating func open(to peer: PeerID, for purpose: Purpose, deadline: Int64)
        -> OutboundRequestToken
    {
        lastToken += 1
        let token = OutboundRequestToken(rawValue: lastToken)
        entries[token] = Entry(peer: peer, purpose: purpose, deadline: deadline)
        deadlines[token] = deadline
        return token
    }

    subscript(token: OutboundRequestToken) -> Entry? { entries[token] }

    /// Counts a message of the answer, and returns the request; nil if there is none such.
    mutating func received(_ byteCount: Int, in token: OutboundRequestToken) -> Entry? {
        _ = entries.modify(token) { entry in
            entry.byteCount += byteCount
            entry.chunkCount += 1
        }
        return entries[token]
    }

    /// Ends a request, and returns it; nil if there is none such (it timed out here before).
    mutating func close(_ token: OutboundRequestToken) -> Entry? {
        guard let entry = entries[token] else { return nil }
        entries[token] = nil
        deadlines[token] = nil
        return entry
    }

    /// Requests with a peer, in order of their making.
    func tokens(with peer: PeerID) -> [OutboundRequestToken] {
        entries.entries.compactMap { $0.value.peer == peer ? $0.key : nil }
    }

    /// Requests whose time is up.
    func expired(now: Int64) -> [OutboundRequestToken] {
        entries.keys.filter { deadlines[$0].map { $0 <= now } ?? false }
    }

    var nextDeadline: Int64? { deadlines.values.min() }
}
