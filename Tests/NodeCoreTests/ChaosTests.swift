import Availability
import DataMatrix
import KZGCommitments
import LibP2P
import NodeCore
import SSZ
import SystemCrypto
import Testing

/// Random events in random order, made of valid pieces that are altered: no machine may trap, and
/// every message gets exactly one verdict.
@Suite struct ChaosTests {
    struct Pieces {
        var gossip: [(topic: String, data: [UInt8])] = []
        var requests: [(name: String, body: [UInt8])] = []
        var answers: [[UInt8]] = []
    }

    static func pieces(_ fixture: Fixture) throws -> Pieces {
        let names = NetworkNames(networkID: fixture.parameters.networkID)
        var pieces = Pieces()
        var parent = Bytes32.zero
        for height in 0..<4 {
            let block = try fixture.block(dataRows: 1 << (height % 3), seed: UInt64(height))
            for variant in 0..<2 {
                let signed = SignedHeader(
                    signing: try BlockHeader(
                        networkID: fixture.parameters.networkID,
                        sequencer: fixture.sequencerKey.publicKey, height: UInt64(height),
                        slot: UInt64(height + 1), parentRoot: parent,
                        commitments: block.description.commitments,
                        index: block.description.index,
                        newStateRoot: Bytes32([UInt8](repeating: UInt8(variant), count: 32))
                            ?? .zero
                    ), with: fixture.sequencerKey)
                if variant == 0 { parent = signed.root }
                pieces.gossip.append((names.name(of: .headers), signed.encoded))
                pieces.answers.append(signed.encoded)
                for column in 0..<block.shape.columns {
                    let rows = Array(0..<block.shape.rows)
                    let places = rows.map { CellCoordinate(row: $0, column: column) }
                    let message = try ColumnMessage(
                        headerRoot: signed.root, column: UInt16(column),
                        rows: rows.map { UInt16($0) },
                        cells: places.map { block.matrix.cell(at: $0) ?? [] },
                        proofs: places.map { block.matrix.proof(at: $0) ?? .infinity })
                    pieces.gossip.append((names.name(of: .columns(group: column)), message.encoded))
                }
                let cells = try CellSet.all(of: block.shape).prefix(20).map {
                    try ProvenCell(
                        coordinate: $0, cell: block.matrix.cell(at: $0) ?? [],
                        proof: block.matrix.proof(at: $0) ?? .infinity)
                }
                pieces.answers.append(try CellsResponse(status: .ok, cells: cells).encoded)
                pieces.answers.append(InventoryResponse(held: .all(of: block.shape)).encoded)
                let root = signed.root
                pieces.requests += [
                    (names.name(of: .inventory), InventoryRequest(headerRoot: root).encoded),
                    (
                        names.name(of: .cells),
                        try CellsRequest(headerRoot: root, cells: cells.map(\.coordinate)).encoded
                    ),
                    (
                        names.name(of: .columns),
                        try ColumnsRequest(headerRoot: root, columns: [0, 1, 3]).encoded
                    ),
                    (
                        names.name(of: .headersByRoot),
                        try HeadersByRootRequest(roots: [root]).encoded
                    ),
                    (
                        names.name(of: .headersByRange),
                        try HeadersByRangeRequest(
                            sequencer: fixture.sequencerKey.publicKey, start: .max - 3, count: 9
                        ).encoded
                    ),
                    (
                        names.name(of: .attempts),
                        AttemptLogRequest(headerRoot: root, logRoot: root).encoded
                    ),
                ]
            }
        }
        let status = try StatusMessage(
            networkID: fixture.parameters.networkID, role: .full, custody: nil,
            lanes: [
                LaneHead(
                    sequencer: fixture.sequencerKey.publicKey, height: .max, slot: .max,
                    root: parent)
            ])
        pieces.requests.append((names.name(of: .status), status.encoded))
        pieces.answers.append(status.encoded)
        return pieces
    }

    static func altered(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        switch Int.random(in: 0..<8, using: &random) {
        case 0: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
        case 1: bytes += [0, 1, 2]
        case 2, 3:
            for _ in 0..<3 where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] ^=
                    1
                    << UInt8(
                        Int.random(in: 0..<8, using: &random))
            }
        default: break
        }
        return bytes
    }

    static func storm(
        _ machine: inout some NodeMachine, _ fixture: Fixture, _ pieces: Pieces, seed: UInt64,
        steps: Int
    ) throws {
        var random = SeededRandom(number: seed)
        let peers = try (0..<6).map { try fixture.identity(500 + $0).1 }
        var now = NodeTime(monotonic: 0, unixMilliseconds: VirtualNetwork.genesis + 12_000)
        var asked: [OutboundRequestToken] = []
        var works: [(WorkToken, Work)] = []
        var open: Set<UInt64> = []
        var token: UInt64 = 0
        machine.start(now: now)
        for _ in 0..<steps {
            let peer = peers[Int.random(in: 0..<peers.count, using: &random)]
            let step = UInt64.random(in: 0...40, using: &random)
            now.monotonic += Int64(step) * 1_000_000
            now.unixMilliseconds += step
            token += 1
            switch Int.random(in: 0..<12, using: &random) {
            case 0:
                machine.handle(
                    .peerConnected(PeerConnection(peer: peer, isOutbound: token % 2 == 0)),
                    now: now)
            case 1 where token % 5 == 0: machine.handle(.peerDisconnected(peer), now: now)
            case 2, 3, 4:
                let piece = pieces.gossip[
                    Int.random(in: 0..<pieces.gossip.count, using: &random)]
                open.insert(token)
                machine.handle(
                    .message(
                        GossipDelivery(
                            token: GossipToken(rawValue: token), topic: piece.topic,
                            data: altered(piece.data, &random), from: peer)), now: now)
            case 5, 6:
                let piece = pieces.requests[
                    Int.random(in: 0..<pieces.requests.count, using: &random)]
                machine.handle(
                    .request(
                        InboundRequest(
                            token: InboundRequestToken(rawValue: token), from: peer,
                            protocolName: piece.name, body: altered(piece.body, &random))),
                    now: now)
            case 7, 8:
                guard let request = asked.randomElement(using: &random) else { continue }
                let piece = pieces.answers[
                    Int.random(in: 0..<pieces.answers.count, using: &random)]
                machine.handle(.responseChunk(request, altered(piece, &random)), now: now)
            case 9:
                guard let request = asked.randomElement(using: &random) else { continue }
                machine.handle(
                    token % 2 == 0
                        ? .responseFinished(request) : .responseFailed(request, .timedOut),
                    now: now)
            case 10:
                guard !works.isEmpty else { continue }
                let (id, work) = works.remove(
                    at: Int.random(in: 0..<works.count, using: &random))
                machine.handle(.workFinished(id, work.run()), now: now)
                // A shell that hands a result back twice does no harm.
                if token % 7 == 0 { machine.handle(.workFinished(id, work.run()), now: now) }
            default: machine.tick(now: now)
            }
            for directive in machine.drain() {
                switch directive {
                case .request(let request): asked = asked.suffix(40) + [request.token]
                case .run(let id, let work): works.append((id, work))
                case .verdict(let verdict, _):
                    #expect(open.remove(verdict.rawValue) != nil, "a second verdict")
                default: break
                }
            }
            if let deadline = machine.nextDeadline {
                // Never stuck in the past: a tick at the deadline must move it.
                if deadline <= now.monotonic {
                    machine.tick(now: now)
                    let next = machine.nextDeadline ?? .max
                    #expect(next > now.monotonic, "deadline stays in the past")
                }
            }
        }
        // With all work done and enough time gone, nothing waits for a verdict.
        for _ in 0..<200 {
            now.monotonic += 500_000_000
            now.unixMilliseconds += 500
            machine.tick(now: now)
            for directive in machine.drain() {
                switch directive {
                case .run(let id, let work): works.append((id, work))
                case .verdict(let verdict, _): open.remove(verdict.rawValue)
                default: break
                }
            }
            while !works.isEmpty {
                let (id, work) = works.removeFirst()
                machine.handle(.workFinished(id, work.run()), now: now)
                for directive in machine.drain() {
                    switch directive {
                    case .run(let id, let work): works.append((id, work))
                    case .verdict(let verdict, _): open.remove(verdict.rawValue)
                    default: break
                    }
                }
            }
        }
        #expect(open.isEmpty, "\(open.count) messages without a verdict")
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func fullNode(seed: UInt64) throws {
        let fixture = try Fixture()
        var machine = FullNode(
            parameters: fixture.parameters, custody: ColumnGroups([0, 1]),
            identity: try fixture.identity(1).0, settings: fixture.settings,
            arithmetic: fixture.tables.arithmetic, store: MemoryCellStore(maximumBytes: 20_000),
            random: SeededRandom(number: seed))
        try Self.storm(&machine, fixture, try Self.pieces(fixture), seed: seed, steps: 6000)
    }

    @Test(arguments: [UInt64(1), 2])
    func lightNode(seed: UInt64) throws {
        let fixture = try Fixture()
        var machine = LightNode(
            parameters: fixture.parameters, identity: try fixture.identity(1).0,
            settings: fixture.settings, arithmetic: fixture.tables.arithmetic,
            store: MemoryCellStore(maximumBytes: 20_000), random: SeededRandom(number: seed))
        try Self.storm(&machine, fixture, try Self.pieces(fixture), seed: seed, steps: 6000)
    }

    @Test func sequencer() throws {
        let fixture = try Fixture()
        var machine = Sequencer(
            parameters: fixture.parameters, key: fixture.sequencerKey,
            identity: try fixture.identity(1).0, settings: fixture.settings,
            arithmetic: fixture.tables.arithmetic, store: MemoryCellStore(maximumBytes: 20_000),
            record: MemorySigningRecord(), random: SeededRandom(number: 1))
        try Self.storm(&machine, fixture, try Self.pieces(fixture), seed: 1, steps: 6000)
    }
}
