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
    private var verifying = 0

    /// A light node that knows nothing yet.
    ///
    /// - Parameters:
    ///   - parameters: The network's.
    ///   - identity: The node's name and key.
    ///   - settings: What can be set.
    ///   - arithmetic: The process's tables.
    ///   - store: Where it keeps its samples.
    ///   - random: A cryptographic generator; in tests and simulations, a seeded one.
    public init(
        parameters: NetworkParameters, identity: NodeIdentity, settings: NodeSettings,
        arithmetic: BlockArithmetic, store: any CellStore,
        random: any RandomNumberGenerator & Sendable
    ) {
        kernel = NodeKernel(
            parameters: parameters, role: .light, custody: .none, identity: identity,
            settings: settings, arithmetic: arithmetic, random: random)
        headers = HeaderIntake(parameters: parameters, settings: settings)
        self.store = store
        evidence = EvidencePool(parameters: parameters)
    }

    // MARK: NodeMachine

    /// The request protocols that a light node answers.
    public var protocols: [String] {
        NetworkNames.RequestProtocol.allCases.map(kernel.names.name(of:))
    }

    /// Begins: subscriptions and first wishes.
    public mutating func start(now: NodeTime) {
        kernel.started(now: now)
        kernel.emit(.subscribe(topic: kernel.names.name(of: .headers)))
        kernel.emit(.subscribe(topic: kernel.names.name(of: .evidence)))
        kernel.updateWishes()
    }

    /// Something happened.
    public mutating func handle(_ event: NodeEvent, now: NodeTime) {
        kernel.now = now
        switch event {
        case .peerConnected(let connection):
            guard kernel.peers.connected(connection, now: now.monotonic) else { return }
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
        for peer in kernel.statusDue(now: now) {
            kernel.askStatus(of: peer, heads: headers.book, now: now)
        }
        advance(now: now)
    }

    /// The next moment at which `tick` has something to do.
    public var nextDeadline: Int64? {
        var deadlines = [
            kernel.requests.nextDeadline, headers.nextDeadline, kernel.nextStatus,
        ]
        for (_, block) in blocks.entries where block.isActive {
            if let retry = block.run.fetch.nextRetry, retry > kernel.now.monotonic {
                deadlines.append(retry)
            }
            if block.servesFrom == nil {
                deadlines.append(
                    kernel.now.monotonic(atUnixMilliseconds: block.deadline.milliseconds))
            }
        }
        return deadlines.compactMap { $0 }.min()
    }

    /// What to do now, in order.
    public mutating func drain() -> [NodeDirective] { kernel.drain() }

    // MARK: For the shell

    /// What came of each sample of a block, in the order of the draw; nil if the block is not known.
    public func samples(
        of root: BlockRoot
    ) -> [(cell: CellCoordinate, outcome: SampleOutcome)]? {
        blocks[root]?.run.fetch.outcomes
    }

    /// Where the sampling of a block stands; nil if the block is not known.
    public func sampling(of root: BlockRoot) -> SamplingReport? {
        blocks[root]?.run.report
    }

    /// The cells of a block that this node holds; nil if the block is not known.
    public func held(of root: BlockRoot) -> CellSet? {
        blocks[root]?.cells.sendable
    }

    /// The header with this root, if it is known.
    public func header(_ root: BlockRoot) -> SignedHeader? { headers.book[root] }

    // MARK: Messages and requests

    private mutating func received(_ delivery: GossipDelivery, now: NodeTime) {
        switch kernel.names.topic(named: delivery.topic) {
        case .headers:
            headers.receive(
                delivery.data, from: delivery.from, token: delivery.token, now: now,
                kernel: &kernel)
        case .evidence:
            let blocks = blocks
            let admitted = evidence.receive(
                delivery, headers: headers.book, now: now, kernel: &kernel,
                isAvailable: { blocks[$0]?.run.isComplete ?? false })
            if case .equivocation(let proof) = admitted {
                headers.close(proof.sequencer, at: proof.height)
            }
        case .columns, nil:
            kernel.verdict(delivery.token, .ignore(.notSubscribed))
        }
    }

    private mutating func answer(_ request: InboundRequest, now: NodeTime) {
        guard let kind = kernel.accept(request, now: now) else { return }
        let blocks = blocks
        let headers = headers
        let servable = { (root: BlockRoot) -> Servable in
            guard let block = blocks[root] else {
                return headers.isPreparing(root) ? .notYet : .unknown
            }
            guard let from = block.servesFrom, from <= now.monotonic else { return .notYet }
            return .cells(block.cells.sendable)
        }
        switch kind {
        case .status:
            if let status = kernel.statusCame(request.body, from: request.from, now: now) {
                follow(status, of: request.from, now: now)
            }
            kernel.answerStatus(request, heads: headers.book, now: now)
        case .headersByRoot:
            kernel.answerHeadersByRoot(request, book: headers.book, now: now)
        case .headersByRange:
            kernel.answerHeadersByRange(request, book: headers.book, now: now)
        case .cells:
            kernel.answerCells(request, store: store, now: now, servable: servable)
        case .columns:
            kernel.answerColumns(request, store: store, now: now, servable: servable)
        case .inventory:
            kernel.answerInventory(request, now: now, servable: servable)
        case .attempts:
            evidence.answerAttempts(request, kernel: &kernel, now: now)
        }
    }

    private mutating func follow(_ status: StatusMessage, of peer: PeerID, now: NodeTime) {
        for lane in status.lanes {
            headers.peerHas(
                height: lane.height, of: lane.sequencer, peer: peer, now: now, kernel: &kernel)
        }
    }

    private mutating func chunk(
        _ bytes: [UInt8], in token: OutboundRequestToken, now: NodeTime
    ) {
        guard let entry = kernel.received(bytes, in: token) else { return }
        switch entry.purpose {
        case .status:
            if let status = kernel.statusCame(bytes, from: entry.peer, now: now) {
                follow(status, of: entry.peer, now: now)
            }
        case .headersByRoot, .headersByRange:
            headers.receive(bytes, from: entry.peer, token: nil, now: now, kernel: &kernel)
        case .cells(let root, _):
            guard var block = blocks.take(root) else { return }
            if let group = kernel.cellsCame(
                bytes, in: token, from: entry.peer, client: .sampling, fetch: &block.run.fetch,
                now: now)
            {
                block.cells.queue.add(group)
            }
            blocks.put(root, block)
        case .inventory:
            return
        }
    }

    private mutating func ended(
        _ token: OutboundRequestToken, _ end: RequestEnd, now: NodeTime
    ) {
        guard let entry = kernel.requests.close(token) else { return }
        switch entry.purpose {
        case .headersByRange(let lane):
            headers.rangeClosed(lane, entry.peer)
        case .cells(let root, _):
            _ = blocks.modify(root) {
                $0.run.fetch.closed(token, end.fetchEnding, now: now.monotonic)
            }
        case .status, .headersByRoot, .inventory:
            break
        }
    }

    // MARK: Work

    private mutating func finished(_ token: WorkToken, _ result: WorkResult, now: NodeTime) {
        switch (kernel.finished(token), result) {
        case (.prepare(let root), .prepared(let verifier)):
            let admitted = headers.prepared(root, verifier, now: now, kernel: &kernel)
            if let admitted { begin(admitted, now: now) }
        case (.verify(let root, let batch), .verified(let verdicts)):
            verifying -= 1
            verified(root, batch, verdicts, now: now)
        default:
            return
        }
    }

    private mutating func begin(_ admitted: AdmittedHeader, now: NodeTime) {
        if let other = admitted.equivocatesWith.flatMap({ headers.book[$0] }) {
            evidence.equivocation(other, admitted.signed, kernel: &kernel)
        }
        let cells = BlockCells(admitted)
        let run = SampleRun(
            of: cells, target: Int(kernel.parameters.samplingTarget), settings: kernel.settings,
            using: &kernel.random)
        store.open(admitted.root, shape: cells.shape)
        let slot = admitted.signed.header.slot
        blocks[admitted.root] = Block(
            cells: cells, run: run,
            deadline: kernel.parameters.deadlines(ofSlot: slot)?.withheld
                ?? UnixTime(milliseconds: .max))
        makeRoom()
        for root in headers.prune(admitted.signed.header.sequencer) { forget(root) }
    }

    /// Drops the blocks of the lowest slots beyond the bound.
    private mutating func makeRoom() {
        while blocks.count > kernel.settings.maximumBlocks {
            guard
                let oldest = blocks.entries.min(by: {
                    $0.value.cells.header.header.slot < $1.value.cells.header.header.slot
                })?.key
            else { return }
            forget(oldest)
        }
    }

    private mutating func forget(_ root: BlockRoot) {
        blocks[root] = nil
        store.removeBlock(root)
        evidence.forget(root)
    }

    private mutating func verified(
        _ root: BlockRoot, _ batch: [CellGroup], _ verdicts: [Bool], now: NodeTime
    ) {
        guard var block = blocks.take(root) else { return }
        block.cells.queue.finished(batch)
        for (group, isValid) in zip(batch, verdicts) {
            let peer = group.source.peer
            if isValid {
                block.cells.hold(group.cells)
                for dropped in store.insert(group.cells, of: root) where dropped != root {
                    blocks[dropped] = nil
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

    // MARK: Going on

    /// Whatever can be done now is done: verification, requests, verdicts.
    private mutating func advance(now: NodeTime) {
        activate(now: now)
        for root in blocks.keys {
            guard var block = blocks.take(root) else { continue }
            defer { blocks.put(root, block) }
            if block.run.isComplete, block.servesFrom != nil, block.cells.queue.isEmpty {
                continue
            }
            verify(&block, now: now)
            if block.isActive, !block.run.isComplete {
                kernel.pursue(
                    &block.run.fetch, of: root, for: .sampling,
                    candidates: kernel.custodians(), now: now)
            }
            let isDecided =
                block.run.isComplete || block.deadline.milliseconds <= now.unixMilliseconds
            if isDecided, block.servesFrom == nil {
                let delay = kernel.settings.serveDelayMilliseconds
                block.servesFrom = kernel.moment(
                    from: now, least: delay.lowerBound, most: delay.upperBound)
            }
            if let report = block.run.changedReport() {
                kernel.report(.sampling(root, report))
            }
        }
    }

    /// The newest blocks are sampled first. One whose deadline is past no longer holds a place: its
    /// failed samples are still asked for, but keep no other block waiting.
    private mutating func activate(now: NodeTime) {
        let hurried = blocks.entries.filter {
            !$0.value.run.isComplete && $0.value.deadline.milliseconds > now.unixMilliseconds
        }
        var places =
            kernel.settings.blocksSampledAtOnce
            - hurried.reduce(0) { $0 + ($1.value.isActive ? 1 : 0) }
        let waiting = blocks.entries.filter { !$0.value.isActive }.sorted {
            $0.value.cells.header.header.slot > $1.value.cells.header.header.slot
        }
        for (root, _) in waiting {
            guard places > 0 else { return }
            places -= 1
            _ = blocks.modify(root) { $0.isActive = true }
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

/// How a request ended.
enum RequestEnd: Sendable {
    case finished
    case failed(RequestFailure)

    var fetchEnding: CellFetch.Ending {
        switch self {
        case .finished: .complete
        case .failed(let failure): CellFetch.Ending(failure)
        }
    }
}
