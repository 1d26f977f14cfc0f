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
        if withheld.isEmpty {
            withholding = (0, 0)
            timers.set(.withheld, at: now + limits.withholdingInterval)
        }
        withheld[key, default: 0] += count
    }

    /// Whether more than half of the mesh peers other than `sender` have long queues.
    private mutating func isCongested(for sender: PeerID, now: Instant) -> Bool {
        guard queuedMessages.copiedByteCount > limits.congestionBytes else { return false }
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

    /// Bytes have been withheld for some time. That goes on while the mesh takes what is queued at a good
    /// rate; it ends when it does not: a slow uplink, or peers that read slowly on purpose, must
    /// not stop others.
    mutating func withheldForLong(now: Instant) {
        let wanted = max(congestion.mesh, 1) * limits.withholdingProgress
        guard withholding.prolonged < limits.maximumWithholdingIntervals - 1,
            withholding.written >= wanted
        else {
            releaseWithheld()
            return
        }
        withholding = (0, withholding.prolonged + 1)
        timers.set(.withheld, at: now + limits.withholdingInterval)
    }

    mutating func releaseWithheld() {
        timers.cancel(.withheld)
        let late = withheld.sorted { $0.key < $1.key }
        withheld = [:]
        for (key, count) in late { credit(key, count) }
    }
}
