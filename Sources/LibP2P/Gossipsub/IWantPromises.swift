/// Messages that peers were asked for because they said that they have them. One of each batch is a
/// promise: who does not keep it in time is misbehaving.
package struct IWantPromises: Sendable {
    private struct Ask: Sendable {
        let peer: PeerID
        let expires: Instant
        /// Whether it counts against the peer if the message does not come.
        let isPromise: Bool
    }

    private let followUp: Duration
    private let limit: Int
    private let concurrent: Int
    private var asks: [MessageID: [Ask]] = [:]
    private var order = FIFO<(id: MessageID, peer: PeerID, expires: Instant)>()

    package init(followUp: Duration, limit: Int, concurrent: Int) {
        self.followUp = followUp
        self.limit = limit
        self.concurrent = max(concurrent, 1)
    }

    /// Messages asked for and not received.
    package var count: Int { asks.count }

    /// How many more messages may be asked for now.
    package var room: Int { max(limit - order.count, 0) }

    /// Whether a peer may be asked for a message: not twice, and few peers at a time.
    package func allows(_ id: MessageID, _ peer: PeerID) -> Bool {
        guard let asked = asks[id] else { return true }
        return asked.count < concurrent && !asked.contains { $0.peer == peer }
    }

    /// Notes that a peer is asked for a message.
    package mutating func ask(_ id: MessageID, _ peer: PeerID, isPromise: Bool, now: Instant) {
        let ask = Ask(peer: peer, expires: now + followUp, isPromise: isPromise)
        asks[id, default: []].append(ask)
        order.append((id, peer, ask.expires))
    }

    /// The message is there, from whomever.
    package mutating func fulfil(_ id: MessageID) {
        asks[id] = nil
    }

    /// Ends what is overdue.
    ///
    /// - Returns: The peers that broke promises, one entry for each.
    package mutating func expire(now: Instant) -> [PeerID] {
        var broken: [PeerID] = []
        while let oldest = order.first, oldest.expires <= now {
            _ = order.popFirst()
            guard
                let index = asks[oldest.id]?.firstIndex(where: {
                    $0.peer == oldest.peer && $0.expires == oldest.expires
                }), let ask = asks[oldest.id]?.remove(at: index)
            else { continue }
            if asks[oldest.id]?.isEmpty == true { asks[oldest.id] = nil }
            if ask.isPromise { broken.append(ask.peer) }
        }
        return broken
    }
}
