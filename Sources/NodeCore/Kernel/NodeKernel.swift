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
    var peers: PeerTable
    var requests = RequestBook<RequestPurpose>()
    var random: NodeRandom
    /// What this node keeps, signed; made when it starts.
    private(set) var custodyRecord: CustodyRecord?
    private(set) var startedAt: NodeTime?
    /// The time of the event that is being handled.
    var now = NodeTime(monotonic: 0, unixMilliseconds: 0)
    private var works = OrderedTable<WorkToken, WorkPurpose>()
    private var lastWork: UInt64 = 0
    private var directives: [NodeDirective] = []
    private var lastWishes: ConnectionWishes?

    init(
        parameters: NetworkParameters, role: NodeRole, custody: ColumnGroups,
        identity: NodeIdentity, settings: NodeSettings, arithmetic: BlockArithmetic,
        random: any RandomNumberGenerator & Sendable
    ) {
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

    // MARK: Work

    /// Hands out a piece of work.
    @discardableResult
    mutating func run(_ work: Work, for purpose: WorkPurpose) -> WorkToken {
        lastWork += 1
        let token = WorkToken(rawValue: lastWork)
        works[token] = purpose
        emit(.run(token, work))
        return token
    }

    /// The purpose of a piece of work that is finished; nil if it is unknown.
    mutating func finished(_ token: WorkToken) -> WorkPurpose? {
        defer { works[token] = nil }
        return works[token]
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
