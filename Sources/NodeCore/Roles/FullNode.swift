public import Availability
public import DataMatrix
import KZGCommitments
import LibP2P

/// A full node: custodies column groups, extends and rebuilds, re-seeds, serves, and watches
/// sequencers.
///
/// A block is *available* here when all columns of this node's custody are complete and verified,
/// and besides either every cell can be rebuilt from what it holds, or (with custody of fewer
/// columns than a row needs) all samples that it drew like a light node, outside its custody, have
/// come and verified. So its word is never weaker than a light node's, and a block whose missing
/// cells cannot be rebuilt passes at most with the miss probability of the sampling plan.
public struct FullNode: NodeMachine {
    struct Block: Sendable {
        var cells: BlockCells
        /// The columns of this node's custody.
        let custodyColumns: [Int]
        /// What can be rebuilt from what is held.
        var recovery: RebuildState
        /// Samples outside the custody, if that alone does not decide.
        var run: SampleRun?
        /// Columns being completed.
        var extending: Set<Int> = []
        /// Columns that could not be completed although they have half of their cells. None, unless
        /// this program is wrong; they must not be tried for ever.
        var unextendable: Set<Int> = []
        /// How many cells were held when a rebuild last brought nothing.
        var heldAtVainRebuild: Int?
        var extensionDueAt: Int64?
        var isRebuilding = false
        var rebuildDueAt: Int64?
        var repair: Repair?
        var repairDueAt: Int64?
        /// Whether someone asked for all of the block.
        var isWanted = false
        var isAvailable = false
        var lastPossession: PossessionReport?
        /// Whether it came while it was being gossiped.
        var isLive = false
        /// Past its time, and not taken up yet: it waits for its turn to be repaired.
        var isWaiting = false

        var root: BlockRoot { cells.root }
        var shape: MatrixShape { cells.shape }

        /// The columns of the custody that are not complete.
        var incompleteColumns: [Int] {
            custodyColumns.filter { cells.rowCount(inColumn: $0) < shape.rows }
        }
    }

    var kernel: NodeKernel
    var headers: HeaderIntake
    var blocks = OrderedTable<BlockRoot, Block>()
    var store: any CellStore
    var pending: PendingColumns
    var watcher: Watcher
    var evidence: EvidencePool
    var verifying = 0
    var extending = 0
    var rebuilding = 0
    /// Peers that caused more verification in vain than they may: what they sent is dropped.
    var expelled: Set<PeerID> = []
    /// Blocks that are not available and not in memory.
    var backlog = Backlog(.state)
    /// Blocks on their way from the archive into memory.
    var loading: Set<BlockRoot> = []
    /// While blocks are watched: when the node next looks whether it is on time.
    var heartbeatDueAt: Int64?
    /// Bytes of cells that wait for verification, in all.
    var queuedBytes = 0

    /// A full node that knows nothing yet.
    ///
    /// - Parameters:
    ///   - parameters: The network's.
    ///   - custody: The column groups that it keeps.
    ///   - identity: The node's name and key.
    ///   - settings: What can be set.
    ///   - arithmetic: The process's tables.
    ///   - store: Where it keeps cells.
    ///   - archive: Where it keeps all else; it goes on from what is there.
    ///   - random: A cryptographic generator; in tests and simulations, a seeded one.
    public init(
        parameters: NetworkParameters, custody: ColumnGroups, identity: NodeIdentity,
        settings: NodeSettings, arithmetic: BlockArithmetic, store: any CellStore,
        archive: any NodeArchive = MemoryNodeArchive(),
        random: any RandomNumberGenerator & Sendable
    ) {
        kernel = NodeKernel(
            parameters: parameters, role: .full, custody: custody, identity: identity,
            settings: settings, arithmetic: arithmetic, archive: archive, random: random)
        headers = HeaderIntake(parameters: parameters, settings: settings)
        self.store = store
        pending = PendingColumns(limits: settings.peers)
        watcher = Watcher(rules: Watcher.Rules(parameters))
        evidence = EvidencePool(parameters: parameters)
    }

    // MARK: NodeMachine

    /// The request protocols that a full node answers.
    public var protocols: [String] { protocolNames }

    /// Begins: what was kept is taken up; subscriptions and first wishes.
    public mutating func start(now: NodeTime) {
        let columns = kernel.parameters.preset.cellsPerExtendedBlob
        let groups = kernel.custody.groups.filter { $0 < columns }
        begin(
            topics: [.headers, .evidence] + groups.map { .columns(group: $0) }, now: now)
        for (lane, height) in evidence.restore(kernel.archive) { headers.close(lane, at: height) }
        checkStore(now: now)
        advance(now: now)
    }

    /// Something happened.
    public mutating func handle(_ event: NodeEvent, now: NodeTime) { take(event, now: now) }

    /// Time has passed.
    public mutating func tick(now: NodeTime) {
        for message in pending.expire(now: now.monotonic) {
            kernel.verdict(message.token, .ignore(.unknownHeader))
        }
        watchOwnLag(now: now)
        pass(now: now)
    }

    /// The next moment at which `tick` has something to do.
    public var nextDeadline: Int64? {
        var deadlines = sharedDeadlines
        deadlines += [
            pending.nextDeadline, heartbeatDueAt,
            backlog.nextDeadline.flatMap { $0 > kernel.now.monotonic ? $0 : nil },
            watcher.nextDeadline(after: kernel.now.unixMilliseconds).map {
                kernel.now.monotonic(atUnixMilliseconds: $0)
            },
        ]
        for (_, block) in blocks.entries {
            // What is due but waits for a worker is done when one is free, not by the clock.
            deadlines += [
                block.extensionDueAt, block.rebuildDueAt, block.repairDueAt,
                block.run?.fetch.nextRetry, block.repair?.nextDeadline,
            ].filter { $0.map { $0 > kernel.now.monotonic } ?? false }
        }
        return deadlines.compactMap { $0 }.min()
    }

    /// What to do now, in order.
    public mutating func drain() -> [NodeDirective] { kernel.drain() }

    // MARK: Commands of the shell

    /// Gets what is missing of a block, from whichever peers hold it.
    ///
    /// With `wholeBlock` the node also rebuilds everything and reports `rebuilt`; else it completes
    /// its custody. A block that is not in memory is loaded first; one whose header is not known is
    /// asked for, of some peers. Orders for one block are one order; with as many as there may be
    /// waiting, a further one is dropped, and reported as that.
    public mutating func repair(_ root: BlockRoot, goal: RepairGoal, now: NodeTime) {
        kernel.now = now
        guard blocks[root] != nil else {
            guard wanted.contains(root) || wanted.count < kernel.settings.maximumOrders else {
                kernel.report(.dropped(.overloaded))
                return
            }
            wanted.insert(root)
            if !load(root) {
                for peer in kernel.peers.peers.prefix(8) {
                    headers.ask(peer, for: root, now: now, kernel: &kernel)
                }
            }
            return
        }
        let settings = kernel.settings
        _ = blocks.modify(root) { block in
            if goal == .wholeBlock { block.isWanted = true }
            block.beginRepair(goal, settings: settings)
        }
        advance(now: now)
    }

    /// Cells of a block are gone from the store (a damaged segment, a lost disk).
    ///
    /// They are no longer served, and fetched anew.
    public mutating func lose(_ cells: CellSet, of root: BlockRoot, now: NodeTime) {
        kernel.now = now
        store.remove(cells, of: root)
        if var block = blocks.take(root) {
            if cells.shape == block.shape {
                block.cells.lose(cells)
                block.recovery = RebuildState.starting(with: block.cells.held).state
                block.heldAtVainRebuild = nil
                block.isAvailable = false
                if block.repairDueAt == nil { block.repairDueAt = now.monotonic }
            }
            blocks.put(root, block)
            reportPossession(root)
        } else if let header = kernel.archive.header(root) {
            // Known to be available, but not here any more: taken up when its turn comes.
            setState(.unknown, of: root)
            backlog.add(HeaderPlace(header))
        }
        advance(now: now)
    }

    mutating func setState(_ state: BlockState, of root: BlockRoot) {
        kernel.archive.keep(
            StateRecord(
                state: state, since: UnixTime(milliseconds: kernel.now.unixMilliseconds)),
            of: root)
    }

    /// Blocks to repair as soon as their headers are known.
    var wanted: Set<BlockRoot> = []

    // MARK: Views for the shell

    /// The column groups that this node keeps.
    public var custody: ColumnGroups { kernel.custody }

    /// The cells of a block that this node holds with their proofs; nil if the block is not known.
    public func held(of root: BlockRoot) -> CellSet? {
        blocks[root]?.cells.sendable ?? store.held(of: root)
    }

    /// How much the node keeps in memory.
    public var footprint: NodeFootprint {
        var footprint = sharedFootprint()
        footprint.blocks = blocks.count
        footprint.backlog = backlog.count
        footprint.loading = loading.count + wanted.count
        footprint.watched = watcher.count
        footprint.reported = evidence.counts.blocks
        footprint.logs = evidence.counts.logs
        footprint.queuedBytes = queuedBytes
        return footprint
    }

    /// Where a block stands; nil if it is not known.
    public func state(of root: BlockRoot) -> BlockState? {
        watcher.state(of: root) ?? kernel.archive.state(of: root)?.state
    }

    /// The header with this root, if it is known.
    public func header(_ root: BlockRoot) -> SignedHeader? { kernel.archive.header(root) }

    /// The header of the greatest height of a lane.
    public func head(of lane: NodeKey) -> SignedHeader? {
        headers.book.head(of: lane).flatMap { kernel.archive.header($0.root) }
    }

    /// What came of each sample outside the custody, in the order of the draw; nil if none were drawn.
    public func samples(
        of root: BlockRoot
    ) -> [(cell: CellCoordinate, outcome: SampleOutcome)]? {
        blocks[root]?.run?.fetch.outcomes
    }

    /// Where the sampling of a block stands; nil if none is drawn.
    public func sampling(of root: BlockRoot) -> SamplingReport? { blocks[root]?.run?.report }
}
