/// What distant peers say this host's own address looks like from where they are.
///
/// One peer's word is worth nothing: a liar could make this host announce a victim's address. So an
/// address counts once several peers that this host dialled itself, in different address groups, have
/// seen it lately. An attacker can fill a host's inbound places; whom it dials, it can hardly choose.
package struct ObservedAddresses: Sendable {
    private struct Observation: Sendable {
        let observer: PeerID
        let group: IPAddress
        let address: IPAddress
        let at: Instant
    }

    /// Observers in different address groups that have to agree.
    package static let agreement = 3
    /// Observations that are remembered, one to an observer; the oldest go first.
    package static let maximum = 64
    /// How long an observation counts.
    package static let lifetime: Duration = .seconds(3600)

    private var observations: [Observation] = []

    package init() {}

    /// A peer has seen this host under an address.
    ///
    /// - Parameters:
    ///   - seen: The address, with the port of the connection, which means nothing.
    ///   - observer: The peer.
    ///   - remote: Where the peer is.
    ///   - direction: Who dialled; what peers say that dialled this host is left out.
    ///   - now: The present moment.
    package mutating func observed(
        _ seen: Multiaddr, by observer: PeerID, at remote: Multiaddr,
        direction: ConnectionDirection, now: Instant
    ) {
        guard direction == .outbound, let address = seen.ipAddress?.unmapped,
            address.scope == .world, let from = remote.ipAddress, from.scope == .world
        else { return }
        observations.removeAll { $0.observer == observer || $0.at + Self.lifetime <= now }
        observations.append(
            Observation(observer: observer, group: from.group, address: address, at: now))
        if observations.count > Self.maximum { observations.removeFirst() }
    }

    /// The addresses on which enough observers agree, in the order in which they were first seen.
    package func agreed(now: Instant) -> [IPAddress] {
        var result: [IPAddress] = []
        for observation in observations where !result.contains(observation.address) {
            let groups = observations.filter {
                $0.address == observation.address && $0.at + Self.lifetime > now
            }.map(\.group)
            if Set(groups).count >= Self.agreement { result.append(observation.address) }
        }
        return result
    }
}
