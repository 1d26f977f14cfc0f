import Availability
import LibP2P

/// The connected peers, with what each said of itself and what it may still use of this node.
struct PeerTable: Sendable {
    struct Peer: Sendable {
        let connection: PeerConnection
        /// What it said of itself; nil before its first status message.
        var role: NodeRole?
        var custody = ColumnGroups.none
        /// Answer bytes that it may still ask for.
        var serveBudget: TokenBucket
        /// Requests that it may still make.
        var requestBudget: TokenBucket
        /// Cells whose verification it may still cause without success.
        var workBudget: TokenBucket
        /// Pieces of evidence that it may still send.
        var evidenceBudget: TokenBucket
        /// Bytes of its column messages that are held for a header or queued for verification.
        var queuedBytes = 0
        /// When it last gave an answer.
        var answeredAt: Int64?
        /// When it last told its status.
        var statusAt: Int64?
    }

    private var table = OrderedTable<PeerID, Peer>()
    /// When each was last asked for its status: looked at after every event.
    private var statusAsked: [PeerID: Int64] = [:]
    /// How many peers custody each group.
    private var custodians = [Int](repeating: 0, count: Limits.columnGroups)
    private let limits: PeerLimits
    private let serve: Allowance
    private let requests: Allowance

    init(limits: PeerLimits, parameters: NetworkParameters) {
        self.limits = limits
        serve = Allowance(perSlot: UInt64(parameters.bytesPerPeerPerSlot), of: parameters)
        requests = Allowance(perSlot: UInt64(parameters.requestsPerPeerPerSlot), of: parameters)
    }

    var count: Int { table.count }
    /// In order of connection.
    var peers: [PeerID] { table.keys }
    var entries: [(key: PeerID, value: Peer)] { table.entries }

    subscript(peer: PeerID) -> Peer? { table[peer] }

    @discardableResult
    mutating func modify<Result>(_ peer: PeerID, _ change: (inout Peer) -> Result) -> Result? {
        table.modify(peer, change)
    }

    /// A peer said what it custodies; returns whether that is news.
    mutating func setCustody(_ groups: ColumnGroups, of peer: PeerID) -> Bool {
        let before = table.modify(peer) { entry in
            defer { entry.custody = groups }
            return entry.custody
        }
        guard let before, before != groups else { return false }
        for group in before.groups { custodians[group] -= 1 }
        for group in groups.groups { custodians[group] += 1 }
        return true
    }

    /// A peer is there. One more than the limit is not taken in.
    mutating func connected(_ connection: PeerConnection, now: Int64) -> Bool {
        guard table[connection.peer] == nil else { return true }
        guard table.count < limits.maximumPeers else { return false }
        table[connection.peer] = Peer(
            connection: connection,
            serveBudget: serve.bucket(now: now),
            requestBudget: requests.bucket(now: now),
            workBudget: limits.failedCells.bucket(now: now),
            evidenceBudget: limits.evidence.bucket(now: now))
        statusAsked[connection.peer] = now
        return true
    }

    mutating func disconnected(_ peer: PeerID) {
        _ = setCustody(.none, of: peer)
        table[peer] = nil
        statusAsked[peer] = nil
    }

    /// A peer is asked for its status.
    mutating func askedStatus(of peer: PeerID, now: Int64) {
        if table[peer] != nil { statusAsked[peer] = now }
    }

    /// Peers that were last asked for their status by then, in order of connection.
    func askedStatus(by moment: Int64) -> [PeerID] {
        table.keys.filter { statusAsked[$0].map { $0 <= moment } ?? false }
    }

    /// When the peer that was not asked for longest was asked.
    var earliestStatusAsked: Int64? { statusAsked.values.min() }

    /// Distinct peers that answered something lately: the measure of this node's own standing.
    func answering(since moment: Int64) -> Int {
        table.entries.reduce(0) { $0 + (($1.value.answeredAt ?? .min) >= moment ? 1 : 0) }
    }

    /// Groups that fewer than `count` peers custody, ascending.
    func groupsShort(of count: Int, among groups: ColumnGroups) -> [Int] {
        groups.groups.filter { custodians[$0] < count }
    }
}

/// How much of something a peer may use.
public struct Allowance: Sendable, Hashable {
    /// The most at once.
    public var burst: UInt64
    /// What comes back each second.
    public var perSecond: UInt64

    /// An allowance.
    public init(burst: UInt64, perSecond: UInt64) {
        self.burst = burst
        self.perSecond = perSecond
    }

    /// So much at once, and so much again over a slot.
    init(perSlot amount: UInt64, of parameters: NetworkParameters) {
        burst = amount
        perSecond = max(1, amount * 1000 / UInt64(parameters.slotMilliseconds))
    }

    func bucket(now: Int64) -> TokenBucket {
        TokenBucket(capacity: burst, perSecond: perSecond, now: now)
    }
}

/// Limits of what peers may use of a node. One table, shared by code and specs/nodes.md.
public struct PeerLimits: Sendable, Hashable {
    /// Peers known at a time; more are turned away.
    public var maximumPeers = 512
    /// Cells of one peer that were verified in vain.
    public var failedCells = Allowance(burst: 256, perSecond: 8)
    /// Pieces of evidence of one peer.
    public var evidence = Allowance(burst: 32, perSecond: 1)
    /// Bytes of one peer's column messages held until their header is known.
    public var heldBytesPerPeer = 256 << 10
    /// Bytes of all peers' column messages held until their header is known.
    public var heldBytes = 16 << 20
    /// Bytes of one peer's cells that wait for verification.
    public var queuedBytesPerPeer = 64 << 20
    /// Bytes of cells of all peers that wait for verification.
    public var queuedBytes = 160 << 20

    /// The defaults.
    public init() {}
}
