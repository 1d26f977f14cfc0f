import Availability
import LibP2P

/// Column messages whose header is not known yet, or is being checked. They wait for one slot,
/// within a bound for each peer and one for all, and their gossip waits with them.
struct PendingColumns: Sendable {
    struct Message: Sendable {
        let message: ColumnMessage
        let token: GossipToken
        let peer: PeerID
        let byteCount: Int
        let expiresAt: Int64
    }

    private var messages: [Message] = []
    private var bytesOfPeer: [PeerID: Int] = [:]
    private var byteCount = 0
    private let limits: PeerLimits

    init(limits: PeerLimits) {
        self.limits = limits
    }

    /// Keeps a message; false if a bound is reached.
    mutating func hold(_ message: Message) -> Bool {
        let ofPeer = bytesOfPeer[message.peer, default: 0]
        guard ofPeer + message.byteCount <= Limits.pendingColumnBytesPerPeer,
            byteCount + message.byteCount <= limits.heldBytes
        else { return false }
        bytesOfPeer[message.peer] = ofPeer + message.byteCount
        byteCount += message.byteCount
        messages.append(message)
        return true
    }

    /// Whether messages of a block wait.
    func holds(_ root: BlockRoot) -> Bool {
        messages.contains { $0.message.headerRoot == root }
    }

    /// Takes out the messages of a block.
    mutating func take(_ root: BlockRoot) -> [Message] {
        remove { $0.message.headerRoot == root }
    }

    /// Takes out the messages whose time is over.
    mutating func expire(now: Int64) -> [Message] {
        remove { $0.expiresAt <= now }
    }

    private mutating func remove(where isChosen: (Message) -> Bool) -> [Message] {
        let chosen = messages.filter(isChosen)
        guard !chosen.isEmpty else { return [] }
        messages.removeAll(where: isChosen)
        for message in chosen {
            byteCount -= message.byteCount
            let left = bytesOfPeer[message.peer, default: 0] - message.byteCount
            bytesOfPeer[message.peer] = left > 0 ? left : nil
        }
        return chosen
    }

    var nextDeadline: Int64? { messages.map(\.expiresAt).min() }
}
