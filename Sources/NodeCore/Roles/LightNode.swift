public import Availability
public import DataMatrix
import LibP2P
public import SSZ

/// A light node: follows headers, samples each block once, keeps and serves what it sampled.
///
/// It subscribes to headers and evidence only; cells come by request. It takes no one's word for
/// availability: a block counts as available here when every one of its own samples has come and
/// verified against its own copy of the header.
public struct LightNode: NodeMachine {
    struct Block: Sendable {
        var cells: BlockCells
        var run: SampleRun
        /// When this node stops counting the block among those that it hurries for.
        let deadline: UnixTime
        /// From when on what it holds is given to others.
        var servesFrom: Int64?
        /// Whether it holds a place among the blocks that are sampled.
        var isActive = false
    }

    var kernel: NodeKernel
    var headers: HeaderIntake
    var blocks = OrderedTable<BlockRoot, Block>()
    var store: any CellStore
    var evidence: EvidencePool
    private var backlog = Backlog(.samples)
    /// Blocks on their way from the archive into memory.
    private var loading: Set<BlockRoot> = []
    private var verifying = 0

    /// A light node that has not been started.
    ///
    /// - Parameters:
    ///   - parameters: The network's.
    ///   - identity: The node's name and key.
    ///   - settings: What can be set.
    ///   - arithmetic: The process's tables.
    ///   - store: Where it keeps its samples.
    ///   - archive: Where it keeps all else; it goes on from what is there.
    ///   - random: A cryptographic generator; in tests and simulations, a seeded one.
    public init(
        parameters: NetworkParameters, identity: NodeIdentity, settings: NodeSettings,
        arithmetic: BlockArithmetic, store: any CellStore,
        archive: any NodeArchive = MemoryNodeArchive(),
        random: any RandomNumberGenerator & Sendable
    ) {
        kernel = NodeKernel(
            parameters: parameters, role: .light, custody: .none, identity: identity,
            settings: settings, arithmetic: arithmetic, archive: archive, random: random)
        headers = HeaderIntake(parameters: parameters, settings: settings)
        self.store = store
        evidence = EvidencePool(parameters: parameters)
    }

    // MARK: NodeMachine

    /// The request protocols that a light node answers.
    public var protocols: [String] { protocolNames }

    /// Begins: what was kept is taken up; subscriptions and first wishes.
    public mutating func start(now: NodeTime) {
        begin(topics: [.headers, .evidence], now: now)
        for (lane, height) in evidence.restore(kernel.archive) { headers.close(lane, at: height) }
        advance(now: now)
    }

    /// Something happened.
    public mutating func handle(_ event: NodeEvent, now: NodeTime) { take(event, now: now) }

    /// Time has passed.
    public mutating func tick(now: NodeTime) { pass(now: now) }

    /// The next moment at which `tick` has something to do.
    public var nextDeadline: Int64? {
        var deadlines = sharedDeadlines
        deadlines.append(backlog.nextDeadline)
        for (_, block) in blocks.entries where block.isActive {
            deadlines.append(block.run.fetch.nextRetry)
            if block.servesFrom == nil {
                deadlines.append(
                    kernel.now.monotonic(atUnixMilliseconds: block.deadline.milliseconds))
            }
        }
        return deadlines.compactMap { $0 }.filter { $0 > kernel.now.monotonic }.min()
    }

    /// What to do now, in order.
    public mutating func drain() -> [NodeDirective] { kernel.drain() }

    // MARK: For the shell

    /// What came of each sample of a block, in the order of the draw; nil if the block is not in
    /// memory.
    public func samples(
        of root: BlockRoot
    ) -> [(cell: CellCoordinate, outcome: SampleOutcome)]? {
        blocks[root]?.run.fetch.outcomes
    }

    /// Where the sampling of a block stands; nil if the block is not in memory.
    public func sampling(of root: BlockRoot) -> SamplingReport? {
        blocks[root]?.run.report
    }

    /// A block's samples as they are kept; nil if none are drawn, or they left the window.
    public func sampleRecord(of root: BlockRoot) -> SampleRecord? {
        blocks[root]?.run.record ?? kernel.archive.samples(of: root)
    }

    /// The cells of a block that this node holds; nil if the block is not known.
    public func held(of root: BlockRoot) -> CellSet? {
        blocks[root]?.cells.sendable ?? store.held(of: root)
    }

    /// How much the node keeps in memory.
    public var footprint: NodeFootprint {
        var footprint = sharedFootprint()
        footprint.blocks = blocks.count
        footprint.backlog = backlog.count
        footprint.loading = loading.count
        footprint.reported = evidence.counts.blocks
        footprint.logs = evidence.counts.logs
        footprint.queuedBytes = blocks.entries.reduce(0) { $0 + $1.value.cells.queue.waitingBytes }
        return footprint
    }

    /// The header with this root, if it is known.
    public func header(_ root: BlockRoot) -> SignedHeader? { kernel.archive.header(root) }

    /// The header of the greatest height of a lane.
    public func head(of lane: NodeKey) -> SignedHeader? {
        headers.book.head(of: lane).flatMap { kernel.archive.header($0.root) }
    }
}

// MARK: - Messages and requests

extension LightNode: RoleMachine {
    mutating func withHeaders<Result>(
        _ body: (inout HeaderIntake, inout NodeKernel) -> Result
    ) -> Result {
        body(&headers, &kernel)
    }

    mutating func received(
        _ delivery: GossipDelivery, on topic: NetworkNames.Topic?, now: NodeTime
    ) {
        guard topic == .evidence else {
            kernel.verdict(delivery.token, .ignore(.notSubscribed))
            return
        }
        let blocks = blocks
        let archive = kernel.archive
        let admitted = evidence.receive(
            delivery, now: now, kernel: &kernel,
            isAvailable: { root in
                blocks[root]?.run.isComplete
                    ?? (archive.samples(of: root)?.verdict == .confident)
            })
        if case .equivocation(let proof) = admitted {
            headers.close(proof.sequencer, at: proof.height)
        }
    }

    mutating func answerAttempts(_ request: InboundRequest, now: NodeTime) {
        evidence.answerAttempts(request, kernel: &kernel, now: now)
    }

    func servable(_ root: BlockRoot, now: NodeTime) -> Servable {
        if let block = blocks[root] {
            guard let from = block.servesFrom, from <= now.monotonic else { return .notYet }
            return .cells(block.cells.sendable)
        }
        if headers.isPreparing(root) { return .notYet }
        guard let header = kernel.archive.header(root)?.header else { return .unknown }
        // Not in memory: decided long ago, or not begun.
        let isDecided =
            kernel.archive.samples(of: root)?.verdict == .confident
            || kernel.isPastDeadline(slot: header.slot, now: now)
        guard isDecided else { return .notYet }
        return store.held(of: root).map { .cells($0) } ?? .unknown
    }

    mutating func cellsCame(
        _ bytes: [UInt8], in token: OutboundRequestToken, of root: BlockRoot, client: FetchClient,
        from peer: PeerID, now: NodeTime
    ) {
        guard var block = blocks.take(root) else { return }
        if let group = kernel.cellsCame(
            bytes, in: token, from: peer, client: .sampling, fetch: &block.run.fetch, now: now)
        {
            block.cells.queue.add(group)
        }
        blocks.put(root, block)
    }

    mutating func cellsEnded(
        _ token: OutboundRequestToken, _ end: RequestEnd, of root: BlockRoot, client: FetchClient,
        from peer: PeerID, now: NodeTime
    ) {
        _ = blocks.modify(root) {
            $0.run.fetch.closed(token, end.fetchEnding, now: now.monotonic)
        }
    }

    // MARK: Headers and blocks

    mutating func begin(_ admitted: AdmittedHeader, now: NodeTime) {
        let root = admitted.root
        loading.remove(root)
        guard blocks[root] == nil else { return }
        if let other = admitted.equivocatesWith.flatMap({ headers.signed($0, kernel: kernel) }) {
            evidence.equivocation(other, admitted.signed, kernel: &kernel)
        }
        var cells = BlockCells(admitted)
        let record = kernel.archive.samples(of: root)
        var run = SampleRun(
            of: cells, record: record, target: kernel.samplingTarget, settings: kernel.settings,
            using: &kernel.random)
        // Before anyone is asked: a restart must find the same samples.
        if record?.cells != run.sequence.cells { kernel.archive.keep(run.record, of: root) }
        store.open(root, shape: cells.shape)
        if let held = store.held(of: root), held.shape == cells.shape {
            cells.restore(held)
            run.obtained(held, now: now.monotonic)
        }
        let slot = admitted.signed.header.slot
        blocks[root] = Block(
            cells: cells, run: run,
            deadline: kernel.parameters.deadlines(ofSlot: slot)?.withheld
                ?? UnixTime(milliseconds: .max))
        makeRoom(now: now)
    }

    mutating func refused(_ root: BlockRoot) {
        loading.remove(root)
    }

    mutating func forget(_ root: BlockRoot) {
        blocks[root] = nil
        evidence.forget(root)
    }

    /// Takes blocks out of memory beyond the bound: first those that are decided and served from the
    /// store as well, then those past their deadline, the lowest slots first. They stay in the
    /// archive; those that are not decided come back when there is room, those whose samples were
    /// asked for in vain when all others had their turn.
    private mutating func makeRoom(now: NodeTime) {
        while blocks.count > kernel.settings.maximumBlocks {
            let victim = blocks.entries.min { a, b in
                (rank(a.value, now), a.value.cells.header.header.slot, a.key)
                    < (rank(b.value, now), b.value.cells.header.header.slot, b.key)
            }
            guard let victim else { return }
            blocks[victim.key] = nil
            guard victim.value.run.verdict == .pending else { continue }
            kernel.archive.keep(victim.value.run.record, of: victim.key)
            backlog.add(HeaderPlace(victim.value.cells.header))
        }
    }

    private func rank(_ block: Block, _ now: NodeTime) -> Int {
        let serves = block.servesFrom.map { $0 <= now.monotonic } ?? false
        switch block.run.verdict {
        case .confident: return serves ? 0 : 2
        case .failed: return 1
        case .pending:
            if block.deadline.milliseconds > now.unixMilliseconds { return 5 }
            return block.isActive ? 4 : 3
        }
    }

    // MARK: Work

    mutating func done(_ purpose: WorkPurpose, _ result: WorkResult, now: NodeTime) {
        guard case .verify(let root, let batch) = purpose, case .verified(let verdicts) = result
        else { return }
        verifying -= 1
        guard var block = blocks.take(root) else { return }
        block.cells.queue.finished(batch)
        for (group, isValid) in zip(batch, verdicts) {
            let peer = group.source.peer
            if isValid {
                block.cells.hold(group.cells)
                for dropped in store.insert(group.cells, of: root) where dropped != root {
                    lost(dropped)
                }
            } else {
                kernel.penalise(peer, .invalidProof)
            }
            block.run.fetch.verified(
                group.cells.map(\.coordinate), from: peer, areValid: isValid,
                now: now.monotonic)
        }
        blocks.put(root, block)
    }

    /// The store gave a block up to stay within its bound. What was verified stays decided.
    private mutating func lost(_ root: BlockRoot) {
        _ = blocks.modify(root) { $0.cells.lose($0.cells.sendable) }
    }

    // MARK: Going on

    /// Whatever can be done now is done: verification, requests, verdicts.
    mutating func advance(now: NodeTime) {
        activate(now: now)
        for root in blocks.keys {
            guard var block = blocks.take(root) else { continue }
            defer { blocks.put(root, block) }
            if block.run.verdict == .confident, block.servesFrom != nil,
                block.cells.queue.isEmpty
            {
                continue
            }
            verify(&block, now: now)
            if block.isActive, !block.run.isComplete {
                sample(&block, now: now)
            }
            let isPast = block.deadline.milliseconds <= now.unixMilliseconds
            if block.run.decide(isPastDeadline: isPast, now: now) {
                kernel.archive.keep(block.run.record, of: root)
            }
            if isPast || block.run.isComplete, block.servesFrom == nil {
                let delay = kernel.settings.serveDelayMilliseconds
                block.servesFrom = kernel.moment(
                    from: now, least: delay.lowerBound, most: delay.upperBound)
            }
            if let report = block.run.changedReport() {
                kernel.report(.sampling(root, report))
            }
        }
        catchUp(now: now)
    }

    private mutating func sample(_ block: inout Block, now: NodeTime) {
        if block.run.extendIfNeeded(using: &kernel.random) {
            kernel.archive.keep(block.run.record, of: block.cells.root)
        }
        kernel.pursue(
            &block.run.fetch, of: block.cells.root, for: .sampling,
            candidates: kernel.custodians(), now: now)
    }

    /// The newest blocks are sampled first. Those past their deadline have places of their own, and
    /// one that is asked for in vain gives its place up: its failed samples are still asked for, but
    /// keep no other block waiting.
    private mutating func activate(now: NodeTime) {
        var live = kernel.settings.blocksSampledAtOnce
        var back = kernel.settings.backBlocksAtOnce
        var waiting: [(root: BlockRoot, slot: UInt64, isPast: Bool)] = []
        for (root, block) in blocks.entries where block.run.verdict == .pending {
            let isPast = block.deadline.milliseconds <= now.unixMilliseconds
            if !block.isActive {
                waiting.append((root, block.cells.header.header.slot, isPast))
            } else if isPast {
                back -= 1
            } else {
                live -= 1
            }
        }
        for entry in waiting.sorted(by: { ($0.slot, $0.root) > ($1.slot, $1.root) }) {
            if entry.isPast {
                guard back > 0 else { continue }
                back -= 1
            } else {
                guard live > 0 else { continue }
                live -= 1
            }
            _ = blocks.modify(entry.root) { $0.isActive = true }
        }
    }

    /// Brings blocks back into memory that are not decided, as long as places are free.
    private mutating func catchUp(now: NodeTime) {
        let open = blocks.entries.count { $0.value.run.verdict == .pending }
        var places = kernel.settings.backBlocksAtOnce - open - loading.count
        while places > 0 {
            let blocks = blocks
            let headers = headers
            let loading = loading
            guard
                let next = backlog.next(
                    kernel.archive, now: now.monotonic,
                    isOut: { root in
                        blocks[root] != nil || headers.isPreparing(root) || loading.contains(root)
                    })
            else { return }
            guard self.headers.load(next.root, kernel: &kernel) else { continue }
            self.loading.insert(next.root)
            places -= 1
        }
    }

    private mutating func verify(_ block: inout Block, now: NodeTime) {
        guard !block.cells.queue.isEmpty, verifying < kernel.settings.verificationsUnderWay
        else { return }
        let (batch, stale, _) = block.cells.queue.nextBatch(
            held: block.cells.held, maximumCells: kernel.settings.cellsPerVerification)
        for group in stale {
            for cell in group.cells {
                block.run.fetch.obtained(cell.coordinate, now: now.monotonic)
            }
        }
        guard !batch.isEmpty else { return }
        verifying += 1
        kernel.run(
            .verify(
                VerifyWork(verifier: block.cells.verifier, groups: batch.map(\.cells))),
            for: .verify(block.cells.root, batch))
    }
}
