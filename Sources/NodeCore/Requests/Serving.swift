import Availability
import DataMatrix
import LibP2P
import SSZ

/// What a node may give of a block.
enum Servable: Sendable {
    /// The header is not known here.
    case unknown
    /// Not yet: the block is still under this node's own verdict.
    case notYet
    /// These cells; and if the node is behind, it may have others that it has not verified yet.
    case cells(CellSet, isBehind: Bool = false)

    var status: ResponseStatus {
        switch self {
        case .unknown: .unknownHeader
        case .notYet: .busy
        case .cells: .ok
        }
    }
}

// Answers to peers' requests. All work on what is stored; nothing is computed on request, and every
// byte is charged to the peer that asks.
extension NodeKernel {
    /// The first checks of any request: protocol, peer, allowance.
    ///
    /// - Returns: The protocol; nil if the request has been refused.
    mutating func accept(_ request: InboundRequest, now: NodeTime)
        -> NetworkNames.RequestProtocol?
    {
        guard let kind = names.request(named: request.protocolName) else {
            emit(.failResponse(request.token, .unsupported))
            return nil
        }
        let isWithinBudget = peers.modify(request.from) { peer in
            peer.requestBudget.take(1, now: now.monotonic)
        }
        guard let isWithinBudget else {
            emit(.failResponse(request.token, .overBudget))
            return nil
        }
        guard isWithinBudget else {
            emit(.failResponse(request.token, .overBudget))
            report(.dropped(.quota))
            return nil
        }
        return kind
    }

    /// The request does not decode.
    mutating func refuseMalformed(_ request: InboundRequest) {
        emit(.failResponse(request.token, .malformed))
        penalise(request.from, .malformed)
    }

    /// Sends one message of an answer, if the peer's allowance covers it.
    private mutating func send(
        _ bytes: [UInt8], to request: InboundRequest, now: NodeTime
    ) -> Bool {
        guard charge(request.from, bytes: bytes.count, now: now) else { return false }
        emit(.respond(request.token, bytes))
        return true
    }

    /// Takes answer bytes from a peer's allowance; false if they are not covered.
    mutating func charge(_ peer: PeerID, bytes: Int, now: NodeTime) -> Bool {
        peers.modify(peer) { peer in
            peer.serveBudget.take(UInt64(bytes), now: now.monotonic)
        } ?? false
    }

    mutating func answerStatus(
        _ request: InboundRequest, heads book: HeaderBook, now: NodeTime
    ) {
        if let status = status(heads: book, now: now) {
            _ = send(status.encoded, to: request, now: now)
        }
        emit(.finishResponse(request.token))
    }

    mutating func answerHeadersByRoot(_ request: InboundRequest, now: NodeTime) {
        guard let question = try? HeadersByRootRequest(encoded: request.body) else {
            refuseMalformed(request)
            return
        }
        for root in question.roots {
            guard let header = archive.header(root) else { continue }
            guard send(header.encoded, to: request, now: now) else { break }
        }
        emit(.finishResponse(request.token))
    }

    mutating func answerHeadersByRange(_ request: InboundRequest, now: NodeTime) {
        guard let question = try? HeadersByRangeRequest(encoded: request.body) else {
            refuseMalformed(request)
            return
        }
        let headers = archive.headers(
            of: question.sequencer, from: question.start, limit: Int(question.count))
        for header in headers where question.heights.contains(header.header.height) {
            guard send(header.encoded, to: request, now: now) else { break }
        }
        emit(.finishResponse(request.token))
    }

    mutating func answer(
        _ question: CellsRequest, _ request: InboundRequest, from state: Servable,
        store: any CellStore, now: NodeTime
    ) {
        guard case .cells(let held, let isBehind) = state else {
            answerCells(request, status: state.status, now: now)
            return
        }
        let cells = question.cells.lazy
            .filter { held.holds($0) }
            .compactMap { store.cell($0, of: question.headerRoot) }
        var part: [ProvenCell] = []
        for cell in cells {
            part.append(cell)
            if part.count == Limits.cellsPerMessage {
                guard sendCells(part, to: request, now: now) else { return }
                part = []
            }
        }
        guard part.isEmpty || sendCells(part, to: request, now: now) else { return }
        if isBehind, question.cells.contains(where: { !held.holds($0) }) {
            // Not a denial: what is left out may be here, unverified.
            answerCells(request, status: .busy, now: now)
        } else {
            emit(.finishResponse(request.token))
        }
    }

    private mutating func sendCells(
        _ cells: [ProvenCell], to request: InboundRequest, now: NodeTime
    ) -> Bool {
        if let part = try? CellsResponse(status: .ok, cells: cells),
            send(part.encoded, to: request, now: now)
        {
            return true
        }
        answerCells(request, status: .overBudget, now: now)
        return false
    }

    private mutating func answerCells(
        _ request: InboundRequest, status: ResponseStatus, now: NodeTime
    ) {
        // A few bytes, free of charge: who is over budget shall know it.
        if let part = try? CellsResponse(status: status, cells: []) {
            emit(.respond(request.token, part.encoded))
        }
        emit(.finishResponse(request.token))
    }

    mutating func answer(
        _ question: ColumnsRequest, _ request: InboundRequest, from state: Servable,
        store: any CellStore, now: NodeTime
    ) {
        guard case .cells(let held, _) = state else {
            emit(.respond(request.token, ColumnsResponse(status: state.status).encoded))
            emit(.finishResponse(request.token))
            return
        }
        for column in question.columns where Int(column) < held.shape.columns {
            let cells = held.rows(inColumn: Int(column)).compactMap { row in
                store.cell(
                    CellCoordinate(row: row, column: Int(column)), of: question.headerRoot)
            }
            let messages = ColumnChunks.messages(cells, root: question.headerRoot)
            for message in messages {
                guard send(ColumnsResponse(message).encoded, to: request, now: now) else {
                    emit(.respond(request.token, ColumnsResponse(status: .overBudget).encoded))
                    emit(.finishResponse(request.token))
                    return
                }
            }
        }
        emit(.finishResponse(request.token))
    }

    mutating func answerInventory(
        _ request: InboundRequest, from state: Servable, now: NodeTime
    ) {
        if case .cells(let held, _) = state {
            _ = send(InventoryResponse(held: held).encoded, to: request, now: now)
        } else {
            emit(.respond(request.token, InventoryResponse(status: state.status).encoded))
        }
        emit(.finishResponse(request.token))
    }
}

extension CellSet {
    /// Whether a cell that a peer names is in the set; it may lie outside the matrix.
    fileprivate func holds(_ cell: CellCoordinate) -> Bool {
        shape.contains(cell) && contains(cell)
    }
}
