import Availability
package import LibP2P
import SystemCrypto

/// Whom to dial, and when again.
extension ConnectionManager {
    /// Dials while something is missing and there is somebody to dial.
    mutating func dialMissing(now: Instant) {
        while dials.count < settings.maximumDials {
            guard let choice = nextDial(now: now), dialPace.take(now: now) else { return }
            counters.dials += 1
            dials[choice.address] = choice.dial
            directives.append(.dial(choice.address))
        }
    }

    private typealias Choice = (address: Multiaddr, dial: Dial)

    private mutating func nextDial(now: Instant) -> Choice? {
        guard peers.count + dials.count < settings.maximumPeers else { return nil }
        let gaps = gaps
        guard gaps.isAny else { return nil }
        let needsFriends =
            peers.count + dials.count < settings.bootstrapBelow
            && now - startedAt > settings.quietRound
        if needsFriends, let choice = nextBootstrap(now: now) { return choice }
        let candidates = candidates(now: now)
        // Each group's turn at random, so that who claims to keep all groups is no more likely to be
        // chosen for one of them than any other custodian.
        let groups = gaps.short.groups
        if !groups.isEmpty {
            let first = random.uniform(below: groups.count)
            for offset in groups.indices {
                let group = groups[(first + offset) % groups.count]
                let custodians = candidates.filter { $0.groups.contains(group) }
                if let choice = choose(custodians) { return choice }
            }
        }
        // Of some it is not known what they keep.
        let mayExplore =
            gaps.short.count > 0
            && peers.count + dials.count < wishes.peers + settings.exploredPeers
        guard gaps.isShortOfPeers || mayExplore else { return nil }
        let pool =
            gaps.isShortOfPeers ? candidates : candidates.filter { $0.custody == nil }
        return choose(pool) ?? nextBootstrap(now: now)
    }

    /// Remembered peers that may be dialled now.
    func candidates(now: Instant) -> [AddressBook.Entry] {
        let dialled = Set(dials.entries.map(\.value.peer))
        let busy = Set(dials.entries.compactMap(\.value.unit))
        return book.entries.filter { entry in
            guard !entry.isConnected, entry.notBefore <= now, !dialled.contains(entry.peer),
                peers[entry.peer] == nil
            else { return false }
            guard let unit = Self.unit(of: entry.addresses[0]) else { return true }
            guard !busy.contains(unit) else { return false }
            // Peer ids cost nothing: else many of them at one address would be as many dials there.
            return entry.standing == .proven || (addressPauses[unit]?.until ?? now) <= now
        }
    }

    /// What limits per address count an address as; nil if it is exempt.
    private static func unit(of address: Multiaddr) -> IPAddress? {
        address.ipAddress.flatMap { $0.isLoopback ? nil : $0.unit }
    }

    /// One of several candidates at random: three times out of four one that was reached before, and in
    /// a network with as few connections of this node's own as possible.
    private mutating func choose(_ candidates: [AddressBook.Entry]) -> Choice? {
        guard !candidates.isEmpty else { return nil }
        let prefersProven = random.uniform(below: 4) > 0
        var pool = candidates.filter { ($0.standing == .proven) == prefersProven }
        if pool.isEmpty { pool = candidates }
        var crowds: [IPAddress: Int] = [:]
        for (_, peer) in peers.entries where peer.direction == .outbound {
            if let network = peer.network { crowds[network, default: 0] += 1 }
        }
        for (_, dial) in dials.entries {
            if let network = dial.network { crowds[network, default: 0] += 1 }
        }
        let crowd = { (entry: AddressBook.Entry) in
            Self.network(of: entry.addresses[0]).flatMap { crowds[$0] } ?? 0
        }
        let least = pool.map(crowd).min() ?? 0
        pool = pool.filter { crowd($0) == least }
        let entry = pool[random.uniform(below: pool.count)]
        return choice(entry.addresses[0].with(entry.peer), entry.peer, entry.groups)
    }

    private static func network(of address: Multiaddr) -> IPAddress? {
        address.ipAddress.flatMap { $0.isLoopback ? nil : $0.group }
    }

    private func choice(
        _ address: Multiaddr, _ peer: PeerID, _ groups: ColumnGroups
    ) -> Choice {
        (
            address,
            Dial(
                peer: peer, groups: groups, unit: Self.unit(of: address),
                network: Self.network(of: address))
        )
    }

    private func nextBootstrap(now: Instant) -> Choice? {
        let dialled = Set(dials.entries.map(\.value.peer))
        // The one that waits longest, in the operator's order.
        let next = bootstraps.filter {
            $0.notBefore <= now && peers[$0.peer] == nil && !dialled.contains($0.peer)
        }.min { $0.failures < $1.failures }
        return next.map { choice($0.address, $0.peer, book[$0.peer]?.groups ?? .none) }
    }

    // MARK: outcomes

    /// A dial has ended.
    package mutating func dialEnded(
        _ address: Multiaddr, _ outcome: DialOutcome, now: Instant
    ) {
        guard let dial = dials[address] else { return }
        dials[address] = nil
        switch outcome {
        case .reached:
            book.reached(dial.peer, at: address, now: now)
            // Should the connection be lost again at once, don't spin.
            book.rest(dial.peer, until: now + settings.firstPause)
            if let unit = dial.unit { addressPauses[unit] = nil }
            for index in bootstraps.indices where bootstraps[index].address == address {
                bootstraps[index].failures = 0
                bootstraps[index].notBefore = now + settings.firstPause
            }
        case .failed:
            failed(dial.peer, at: address, now: now)
            if let unit = dial.unit { pause(unit, now: now) }
        case .wrongPeer:
            failed(dial.peer, at: address, now: now)
            book.isNot(dial.peer, at: address)
            if let unit = dial.unit { pause(unit, now: now) }
        case .notTried:
            let until = now + settings.quietRound
            book.rest(dial.peer, until: until)
            for index in bootstraps.indices where bootstraps[index].address == address {
                bootstraps[index].notBefore = until
            }
        }
        round(now: now)
    }

    /// A peer could not be reached, or was lost at once.
    mutating func failed(_ peer: PeerID, at address: Multiaddr, now: Instant) {
        counters.failedDials += 1
        let failures = book[peer]?.failures ?? 0
        book.failed(
            peer, at: address,
            retryAt: now + pause(after: failures, settings.firstPause, settings.longestPause),
            now: now)
        for index in bootstraps.indices where bootstraps[index].peer == peer {
            let count = bootstraps[index].failures
            bootstraps[index].failures = min(count + 1, 32)
            bootstraps[index].notBefore =
                now + pause(after: count, settings.firstPause, settings.longestBootstrapPause)
        }
    }

    /// No unproven peer is dialled at an address for a time.
    private mutating func pause(_ unit: IPAddress, now: Instant) {
        let failures = addressPauses[unit]?.failures ?? 0
        addressPauses[unit] = AddressPause(
            failures: min(failures + 1, 32),
            until: now
                + pause(
                    after: failures, settings.firstAddressPause, settings.longestAddressPause))
        guard addressPauses.count > settings.maximumAddressPauses else { return }
        let soonest = addressPauses.entries.min { $0.value.until < $1.value.until }
        if let soonest { addressPauses[soonest.key] = nil }
    }

    /// `first`, doubled for each earlier failure, at most `longest`, give or take a quarter.
    private mutating func pause(
        after failures: Int, _ first: Duration, _ longest: Duration
    ) -> Duration {
        jittered(min(first * (1 << min(max(failures, 0), 24)), longest))
    }
}
