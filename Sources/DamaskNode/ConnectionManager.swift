package import LibP2P

/// Decides which known addresses to dial: as many as are missing to the number of peers that the
/// node wishes for, each again only after a pause that doubles with every failure.
package struct ConnectionManager: Sendable {
    private struct Candidate: Sendable {
        let address: Multiaddr
        let peer: PeerID
        var isDialling = false
        var failures = 0
        var notBefore: Instant = Instant(nanoseconds: .min)
    }

    /// Peers to have in all.
    package var target = 0
    private let local: PeerID
    private var candidates: [Candidate] = []
    private var connectedPeers: Set<PeerID> = []

    /// The most addresses kept.
    package static let maximumCandidates = 1024
    /// Dials under way at the same time.
    package static let maximumDials = 8
    /// The first pause after a failure, and the longest.
    package static let pauses: (first: Duration, longest: Duration) = (.seconds(1), .seconds(60))

    /// A manager that knows these addresses; those without a peer id are left out.
    package init(local: PeerID, addresses: [Multiaddr]) {
        self.local = local
        add(addresses)
    }

    /// Adds addresses.
    package mutating func add(_ addresses: [Multiaddr]) {
        for address in addresses {
            guard let peer = address.peerID, peer != local,
                candidates.count < Self.maximumCandidates,
                !candidates.contains(where: { $0.address == address })
            else { continue }
            candidates.append(Candidate(address: address, peer: peer))
        }
    }

    /// These peers are connected now, and no others.
    package mutating func connected(_ peers: [PeerID]) {
        connectedPeers = Set(peers)
    }

    /// A dial has ended.
    package mutating func ended(_ address: Multiaddr, reached: Bool, now: Instant) {
        guard let index = candidates.firstIndex(where: { $0.address == address }) else { return }
        candidates[index].isDialling = false
        if reached {
            candidates[index].failures = 0
            // Should the connection be lost again at once, don't spin.
            candidates[index].notBefore = now + Self.pauses.first
        } else {
            candidates[index].failures = min(candidates[index].failures + 1, 16)
            let pause = Self.pauses.first * (1 << (candidates[index].failures - 1))
            candidates[index].notBefore = now + min(pause, Self.pauses.longest)
        }
    }

    /// The addresses to dial now; they count as under way until `ended`.
    package mutating func dials(now: Instant) -> [Multiaddr] {
        var underWay = candidates.count { $0.isDialling }
        var missing = target - connectedPeers.count - underWay
        var result: [Multiaddr] = []
        for index in candidates.indices where missing > 0 && underWay < Self.maximumDials {
            let candidate = candidates[index]
            guard !candidate.isDialling, candidate.notBefore <= now,
                !connectedPeers.contains(candidate.peer)
            else { continue }
            candidates[index].isDialling = true
            result.append(candidate.address)
            missing -= 1
            underWay += 1
        }
        return result
    }

    /// When there may next be an address to dial; nil if only an event can change that.
    package var nextDial: Instant? {
        let underWay = candidates.count { $0.isDialling }
        guard target > connectedPeers.count + underWay, underWay < Self.maximumDials else {
            return nil
        }
        return candidates.lazy
            .filter { !$0.isDialling && !connectedPeers.contains($0.peer) }
            .map(\.notBefore).min()
    }
}
