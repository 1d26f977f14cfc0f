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
    ///   - random: A cryptographic generator; in tests and simulations, a seeded one.
    public init(
        parameters: NetworkParameters, custody: ColumnGroups, identity: NodeIdentity,
        settings: NodeSettings, arithmetic: BlockArithmetic, store: any CellStore,
        random: any RandomNumberGenerator & Sendable
    ) {
        kernel = NodeKernel(
            parameters: parameters, role: .full, custody: custody, identity: identity,
            settings: settings, arithmetic: arithmetic, random: random)
        headers = HeaderIntake(parameters: parameters, settings: settings)
        self.store = store
        pending = PendingColumns(limits: settings.peers)
        watcher = Watcher(rules: Watcher.Rules(parameters))
        evidence = EvidencePool(parameters: parameters)
    }

    // MARK: NodeMachine

    /// The request protocols that a full node answers.
    public var protocols: [String] {
        NetworkNames.RequestProtocol.allCases.map(kernel.names.name(of:))
    }

    /// Begins: subscriptions and first wishes.
    public mutating func start(now: NodeTime) {
        kernel.started(now: now)
        kernel.emit(.subscribe(topic: kernel.names.name(of: .headers)))
        kernel.emit(.subscribe(topic: kernel.names.name(of: .evidence)))
        let columns = kernel.parameters.preset.cellsPerExtendedBlob
        for group in kernel.custody.groups where group < columns {
            kernel.emit(.subscribe(topic: kernel.names.name(of: .columns(group: group))))
        }
        kernel.updateWishes()
    }

    /// Something happened.
    public mutating func handle(_ event: NodeEvent, now: NodeTime) {
        kernel.now = now
        switch event {
        case .peerConnected(let connection):
            guard kernel.peers.connected(connection, now: now.monotonic) else { return }
            expelled.remove(connection.peer)
            kernel.askStatus(of: connection.peer, heads: headers.book, now: now)
        case .peerDisconnected(let peer):
            for token in kernel.requests.tokens(with: peer) {
                ended(token, .failed(.disconnected), now: now)
            }
            kernel.peers.disconnected(peer)
            kernel.updateWishes()
        case .message(let delivery):
            received(delivery, now: now)
        case .request(let request):
            answer(request, now: now)
        case .responseChunk(let token, let bytes):
            chunk(bytes, in: token, now: now)
        case .responseFinished(let token):
            ended(token, .finished, now: now)
        case .responseFailed(let token, let failure):
            ended(token, .failed(failure), now: now)
        case .workFinished(let token, let result):
            finished(token, result, now: now)
        }
        advance(now: now)
    }

    /// Time has passed.
    public mutating func tick(now: NodeTime) {
        kernel.now = now
        for token in kernel.requests.expired(now: now.monotonic) {
            kernel.emit(.cancelRequest(token))
            ended(token, .failed(.timedOut), now: now)
        }
        headers.tick(now: now, kernel: &kernel)
        for message in pending.expire(now: now.monotonic) {
            kernel.verdict(message.token, .ignore(.unknownHeader))
        }
        for peer in kernel.statusDue(now: now) {
            kernel.askStatus(of: peer, heads: headers.book, now: now)
        }
        watcher.tick(now: now.unixMilliseconds)
        advance(now: now)
    }

    /// The next moment at which `tick` has something to do.
    public var nextDeadline: Int64? {
        var deadlines = [
            kernel.requests.nextDeadline, headers.nextDeadline, kernel.nextStatus,
            pending.nextDeadline,
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
    /// its custody. A block whose header is not known is asked for first, of every peer.
    public mutating func repair(_ root: BlockRoot, goal: RepairGoal, now: NodeTime) {
        kernel.now = now
        guard blocks[root] != nil else {
            wanted.insert(root)
            for peer in kernel.peers.peers.prefix(8) {
                headers.ask(peer, for: root, now: now, kernel: &kernel)
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
    /// They are no longer served. They are fetched again when `repair` is called.
    public mutating func lose(_ cells: CellSet, of root: BlockRoot, now: NodeTime) {
        kernel.now = now
        guard var block = blocks.take(root) else { return }
        if cells.shape == block.shape {
            store.remove(cells, of: root)
            block.cells.lose(cells)
            block.recovery = RebuildState.starting(with: block.cells.held).state
            block.heldAtVainRebuild = nil
        }
        blocks.put(root, block)
        reportPossession(root)
    }

    /// Blocks to repair as soon as their headers are known.
    var wanted: Set<BlockRoot> = []

    // MARK: Views for the shell

    /// The column groups that this node keeps.
    public var custody: ColumnGroups { kernel.custody }

    /// The cells of a block that this node holds with their proofs; nil if the block is not known.
    public func held(of root: BlockRoot) -> CellSet? { blocks[root]?.cells.sendable }

    /// Where a block stands; nil if it is not known.
    public func state(of root: BlockRoot) -> BlockState? { watcher.state(of: root) }

    /// The header with this root, if it is known.
    public func header(_ root: BlockRoot) -> SignedHeader? { headers.book[root] }

    /// The header of the greatest height of a lane.
    public func head(of lane: NodeKey) -> SignedHeader? { headers.book.head(of: lane) }

    /// What came of each sample outside the custody, in the order of the draw; nil if none were drawn.
    public func samples(
        of root: BlockRoot
    ) -> [(cell: CellCoordinate, outcome: SampleOutcome)]? {
        blocks[root]?.run?.fetch.outcomes
    }

    /// Where the sampling of a block stands; nil if none is drawn.
    public func sampling(of root: BlockRoot) -> SamplingReport? { blocks[root]?.run?.report }
}
