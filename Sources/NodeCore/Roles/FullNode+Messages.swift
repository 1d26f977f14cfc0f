import Availability
import DataMatrix
import LibP2P
import SSZ

// What comes from peers: gossip, requests, answers.
extension FullNode: RoleMachine {
    mutating func withHeaders<Result>(
        _ body: (inout HeaderIntake, inout NodeKernel) -> Result
    ) -> Result {
        body(&headers, &kernel)
    }

    mutating func received(
        _ delivery: GossipDelivery, on topic: NetworkNames.Topic?, now: NodeTime
    ) {
        switch topic {
        case .columns(let group):
            guard kernel.custody.contains(group) else {
                kernel.verdict(delivery.token, .ignore(.notSubscribed))
                return
            }
            receivedColumn(delivery, group: group, now: now)
        case .evidence:
            let watcher = watcher
            let archive = kernel.archive
            let admitted = evidence.receive(
                delivery, now: now, kernel: &kernel,
                isAvailable: { root in
                    let state = watcher.state(of: root) ?? archive.state(of: root)?.state
                    return state == .available || state == .recovered
                })
            if case .equivocation(let proof) = admitted {
                headers.close(proof.sequencer, at: proof.height)
            }
        case .headers, nil:
            kernel.verdict(delivery.token, .ignore(.notSubscribed))
        }
    }

    mutating func peerChanged(_ peer: PeerID, isConnected: Bool) {
        if isConnected { expelled.remove(peer) }
    }

    mutating func refused(_ root: BlockRoot) {
        loading.remove(root)
        for message in pending.take(root) {
            kernel.verdict(message.token, .ignore(.unknownHeader))
        }
    }

    // MARK: Column messages

    /// The checks on a column message, in the order of specs/network/topics-and-requests.md.
    private mutating func receivedColumn(
        _ delivery: GossipDelivery, group: Int, now: NodeTime
    ) {
        let message: ColumnMessage
        do throws(MessageError) {
            message = try ColumnAdmission.decode(delivery.data, group: group)
        } catch {
            kernel.verdict(delivery.token, .reject(Offence(error)))
            return
        }
        let root = message.headerRoot
        if blocks[root] == nil {
            // A block that was followed and is not in memory any more.
            if !headers.isPreparing(root), headers.book[root] != nil {
                kernel.verdict(delivery.token, .ignore(.nothingNew))
                return
            }
            let slot = UInt64(kernel.parameters.slotMilliseconds)
            let held = PendingColumns.Message(
                message: message, token: delivery.token, peer: delivery.from,
                byteCount: delivery.data.count,
                expiresAt: now.monotonic(afterMilliseconds: slot))
            if !pending.hold(held) {
                kernel.fellBehind()
                kernel.verdict(delivery.token, .ignore(.unknownHeader))
            }
            return
        }
        admit(
            message, token: delivery.token, peer: delivery.from,
            byteCount: delivery.data.count)
    }

    /// The checks that need the header. What passes waits for verification.
    func admissionVerdict(_ message: ColumnMessage, _ block: Block) -> GossipVerdict? {
        do throws(MessageError) {
            try ColumnAdmission.check(
                message,
                ColumnAdmission.Block(
                    shape: block.shape, knownZeroRows: block.cells.zeroRows))
        } catch {
            return .reject(Offence(error))
        }
        let hasNews = message.coordinates.contains { !block.cells.held.contains($0) }
        return hasNews ? nil : .ignore(.nothingNew)
    }

    mutating func admit(
        _ message: ColumnMessage, token: GossipToken, peer: PeerID, byteCount: Int
    ) {
        guard var block = blocks.take(message.headerRoot) else {
            kernel.verdict(token, .ignore(.unknownHeader))
            return
        }
        defer { blocks.put(message.headerRoot, block) }
        if let verdict = admissionVerdict(message, block) {
            kernel.verdict(token, verdict)
            return
        }
        let limits = kernel.settings.peers
        let ofPeer = kernel.peers[peer]?.queuedBytes ?? 0
        guard ofPeer + byteCount <= limits.queuedBytesPerPeer,
            queuedBytes + byteCount <= limits.queuedBytes
        else {
            // It may be just what is missing.
            kernel.fellBehind()
            kernel.verdict(token, .ignore(.overloaded))
            return
        }
        let cells = message.provenCells
        guard cells.count == message.rows.count else {
            kernel.verdict(token, .reject(.malformed))
            return
        }
        queuedBytes += byteCount
        kernel.peers.modify(peer) { $0.queuedBytes += byteCount }
        block.cells.queue.add(
            CellGroup(cells: cells, source: .gossip(token, peer), byteCount: byteCount))
    }

    // MARK: Requests

    mutating func answerAttempts(_ request: InboundRequest, now: NodeTime) {
        evidence.answerAttempts(request, kernel: &kernel, now: now)
    }

    /// What may be given of a block: everything that is verified and kept, at once.
    func servable(_ root: BlockRoot, now: NodeTime) -> Servable {
        if let block = blocks[root] {
            let isBehind = !block.isAvailable && isBehind(block)
            return .cells(block.cells.sendable, isBehind: isBehind)
        }
        if let held = store.held(of: root) { return .cells(held) }
        return headers.isPreparing(root) ? .notYet : .unknown
    }

    // MARK: Answers

    mutating func cellsCame(
        _ bytes: [UInt8], in token: OutboundRequestToken, of root: BlockRoot, client: FetchClient,
        from peer: PeerID, now: NodeTime
    ) {
        guard var block = blocks.take(root) else { return }
        if let group = block.cellsCame(
            bytes, in: token, from: peer, client: client, now: now, kernel: &kernel)
        {
            queuedBytes += group.byteCount
            kernel.peers.modify(peer) { $0.queuedBytes += group.byteCount }
            block.cells.queue.add(group)
        }
        blocks.put(root, block)
    }

    mutating func cellsEnded(
        _ token: OutboundRequestToken, _ end: RequestEnd, of root: BlockRoot, client: FetchClient,
        from peer: PeerID, now: NodeTime
    ) {
        guard var block = blocks.take(root) else { return }
        block.cellsEnded(token, end, client: client, peer: peer, now: now)
        blocks.put(root, block)
    }

    mutating func inventoryCame(
        _ bytes: [UInt8], in token: OutboundRequestToken, of root: BlockRoot, from peer: PeerID,
        now: NodeTime
    ) {
        guard var block = blocks.take(root) else { return }
        let answer = try? InventoryResponse(encoded: bytes)
        if answer == nil { kernel.abandon(token, .malformed) }
        block.inventoryCame(answer, from: peer, now: now)
        kernel.peers.modify(peer) { $0.answeredAt = now.monotonic }
        blocks.put(root, block)
    }

    mutating func inventoryEnded(of root: BlockRoot, from peer: PeerID) {
        _ = blocks.modify(root) { $0.repair?.inventoryEnded(peer) }
    }
}

extension FullNode.Block {
    /// Cells came, in answer to a request; they go to whichever fetch asked.
    mutating func cellsCame(
        _ bytes: [UInt8], in token: OutboundRequestToken, from peer: PeerID,
        client: FetchClient, now: NodeTime, kernel: inout NodeKernel
    ) -> CellGroup? {
        switch client {
        case .sampling:
            guard var run else { return nil }
            self.run = nil
            defer { self.run = run }
            return kernel.cellsCame(
                bytes, in: token, from: peer, client: client, fetch: &run.fetch, now: now)
        case .repair, .probe:
            guard var repair else { return nil }
            self.repair = nil
            defer { self.repair = repair }
            return repair.cellsCame(
                bytes, in: token, from: peer, client: client, now: now, kernel: &kernel)
        }
    }

    mutating func cellsEnded(
        _ token: OutboundRequestToken, _ end: RequestEnd, client: FetchClient, peer: PeerID,
        now: NodeTime
    ) {
        switch client {
        case .sampling:
            run?.fetch.closed(token, end.fetchEnding, now: now.monotonic)
        case .repair, .probe:
            repair?.cellsEnded(token, end, client: client, peer: peer, now: now)
        }
    }

    mutating func inventoryCame(_ answer: InventoryResponse?, from peer: PeerID, now: NodeTime) {
        let shape = shape
        repair?.inventoryCame(answer, from: peer, shape: shape)
    }
}

extension ColumnMessage {
    /// The message's cells with their places.
    var provenCells: [ProvenCell] {
        rows.indices.compactMap { index in
            try? ProvenCell(
                coordinate: CellCoordinate(row: Int(rows[index]), column: Int(column)),
                cell: cells[index], proof: proofs[index])
        }
    }
}

extension Offence {
    /// What a message's fault amounts to.
    init(_ error: MessageError) {
        switch error {
        case .wrongGroup, .column: self = .wrongTopic
        case .rowsNotAscending, .row, .knownZeroRow: self = .invalidRows
        default: self = .malformed
        }
    }
}
