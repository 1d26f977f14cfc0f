/// Recent valid messages, to be gossiped about for some heartbeats and sent to who asks: in windows of
/// one heartbeat each, and within a limit of bytes.
package struct MessageCache: Sendable {
    struct Entry: Sendable {
        let topic: String
        let frame: MessageFrame
        /// Peers that have sent it or were sent it, in order of time.
        var holders: [PeerID]
        /// How often it was sent to a peer that asked.
        var requests: [(peer: PeerID, count: Int)] = []
    }

    private let historyLength: Int
    private let historyGossip: Int
    private let byteLimit: Int
    private var entries: [MessageID: Entry] = [:]
    /// The present heartbeat's messages by topic come last.
    private var windows: [[String: [MessageID]]] = [[:]]
    /// Messages in order of arrival, each with the number of its window.
    private var order = FIFO<(id: MessageID, window: Int)>()
    private var windowNumber = 0
    /// Bytes of all frames.
    package private(set) var byteCount = 0

    package init(historyLength: Int, historyGossip: Int, byteLimit: Int) {
        self.historyLength = max(historyLength, 1)
        self.historyGossip = max(historyGossip, 0)
        self.byteLimit = byteLimit
    }

    /// Messages in the cache.
    package var count: Int { entries.count }

    /// Adds a message; the oldest ones give way if there is no room.
    mutating func put(_ frame: MessageFrame, topic: String, holders: [PeerID]) {
        guard entries[frame.id] == nil else { return }
        entries[frame.id] = Entry(topic: topic, frame: frame, holders: holders)
        windows[windows.count - 1][topic, default: []].append(frame.id)
        order.append((frame.id, windowNumber))
        byteCount += frame.bytes.count
        while byteCount > byteLimit, order.count > 1 { removeOldest() }
    }

    private mutating func removeOldest() {
        guard let oldest = order.popFirst(), let entry = entries.removeValue(forKey: oldest.id)
        else { return }
        byteCount -= entry.frame.bytes.count
    }

    subscript(id: MessageID) -> Entry? { entries[id] }

    /// Notes that a peer has the message, or will.
    mutating func addHolder(_ peer: PeerID, of id: MessageID) {
        guard entries[id]?.holders.contains(peer) == false else { return }
        entries[id]?.holders.append(peer)
    }

    /// Counts a request; how many the peer has made for this message, or nil if it is not there.
    mutating func countRequest(for id: MessageID, of peer: PeerID) -> Int? {
        guard var entry = entries[id] else { return nil }
        defer { entries[id] = entry }
        if let index = entry.requests.firstIndex(where: { $0.peer == peer }) {
            entry.requests[index].count += 1
            return entry.requests[index].count
        }
        entry.requests.append((peer, 1))
        return 1
    }

    /// The ids to gossip about on a topic: those of the latest heartbeats that are still there.
    func gossipIDs(topic: String) -> [MessageID] {
        var ids: [MessageID] = []
        for window in windows.suffix(historyGossip).reversed() {
            for id in window[topic] ?? [] where entries[id] != nil { ids.append(id) }
        }
        return ids
    }

    /// A heartbeat ends: its window becomes history, and the oldest window's messages go.
    mutating func shift() {
        windowNumber += 1
        windows.append([:])
        if windows.count > historyLength { windows.removeFirst(windows.count - historyLength) }
        let oldestKept = windowNumber - historyLength + 1
        while let oldest = order.first, oldest.window < oldestKept { removeOldest() }
    }
}
