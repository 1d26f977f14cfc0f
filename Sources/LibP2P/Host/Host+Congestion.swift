/// Backpressure from outbound queues to inbound gossip.
///
/// A host that gets messages faster than its mesh takes them would drop some, though nobody is to blame but
/// its own uplink. So while most of the mesh have long queues, it credits received bytes late, and senders
/// run into their windows. A minority that reads slowly has no such effect: it loses messages from its
/// own queues.
extension Host {
    mutating func creditGossip(_ key: StreamKey, _ count: Int, from peer: PeerID, now: Instant) {
        guard isCongested(for: peer, now: now) else {
            credit(key, count)
            return
        }
        counters.withheldCredits += 1
        if withheld.isEmpty { timers.set(.withheld, at: now + limits.maximumWithholding) }
        withheld[key, default: 0] += count
    }

    /// Whether more than half of the mesh peers other than `sender` have long queues.
    private mutating func isCongested(for sender: PeerID, now: Instant) -> Bool {
        guard queuedMessageBytes > limits.congestionBytes else { return false }
        // Counted anew every few milliseconds only: it looks at every peer.
        if congestion.countedAt + .milliseconds(2) <= now || congestion.mesh == 0 {
            congestion = (now, 0, 0)
            for peer in peerOrder where gossip?.isInMesh(peer) == true {
                congestion.mesh += 1
                if hasLongQueue(peer) { congestion.queued += 1 }
            }
        }
        let isMember = gossip?.isInMesh(sender) == true
        let others = congestion.mesh - (isMember ? 1 : 0)
        let queued = congestion.queued - (isMember && hasLongQueue(sender) ? 1 : 0)
        return queued * 2 > others
    }

    private func hasLongQueue(_ peer: PeerID) -> Bool {
        peerStates[peer]?.gossip.outbox.messageBytes ?? 0 > limits.congestionBytes
    }

    /// Something was written: perhaps senders may go on.
    mutating func releaseIfUncongested(now: Instant) {
        guard let key = withheld.keys.min(), let peer = streams[key]?.peer else { return }
        if !isCongested(for: peer, now: now) { releaseWithheld() }
    }

    mutating func releaseWithheld() {
        timers.cancel(.withheld)
        let late = withheld.sorted { $0.key < $1.key }
        withheld = [:]
        for (key, count) in late { credit(key, count) }
    }
}
