import Availability
import DamaskClient
import DamaskNode
import DataMatrix
import KZGCommitments
import NodeCore
import SSZ
import SystemCrypto

extension NodeRole {
    /// Its name in answers.
    var name: String {
        switch self {
        case .light: "light"
        case .full: "full"
        case .sequencer: "sequencer"
        }
    }
}

extension StatusAnswer {
    init(_ status: NodeStatus) {
        self.init(
            role: status.role.name, version: status.version,
            network: HexBytes(status.networkID.bytes), peer: status.peerID,
            addresses: status.listenAddresses,
            sequencer: status.sequencerKey.map { HexBytes($0.ed25519) },
            custody: status.custodyGroups, started: status.startedUnixMilliseconds,
            slot: status.slot, peers: status.peers, addressGroups: status.outboundAddressGroups,
            lanes: status.lanes.map(LaneAnswer.init), readiness: ReadinessAnswer(status.readiness),
            store: StoreAnswer(status.store))
    }
}

extension LaneAnswer {
    init(_ lane: LaneStatus) {
        self.init(
            sequencer: HexBytes(lane.sequencer.ed25519), height: lane.headHeight,
            slot: lane.headSlot, root: lane.headRoot.map { HexBytes($0.bytes) },
            sampledHeight: lane.sampledHeight, closedAt: lane.closedAtHeight)
    }
}

extension ReadinessAnswer {
    init(_ readiness: Readiness) {
        self.init(
            ready: readiness.isReady, lag: readiness.lag, allowedLag: readiness.allowedLag,
            reasons: readiness.reasons)
    }
}

extension StoreAnswer {
    init(_ store: StoreStatus) {
        self.init(
            bytes: store.bytes, limit: store.maximumBytes, blocks: store.blocks,
            headers: store.headers, errors: store.errors, lastError: store.lastError)
    }
}

extension HeaderAnswer {
    init(_ record: HeaderRecord) {
        let header = record.header.header
        let root = record.header.root
        self.init(
            root: HexBytes(root.bytes), sequencer: HexBytes(header.sequencer.ed25519),
            height: header.height, slot: header.slot, parent: HexBytes(header.parentRoot.bytes),
            dataRows: Int(header.dataRows),
            commitments: header.commitments.map { HexBytes($0.bytes.bytes) },
            payloads: header.index.enumerated().map { number, entry in
                PayloadAnswer(
                    commitment: HexBytes(
                        PayloadCommitment(root: root, entry: UInt16(number)).bytes),
                    namespace: HexBytes(entry.namespace), firstCell: entry.firstCell,
                    length: entry.length, encoding: entry.encoding.name)
            },
            previousStateRoot: HexBytes(header.previousStateRoot.bytes),
            newStateRoot: HexBytes(header.newStateRoot.bytes),
            signature: HexBytes(record.header.signature), state: record.state?.rawValue)
    }
}

extension BlockAnswer {
    init(_ record: BlockRecord) {
        self.init(
            root: HexBytes(record.root.bytes), sequencer: HexBytes(record.sequencer.ed25519),
            height: record.height, slot: record.slot, dataRows: record.dataRows,
            state: record.state?.rawValue, sampling: record.sampling.map(SamplingAnswer.init),
            heldCells: record.heldCells, decodable: record.isDecodable)
    }
}

extension SamplingAnswer {
    init(_ record: SamplingRecord) {
        self.init(
            drawn: record.drawn, verified: record.verified, failed: record.failed,
            complete: record.isComplete, missProbability: record.missProbability,
            healingFloor: record.healingFloor, typicalFloor: record.typicalFloor,
            peersAsked: record.peersAsked, groupsAsked: record.groupsAsked)
    }

    init(_ report: SamplingReport) {
        self.init(
            drawn: report.drawn, verified: report.succeeded, failed: report.failed,
            complete: report.isComplete, peersAsked: report.peersAsked,
            groupsAsked: report.groupsAsked)
    }
}

extension PossessionAnswer {
    init(_ report: PossessionReport) {
        self.init(
            cells: report.cells, completeColumns: report.completeColumns,
            custodyColumns: report.custodyColumns, decodable: report.isDecodable)
    }
}

extension CellAnswer {
    init(_ cell: NodeCore.ProvenCell) {
        self.init(
            row: cell.coordinate.row, column: cell.coordinate.column, cell: HexBytes(cell.cell),
            proof: HexBytes(cell.proof.bytes.bytes))
    }
}

extension PublicationAnswer {
    init(_ status: PublicationStatus) {
        let stage: Stage =
            switch status.stage {
            case .signed: .signed
            case .publishing: .publishing
            case .firstCopies: .firstCopies
            case .published: .published
            case .available: .available
            }
        self.init(
            root: HexBytes(status.root.bytes), height: status.height, slot: status.slot,
            commitments: status.commitments.map { HexBytes($0.bytes) }, stage: stage,
            messages: status.messages, firstCopies: status.firstCopies, complete: status.complete,
            repeated: status.isRepeated)
    }
}

extension EvidenceAnswer {
    init(_ entry: EvidenceEntry) {
        let kind =
            switch entry.evidence {
            case .withholding: "withholding"
            case .equivocation: "equivocation"
            }
        self.init(
            id: HexBytes(SHA256.hash(entry.evidence.encoded)), kind: kind,
            root: HexBytes(entry.root.bytes), sequencer: HexBytes(entry.sequencer.ed25519),
            own: entry.isOwn, seen: entry.seenUnixMilliseconds)
    }
}

extension PeerAnswer {
    init(_ peer: PeerRecord) {
        self.init(
            peer: peer.peerID, address: peer.address,
            direction: peer.isOutbound ? "outbound" : "inbound", role: peer.role?.name,
            custody: peer.custodyGroups, score: peer.score)
    }
}

extension EventAnswer {
    init(_ event: BackendEvent) {
        self.init(number: event.number, time: event.unixMilliseconds, kind: event.kind)
        switch event.news {
        case .header(let report):
            root = HexBytes(report.root.bytes)
            sequencer = HexBytes(report.sequencer.ed25519)
            height = report.height
            slot = report.slot
            dataRows = report.dataRows
        case .state(let block, let state):
            root = HexBytes(block.bytes)
            self.state = state.rawValue
        case .sampling(let block, let report):
            root = HexBytes(block.bytes)
            sampling = SamplingAnswer(report)
        case .possession(let block, let report):
            root = HexBytes(block.bytes)
            possession = PossessionAnswer(report)
        case .publication(let status):
            root = HexBytes(status.root.bytes)
            publication = PublicationAnswer(status)
        case .evidence(let entry):
            root = HexBytes(entry.root.bytes)
            evidence = EvidenceAnswer(entry)
        case .peerConnected(let id), .peerDisconnected(let id):
            peer = id
        case .readiness(let verdict):
            readiness = ReadinessAnswer(verdict)
        case .lost(let count):
            lost = count
        }
    }
}
