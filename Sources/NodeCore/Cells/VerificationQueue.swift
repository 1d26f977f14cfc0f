import Availability
import DataMatrix
import LibP2P

/// Cells that came together and hold or fall together.
struct CellGroup: Sendable {
    /// Where they came from, and so who learns the verdict.
    enum Source: Sendable, Hashable {
        /// A column message; its gossip awaits the verdict.
        case gossip(GossipToken, PeerID)
        /// Part of the answer to a request.
        case answer(PeerID, FetchClient)

        var peer: PeerID {
            switch self {
            case .gossip(_, let peer), .answer(let peer, _): peer
            }
        }
    }

    let cells: [ProvenCell]
    let source: Source
    let byteCount: Int
}

/// The cells of one block on their way to verification: batches are formed when a worker is free, so
/// that they grow with the load, and no cell is verified twice unless its first copy fails.
struct VerificationQueue: Sendable {
    private var waiting: [CellGroup] = []
    private var underWay: CellSet
    /// Bytes of waiting groups.
    private(set) var waitingBytes = 0

    init(_ shape: MatrixShape) {
        underWay = CellSet(shape)
    }

    var isEmpty: Bool { waiting.isEmpty }
    /// Whether nothing waits and nothing is being verified.
    var isIdle: Bool { waiting.isEmpty && underWay.isEmpty }

    mutating func add(_ group: CellGroup) {
        waiting.append(group)
        waitingBytes += group.byteCount
    }

    /// The next batch, in order of arrival.
    ///
    /// A group all of whose cells are held by now is stale: it needs no verdict but that. One that
    /// shares cells with a batch under way stays, until that batch's outcome shows whether it is
    /// needed: else a bad copy sent first would suppress the good one.
    /// Groups of expelled peers are not looked at: what they sent has cost enough.
    mutating func nextBatch(
        held: CellSet, maximumCells: Int, expelled: Set<PeerID> = []
    ) -> (batch: [CellGroup], stale: [CellGroup], unwanted: [CellGroup]) {
        var batch: [CellGroup] = []
        var stale: [CellGroup] = []
        var unwanted: [CellGroup] = []
        var rest: [CellGroup] = []
        var count = 0
        for group in waiting {
            if expelled.contains(group.source.peer) {
                unwanted.append(group)
            } else if group.cells.allSatisfy({ held.contains($0.coordinate) }) {
                stale.append(group)
            } else if count > 0 && count + group.cells.count > maximumCells
                || group.cells.contains(where: { underWay.contains($0.coordinate) })
            {
                rest.append(group)
            } else {
                count += group.cells.count
                for cell in group.cells { underWay.insert(cell.coordinate) }
                batch.append(group)
            }
        }
        waiting = rest
        waitingBytes = rest.reduce(0) { $0 + $1.byteCount }
        return (batch, stale, unwanted)
    }

    /// A batch's outcome is known.
    mutating func finished(_ batch: [CellGroup]) {
        for group in batch {
            for cell in group.cells { underWay.remove(cell.coordinate) }
        }
    }

    /// Gives up all waiting groups.
    mutating func removeAll() -> [CellGroup] {
        defer {
            waiting = []
            waitingBytes = 0
        }
        return waiting
    }
}
