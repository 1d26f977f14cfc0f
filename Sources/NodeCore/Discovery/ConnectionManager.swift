package import Availability
package import LibP2P
package import SSZ
import SystemCrypto

/// How a dial ended.
package enum DialOutcome: Sendable, Hashable {
    /// The peer that was dialled is there and has proven its id.
    case reached
    /// Nobody answered, or the connection came to nothing.
    case failed
    /// Somebody else answered.
    case wrongPeer
    /// It was not even tried: this host had no room for it.
    case notTried
}

/// Decides which peers a node is connected to: finds custodians of the column groups that the node needs,
/// dials, remembers, makes room, and asks others whom they know.
///
/// A value without I/O, clock or randomness of its own. `specs/network/discovery.md` has its rules.
package struct ConnectionManager: Sendable {
    /// What is to be done.
    package enum Directive: Sendable, Hashable {
        /// Dial an address, which ends in a peer id; then call `dialEnded`.
        case dial(Multiaddr)
        /// Close the connections of a peer that others need the place of.
        case disconnect(PeerID)
        /// Send a peer a request (``PeersRequest``) by the peers protocol; then call `answered`.
        case ask(PeerID, [UInt8])
        /// A peer sent what no honest one sends.
        case penalise(PeerID, Offence)
        /// Several distant peers see this host under these addresses: announce them.
        case observed([IPAddress])
    }

    /// How often what happened.
    package struct Counters: Sendable, Hashable {
        package internal(set) var dials = 0
        package internal(set) var failedDials = 0
        package internal(set) var evicted = 0
        package internal(set) var rotated = 0
        package internal(set) var asked = 0
        package internal(set) var answered = 0
        package internal(set) var refusedQuestions = 0
        package internal(set) var recordsTaken = 0
        package internal(set) var recordsRefused = 0
        package internal(set) var recordsOverQuota = 0
    }

    /// A connected peer.
    struct Peer: Sendable {
        let remote: Multiaddr
        let direction: ConnectionDirection
        let since: Instant
        /// Nil until it has told its status.
        var groups: ColumnGroups?
        var custody: CustodyRecord?
        var record: SignedPeerRecord?
        var answersQuestions = false
        var askedAt: Instant?
        var score = 0.0
        var usefulAt: Instant
        var answers: Pace
        var records: Pace

        /// The network it is in; nil on loopback.
        var network: IPAddress? {
            remote.ipAddress.flatMap { $0.isLoopback ? nil : $0.group }
        }
    }

    /// A node that the operator named.
    struct Bootstrap: Sendable {
        let address: Multiaddr
        let peer: PeerID
        var failures = 0
        var notBefore = Instant(nanoseconds: .min)
    }

    /// A dial under way.
    struct Dial: Sendable {
        let peer: PeerID
        let groups: ColumnGroups
        /// What else may not be dialled meanwhile; nil on loopback.
        let unit: IPAddress?
        let network: IPAddress?
    }

    /// Failures at an address, whoever was said to be there.
    struct AddressPause: Sendable {
        var failures: Int
        var until: Instant
    }

    /// The name of the protocol that peers are asked for others with.
    package let protocolName: String
    /// The peers that are remembered.
    package internal(set) var book: AddressBook
    /// How often what happened.
    package internal(set) var counters = Counters()
    /// What the node wishes for.
    package private(set) var wishes = ConnectionWishes(peers: 0, groups: [], peersPerGroup: 0)

    let local: PeerID
    let networkID: Bytes32
    let settings: DiscoverySettings
    var random: SeededRandom
    var peers = OrderedTable<PeerID, Peer>()
    var bootstraps: [Bootstrap] = []
    var dials = OrderedTable<Multiaddr, Dial>()
    var addressPauses = OrderedTable<IPAddress, AddressPause>()
    var dialPace: Pace
    var observations = ObservedAddresses()
    var announced: [IPAddress] = []
    var directives: [Directive] = []
    /// Questions that have no answer yet, by the host's numbers.
    var questions: [RequestID: PeerID] = [:]
    var nextRound: Instant
    var lastAsk = Instant(nanoseconds: .min)
    /// Rounds of questions since one brought somebody new.
    var vainQuestions = 0
    var lastRotation = Instant(nanoseconds: .min)
    let startedAt: Instant

    /// A manager that knows nobody but the bootstrap nodes.
    ///
    /// - Parameters:
    ///   - local: This node's id.
    ///   - names: The network's names.
    ///   - networkID: The network.
    ///   - settings: Limits and times.
    ///   - seed: 32 bytes, unpredictable ones where others may be hostile.
    ///   - now: The present moment.
    package init(
        local: PeerID, names: NetworkNames, networkID: Bytes32, settings: DiscoverySettings,
        seed: [UInt8], now: Instant
    ) {
        self.local = local
        self.networkID = networkID
        self.settings = settings
        protocolName = names.peersProtocol
        book = AddressBook(local: local, settings: settings)
        random = SeededRandom(seed: seed)
        dialPace = Pace(every: settings.dialInterval, burst: settings.dialBurst)
        nextRound = now
        startedAt = now
    }

    /// What to do now, in order. Empties the list.
    package mutating func drain() -> [Directive] {
        defer { directives = [] }
        return directives
    }

    /// The next moment at which `tick` has something to do.
    package var nextDeadline: Instant { nextRound }

    // MARK: the operator's and the node's orders

    /// Adds nodes to begin with: they are kept apart from what peers tell, and never forgotten. Addresses
    /// without a peer id are left out.
    package mutating func add(bootstraps addresses: [Multiaddr], now: Instant) {
        for address in addresses {
            guard let peer = address.peerID, peer != local,
                !bootstraps.contains(where: { $0.address == address })
            else { continue }
            bootstraps.append(Bootstrap(address: address, peer: peer))
        }
        round(now: now)
    }

    /// What the node wishes for changed.
    package mutating func wish(_ wishes: ConnectionWishes, now: Instant) {
        self.wishes = wishes
        round(now: now)
    }

    /// Takes over peers that were remembered before a restart (`AddressBook.saved`).
    package mutating func restore(
        _ saved: [UInt8], now: Instant, unixSeconds: UInt64
    ) throws(AddressBookError) {
        try book.restore(saved, now: now, unixSeconds: unixSeconds)
        for peer in peers.keys { book.setConnected(peer, true) }
        round(now: now)
    }

    // MARK: peers that come and go

    /// A peer has its first connection.
    package mutating func connected(
        _ peer: PeerID, at remote: Multiaddr, direction: ConnectionDirection, now: Instant
    ) {
        peers[peer] = Peer(
            remote: remote, direction: direction, since: now, custody: nil, usefulAt: now,
            answers: Pace(every: settings.answerInterval, burst: settings.answerBurst),
            records: Pace(every: settings.recordInterval, burst: settings.recordBurst))
        book.setConnected(peer, true)
        evictSurplus(now: now)
    }

    /// A peer's last connection is gone.
    package mutating func disconnected(_ peer: PeerID, now: Instant) {
        guard let gone = peers[peer] else { return }
        peers[peer] = nil
        vainQuestions = 0
        book.setConnected(peer, false)
        if gone.direction == .outbound, now - gone.since < settings.shortConnection {
            // It would not have us, or not for long: that is no better than not to be there.
            failed(peer, at: gone.remote, now: now)
        } else {
            let until = now + settings.firstPause
            book.rest(peer, until: until)
            for index in bootstraps.indices where bootstraps[index].peer == peer {
                bootstraps[index].notBefore = max(bootstraps[index].notBefore, until)
            }
        }
        round(now: now)
    }

    /// A peer said who it is.
    package mutating func identified(_ peer: PeerID, _ info: IdentifyInfo, now: Instant) {
        guard let known = peers[peer] else { return }
        let answers = info.protocols.contains(protocolName)
        _ = peers.modify(peer) {
            $0.answersQuestions = answers
            $0.record = info.peerRecord
        }
        book.add(
            peer, addresses: info.peerRecord?.addresses ?? info.listenAddresses,
            record: info.peerRecord, from: AddressSource(peer, at: known.remote), now: now)
        book.setConnected(peer, true)
        if let custody = known.custody { book.setCustody(custody, of: peer) }
        if known.direction == .outbound {
            book.reached(peer, at: known.remote, now: now)
        }
        if let seen = info.observedAddress {
            observations.observed(
                seen, by: peer, at: known.remote, direction: known.direction, now: now)
            let agreed = observations.agreed(now: now)
            if agreed != announced {
                announced = agreed
                directives.append(.observed(agreed))
            }
        }
        round(now: now)
    }

    /// A connected peer told which groups it keeps.
    package mutating func told(
        _ peer: PeerID, groups: ColumnGroups, custody: CustodyRecord?, now: Instant
    ) {
        _ = peers.modify(peer) {
            $0.groups = groups
            $0.custody = custody ?? $0.custody
        }
        if let custody { book.setCustody(custody, of: peer) }
    }

    /// Does what is due.
    ///
    /// - Parameters:
    ///   - now: The present moment.
    ///   - score: What connected peers are thought of.
    package mutating func tick(now: Instant, score: (PeerID) -> Double) {
        guard now >= nextRound else { return }
        for peer in peers.keys {
            let value = score(peer)
            _ = peers.modify(peer) { $0.score = value }
        }
        evictSurplus(now: now)
        rotate(now: now)
        round(now: now)
    }

    // MARK: what is missing

    /// The groups that the node needs and of which fewer peers than it wishes for are connected or being
    /// dialled.
    package var shortGroups: ColumnGroups {
        let needed = wishes.needed.isEmpty ? wishes.groups : wishes.needed
        guard !needed.isEmpty else { return .none }
        var counts = [Int](repeating: 0, count: Limits.columnGroups)
        func count(_ groups: ColumnGroups) {
            for group in groups.groups { counts[group] += 1 }
        }
        for (id, peer) in peers.entries { count(peer.groups ?? book[id]?.groups ?? .none) }
        for (_, dial) in dials.entries { count(dial.groups) }
        return ColumnGroups(
            needed.filter { (0..<counts.count).contains($0) && counts[$0] < wishes.peersPerGroup })
    }

    /// Peers to dial until there are as many as the node wishes for, and until it dialled enough of them
    /// itself.
    var missing: (inAll: Int, outbound: Int) {
        let outbound = peers.entries.count { $0.value.direction == .outbound }
        let wanted = Int((Double(wishes.peers) * settings.outboundShare).rounded(.up))
        return (
            max(0, wishes.peers - peers.count - dials.count),
            max(0, wanted - outbound - dials.count)
        )
    }

    /// Custodians of a group among the connected peers that have told their status.
    package func custodians(of group: Int) -> Int {
        peers.entries.count { $0.value.groups?.contains(group) == true }
    }

    /// A time with a quarter taken off or added at random, so that many nodes do not act in step.
    mutating func jittered(_ duration: Duration) -> Duration {
        let nanoseconds = duration.nanoseconds
        return duration
            + .nanoseconds(Int64.random(in: -nanoseconds / 4...nanoseconds / 4, using: &random))
    }

    /// What is missing at a moment.
    struct Gaps {
        let short: ColumnGroups
        let inAll: Int
        let outbound: Int

        /// Whether peers are missing, whatever they keep.
        var isShortOfPeers: Bool { inAll > 0 || outbound > 0 }
        var isAny: Bool { isShortOfPeers || short.count > 0 }
    }

    var gaps: Gaps {
        let missing = missing
        return Gaps(short: shortGroups, inAll: missing.inAll, outbound: missing.outbound)
    }

    /// One round: dials and questions, as far as something is missing.
    mutating func round(now: Instant) {
        dialMissing(now: now)
        let gaps = gaps
        ask(gaps, now: now)
        nextRound = now + (gaps.isAny ? settings.busyRound : settings.quietRound)
    }
}
