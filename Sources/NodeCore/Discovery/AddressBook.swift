package import Availability
package import LibP2P

/// Who told of a peer's addresses.
package struct AddressSource: Sendable, Hashable {
    /// The peer that did.
    package let peer: PeerID
    /// How far away it is: it is believed addresses of this scope or a wider one.
    package let scope: AddressScope
    /// Its own address, without port; nil if it has none.
    package let address: IPAddress?

    /// A connected peer.
    package init(_ peer: PeerID, at remote: Multiaddr) {
        self.init(peer, scope: remote.scopeOfPeer, address: remote.ipAddress?.unmapped)
    }

    init(_ peer: PeerID, scope: AddressScope, address: IPAddress?) {
        self.peer = peer
        self.scope = scope
        self.address = address
    }

    /// The network it is in; nil on loopback, which is exempt from what counts networks.
    var group: IPAddress? { address.flatMap { $0.isLoopback ? nil : $0.group } }
}

/// The peers that a node remembers, to connect to them some time: bounded in all, per source, per
/// network and per address, so that nobody who tells of many peers crowds out what others told.
///
/// Peers have one of three standings, and none ever gives way to one of a lower standing: *proven*, the
/// node has reached them itself; *claimed*, they told of themselves, from the address that they claim;
/// *hearsay*. Bootstrap nodes are not in here.
package struct AddressBook: Sendable {
    /// How much is known of a peer's addresses.
    package enum Standing: Int, Comparable, Sendable {
        case hearsay
        case claimed
        case proven

        package static func < (left: Standing, right: Standing) -> Bool {
            left.rawValue < right.rawValue
        }
    }

    /// A remembered peer.
    package struct Entry: Sendable, Hashable {
        /// Who.
        package let peer: PeerID
        /// Where, best first. Never empty.
        package internal(set) var addresses: [Multiaddr]
        /// The newest signed record of those, if there is one.
        package internal(set) var record: SignedPeerRecord?
        /// What it said it keeps; its signature holds.
        package internal(set) var custody: CustodyRecord?
        /// Who told of it.
        package internal(set) var source: AddressSource
        /// When it came into the book.
        package internal(set) var addedAt: Instant
        /// When this node last reached it.
        package internal(set) var reachedAt: Instant?
        /// Failures since.
        package internal(set) var failures = 0
        /// Not to be dialled before.
        package internal(set) var notBefore = Instant(nanoseconds: .min)
        /// Whether it is connected now.
        package internal(set) var isConnected = false

        /// The column groups it said it keeps.
        package var groups: ColumnGroups { custody?.groups ?? .none }

        /// How much is known of it.
        package var standing: Standing {
            if reachedAt != nil { return .proven }
            guard source.peer == peer, let from = source.address?.unit,
                addresses.contains(where: { $0.ipAddress?.unit == from })
            else { return .hearsay }
            return .claimed
        }

        /// The networks of its addresses, without loopback.
        var places: [IPAddress] {
            addresses.compactMap(\.ipAddress).filter { !$0.isLoopback }
        }
    }

    /// What became of news about a peer.
    package enum Verdict: Sendable, Hashable {
        case added
        case renewed
        /// What is here is as new or newer.
        case known
        /// This node itself.
        case itself
        /// None of its addresses may be dialled on this source's word.
        case unusable
        /// There is no room for it where it claims to be.
        case crowded
    }

    /// The node's own id.
    let local: PeerID
    let settings: DiscoverySettings
    var table = OrderedTable<PeerID, Entry>()

    /// An empty book.
    package init(local: PeerID, settings: DiscoverySettings) {
        self.local = local
        self.settings = settings
    }

    /// Peers remembered.
    package var count: Int { table.count }
    /// All of them, in the order in which they came.
    package var entries: [Entry] { table.entries.map(\.value) }
    /// One of them.
    package subscript(peer: PeerID) -> Entry? { table[peer] }

    // MARK: being told

    /// Takes note of a peer.
    ///
    /// - Parameters:
    ///   - peer: Who.
    ///   - addresses: Where it is said to be.
    ///   - record: The signed record of those, verified; nil only for what a peer says of itself.
    ///   - source: Who said so.
    ///   - now: The present moment.
    /// - Returns: What became of it.
    @discardableResult
    package mutating func add(
        _ peer: PeerID, addresses: [Multiaddr], record: SignedPeerRecord?,
        from source: AddressSource, now: Instant
    ) -> Verdict {
        guard peer != local else { return .itself }
        let known = table[peer]
        if let known, !isNews(record, from: source, to: known) { return .known }
        let usable = usable(addresses, from: source)
        guard !usable.isEmpty else { return .unusable }
        var entry =
            known ?? Entry(peer: peer, addresses: usable, source: source, addedAt: now)
        // The address that worked stays the first to try, as long as the peer still names it.
        let first = known.flatMap { $0.standing == .proven ? $0.addresses.first : nil }
        entry.addresses = usable.filter { $0 == first } + usable.filter { $0 != first }
        entry.record = record ?? entry.record
        if source.peer == peer { entry.source = source }
        guard makeRoom(for: entry, isNew: known == nil) else { return .crowded }
        table[peer] = entry
        return known == nil ? .added : .renewed
    }

    /// Whether something newer is said than what is here. A peer's own word counts for as much as its
    /// record of the same number: it signs one for each scope.
    private func isNews(
        _ record: SignedPeerRecord?, from source: AddressSource, to known: Entry
    ) -> Bool {
        guard let old = known.record else { return record != nil || source.peer == known.peer }
        guard let record, record.envelope != old.envelope else { return false }
        return record.sequence > old.sequence
            || record.sequence == old.sequence && source.peer == known.peer
    }

    /// The addresses that may be dialled on a source's word: TCP over IP, of the source's scope or a
    /// wider one. Names are left out: what they resolve to is the choice of whoever owns them.
    func usable(_ addresses: [Multiaddr], from source: AddressSource) -> [Multiaddr] {
        var result: [Multiaddr] = []
        for address in addresses.map(\.transport) where !result.contains(address) {
            guard let endpoint = address.tcpEndpoint, endpoint.port != 0,
                address.ipAddress != nil, address.mayBeTold(to: source.scope)
            else { continue }
            result.append(address)
            if result.count == settings.maximumAddressesPerPeer { break }
        }
        return result
    }

    /// Takes note of what a remembered peer keeps. The record's signature was checked.
    package mutating func setCustody(_ record: CustodyRecord, of peer: PeerID) {
        guard let entry = table[peer],
            entry.custody.map({ $0.made <= record.made }) ?? true
        else { return }
        _ = table.modify(peer) { $0.custody = record }
    }

    // MARK: room

    /// Makes room for an entry by dropping others, or says that there is none.
    private mutating func makeRoom(for entry: Entry, isNew: Bool) -> Bool {
        let standing = entry.standing
        for unit in Set(entry.places.map(\.unit)).sorted(by: Self.precedes) {
            guard
                makeRoom(
                    settings.maximumPerAddress, for: entry.peer, below: standing,
                    where: {
                        $0.places.contains { $0.unit == unit }
                    })
            else { return false }
        }
        for group in Set(entry.places.map(\.group)).sorted(by: Self.precedes) {
            guard
                makeRoom(
                    settings.maximumPerGroup, for: entry.peer, below: standing,
                    where: {
                        $0.places.contains { $0.group == group }
                    })
            else { return false }
        }
        guard isNew, standing != .proven else { return true }
        let source = entry.source
        replaceWithin(settings.maximumPerSource) {
            $0.standing < .proven && $0.source.peer == source.peer
        }
        if let group = source.group {
            replaceWithin(settings.maximumPerSourceGroup) {
                $0.standing < .proven && $0.source.group == group
            }
        }
        evictMostCrowded(settings.maximumUnproven - 1, where: { $0.standing < .proven }) {
            $0.source.group.map(\.bytes) ?? $0.source.peer.bytes
        }
        return true
    }

    private static func precedes(_ left: IPAddress, _ right: IPAddress) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    /// Whether fewer than `limit` entries match, or one of a lower standing could be dropped, or one of
    /// the same that was not reached when it was last dialled.
    private mutating func makeRoom(
        _ limit: Int, for peer: PeerID, below standing: Standing, where matches: (Entry) -> Bool
    ) -> Bool {
        let found = entries.filter { $0.peer != peer && matches($0) }
        guard found.count >= limit else { return true }
        let droppable = found.filter {
            !$0.isConnected
                && ($0.standing < standing || $0.standing == standing && $0.failures > 0)
        }
        guard let worst = Self.worst(of: droppable) else { return false }
        table[worst] = nil
        return true
    }

    /// Drops the worst of those that match, if there are `limit` already.
    private mutating func replaceWithin(_ limit: Int, where matches: (Entry) -> Bool) {
        let found = entries.filter(matches)
        guard found.count >= limit,
            let worst = Self.worst(of: found.filter { !$0.isConnected })
        else { return }
        table[worst] = nil
    }

    /// Drops entries of the most frequent kind until no more than `limit` match.
    private mutating func evictMostCrowded(
        _ limit: Int, where matches: (Entry) -> Bool, kind: (Entry) -> [UInt8]
    ) {
        var found = entries.filter(matches)
        while found.count > limit {
            var counts: [[UInt8]: Int] = [:]
            for entry in found { counts[kind(entry), default: 0] += 1 }
            let most = counts.values.max() ?? 0
            let crowded = found.filter { !$0.isConnected && counts[kind($0)] == most }
            guard
                let worst = Self.worst(of: crowded)
                    ?? Self.worst(of: found.filter { !$0.isConnected })
            else { return }
            table[worst] = nil
            found.removeAll { $0.peer == worst }
        }
    }

    /// The one to be dropped first: of the lowest standing, with most failures, the oldest.
    private static func worst(of entries: [Entry]) -> PeerID? {
        entries.min { left, right in
            (left.standing.rawValue, -left.failures, left.reachedAt ?? left.addedAt)
                < (right.standing.rawValue, -right.failures, right.reachedAt ?? right.addedAt)
        }?.peer
    }

    // MARK: experience

    /// A peer is connected or not any more.
    package mutating func setConnected(_ peer: PeerID, _ isConnected: Bool) {
        _ = table.modify(peer) { $0.isConnected = isConnected }
    }

    /// A peer was reached at an address.
    package mutating func reached(_ peer: PeerID, at address: Multiaddr, now: Instant) {
        let found: Void? = table.modify(peer) { entry in
            entry.reachedAt = now
            entry.failures = 0
            let address = address.transport
            if entry.addresses.contains(address) {
                entry.addresses = [address] + entry.addresses.filter { $0 != address }
            }
        }
        guard found != nil else { return }
        evictMostCrowded(settings.maximumProven, where: { $0.standing == .proven }) {
            $0.places.first?.group.bytes ?? $0.peer.bytes
        }
    }

    /// A peer was not reached at an address: another one's turn, after a pause. Forgets it if that
    /// happened too often.
    package mutating func failed(
        _ peer: PeerID, at address: Multiaddr, retryAt: Instant, now: Instant
    ) {
        guard let old = table[peer] else { return }
        var entry = old
        entry.failures += 1
        entry.notBefore = retryAt
        let address = address.transport
        if entry.addresses.first == address {
            entry.addresses = Array(entry.addresses.dropFirst()) + [address]
        }
        let isLost =
            if let reachedAt = entry.reachedAt {
                entry.failures >= settings.failuresOfProven
                    && reachedAt + settings.provenLifetime < now
            } else {
                entry.failures >= settings.failuresOfUnproven * entry.addresses.count
            }
        table[peer] = isLost && !entry.isConnected ? nil : entry
    }

    /// Somebody else is at an address.
    package mutating func isNot(_ peer: PeerID, at address: Multiaddr) {
        guard var entry = table[peer] else { return }
        entry.addresses.removeAll { $0 == address.transport }
        table[peer] = entry.addresses.isEmpty ? nil : entry
    }

    /// Leaves a peer alone for a time.
    package mutating func rest(_ peer: PeerID, until: Instant) {
        _ = table.modify(peer) { $0.notBefore = max($0.notBefore, until) }
    }
}
