import Availability
import DataMatrix
import KZGCommitments
import LibP2P
import SSZ

// Fetching cells: from wanted cells to requests, from answers to cells that await verification.
extension NodeKernel {
    /// Peers that custody columns: full nodes and sequencers.
    func custodians() -> [CellFetch.Candidate] {
        peers.entries.compactMap { entry in
            guard entry.value.custody.count > 0 else { return nil }
            return CellFetch.Candidate(
                peer: entry.key, isOutbound: entry.value.connection.isOutbound,
                addressGroup: entry.value.connection.addressGroup, custody: entry.value.custody,
                claims: nil)
        }
    }

    /// Makes the requests that a fetch wants made now.
    mutating func pursue(
        _ fetch: inout CellFetch, of root: BlockRoot, for client: FetchClient,
        candidates: [CellFetch.Candidate], now: NodeTime
    ) {
        let assignments = fetch.assign(
            candidates: candidates, now: now.monotonic, using: &random)
        for assignment in assignments {
            guard
                let body = try? CellsRequest(headerRoot: root, cells: assignment.cells.sorted()),
                let token = request(
                    assignment.peer, .cells, body: body.encoded, for: .cells(root, client),
                    now: now)
            else { continue }
            fetch.opened(assignment, as: token)
        }
    }

    /// A part of the answer to a request for cells.
    ///
    /// - Returns: The cells, to be verified; nil if there are none. If the answer breaks a rule the
    ///   request is abandoned.
    mutating func cellsCame(
        _ bytes: [UInt8], in token: OutboundRequestToken, from peer: PeerID, client: FetchClient,
        fetch: inout CellFetch, now: NodeTime
    ) -> CellGroup? {
        // Asked for by an earlier plan that was given up: no fault of the peer's.
        guard fetch.owns(token) else { return nil }
        guard let part = try? CellsResponse(encoded: bytes) else {
            abandon(token, .malformed)
            fetch.closed(token, .brokenOff, now: now.monotonic)
            return nil
        }
        switch part.status {
        case .ok: break
        case .unknownHeader:
            fetch.closed(token, .complete, now: now.monotonic)
            return nil
        case .overBudget, .busy:
            fetch.closed(token, .brokenOff, now: now.monotonic)
            return nil
        }
        guard !part.cells.isEmpty else { return nil }
        let length = parameters.preset.bytesPerCell
        guard part.cells.allSatisfy({ $0.cell.count == length }),
            fetch.received(part.cells.map(\.coordinate), in: token)
        else {
            abandon(token, .invalidAnswer)
            fetch.closed(token, .brokenOff, now: now.monotonic)
            return nil
        }
        peers.modify(peer) { $0.answeredAt = now.monotonic }
        return CellGroup(
            cells: part.cells, source: .answer(peer, client), byteCount: bytes.count)
    }
}

extension CellFetch.Ending {
    /// What a failure of the transport means for a fetch.
    init(_ failure: RequestFailure) {
        self = failure == .timedOut ? .timedOut : .brokenOff
    }
}
