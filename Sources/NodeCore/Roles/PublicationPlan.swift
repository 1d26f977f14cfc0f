import Availability
import DataMatrix
import LibP2P
import SSZ

/// A block on its way out: the header to everyone, then the first copy of every column message,
/// each to a different peer where there are enough, then all further copies.
///
/// So a block survives its sequencer's loss as early as possible: when the first pass is through, all
/// of it is in the network.
struct PublicationPlan: Sendable {
    private struct Item: Sendable {
        let column: Int
        let rows: [Int]
        var firstPeer: PeerID?
    }

    /// One message to hand out now.
    struct Step: Sendable {
        let topic: NetworkNames.Topic
        let data: [UInt8]
        let reach: PublicationReach
    }

    let root: BlockRoot
    private let header: [UInt8]
    private var items: [Item]
    private var isHeaderSent = false
    private var firstPass = 0
    private var secondPass = 0
    private var bytesOfPeer: [PeerID: Int] = [:]

    /// A plan for these cells: data rows before parity rows, 28 rows to a message, column after
    /// column within each chunk.
    init(_ header: SignedHeader, cells: CellSet) {
        root = header.root
        self.header = header.encoded
        items = []
        let shape = cells.shape
        let chunks = (0..<shape.columns).map { column in
            ColumnChunks.rows(cells.rows(inColumn: column), shape: shape)
        }
        // The first chunk of every column, then the second of every column, and so on: what is out
        // is spread over all columns at any time.
        for number in 0..<(chunks.map(\.count).max() ?? 0) {
            for (column, chunks) in chunks.enumerated() where number < chunks.count {
                items.append(Item(column: column, rows: chunks[number]))
            }
        }
    }

    var report: PublicationReport {
        PublicationReport(
            messages: items.count + 1, firstCopies: firstPass + (isHeaderSent ? 1 : 0),
            complete: secondPass + (isHeaderSent ? 1 : 0))
    }

    var isDone: Bool { isHeaderSent && secondPass == items.count }

    /// The next message; nil when all is handed out.
    mutating func next(peers: PeerTable, store: any CellStore) -> Step? {
        guard isHeaderSent else {
            isHeaderSent = true
            return Step(topic: .headers, data: header, reach: .everyone)
        }
        if firstPass < items.count {
            let place = firstPass
            firstPass += 1
            guard let data = message(items[place], store: store) else {
                return next(peers: peers, store: store)
            }
            let topic = topic(of: items[place])
            guard let peer = receiver(of: items[place].column, peers: peers) else {
                return Step(topic: topic, data: data, reach: .everyone)
            }
            bytesOfPeer[peer, default: 0] += data.count
            items[place].firstPeer = peer
            return Step(topic: topic, data: data, reach: .firstCopy(peer))
        }
        while secondPass < items.count {
            let item = items[secondPass]
            secondPass += 1
            guard let peer = item.firstPeer, let data = message(item, store: store) else {
                continue
            }
            return Step(topic: topic(of: item), data: data, reach: .remaining(except: peer))
        }
        return nil
    }

    private func topic(of item: Item) -> NetworkNames.Topic {
        .columns(group: NetworkNames.group(ofColumn: item.column))
    }

    /// The custodian of the column that has been given least.
    private func receiver(of column: Int, peers: PeerTable) -> PeerID? {
        peers.entries.filter { $0.value.role == .full && $0.value.custody.contains(column: column) }
            .map { ($0.key, bytesOfPeer[$0.key, default: 0]) }
            .min { $0.1 < $1.1 }?.0
    }

    private func message(_ item: Item, store: any CellStore) -> [UInt8]? {
        let cells = item.rows.compactMap { row in
            store.cell(CellCoordinate(row: row, column: item.column), of: root)
        }
        return ColumnChunks.message(cells, root: root)?.encoded
    }
}
