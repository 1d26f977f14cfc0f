import Availability
import LibP2P

/// Whom to give up when there are too many peers, or too few that are of use.
extension ConnectionManager {
    /// The needed groups of which no more custodians are connected than the node wishes for.
    private var scarceGroups: ColumnGroups {
        let needed = wishes.needed.isEmpty ? wishes.groups : wishes.needed
        return ColumnGroups(
            needed.filter {
                (0..<Limits.columnGroups).contains($0)
                    && custodians(of: $0) <= wishes.peersPerGroup
            })
    }

    /// Disconnects the least useful peers while there are too many.
    ///
    /// A flood of inbound peers can therefore take the places of inbound peers only, and among those not
    /// of the oldest and not of custodians that are hard to replace.
    mutating func evictSurplus(now: Instant) {
        var counted = peers.entries.filter { $0.value.remote.ipAddress?.isLoopback != true }
        while counted.count > settings.maximumPeers {
            guard let victim = victim(among: counted) else { return }
            counters.evicted += 1
            giveUp(victim, now: now)
            counted.removeAll { $0.key == victim }
        }
    }

    private func victim(among all: [(key: PeerID, value: Peer)]) -> PeerID? {
        let scarce = scarceGroups.bits
        let oldest = Set(
            all.filter { $0.value.direction == .inbound && $0.value.score >= 0 }
                .sorted { $0.value.since < $1.value.since }
                .prefix(settings.protectedInbound).map(\.key))
        var crowds: [IPAddress: Int] = [:]
        for (_, peer) in all {
            if let network = peer.network { crowds[network, default: 0] += 1 }
        }
        // First who has misbehaved, then who comes from where most come from, then the youngest.
        func isBefore(_ left: Peer, _ right: Peer) -> Bool {
            let crowd = { (peer: Peer) in peer.network.flatMap { crowds[$0] } ?? 0 }
            return (min(left.score, 0), -crowd(left), -left.since.nanoseconds)
                < (min(right.score, 0), -crowd(right), -right.since.nanoseconds)
        }
        func isReplaceable(_ peer: Peer) -> Bool {
            peer.score < 0 || (peer.groups?.bits ?? 0) & scarce == 0
        }
        let inbound = all.filter {
            $0.value.direction == .inbound && !oldest.contains($0.key) && isReplaceable($0.value)
        }
        if let found = inbound.min(by: { isBefore($0.value, $1.value) }) { return found.key }
        let others = all.filter { isReplaceable($0.value) && !oldest.contains($0.key) }
        if let found = others.min(by: { isBefore($0.value, $1.value) }) { return found.key }
        return all.min { isBefore($0.value, $1.value) }?.key
    }

    /// Now and then gives up one peer that this node dialled and that has been of no use for long, so that
    /// another can take its place.
    ///
    /// Of use is who is in good standing and keeps a group that the node needs, or, for as long as no
    /// group is short, is a node of this network at all.
    mutating func rotate(now: Instant) {
        let short = shortGroups.count > 0
        let needed = ColumnGroups(
            (wishes.needed.isEmpty ? wishes.groups : wishes.needed).filter {
                (0..<Limits.columnGroups).contains($0)
            })
        for (id, peer) in peers.entries {
            guard peer.score >= 0, let groups = peer.groups else { continue }
            if !short || groups.bits & needed.bits != 0 {
                _ = peers.modify(id) { $0.usefulAt = now }
            }
        }
        guard now - lastRotation >= settings.rotationInterval,
            short || missing.inAll == 0 || missing.outbound == 0
        else { return }
        // Without anybody else to dial, a useless peer is better than none.
        guard !candidates(now: now).isEmpty else { return }
        let useless = peers.entries.filter {
            $0.value.direction == .outbound && now - $0.value.usefulAt >= settings.uselessFor
        }.min {
            ($0.value.score, $0.value.usefulAt) < ($1.value.score, $1.value.usefulAt)
        }
        guard let useless else { return }
        lastRotation = now
        counters.rotated += 1
        giveUp(useless.key, now: now)
    }

    private mutating func giveUp(_ peer: PeerID, now: Instant) {
        book.rest(peer, until: now + jittered(settings.longestPause))
        directives.append(.disconnect(peer))
    }
}
