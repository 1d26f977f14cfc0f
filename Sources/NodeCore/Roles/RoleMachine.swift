import Availability
import LibP2P
import SSZ

/// What the roles share: how events find their way, the answers that are the same everywhere, the
/// following of headers. A role adds what it does with cells.
protocol RoleMachine: NodeMachine {
    var kernel: NodeKernel { get set }
    var headers: HeaderIntake { get set }
    var store: any CellStore { get set }

    /// Headers and kernel side by side, each to be changed in place.
    mutating func withHeaders<Result>(
        _ body: (inout HeaderIntake, inout NodeKernel) -> Result
    ) -> Result
    /// Whether this node follows the headers of a lane.
    func follows(_ lane: NodeKey) -> Bool
    /// What may be given of a block.
    func servable(_ root: BlockRoot, now: NodeTime) -> Servable
    /// A gossip message on another topic than the headers'; nil: none of this network's.
    mutating func received(
        _ delivery: GossipDelivery, on topic: NetworkNames.Topic?, now: NodeTime)
    /// A request for an attempt log.
    mutating func answerAttempts(_ request: InboundRequest, now: NodeTime)
    /// A part of the answer to a request for cells.
    mutating func cellsCame(
        _ bytes: [UInt8], in token: OutboundRequestToken, of root: BlockRoot, client: FetchClient,
        from peer: PeerID, now: NodeTime)
    /// A request for cells is over.
    mutating func cellsEnded(
        _ token: OutboundRequestToken, _ end: RequestEnd, of root: BlockRoot, client: FetchClient,
        from peer: PeerID, now: NodeTime)
    /// A peer's inventory came.
    mutating func inventoryCame(
        _ bytes: [UInt8], in token: OutboundRequestToken, of root: BlockRoot, from peer: PeerID,
        now: NodeTime)
    /// A request for an inventory is over.
    mutating func inventoryEnded(of root: BlockRoot, from peer: PeerID)
    /// A header holds: it was admitted, or it was loaded from the archive.
    mutating func begin(_ admitted: AdmittedHeader, now: NodeTime)
    /// A header does not hold after all.
    mutating func refused(_ root: BlockRoot)
    /// Work of the role's own is finished.
    mutating func done(_ purpose: WorkPurpose, _ result: WorkResult, now: NodeTime)
    /// A peer is there, or has gone.
    mutating func peerChanged(_ peer: PeerID, isConnected: Bool)
    /// A block left the window.
    mutating func forget(_ root: BlockRoot)
    /// What the role does at any moment, after all else.
    mutating func advance(now: NodeTime)
}

extension RoleMachine {
    func follows(_ lane: NodeKey) -> Bool { true }
    mutating func inventoryCame(
        _ bytes: [UInt8], in token: OutboundRequestToken, of root: BlockRoot, from peer: PeerID,
        now: NodeTime
    ) {}
    mutating func inventoryEnded(of root: BlockRoot, from peer: PeerID) {}
    mutating func refused(_ root: BlockRoot) {}
    mutating func peerChanged(_ peer: PeerID, isConnected: Bool) {}

    /// The names of the request protocols that are answered.
    var protocolNames: [String] {
        NetworkNames.RequestProtocol.allCases.map(kernel.names.name(of:))
    }

    /// The first steps of every role.
    mutating func begin(topics: [NetworkNames.Topic], now: NodeTime) {
        kernel.started(now: now)
        withHeaders { headers, kernel in headers.restore(kernel: &kernel) }
        for topic in topics { kernel.emit(.subscribe(topic: kernel.names.name(of: topic))) }
        kernel.updateWishes()
    }

    /// What every role keeps in memory.
    func sharedFootprint() -> NodeFootprint {
        var footprint = NodeFootprint()
        footprint.headers = headers.book.count
        footprint.headersPreparing = headers.preparingCount
        footprint.orphans = headers.orphanCount
        footprint.claims = headers.sync.claimCount
        footprint.peers = kernel.peers.count
        footprint.requests = kernel.requests.count
        footprint.works = kernel.workCount
        footprint.storedBytes = store.byteCount
        return footprint
    }

    /// The deadlines that every role has.
    var sharedDeadlines: [Int64?] {
        [kernel.requests.nextDeadline, headers.nextDeadline, kernel.nextStatus]
    }

    // MARK: Events

    mutating func take(_ event: NodeEvent, now: NodeTime) {
        kernel.now = now
        switch event {
        case .peerConnected(let connection):
            guard kernel.peers.connected(connection, now: now.monotonic) else { return }
            peerChanged(connection.peer, isConnected: true)
            withHeaders { headers, kernel in
                kernel.askStatus(of: connection.peer, heads: headers.book, now: now)
            }
        case .peerDisconnected(let peer):
            for token in kernel.requests.tokens(with: peer) {
                ended(token, .failed(.disconnected), now: now)
            }
            headers.sync.forget(peer)
            kernel.peers.disconnected(peer)
            peerChanged(peer, isConnected: false)
            kernel.updateWishes()
        case .message(let delivery):
            let topic = kernel.names.topic(named: delivery.topic)
            if topic == .headers {
                receiveHeader(delivery.data, from: delivery.from, token: delivery.token, now: now)
            } else {
                received(delivery, on: topic, now: now)
            }
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
        goOn(now: now)
    }

    /// Time has passed.
    mutating func pass(now: NodeTime) {
        kernel.now = now
        for token in kernel.requests.expired(now: now.monotonic) {
            kernel.emit(.cancelRequest(token))
            ended(token, .failed(.timedOut), now: now)
        }
        withHeaders { headers, kernel in
            headers.tick(now: now, kernel: &kernel)
            for peer in kernel.statusDue(now: now) {
                kernel.askStatus(of: peer, heads: headers.book, now: now)
            }
        }
        goOn(now: now)
    }

    private mutating func goOn(now: NodeTime) {
        let pruned = withHeaders { headers, kernel in headers.prune(now: now, kernel: &kernel) }
        for root in pruned {
            store.removeBlock(root)
            forget(root)
        }
        advance(now: now)
        // Headers come before more headers: what was asked for is checked first.
        guard headers.preparingCount < 2 * Int(HeaderSync.headersPerRange) else { return }
        let lanes = kernel.parameters.sequencers.filter(follows).sorted()
        withHeaders { headers, kernel in
            headers.sync.next(lanes: lanes, book: headers.book, now: now, kernel: &kernel)
        }
    }

    private mutating func receiveHeader(
        _ message: [UInt8], from peer: PeerID, token: GossipToken?, now: NodeTime
    ) {
        withHeaders { headers, kernel in
            headers.receive(message, from: peer, token: token, now: now, kernel: &kernel)
        }
    }

    // MARK: Requests of peers

    private mutating func answer(_ request: InboundRequest, now: NodeTime) {
        guard let kind = kernel.accept(request, now: now) else { return }
        let held = store
        switch kind {
        case .status:
            statusCame(request.body, from: request.from, now: now)
            withHeaders { headers, kernel in
                kernel.answerStatus(request, heads: headers.book, now: now)
            }
        case .headersByRoot:
            kernel.answerHeadersByRoot(request, now: now)
        case .headersByRange:
            kernel.answerHeadersByRange(request, now: now)
        case .cells:
            guard let question = try? CellsRequest(encoded: request.body) else {
                return kernel.refuseMalformed(request)
            }
            let state = servable(question.headerRoot, now: now)
            kernel.answer(question, request, from: state, store: held, now: now)
        case .columns:
            guard let question = try? ColumnsRequest(encoded: request.body) else {
                return kernel.refuseMalformed(request)
            }
            let state = servable(question.headerRoot, now: now)
            kernel.answer(question, request, from: state, store: held, now: now)
        case .inventory:
            guard let question = try? InventoryRequest(encoded: request.body) else {
                return kernel.refuseMalformed(request)
            }
            let state = servable(question.headerRoot, now: now)
            kernel.answerInventory(request, from: state, now: now)
        case .attempts:
            answerAttempts(request, now: now)
        }
    }

    private mutating func statusCame(_ bytes: [UInt8], from peer: PeerID, now: NodeTime) {
        guard let status = kernel.statusCame(bytes, from: peer, now: now) else { return }
        for lane in status.lanes where kernel.parameters.lists(lane.sequencer) {
            headers.sync.peerHas(height: lane.height, of: lane.sequencer, peer: peer)
        }
    }

    // MARK: Answers of peers

    private mutating func chunk(
        _ bytes: [UInt8], in token: OutboundRequestToken, now: NodeTime
    ) {
        guard let entry = kernel.received(bytes, in: token) else {
            // Broken off by the kernel; whoever asked shall know.
            return
        }
        switch entry.purpose {
        case .status:
            statusCame(bytes, from: entry.peer, now: now)
        case .headersByRoot:
            receiveHeader(bytes, from: entry.peer, token: nil, now: now)
        case .headersByRange(let lane):
            guard !headers.sync.holds(bytes, of: lane) else { return }
            receiveHeader(bytes, from: entry.peer, token: nil, now: now)
        case .cells(let root, let client):
            cellsCame(bytes, in: token, of: root, client: client, from: entry.peer, now: now)
        case .inventory(let root):
            inventoryCame(bytes, in: token, of: root, from: entry.peer, now: now)
        }
    }

    mutating func ended(_ token: OutboundRequestToken, _ end: RequestEnd, now: NodeTime) {
        guard let entry = kernel.requests.close(token) else { return }
        switch entry.purpose {
        case .headersByRange(let lane):
            for message in headers.sync.closed(lane) {
                receiveHeader(message, from: entry.peer, token: nil, now: now)
            }
            headers.sync.settled(lane)
        case .cells(let root, let client):
            cellsEnded(token, end, of: root, client: client, from: entry.peer, now: now)
        case .inventory(let root):
            inventoryEnded(of: root, from: entry.peer)
        case .status, .headersByRoot:
            break
        }
    }

    // MARK: Work

    private mutating func finished(
        _ token: WorkToken, _ result: WorkResult, now: NodeTime
    ) {
        guard let purpose = kernel.finished(token) else { return }
        guard case .prepare(let root) = purpose, case .prepared(let verifier) = result else {
            done(purpose, result, now: now)
            return
        }
        let admitted = withHeaders { headers, kernel in
            headers.prepared(root, verifier, now: now, kernel: &kernel)
        }
        guard let admitted else {
            refused(root)
            return
        }
        begin(admitted, now: now)
        headers.trim(admitted.signed.header.sequencer)
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
