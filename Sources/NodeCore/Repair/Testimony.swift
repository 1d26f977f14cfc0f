import Availability
import DataMatrix
import KZGCommitments
import LibP2P
import SSZ

/// The record of asking peers for cells that are missing everywhere: what a withholding report says
/// about its reporter's diligence.
struct Testimony: Sendable {
    /// Peers asked in one round.
    private static let peersPerRound = 24
    /// Cells asked of one peer in one round.
    private static let cellsPerPeer = 16
    /// Peers asked in all; a report names at most 128.
    private static let maximumPeers = 120

    private struct Probe: Sendable {
        let peer: PeerID
        var open: [CellCoordinate]
    }

    /// All attempts, in the order in which they ended.
    private(set) var log = AttemptLog()
    private var probes = OrderedTable<OutboundRequestToken, Probe>()
    private var unverified: Set<CellCoordinate> = []
    /// Peers that said of cells that they do not hold them, in this round.
    private var denying: Set<PeerID> = []
    private var askedPeers: Set<PeerID> = []

    /// Whether answers are outstanding.
    var isUnderWay: Bool { !probes.isEmpty || !unverified.isEmpty }
    /// Distinct peers that were asked for missing cells in this round and said that they do not hold
    /// them.
    var denyingPeers: Int { denying.count }
    /// Distinct peers that were asked.
    var askedCount: Int { askedPeers.count }

    /// Asks peers for some of the missing cells, each for those that it should hold: custodians for
    /// cells of their columns, the sequencer for any. Where fewer of them are connected than a report
    /// must have asked, others are asked too, light nodes before all: they do not owe the cells, but
    /// may have sampled them.
    mutating func probe(
        _ missing: CellSet, of root: BlockRoot, now: NodeTime, kernel: inout NodeKernel
    ) {
        guard !isUnderWay, !missing.isEmpty else { return }
        denying = []
        let required = Int(kernel.parameters.reportPeers)
        let entries = kernel.peers.entries.filter { $0.value.role != nil }
        let owing = entries.filter { entry in
            missing.contains { entry.value.custody.contains(column: $0.column) }
        }
        var others: [(key: PeerID, value: PeerTable.Peer)] = []
        if owing.count < required {
            let names = Set(owing.map(\.key))
            others = entries.filter { !names.contains($0.key) }.shuffled(using: &kernel.random)
        }
        let limit = max(Self.peersPerRound, required)
        var asked = 0
        for (peer, entry) in owing + others where asked < limit {
            guard askedPeers.contains(peer) || askedPeers.count < Self.maximumPeers else {
                continue
            }
            var cells = missing.filter { entry.custody.contains(column: $0.column) }
            if cells.isEmpty { cells = Array(missing) }
            cells.shuffle(using: &kernel.random)
            let chosen = cells.prefix(Self.cellsPerPeer).sorted()
            guard
                let body = try? CellsRequest(headerRoot: root, cells: chosen),
                let token = kernel.request(
                    peer, .cells, body: body.encoded, for: .cells(root, .probe), now: now)
            else { continue }
            asked += 1
            askedPeers.insert(peer)
            probes[token] = Probe(peer: peer, open: chosen)
        }
    }

    /// A part of the answer to a probe.
    mutating func cellsCame(
        _ bytes: [UInt8], in token: OutboundRequestToken, from peer: PeerID, now: NodeTime,
        kernel: inout NodeKernel
    ) -> CellGroup? {
        guard var probe = probes[token] else { return nil }
        let length = kernel.parameters.preset.bytesPerCell
        guard let part = try? CellsResponse(encoded: bytes),
            part.cells.allSatisfy({
                $0.cell.count == length && probe.open.contains($0.coordinate)
            })
        else {
            kernel.abandon(token, .invalidAnswer)
            note(probe.open, of: peer, .invalid, now: now)
            probes[token] = nil
            return nil
        }
        guard part.status == .ok else {
            note(probe.open, of: peer, .refused, now: now)
            probes[token] = nil
            return nil
        }
        guard !part.cells.isEmpty else { return nil }
        let came = Set(part.cells.map(\.coordinate))
        probe.open.removeAll { came.contains($0) }
        probes[token] = probe
        unverified.formUnion(came)
        return CellGroup(
            cells: part.cells, source: .answer(peer, .probe), byteCount: bytes.count)
    }

    /// A probe is over: what it left open, the peer does not hold, or it did not answer.
    mutating func ended(_ token: OutboundRequestToken, _ end: RequestEnd, now: NodeTime) {
        guard let probe = probes[token] else { return }
        probes[token] = nil
        guard !probe.open.isEmpty else { return }
        switch end {
        case .finished:
            note(probe.open, of: probe.peer, .notHeld, now: now)
            denying.insert(probe.peer)
        case .failed(.timedOut):
            note(probe.open, of: probe.peer, .timedOut, now: now)
        case .failed(.malformed):
            note(probe.open, of: probe.peer, .invalid, now: now)
        case .failed(.unsupported), .failed(.disconnected):
            note(probe.open, of: probe.peer, .disconnected, now: now)
        }
    }

    /// The verdict on cells that came.
    mutating func verified(
        _ cells: [CellCoordinate], from peer: PeerID, isValid: Bool, now: NodeTime
    ) {
        unverified.subtract(cells)
        note(cells, of: peer, isValid ? .delivered : .invalid, now: now)
    }

    private mutating func note(
        _ cells: [CellCoordinate], of peer: PeerID, _ outcome: AttemptOutcome, now: NodeTime
    ) {
        for cell in cells {
            guard
                let attempt = try? Attempt(
                    peer: peer.bytes, cell: cell,
                    ended: UnixTime(milliseconds: now.unixMilliseconds), outcome: outcome)
            else { continue }
            log.append(attempt)
        }
    }
}
