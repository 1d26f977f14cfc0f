import Availability
import DataMatrix
import KZGCommitments
import LibP2P

/// What a request is for.
enum RequestPurpose: Sendable, Hashable {
    case status
    case headersByRoot([BlockRoot])
    case headersByRange(NodeKey)
    case cells(BlockRoot, FetchClient)
    case inventory(BlockRoot)
}

/// What a piece of work is for.
enum WorkPurpose: Sendable {
    case prepare(BlockRoot)
    case verify(BlockRoot, [CellGroup])
    case extend(BlockRoot, [Int])
    case rebuild(BlockRoot)
}

/// The part of a node that all roles share: peers, requests and work under way, the list of
/// directives, the generator.
struct NodeKernel: Sendable {
    let parameters: NetworkParameters
    let names: NetworkNames
    let role: NodeRole
    let custody: ColumnGroups
    let identity: NodeIdentity
    let settings: NodeSettings
    let arithmetic: BlockArithmetic
    /// What survives this node's end.
    var archive: any NodeArchive
    var peers: PeerTable
    var requests = RequestBook<RequestPurpose>()
    var random: NodeRandom
    /// What this node keeps, signed; made when it starts.
    private(set) var custodyRecord: CustodyRecord?
    private(set) var startedAt: NodeTime?
    /// Until when (wall clock) this node was known to be behind: its timers late, its work slow, its
    /// queues full. What it found out before says nothing about others.
    private(set) var behindUntil: UInt64 = 0
    /// The time of the event that is being handled.
    var now = NodeTime(monotonic: 0, unixMilliseconds: 0)
    private var works = OrderedTable<WorkToken, (purpose: WorkPurpose, since: Int64)>()
    private var lastWork: UInt64 = 0
    private var directives: [NodeDirective] = []
    private var lastWishes: ConnectionWishes?

    init(
        parameters: NetworkParameters, role: NodeRole, custody: ColumnGroups,
        identity: NodeIdentity, settings: NodeSettings, arithmetic: BlockArithmetic,
        archive: any NodeArchive, random: any RandomNumberGenerator & Sendable
    ) {
        self.archive = archive
        self.parameters = parameters
        names = NetworkNames(networkID: parameters.networkID)
        self.role = role
        self.custody = custody
        self.identity = identity
        self.settings = settings
        self.arithmetic = arithmetic
        self.random = NodeRandom(random)
        peers = PeerTable(limits: settings.peers, parameters: parameters)
    }

    // MARK: Time

    /// The present slot; 0 before genesis.
    func slot(_ now: NodeTime) -> UInt64 {
        parameters.slot(at: UnixTime(milliseconds: now.unixMilliseconds)) ?? 0
    }

    /// The lowest slot in the window of what this node keeps.
    func windowFloor(_ now: NodeTime) -> UInt64 {
        let span = min(parameters.retentionSlots, settings.windowSlots ?? .max)
        let slot = slot(now)
        return slot > span ? slot - span : 0
    }

    /// The sampling target of this node.
    var samplingTarget: Int {
        min(max(settings.samplingTarget ?? Int(parameters.samplingTarget), 1), 18)
    }

    /// Whether a block of this slot is past its last deadline.
    func isPastDeadline(slot: UInt64, now: NodeTime) -> Bool {
        guard let deadline = parameters.deadlines(ofSlot: slot)?.withheld else { return false }
        return deadline.milliseconds <= now.unixMilliseconds
    }

    // MARK: Directives

    mutating func emit(_ directive: NodeDirective) {
        directives.append(directive)
    }

    mutating func report(_ report: NodeReport) {
        directives.append(.report(report))
    }

    mutating func verdict(_ token: GossipToken, _ verdict: GossipVerdict) {
        directives.append(.verdict(token, verdict))
        if case .ignore(let reason) = verdict, reason == .overloaded || reason == .quota {
            report(.dropped(reason))
        }
    }

    mutating func penalise(_ peer: PeerID, _ offence: Offence) {
        directives.append(.penalise(peer, offence))
    }

    mutating func drain() -> [NodeDirective] {
        defer { directives = [] }
        return directives
    }

    mutating func started(now: NodeTime) {
        startedAt = now
        self.now = now
        guard role != .light else { return }
        custodyRecord = CustodyRecord(
            networkID: parameters.networkID, groups: custody,
            made: UnixTime(milliseconds: now.unixMilliseconds), key: identity.key)
    }

    // MARK: Lag

    /// This node is behind now.
    mutating func fellBehind() {
        behindUntil = max(behindUntil, now.unixMilliseconds)
    }

    // MARK: Work

    /// Hands out a piece of work.
    @discardableResult
    mutating func run(_ work: Work, for purpose: WorkPurpose) -> WorkToken {
        lastWork += 1
        let token = WorkToken(rawValue: lastWork)
        works[token] = (purpose, now.monotonic)
        emit(.run(token, work))
        return token
    }

    /// How many pieces of work are under way.
    var workCount: Int { works.count }

    /// The purpose of a piece of work that is finished; nil if it is unknown.
    mutating func finished(_ token: WorkToken) -> WorkPurpose? {
        defer { works[token] = nil }
        guard let work = works[token] else { return nil }
        if now.monotonic - work.since > Self.slowWork(work.purpose) { fellBehind() }
        return work.purpose
    }

    /// How long (nanoseconds) work takes at most on a node that keeps up.
    private static func slowWork(_ purpose: WorkPurpose) -> Int64 {
        switch purpose {
        case .prepare, .verify, .extend: 1_000_000_000
        case .rebuild: .max
        }
    }

    /// Whether some work is overdue now.
    var isBehind: Bool {
        works.entries.contains { now.monotonic - $0.value.since > Self.slowWork($0.value.purpose) }
    }

    // MARK: Requests

    /// Asks a peer; nil if it is not connected.
    mutating func request(
        _ peer: PeerID, _ kind: NetworkNames.RequestProtocol, body: [UInt8],
        for purpose: RequestPurpose, now: NodeTime
    ) -> OutboundRequestToken? {
        guard peers[peer] != nil else { return nil }
        let timeout = settings.requestTimeoutMilliseconds
        // The shell gives up first; this is for a shell that does not.
        let deadline = now.monotonic(afterMilliseconds: saturatingSum(timeout, 1000))
        let token = requests.open(to: peer, for: purpose, deadline: deadline)
        emit(
            .request(
                OutboundRequest(
                    token: token, peer: peer, protocolName: names.name(of: kind), body: body,
                    timeoutMilliseconds: timeout)))
        return token
    }

    /// A message of an answer came: the request that it belongs to. An answer of more messages than
    /// any answer needs (a request names at most 512 cells) is broken off.
    mutating func received(
        _ bytes: [UInt8], in token: OutboundRequestToken
    ) -> RequestBook<RequestPurpose>.Entry? {
        guard let entry = requests.received(bytes.count, in: token) else { return nil }
        if entry.chunkCount > Limits.cellsPerRequest {
            emit(.cancelRequest(token))
            penalise(entry.peer, .invalidAnswer)
            emit(.disconnect(entry.peer, .invalidAnswer))
            return nil
        }
        return entry
    }

    /// Breaks a request off because its answer breaks the rules.
    mutating func abandon(_ token: OutboundRequestToken, _ offence: Offence) {
        guard let entry = requests.close(token) else { return }
        emit(.cancelRequest(token))
        penalise(entry.peer, offence)
    }

    // MARK: Random moments

    /// A moment between `least` and `most` milliseconds from now.
    mutating func moment(from now: NodeTime, least: UInt64, most: UInt64) -> Int64 {
        now.monotonic(
            afterMilliseconds: UInt64.random(in: least...max(least, most), using: &random))
    }

    // MARK: Wishes

    /// Tells the connection manager what is missing, if that has changed.
    mutating func updateWishes() {
        let columns = parameters.preset.cellsPerExtendedBlob
        let needed = (role == .full ? custody : .all).groups.filter { $0 < columns }
        let wishes = ConnectionWishes(
            peers: settings.targetPeers,
            groups: peers.groupsShort(
                of: settings.peersPerGroup, among: ColumnGroups(needed)),
            peersPerGroup: settings.peersPerGroup, needed: needed)
        guard wishes != lastWishes else { return }
        lastWishes = wishes
        emit(.wish(wishes))
    }
}
