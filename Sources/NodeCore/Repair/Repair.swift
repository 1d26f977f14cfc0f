import Availability
import DataMatrix
import LibP2P
import SSZ

/// Getting what is missing of a block from whoever holds it, round by round.
///
/// A round asks peers which cells they hold (`inventory`), full nodes and sequencers first, then
/// light nodes; plans the cheapest set of cells that reaches the goal from these claims; and fetches
/// it. A claim that its peer does not keep is struck out and the plan made anew. If all claims
/// together do not suffice, the block is *stuck*: after a pause a new round begins, for as long as
/// the block is followed.
struct Repair: Sendable {
    /// What a peer says that it holds, and what of that it did not give.
    private struct Claim: Sendable {
        var cells: CellSet
    }

    private(set) var goal: RepairGoal
    /// Whether missing cells are also asked for one by one, for the record.
    var isAccusing = false
    private var claims = OrderedTable<PeerID, Claim>()
    private var asked: Set<PeerID> = []
    private var openInventories: Set<PeerID> = []
    private var roundStartedAt: Int64?
    private var pauseUntil: Int64?
    private var round = 0
    private(set) var fetch: CellFetch?
    private(set) var stuck: CellSet?
    /// Whether this round has brought what it can: what is still missing must be rebuilt, if it can be.
    private(set) var isSettled = false
    /// When the round in which the block was last found stuck began (wall clock).
    private(set) var stuckAt: UInt64 = 0
    /// When this round began (wall clock).
    private var beganAt: UInt64 = 0
    private(set) var testimony = Testimony()
    /// What went wrong with peers so far.
    private var failures: [PeerID: Int] = [:]
    private let policy: CellFetch.Policy
    private let settings: NodeSettings

    init(goal: RepairGoal, settings: NodeSettings) {
        self.goal = goal
        self.settings = settings
        policy = CellFetch.Policy(
            cellsPerPeer: nil, cellsPerRequest: 4 * Limits.cellsPerMessage,
            requestsUnderWay: 16, requestsPerPeer: 2,
            pauseMilliseconds: settings.repairPauseMilliseconds.lowerBound,
            maximumPauseMilliseconds: settings.repairPauseMilliseconds.upperBound)
    }

    /// Aims higher, if `goal` is higher.
    mutating func raise(to goal: RepairGoal) {
        guard goal > self.goal else { return }
        self.goal = goal
        // The plan was for less; what it fetched so far is held.
        fetch = nil
        isSettled = false
        pauseUntil = nil
    }

    var nextDeadline: Int64? {
        if let pauseUntil { return pauseUntil }
        let inventories = roundStartedAt.flatMap { start in
            fetch == nil
                ? start.advanced(byMilliseconds: settings.inventoryWaitMilliseconds) : nil
        }
        return [inventories, fetch?.nextRetry].compactMap { $0 }.min()
    }

    // MARK: One step

    /// Does what can be done now, given what is held of the block and the columns of the custody.
    mutating func advance(
        _ block: BlockCells, columns: [Int], now: NodeTime, kernel: inout NodeKernel
    ) -> Outcome {
        if let pause = pauseUntil {
            guard pause <= now.monotonic else { return .waiting }
            beginRound()
        }
        if roundStartedAt == nil {
            roundStartedAt = now.monotonic
            beganAt = now.unixMilliseconds
        }
        askInventories(of: block.root, now: now, kernel: &kernel)
        // Nothing under way, something missing: the claims that the plan rested on are gone.
        if let fetch, fetch.isStalled {
            failures = fetch.failures
            self.fetch = nil
        }
        if fetch == nil {
            guard hasEnoughAnswers(now: now) else { return .waiting }
            let offered = offeredCells(block.shape, kernel.peers)
            let plan = RepairPlanner.plan(
                held: block.held, offered: offered, custody: columns, goal: goal)
            guard let plan else {
                return becomeStuck(block, offered: offered, now: now, kernel: &kernel)
            }
            stuck = nil
            isSettled = plan.isEmpty
            guard !plan.isEmpty else { return .sufficient }
            fetch = CellFetch(Array(plan), policy: policy, failures: failures)
        }
        guard var fetch else { return .waiting }
        self.fetch = nil
        defer { self.fetch = fetch }
        if fetch.isDone {
            isSettled = true
            return .sufficient
        }
        kernel.pursue(
            &fetch, of: block.root, for: .repair,
            candidates: candidates(kernel.peers), now: now)
        return .waiting
    }

    enum Outcome: Sendable, Hashable {
        /// Answers, cells or time must come first.
        case waiting
        /// What is held suffices for the goal.
        case sufficient
        /// All claims together do not suffice.
        case stuck
    }

    private mutating func beginRound() {
        round += 1
        pauseUntil = nil
        roundStartedAt = nil
        isSettled = false
        claims = OrderedTable()
        asked = []
        openInventories = []
        fetch = nil
    }

    private mutating func pause(now: NodeTime) {
        let range = settings.repairPauseMilliseconds
        let pause = range.lowerBound << UInt64(min(round, 8))
        pauseUntil = now.monotonic(afterMilliseconds: min(pause, range.upperBound))
    }

    /// A cell came by another way.
    mutating func obtained(_ cell: CellCoordinate, now: Int64) {
        fetch?.obtained(cell, now: now)
    }

    // MARK: Inventories

    private mutating func askInventories(
        of root: BlockRoot, now: NodeTime, kernel: inout NodeKernel
    ) {
        let room = settings.peersPerRepair - asked.count
        guard room > 0 else { return }
        let fresh = kernel.peers.entries.filter { $0.value.role != nil && !asked.contains($0.key) }
        let custodians = fresh.filter { $0.value.custody.count > 0 }.map(\.key)
        var others = fresh.filter { $0.value.custody.count == 0 }.map(\.key)
        others.shuffle(using: &kernel.random)
        for peer in (custodians + others).prefix(room) {
            let token = kernel.request(
                peer, .inventory, body: InventoryRequest(headerRoot: root).encoded,
                for: .inventory(root), now: now)
            guard token != nil else { continue }
            asked.insert(peer)
            openInventories.insert(peer)
        }
    }

    mutating func inventoryCame(
        _ answer: InventoryResponse?, from peer: PeerID, shape: MatrixShape
    ) {
        openInventories.remove(peer)
        guard let answer, answer.status == .ok, let cells = answer.cells(of: shape) else { return }
        claims[peer] = Claim(cells: cells)
    }

    mutating func inventoryEnded(_ peer: PeerID) {
        openInventories.remove(peer)
    }

    private func hasEnoughAnswers(now: NodeTime) -> Bool {
        if openInventories.isEmpty { return true }
        guard let start = roundStartedAt else { return false }
        return start.advanced(byMilliseconds: settings.inventoryWaitMilliseconds) <= now.monotonic
    }

    private func offeredCells(_ shape: MatrixShape, _ peers: PeerTable) -> CellSet {
        claims.entries.reduce(into: CellSet(shape)) { offered, claim in
            if peers[claim.key] != nil { offered.formUnion(claim.value.cells) }
        }
    }

    private func candidates(_ peers: PeerTable) -> [CellFetch.Candidate] {
        claims.entries.compactMap { entry in
            guard let peer = peers[entry.key] else { return nil }
            return CellFetch.Candidate(
                peer: entry.key, isOutbound: peer.connection.isOutbound,
                addressGroup: peer.connection.addressGroup, custody: peer.custody,
                claims: entry.value.cells)
        }
    }

    /// A peer did not give cells that it had claimed: it does not count as holding them.
    private mutating func strike(_ cells: [CellCoordinate], of peer: PeerID) {
        _ = claims.modify(peer) { claim in
            for cell in cells { claim.cells.remove(cell) }
        }
    }

    // MARK: Answers

    mutating func cellsCame(
        _ bytes: [UInt8], in token: OutboundRequestToken, from peer: PeerID,
        client: FetchClient, now: NodeTime, kernel: inout NodeKernel
    ) -> CellGroup? {
        if client == .probe {
            return testimony.cellsCame(bytes, in: token, from: peer, now: now, kernel: &kernel)
        }
        guard var fetch else { return nil }
        self.fetch = nil
        defer { self.fetch = fetch }
        return kernel.cellsCame(
            bytes, in: token, from: peer, client: client, fetch: &fetch, now: now)
    }

    mutating func cellsEnded(
        _ token: OutboundRequestToken, _ end: RequestEnd, client: FetchClient, peer: PeerID,
        now: NodeTime
    ) {
        if client == .probe {
            testimony.ended(token, end, now: now)
            return
        }
        let open = fetch?.closed(token, end.fetchEnding, now: now.monotonic) ?? []
        if case .failed(.timedOut) = end {
            // Silence: nothing that it claims is counted on in this round.
            claims[peer] = nil
        } else if !open.isEmpty {
            strike(open, of: peer)
        }
    }

    /// The verdict on cells that a peer gave.
    mutating func verified(
        _ group: CellGroup, isValid: Bool, client: FetchClient, now: NodeTime
    ) {
        let cells = group.cells.map(\.coordinate)
        let peer = group.source.peer
        if client == .probe {
            testimony.verified(cells, from: peer, isValid: isValid, now: now)
            return
        }
        fetch?.verified(cells, from: peer, areValid: isValid, now: now.monotonic)
        if !isValid { strike(cells, of: peer) }
    }

    // MARK: Stuck

    private mutating func becomeStuck(
        _ block: BlockCells, offered: CellSet, now: NodeTime, kernel: inout NodeKernel
    ) -> Outcome {
        if goal == .custody {
            // Columns cannot be had one by one; nothing but the whole block will do.
            goal = .wholeBlock
        }
        let missing = Decodability.stuckSet(block.held.union(offered))
        stuck = missing
        stuckAt = beganAt
        isSettled = true
        if isAccusing {
            testimony.probe(missing, of: block.root, now: now, kernel: &kernel)
        }
        pause(now: now)
        return .stuck
    }
}
