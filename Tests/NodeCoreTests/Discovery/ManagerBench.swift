import Availability
import LibP2P
import NodeCore
import SSZ
import Testing

/// One connection manager whose network is played by the test.
struct ManagerBench {
    var manager: ConnectionManager
    var now = Instant.zero
    var dials: [Multiaddr] = []
    var disconnects: [PeerID] = []
    var asks: [(peer: PeerID, body: [UInt8])] = []
    var penalties: [PeerID] = []
    var observed: [IPAddress] = []
    /// Whether dials are made to fail as soon as they are asked for.
    var failsDials = false
    /// What connected peers are thought of.
    var scores: [PeerID: Double] = [:]

    init(_ change: (inout DiscoverySettings) -> Void = { _ in }) throws {
        manager = try DiscoveryFixture.manager(0, change)
    }

    mutating func call(_ body: (inout ConnectionManager, Instant) throws -> Void) rethrows {
        try body(&manager, now)
        collect()
    }

    mutating func collect() {
        while true {
            let directives = manager.drain()
            guard !directives.isEmpty else { return }
            for directive in directives {
                switch directive {
                case .dial(let address):
                    dials.append(address)
                    if failsDials { manager.dialEnded(address, .failed, now: now) }
                case .disconnect(let peer):
                    disconnects.append(peer)
                    manager.disconnected(peer, now: now)
                case .ask(let peer, let body): asks.append((peer, body))
                case .penalise(let peer, _): penalties.append(peer)
                case .observed(let addresses): observed = addresses
                }
            }
        }
    }

    mutating func advance(_ duration: Duration) {
        let end = now + duration
        while manager.nextDeadline <= end {
            now = max(manager.nextDeadline, now)
            let scores = scores
            manager.tick(now: now) { scores[$0] ?? 0 }
            collect()
        }
        now = end
    }

    mutating func wish(_ peers: Int, groups: [Int] = [], perGroup: Int = 3) {
        call {
            $0.wish(
                ConnectionWishes(
                    peers: peers, groups: groups, peersPerGroup: perGroup, needed: groups),
                now: $1)
        }
    }

    /// A peer connects, says who it is and what it keeps.
    mutating func connect(
        _ number: Int, _ direction: ConnectionDirection, at address: Multiaddr? = nil,
        groups: ColumnGroups? = ColumnGroups.none, listens: [Multiaddr]? = nil
    ) throws {
        let peer = try DiscoveryFixture.peer(number)
        let address = address ?? DiscoveryFixture.address(number)
        let info = try DiscoveryFixture.info(number, at: listens ?? [address])
        let custody = try groups.map { try DiscoveryFixture.custody(number, $0) }
        call { manager, now in
            manager.connected(peer, at: address, direction: direction, now: now)
            manager.dialEnded(address.with(peer), .reached, now: now)
            manager.identified(peer, info, now: now)
            if let groups { manager.told(peer, groups: groups, custody: custody, now: now) }
        }
    }

    /// A connected peer answers a question with records.
    mutating func answer(
        from number: Int, _ peers: [KnownPeer]
    ) throws {
        let peer = try DiscoveryFixture.peer(number)
        call { $0.answered(peer, PeersResponse(peers).encoded, now: $1) }
    }

    /// A connected peer tells of others, at their own addresses, in answers of 16.
    mutating func tell(
        _ numbers: some Collection<Int>, from number: Int, groups: ColumnGroups? = nil,
        at address: (Int) -> Multiaddr = { DiscoveryFixture.address($0) }
    ) throws {
        var known: [KnownPeer] = []
        for other in numbers {
            known.append(
                KnownPeer(
                    record: try DiscoveryFixture.record(other, at: [address(other)]).envelope,
                    custody: try groups.map { try DiscoveryFixture.custody(other, $0) }))
            if known.count == Limits.peersPerAnswer {
                try answer(from: number, known)
                known = []
            }
        }
        if !known.isEmpty { try answer(from: number, known) }
    }
}
