import Availability
import LibP2P
import NodeCore
import SSZ
import SystemCrypto

/// Keys, records and managers for tests of discovery.
enum DiscoveryFixture {
    static let networkID = Bytes32(Array(repeating: 7, count: 32)) ?? .zero
    static let names = NetworkNames(networkID: networkID)

    static func key(_ number: Int) throws -> IdentityKey {
        try IdentityKey(seed: SHA256.hash(Array("discovery \(number)".utf8)))
    }

    static func peer(_ number: Int) throws -> PeerID { try key(number).peerID }

    /// An address of the internet: each number in a network of its own.
    static func address(_ number: Int, host: Int = 1) -> Multiaddr {
        Multiaddr(
            .v4(
                0x0b00_0000 + UInt32(number / 200) << 24 | UInt32(number % 200) << 16 | UInt32(host)
            ),
            tcp: 4001)
    }

    static func record(
        _ number: Int, sequence: UInt64 = 1, at addresses: [Multiaddr]? = nil
    ) throws -> SignedPeerRecord {
        guard
            let record = SignedPeerRecord(
                identity: try key(number), sequence: sequence,
                addresses: addresses ?? [address(number)])
        else { throw PeerRecordError.notCanonical }
        return record
    }

    static func custody(
        _ number: Int, _ groups: ColumnGroups, network: Bytes32 = networkID, made: UInt64 = 1
    ) throws -> CustodyRecord {
        CustodyRecord(
            networkID: network, groups: groups, made: UnixTime(milliseconds: made),
            key: try SigningKey(seed: try key(number).seed))
    }

    static func manager(
        _ number: Int = 0, seed: UInt8 = 1, now: Instant = .zero,
        _ change: (inout DiscoverySettings) -> Void = { _ in }
    ) throws -> ConnectionManager {
        var settings = DiscoverySettings()
        change(&settings)
        return ConnectionManager(
            local: try peer(number), names: names, networkID: networkID, settings: settings,
            seed: [UInt8](repeating: seed, count: 32), now: now)
    }

    static func info(
        _ number: Int, at addresses: [Multiaddr]? = nil, observed: Multiaddr? = nil
    ) throws -> IdentifyInfo {
        var info = IdentifyInfo()
        info.peerRecord = try record(number, at: addresses)
        info.protocols = [names.peersProtocol]
        info.observedAddress = observed
        return info
    }
}

/// Connection managers joined by virtual connections on virtual time, with identify, status and questions
/// for peers as messages between them. Everything follows from the seed.
struct DiscoveryNetwork {
    struct Node {
        let number: Int
        let custody: ColumnGroups
        let needed: [Int]
        let address: Multiaddr
        let custodyRecord: CustodyRecord?
        let peer: PeerID
        let info: IdentifyInfo
        var manager: ConnectionManager
        var isUp = true
        /// Counts restarts, so that what was meant for an earlier life does not arrive.
        var life = 0
        var links: Set<Int> = []
        var dials = 0
    }

    private enum Event {
        case tick(Int, Int)
        case dialled(Int, Int, Multiaddr)
        case identified(Int, Int, Int, Int)
        case told(Int, Int, Int, Int)
        case question(Int, Int, Int, Int, [UInt8])
        case answer(Int, Int, Int, Int, [UInt8])
    }

    private struct Scheduled {
        let at: Instant
        let order: Int
        let event: Event
    }

    static let targetPeers = 24
    static let peersPerGroup = 3

    var nodes: [Node] = []
    var now = Instant.zero
    var random: SeededRandom
    var trace = SHA256()
    private var queue: [Scheduled] = []
    private var order = 0
    private var byAddress: [Multiaddr: Int] = [:]
    private var byPeer: [PeerID: Int] = [:]

    init(seed: UInt64) {
        random = SeededRandom(number: seed)
    }

    /// Adds a node that begins now.
    @discardableResult
    mutating func add(
        custody: ColumnGroups, isFull: Bool, bootstraps: [Multiaddr]
    ) throws -> Int {
        let index = nodes.count
        let needed = (isFull ? custody : .all).groups
        let address = DiscoveryFixture.address(index)
        let peer = try DiscoveryFixture.peer(index)
        nodes.append(
            Node(
                number: index, custody: custody, needed: needed, address: address,
                custodyRecord: isFull ? try DiscoveryFixture.custody(index, custody) : nil,
                peer: peer, info: try DiscoveryFixture.info(index, at: [address]),
                manager: try DiscoveryFixture.manager(index)))
        byAddress[address] = index
        byPeer[peer] = index
        try begin(index, saved: nil, bootstraps: bootstraps)
        return index
    }

    mutating func begin(_ index: Int, saved: [UInt8]?, bootstraps: [Multiaddr]) throws {
        nodes[index].life += 1
        nodes[index].isUp = true
        nodes[index].links = []
        var seed: [UInt8] = []
        for _ in 0..<32 { seed.append(UInt8(random.uniform(below: 256))) }
        nodes[index].manager = ConnectionManager(
            local: nodes[index].peer, names: DiscoveryFixture.names,
            networkID: DiscoveryFixture.networkID, settings: DiscoverySettings(), seed: seed,
            now: now)
        if let saved { try nodes[index].manager.restore(saved, now: now, unixSeconds: unix) }
        nodes[index].manager.add(bootstraps: bootstraps, now: now)
        nodes[index].manager.wish(
            ConnectionWishes(
                peers: Self.targetPeers, groups: nodes[index].needed,
                peersPerGroup: Self.peersPerGroup, needed: nodes[index].needed), now: now)
        schedule(.tick(index, nodes[index].life), after: .zero)
        try settle(index)
    }

    var unix: UInt64 { 1_700_000_000 + UInt64(now.nanoseconds / 1_000_000_000) }

    /// A node ends, without a word.
    mutating func stop(_ index: Int) throws {
        nodes[index].isUp = false
        for other in nodes[index].links.sorted() {
            nodes[other].links.remove(index)
            nodes[other].manager.disconnected(nodes[index].peer, now: now)
            try settle(other)
        }
        nodes[index].links = []
    }

    func bootstrap(_ index: Int) throws -> Multiaddr {
        nodes[index].address.with(nodes[index].peer)
    }

    /// Needed groups with too few custodians that have told their status.
    func short(_ index: Int) -> [Int] {
        nodes[index].needed.filter {
            nodes[index].manager.custodians(of: $0) < Self.peersPerGroup
        }
    }

    mutating func run(_ duration: Duration) throws {
        let end = now + duration
        while let next = queue.first, next.at <= end {
            queue.removeFirst()
            now = next.at
            try handle(next.event)
        }
        now = end
    }

    private mutating func schedule(_ event: Event, after duration: Duration) {
        order += 1
        let item = Scheduled(at: now + duration, order: order, event: event)
        var low = 0
        var high = queue.count
        while low < high {
            let middle = (low + high) / 2
            if (queue[middle].at, queue[middle].order) < (item.at, item.order) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        queue.insert(item, at: low)
    }

    private mutating func delay() -> Duration {
        .milliseconds(20 + random.uniform(below: 180))
    }

    private mutating func note(_ text: String) {
        trace.update(Array("\(now.nanoseconds) \(text)\n".utf8))
    }

    private func isLinked(_ one: Int, _ life: Int, _ other: Int, _ otherLife: Int) -> Bool {
        nodes[one].life == life && nodes[other].life == otherLife
            && nodes[one].links.contains(other)
    }

    private mutating func handle(_ event: Event) throws {
        switch event {
        case .tick(let index, let life):
            guard nodes[index].isUp, nodes[index].life == life else { return }
            nodes[index].manager.tick(now: now) { _ in 0 }
            let next = max(nodes[index].manager.nextDeadline - now, .milliseconds(1))
            schedule(.tick(index, life), after: next)
            try settle(index)
        case .dialled(let from, let life, let address):
            guard nodes[from].isUp, nodes[from].life == life else { return }
            try connect(from, address)
        case .identified(let to, let life, let from, let otherLife):
            guard isLinked(to, life, from, otherLife) else { return }
            nodes[to].manager.identified(nodes[from].peer, nodes[from].info, now: now)
            try settle(to)
        case .told(let to, let life, let from, let otherLife):
            guard isLinked(to, life, from, otherLife) else { return }
            nodes[to].manager.told(
                nodes[from].peer, groups: nodes[from].custody,
                custody: nodes[from].custodyRecord, now: now)
            try settle(to)
        case .question(let to, let life, let from, let otherLife, let body):
            guard isLinked(to, life, from, otherLife) else { return }
            let answer = nodes[to].manager.answer(
                body, from: nodes[from].peer, now: now)
            if case .peers(let bytes) = answer {
                schedule(.answer(from, otherLife, to, life, bytes), after: delay())
            }
            try settle(to)
        case .answer(let to, let life, let from, let otherLife, let bytes):
            guard isLinked(to, life, from, otherLife) else { return }
            nodes[to].manager.answered(nodes[from].peer, bytes, now: now)
            try settle(to)
        }
    }

    private mutating func connect(_ from: Int, _ address: Multiaddr) throws {
        note("\(from) dialled \(address)")
        guard let to = byAddress[address.transport], nodes[to].isUp,
            address.peerID == nodes[to].peer
        else {
            nodes[from].manager.dialEnded(address, .failed, now: now)
            try settle(from)
            return
        }
        if nodes[from].links.insert(to).inserted {
            nodes[to].links.insert(from)
            nodes[to].manager.connected(
                nodes[from].peer, at: nodes[from].address, direction: .inbound,
                now: now)
            nodes[from].manager.connected(
                nodes[to].peer, at: nodes[to].address, direction: .outbound, now: now
            )
            for (one, other) in [(from, to), (to, from)] {
                let delay = delay()
                schedule(
                    .identified(one, nodes[one].life, other, nodes[other].life), after: delay)
                schedule(
                    .told(one, nodes[one].life, other, nodes[other].life), after: delay + delay)
            }
        }
        nodes[from].manager.dialEnded(address, .reached, now: now)
        try settle(to)
        try settle(from)
    }

    private mutating func settle(_ index: Int) throws {
        for directive in nodes[index].manager.drain() {
            switch directive {
            case .dial(let address):
                nodes[index].dials += 1
                // Who is not there answers nothing, for some seconds.
                let isThere = byAddress[address.transport].map { nodes[$0].isUp } ?? false
                schedule(
                    .dialled(index, nodes[index].life, address),
                    after: isThere ? delay() : .seconds(3))
            case .ask(let peer, let body):
                guard let to = byPeer[peer] else { continue }
                schedule(
                    .question(to, nodes[to].life, index, nodes[index].life, body), after: delay())
            case .disconnect(let peer):
                guard let other = byPeer[peer], nodes[index].links.remove(other) != nil else {
                    continue
                }
                nodes[other].links.remove(index)
                nodes[index].manager.disconnected(peer, now: now)
                nodes[other].manager.disconnected(nodes[index].peer, now: now)
                try settle(other)
            case .penalise, .observed: break
            }
        }
    }
}
