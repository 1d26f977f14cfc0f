public import Availability
public import DataMatrix
import KZGCommitments
import LibP2P
public import SSZ

/// A sequencer: signs headers of its lane, publishes blocks, serves what it published.
public struct Sequencer: NodeMachine {
    var kernel: NodeKernel
    var headers: HeaderIntake
    var store: any CellStore
    private var record: any SigningRecord
    private let key: SigningKey
    /// What may be given of each block.
    private var served = OrderedTable<BlockRoot, CellSet>()
    private var plans: [PublicationPlan] = []
    private var nextSendAt = Int64.min
    private var listensUntil: Int64?
    private var lastReport: PublicationReport?

    /// A sequencer that has published nothing in this process.
    ///
    /// - Parameters:
    ///   - parameters: The network's.
    ///   - key: The key of the lane, listed at genesis.
    ///   - identity: The node's name and key as a peer.
    ///   - settings: What can be set.
    ///   - arithmetic: The process's tables.
    ///   - store: Where it keeps the blocks that it serves.
    ///   - record: What it has signed.
    ///   - archive: Where it keeps headers; it goes on from what is there.
    ///   - random: A cryptographic generator; in tests and simulations, a seeded one.
    public init(
        parameters: NetworkParameters, key: SigningKey, identity: NodeIdentity,
        settings: NodeSettings, arithmetic: BlockArithmetic, store: any CellStore,
        record: any SigningRecord, archive: any NodeArchive = MemoryNodeArchive(),
        random: any RandomNumberGenerator & Sendable
    ) {
        kernel = NodeKernel(
            parameters: parameters, role: .sequencer, custody: .all, identity: identity,
            settings: settings, arithmetic: arithmetic, archive: archive, random: random)
        headers = HeaderIntake(parameters: parameters, settings: settings)
        self.key = key
        self.store = store
        self.record = record
    }

    // MARK: NodeMachine

    /// The request protocols that a sequencer answers.
    public var protocols: [String] { protocolNames }

    /// Begins: what was kept is taken up; subscriptions and first wishes. If anything was signed
    /// before, the sequencer listens for a slot first.
    public mutating func start(now: NodeTime) {
        begin(topics: [.headers], now: now)
        if record.last != nil || headers.book.head(of: key.publicKey) != nil {
            listensUntil = now.monotonic(
                afterMilliseconds: UInt64(kernel.parameters.slotMilliseconds))
        }
    }

    /// Something happened.
    public mutating func handle(_ event: NodeEvent, now: NodeTime) { take(event, now: now) }

    /// Time has passed.
    public mutating func tick(now: NodeTime) { pass(now: now) }

    /// The next moment at which `tick` has something to do.
    public var nextDeadline: Int64? {
        var deadlines = sharedDeadlines
        if !plans.isEmpty { deadlines.append(nextSendAt) }
        return deadlines.compactMap { $0 }.min()
    }

    /// What to do now, in order.
    public mutating func drain() -> [NodeDirective] { kernel.drain() }

    // MARK: Publishing

    /// The place that the next header takes, above everything that was signed.
    public var nextHeight: UInt64 { record.last.map { $0.height + 1 } ?? 0 }

    /// The header of the greatest height known of a lane.
    public func head(of lane: NodeKey) -> SignedHeader? {
        headers.book.head(of: lane).flatMap { kernel.archive.header($0.root) }
    }

    /// The peers that custody columns, as far as they have told.
    public var custodians: Int {
        kernel.peers.entries.reduce(0) { $0 + ($1.value.role == .full ? 1 : 0) }
    }

    /// Signs the next header of the lane for a block, and begins to publish both.
    ///
    /// - Parameters:
    ///   - block: The block, complete, with the proofs of the cells to publish.
    ///   - slot: Its slot, begun by this node's clock and above the last one.
    ///   - previousStateRoot: The rollups' own.
    ///   - newStateRoot: The rollups' own.
    ///   - cellsToPublish: What is published and served. By default the data rows are published
    ///     (anyone who holds half of a column can extend it), and whatever has a proof is served.
    ///   - now: The present.
    /// - Returns: The header.
    /// - Throws: ``SequencerError``; then nothing was signed.
    public mutating func publish(
        _ block: ExtendedBlock, slot: UInt64, previousStateRoot: Bytes32 = .zero,
        newStateRoot: Bytes32 = .zero, cellsToPublish: CellSet? = nil, now: NodeTime
    ) throws(SequencerError) -> SignedHeader {
        kernel.now = now
        try checkPlace(slot: slot, now: now)
        let shape = block.shape
        guard cellsToPublish.map({ $0.shape == shape }) ?? true else { throw .shapeMismatch }
        let header: BlockHeader
        do throws(HeaderError) {
            header = try BlockHeader(
                networkID: kernel.parameters.networkID, sequencer: key.publicKey,
                height: nextHeight, slot: slot, parentRoot: record.last?.root ?? .zero,
                commitments: block.description.commitments, index: block.description.index,
                previousStateRoot: previousStateRoot, newStateRoot: newStateRoot)
            // The network's own rules, before anything is signed that others would refuse.
            try HeaderAdmission(parameters: kernel.parameters).checkContent(header)
        } catch {
            throw .header(error)
        }
        let place = SignedPlace(height: header.height, slot: slot, root: header.root)
        do { try record.write(place) } catch { throw .recordFailed }
        let signed = SignedHeader(signing: header, with: key)
        headers.adopt(signed, kernel: &kernel)

        let sendable = block.matrix.proven.subtracting(block.description.zeroCells)
        var data = sendable
        for row in shape.dataRows..<shape.rows { data.remove(row: row) }
        let published = cellsToPublish.map { sendable.intersection($0) } ?? data
        let servedCells = cellsToPublish.map { sendable.intersection($0) } ?? sendable
        keep(servedCells, of: block, root: signed.root)
        plans.append(PublicationPlan(signed, cells: published))
        send(now: now)
        return signed
    }

    private func checkPlace(slot: UInt64, now: NodeTime) throws(SequencerError) {
        let parameters = kernel.parameters
        guard parameters.lists(key.publicKey) else { throw .unlistedKey }
        if let until = listensUntil, until > now.monotonic {
            throw .listening(milliseconds: UInt64((until - now.monotonic) / 1_000_000) + 1)
        }
        let time = UnixTime(milliseconds: now.unixMilliseconds)
        guard let start = parameters.start(ofSlot: slot), start <= time else {
            throw .slotInFuture(slot: slot)
        }
        if let closed = headers.book.closedAt(key.publicKey) { throw .laneClosed(height: closed) }
        // A header of this lane above the record was signed by someone else, or by this sequencer
        // before its record was put back: signing on would risk a second header at one height.
        if let seen = headers.book.head(of: key.publicKey),
            record.last.map({ seen.height > $0.height }) ?? true
        {
            throw .foreignHeader(height: seen.height)
        }
        let highest = max(
            record.last?.slot ?? 0, headers.book.highestSlot(of: key.publicKey) ?? 0)
        let hasSigned = record.last != nil || headers.book.head(of: key.publicKey) != nil
        guard !hasSigned || slot > highest else {
            throw .slotNotAbove(slot: slot, highest: highest)
        }
    }

    private mutating func keep(_ cells: CellSet, of block: ExtendedBlock, root: BlockRoot) {
        store.open(root, shape: block.shape)
        let proven = cells.compactMap { place -> ProvenCell? in
            guard let bytes = block.matrix.cell(at: place),
                let proof = block.matrix.proof(at: place)
            else { return nil }
            return try? ProvenCell(coordinate: place, cell: bytes, proof: proof)
        }
        served[root] = cells
        for dropped in store.insert(proven, of: root) { served[dropped] = nil }
        while served.count > kernel.settings.maximumBlocks, let oldest = served.oldest {
            served[oldest] = nil
            store.removeBlock(oldest)
        }
    }

    /// Hands out messages at the configured rate.
    private mutating func send(now: NodeTime) {
        guard !plans.isEmpty else { return }
        // A pause does not save up more than this.
        nextSendAt = max(nextSendAt, now.monotonic - 20_000_000)
        while nextSendAt <= now.monotonic, !plans.isEmpty {
            guard let step = plans[0].next(peers: kernel.peers, store: store) else {
                kernel.report(.published(plans[0].root, plans[0].report))
                plans.removeFirst()
                continue
            }
            kernel.emit(
                .publish(
                    Publication(
                        topic: kernel.names.name(of: step.topic), data: step.data,
                        reach: step.reach)))
            let rate = max(1, kernel.settings.publicationBytesPerSecond)
            let span = UInt64(step.data.count) * 1_000_000_000 / rate
            nextSendAt += Int64(clamping: span)
        }
        if let plan = plans.first, plan.report != lastReport {
            lastReport = plan.report
            kernel.report(.published(plan.root, plan.report))
        }
    }
}

extension Sequencer: RoleMachine {
    mutating func withHeaders<Result>(
        _ body: (inout HeaderIntake, inout NodeKernel) -> Result
    ) -> Result {
        body(&headers, &kernel)
    }

    /// A sequencer follows its own lane only: to find out what it has signed before.
    func follows(_ lane: NodeKey) -> Bool { lane == key.publicKey }

    func servable(_ root: BlockRoot, now: NodeTime) -> Servable {
        if let cells = served[root] { return .cells(cells) }
        // What it published before it was started anew.
        return store.held(of: root).map { .cells($0) } ?? .unknown
    }

    mutating func received(
        _ delivery: GossipDelivery, on topic: NetworkNames.Topic?, now: NodeTime
    ) {
        kernel.verdict(delivery.token, .ignore(.notSubscribed))
    }

    mutating func answerAttempts(_ request: InboundRequest, now: NodeTime) {
        kernel.emit(.respond(request.token, [ResponseStatus.unknownHeader.rawValue]))
        kernel.emit(.finishResponse(request.token))
    }

    mutating func cellsCame(
        _ bytes: [UInt8], in token: OutboundRequestToken, of root: BlockRoot, client: FetchClient,
        from peer: PeerID, now: NodeTime
    ) {}

    mutating func cellsEnded(
        _ token: OutboundRequestToken, _ end: RequestEnd, of root: BlockRoot, client: FetchClient,
        from peer: PeerID, now: NodeTime
    ) {}

    mutating func begin(_ admitted: AdmittedHeader, now: NodeTime) {}

    mutating func done(_ purpose: WorkPurpose, _ result: WorkResult, now: NodeTime) {}

    mutating func forget(_ root: BlockRoot) { served[root] = nil }

    mutating func advance(now: NodeTime) { send(now: now) }
}
