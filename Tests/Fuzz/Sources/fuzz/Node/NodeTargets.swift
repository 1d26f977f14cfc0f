import Availability
import DataMatrix
import KZGCommitments
import LibP2P
import NodeCore
import SSZ
import SystemCrypto

let nodeTargets = [nodesTarget]

/// A light node, a full node or a sequencer whose peers do anything: messages, requests, answers,
/// right and wrong, in any order, with a clock that jumps and work that takes its time.
///
/// Every gossip message gets exactly one verdict, no message whose proofs fail is accepted, every
/// request of a peer is ended exactly once, nothing is sent that cannot be, what waits is bounded,
/// and the same events lead to the same directives.
private let nodesTarget = FuzzTarget(
    name: "nodes", maximumLength: 512,
    seeds: {
        (0..<48).map { number in
            var random = FuzzRandom(seed: UInt64(1200 + number))
            return [UInt8(number % 4), UInt8(number % 8)] + random.bytes(100 + 8 * number)
        }
    },
    run: { bytes in
        let first = NodeTrial(bytes).run()
        if bytes.count > 1, bytes[1] % 4 == 0 {
            require(NodeTrial(bytes).run() == first, "a replay went another way")
        }
    })

// MARK: - What there is in the network

private enum Scene {
    static let prover = KZGProver(preset: .minimal)
    static let arithmetic = BlockArithmetic(verifier: prover.verifier, prover: prover)
    static let keys = (7...9).map { seed in
        must("key") { try SigningKey(seed: [UInt8](repeating: UInt8(seed), count: 32)) }
    }
    static let genesis: UInt64 = 1_800_000_000_000
    static let parameters = must("parameters") {
        try NetworkParameters(
            preset: .minimal, sequencers: [keys[0].publicKey, keys[1].publicKey],
            genesis: UnixTime(milliseconds: genesis), slotMilliseconds: 2000,
            lateMilliseconds: 1500, suspectedMilliseconds: 4000, withheldMilliseconds: 8000,
            retentionSlots: 1000, reportPeers: 3, requestsPerPeerPerSlot: 64,
            bytesPerPeerPerSlot: 1 << 20)
    }
    static let names = NetworkNames(networkID: parameters.networkID)
    static let identities = (0..<7).map { number in
        must("identity") {
            try IdentityKey(seed: [UInt8](repeating: UInt8(40 + number), count: 32))
        }
    }
    static let peers = identities[1...].map(\.peerID)

    struct Block {
        let block: ExtendedBlock
        let header: SignedHeader
    }

    /// Two lanes: a chain of three blocks, whose second height has a rival, and one alone.
    static let blocks: [Block] = {
        var random = FuzzRandom(seed: 5)
        var blocks: [Block] = []
        var parent = Bytes32.zero
        for (number, size) in [100, 400, 900].enumerated() {
            let block = make(random.bytes(size), height: number, slot: number + 1, parent, 0)
            parent = block.header.root
            blocks.append(block)
        }
        blocks.append(
            make(random.bytes(300), height: 1, slot: 2, blocks[0].header.root, 0))
        blocks.append(make(random.bytes(500), height: 0, slot: 2, .zero, 1))
        return blocks
    }()

    private static func make(
        _ payload: [UInt8], height: Int, slot: Int, _ parent: Bytes32, _ key: Int
    ) -> Block {
        must("block") {
            let block = try BlockEncoder(prover: prover).encode(
                [Payload(namespace: [1], bytes: payload)])
            let header = try BlockHeader(
                networkID: parameters.networkID, sequencer: keys[key].publicKey,
                height: UInt64(height), slot: UInt64(slot), parentRoot: parent,
                commitments: block.description.commitments, index: block.description.index)
            return Block(block: block, header: SignedHeader(signing: header, with: keys[key]))
        }
    }
}

// MARK: - Inputs

extension ByteReader {
    fileprivate mutating func altered(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...below(3) where !bytes.isEmpty {
            switch below(3) {
            case 0: bytes[below(bytes.count)] ^= byte()
            case 1: bytes.removeLast(below(bytes.count))
            default: bytes += take(below(8))
            }
        }
        return bytes
    }

    /// Cells of one column; second, whether their proofs hold.
    fileprivate mutating func column() -> (message: ColumnMessage, holds: Bool) {
        let block = pick(Scene.blocks)
        let shape = block.block.shape
        let zeros = Set(block.block.description.zeroRows)
        let column = below(shape.columns)
        var rows = (0..<shape.rows).filter { !zeros.contains($0) && byte() & 3 != 0 }
        if rows.isEmpty { rows = [0] }
        rows = Array(rows.prefix(28))
        var cells = rows.map {
            block.block.matrix.cell(at: CellCoordinate(row: $0, column: column)) ?? []
        }
        var holds = true
        if below(6) == 0 {
            let bits = byte()
            let place = below(cells.count)
            cells[place][1 + below(100)] ^= bits
            holds = bits == 0
        }
        let message = must("column") {
            try ColumnMessage(
                headerRoot: block.header.root, column: UInt16(column),
                rows: rows.map { UInt16($0) }, cells: cells,
                proofs: rows.map {
                    block.block.matrix.proof(at: CellCoordinate(row: $0, column: column))
                        ?? .infinity
                })
        }
        return (message, holds)
    }

    fileprivate mutating func evidence() -> [UInt8] {
        let (first, second) = (pick(Scene.blocks), pick(Scene.blocks))
        if bit(), let proof = EquivocationProof(first.header.summary, second.header.summary) {
            return Evidence.equivocation(proof).encoded
        }
        var log = AttemptLog()
        for number in 0..<(1 + below(6)) {
            let attempt = must("attempt") {
                try Attempt(
                    peer: pick(Scene.peers).bytes,
                    cell: CellCoordinate(row: number % 2, column: number % 4),
                    ended: UnixTime(milliseconds: Scene.genesis + 3000),
                    outcome: pick(AttemptOutcome.allCases))
            }
            log.append(attempt)
        }
        let shape = first.block.shape
        var missing = CellSet.all(of: shape)
        for _ in 0..<below(4) {
            missing.remove(CellCoordinate(row: below(shape.rows), column: below(shape.columns)))
        }
        let report = must("report") {
            try WithholdingReport(
                header: first.header.summary, missing: missing, log: log,
                watchedFrom: UnixTime(milliseconds: Scene.genesis + UInt64(below(9000))),
                reported: UnixTime(milliseconds: Scene.genesis + UInt64(below(30_000))),
                key: must("key") { try SigningKey(seed: pick(Scene.identities).seed) })
        }
        return Evidence.withholding(report).encoded
    }

    fileprivate mutating func status(of peer: Int) -> StatusMessage {
        let key = must("key") { try SigningKey(seed: Scene.identities[peer].seed) }
        let lanes = Scene.blocks.prefix(1 + below(3)).suffix(1).map { block in
            LaneHead(
                sequencer: block.header.header.sequencer, height: block.header.header.height,
                slot: block.header.header.slot, root: block.header.root)
        }
        return must("status") {
            try StatusMessage(
                networkID: below(16) == 0 ? .zero : Scene.parameters.networkID,
                role: pick([.full, .full, .light, .sequencer]),
                custody: byte() & 7 == 0
                    ? nil
                    : CustodyRecord(
                        networkID: Scene.parameters.networkID,
                        groups: bit() ? .all : ColumnGroups(bits: uint32()),
                        made: UnixTime(milliseconds: Scene.genesis + UInt64(byte())), key: key),
                lanes: lanes)
        }
    }

    fileprivate mutating func request() -> (name: String, body: [UInt8]) {
        let block = pick(Scene.blocks)
        let root = below(8) == 0 ? Bytes32.zero : block.header.root
        let shape = block.block.shape
        let kind = pick(NetworkNames.RequestProtocol.allCases)
        let body: [UInt8] = must("request") {
            switch kind {
            case .status: return status(of: 1 + below(6)).encoded
            case .headersByRoot:
                return try HeadersByRootRequest(roots: [root, block.header.root]).encoded
            case .headersByRange:
                return try HeadersByRangeRequest(
                    sequencer: block.header.header.sequencer, start: UInt64(below(4)),
                    count: UInt16(1 + below(8))
                ).encoded
            case .cells:
                let cells = CellSet(
                    shape,
                    (0..<6).map { _ in
                        CellCoordinate(row: below(shape.rows), column: below(shape.columns))
                    })
                return try CellsRequest(headerRoot: root, cells: Array(cells)).encoded
            case .columns:
                return try ColumnsRequest(
                    headerRoot: root, columns: [UInt16(below(2)), UInt16(2 + below(3))]
                ).encoded
            case .inventory: return InventoryRequest(headerRoot: root).encoded
            case .attempts: return AttemptLogRequest(headerRoot: root, logRoot: root).encoded
            }
        }
        return (Scene.names.name(of: kind), below(8) == 0 ? altered(body) : body)
    }

    /// What an honest peer with everything would answer, as far as one chunk goes.
    fileprivate mutating func answer(_ request: OutboundRequest) -> [UInt8] {
        guard let kind = Scene.names.request(named: request.protocolName) else {
            finding("a request under \(request.protocolName)")
        }
        if below(10) == 0 { return CellsResponse.refusal(pick(ResponseStatus.allCases)) }
        let number = (Scene.peers.firstIndex(of: request.peer) ?? 0) + 1
        return must("answer to \(kind)") {
            switch kind {
            case .status: return status(of: number).encoded
            case .headersByRoot:
                let wanted = try HeadersByRootRequest(encoded: request.body).roots
                return Scene.blocks.first { wanted.contains($0.header.root) }?.header.encoded ?? []
            case .headersByRange: return pick(Scene.blocks).header.encoded
            case .cells:
                let wanted = try CellsRequest(encoded: request.body)
                guard let block = Scene.block(wanted.headerRoot) else { return [0] }
                let cells = try wanted.cells.prefix(28).compactMap { place in
                    try block.proven(place)
                }
                return try CellsResponse(status: .ok, cells: cells).encoded
            case .columns:
                let wanted = try ColumnsRequest(encoded: request.body)
                guard let block = Scene.block(wanted.headerRoot) else { return [0] }
                let column = Int(wanted.columns[0])
                let cells = try (0..<min(28, block.block.shape.rows)).compactMap { row in
                    try block.proven(CellCoordinate(row: row, column: column))
                }
                return ColumnsResponse(
                    try ColumnMessage(
                        headerRoot: wanted.headerRoot, column: UInt16(column),
                        rows: cells.map { UInt16($0.coordinate.row) }, cells: cells.map(\.cell),
                        proofs: cells.map(\.proof))
                ).encoded
            case .inventory:
                let wanted = try InventoryRequest(encoded: request.body)
                guard let block = Scene.block(wanted.headerRoot) else { return [0] }
                var held = CellSet.all(of: block.block.shape)
                if bit() { held.remove(row: below(block.block.shape.rows)) }
                return InventoryResponse(held: held).encoded
            case .attempts: return [0]
            }
        }
    }
}

extension CellsResponse {
    /// An answer without content, which looks alike for all kinds.
    fileprivate static func refusal(_ status: ResponseStatus) -> [UInt8] {
        must("refusal") { try CellsResponse(status: status, cells: []) }.encoded
    }
}

extension Scene {
    fileprivate static func block(_ root: Bytes32) -> Block? {
        blocks.first { $0.header.root == root }
    }
}

extension Scene.Block {
    fileprivate func proven(_ place: CellCoordinate) throws -> Availability.ProvenCell? {
        guard let cell = block.matrix.cell(at: place), let proof = block.matrix.proof(at: place)
        else { return nil }
        return try Availability.ProvenCell(coordinate: place, cell: cell, proof: proof)
    }
}

// MARK: - The trial

private struct NodeTrial {
    var reader: ByteReader
    var machine: any NodeMachine
    var now = NodeTime(monotonic: 1_000_000_000, unixMilliseconds: Scene.genesis)
    var connected: Set<PeerID> = []
    var topics: Set<String> = []
    /// Messages without a verdict yet; whether their proofs hold, where that is known.
    var undecided: [UInt64: Bool?] = [:]
    var nextToken: UInt64 = 1
    /// Requests of peers that have not been ended.
    var open: Set<InboundRequestToken> = []
    var outstanding: [OutboundRequest] = []
    var work: [(WorkToken, Work)] = []
    var lastRequest: UInt64 = 0
    var trace = SHA256()

    init(_ bytes: [UInt8]) {
        reader = ByteReader(bytes)
        let kind = reader.below(4)
        _ = reader.byte()
        let random = FuzzRandom(seed: UInt64(reader.byte()))
        let identity = must("identity") { try NodeIdentity(Scene.identities[0]) }
        let store = MemoryCellStore(maximumBytes: reader.bit() ? 1 << 30 : 20_000)
        var settings = NodeSettings()
        settings.maximumBlocks = 1 + reader.below(4)
        settings.repairDelayMilliseconds = 300...600
        switch kind {
        case 0:
            machine = LightNode(
                parameters: Scene.parameters, identity: identity, settings: settings,
                arithmetic: Scene.arithmetic, store: store, random: random)
        case 1:
            machine = Sequencer(
                parameters: Scene.parameters, key: Scene.keys[0], identity: identity,
                settings: settings, arithmetic: Scene.arithmetic, store: store,
                record: MemorySigningRecord(), random: random)
        default:
            machine = FullNode(
                parameters: Scene.parameters,
                custody: reader.bit() ? .all : ColumnGroups(bits: UInt32(reader.byte())),
                identity: identity, settings: settings, arithmetic: Scene.arithmetic,
                store: store, random: random)
        }
    }

    func run() -> [UInt8] {
        var trial = self
        trial.machine.start(now: trial.now)
        trial.collect()
        while !trial.reader.isAtEnd { trial.step() }
        trial.finish()
        return trial.trace.finalize()
    }

    private mutating func step() {
        switch reader.below(16) {
        case 0, 1: connect()
        case 2:
            let peer = reader.pick(Scene.peers)
            if connected.remove(peer) != nil { handle(.peerDisconnected(peer)) }
        case 3, 4, 5: message()
        case 6: request()
        case 7, 8, 9: answer()
        case 10, 11: runWork()
        case 12: advance(milliseconds: [1, 40, 300, 1000, 4000, 10_000][reader.below(6)])
        case 13: command()
        default: advance(milliseconds: 20)
        }
    }

    private mutating func handle(_ event: NodeEvent) {
        machine.handle(event, now: now)
        collect()
    }

    private mutating func connect() {
        let peer = reader.pick(Scene.peers)
        guard connected.insert(peer).inserted else { return }
        handle(
            .peerConnected(
                PeerConnection(
                    peer: peer, isOutbound: reader.bit(),
                    addressGroup: AddressGroup(bytes: [reader.byte() & 3]))))
    }

    private mutating func message() {
        guard !connected.isEmpty else { return connect() }
        let from = reader.pick(connected.sorted())
        var topic: String
        var data: [UInt8]
        var holds: Bool?
        switch reader.below(8) {
        case 0, 1, 2:
            topic = Scene.names.name(of: .headers)
            data = reader.pick(Scene.blocks).header.encoded
        case 3, 4, 5:
            let (column, isRight) = reader.column()
            topic = Scene.names.name(
                of: .columns(group: NetworkNames.group(ofColumn: Int(column.column))))
            data = column.encoded
            holds = isRight
        case 6:
            topic = Scene.names.name(of: .evidence)
            data = reader.evidence()
        default:
            topic = Scene.names.name(of: reader.pick(NetworkNames.Topic.all))
            data = reader.take(reader.below(60))
        }
        if reader.below(12) == 0 {
            data = reader.altered(data)
            holds = nil
        }
        if reader.below(24) == 0 { topic = reader.pick(["", "x", "\(topic)x"]) }
        let token = nextToken
        nextToken += 1
        undecided[token] = .some(holds)
        handle(
            .message(
                GossipDelivery(
                    token: GossipToken(rawValue: token), topic: topic, data: data, from: from)))
    }

    private mutating func request() {
        guard !connected.isEmpty else { return connect() }
        let from = reader.pick(connected.sorted())
        let (name, body) = reader.request()
        let token = InboundRequestToken(rawValue: nextToken)
        nextToken += 1
        open.insert(token)
        handle(
            .request(
                InboundRequest(
                    token: token, from: from,
                    protocolName: reader.below(24) == 0 ? "/x" : name, body: body)))
    }

    private mutating func answer() {
        guard !outstanding.isEmpty else { return }
        let place = reader.below(outstanding.count)
        let request = outstanding[place]
        switch reader.below(8) {
        case 0:
            outstanding.remove(at: place)
            handle(
                .responseFailed(
                    request.token,
                    reader.pick([.timedOut, .unsupported, .disconnected, .malformed])))
        case 1:
            outstanding.remove(at: place)
            handle(.responseFinished(request.token))
        default:
            var chunk = reader.answer(request)
            if reader.below(12) == 0 { chunk = reader.altered(chunk) }
            handle(.responseChunk(request.token, chunk))
            guard reader.bit(),
                let still = outstanding.firstIndex(where: { $0.token == request.token })
            else { return }
            outstanding.remove(at: still)
            handle(.responseFinished(request.token))
        }
    }

    private mutating func runWork() {
        guard !work.isEmpty else { return }
        let (token, work) = work.remove(at: reader.below(work.count))
        handle(.workFinished(token, work.run()))
    }

    private mutating func command() {
        if var full = machine as? FullNode {
            let root = reader.pick(Scene.blocks).header.root
            if reader.bit() {
                full.repair(root, goal: reader.bit() ? .wholeBlock : .custody, now: now)
            } else if let block = Scene.block(root) {
                var lost = CellSet(block.block.shape)
                lost.insert(column: reader.below(block.block.shape.columns))
                full.lose(lost, of: root, now: now)
            }
            machine = full
        } else if var sequencer = machine as? Sequencer {
            let block = reader.pick(Scene.blocks).block
            let slot = (now.unixMilliseconds - Scene.genesis) / 2000 + UInt64(reader.below(2))
            let before = sequencer.nextHeight
            if let header = try? sequencer.publish(block, slot: slot, now: now) {
                require(
                    header.header.height == before && sequencer.nextHeight == before + 1,
                    "a height signed twice")
                require(header.isSignatureValid, "a signature that does not hold")
            }
            machine = sequencer
        }
        collect()
    }

    private mutating func advance(milliseconds: UInt64) {
        let end = now.monotonic(afterMilliseconds: milliseconds)
        var ticks = 0
        while let due = machine.nextDeadline, due <= end, ticks < 50 {
            // At least a millisecond later, as a shell's timers are.
            let step = max(due - now.monotonic, 1_000_000)
            move(to: now.monotonic + step)
            machine.tick(now: now)
            collect()
            ticks += 1
        }
        if end > now.monotonic { move(to: end) }
    }

    private mutating func move(to moment: Int64) {
        let span = moment - now.monotonic
        now = NodeTime(
            monotonic: moment,
            unixMilliseconds: now.unixMilliseconds + UInt64((span + 999_999) / 1_000_000))
    }

    /// All work is done, all answers fail, time passes: then nothing may be left open.
    private mutating func finish() {
        for _ in 0..<40 {
            while !work.isEmpty {
                let (token, next) = work.removeFirst()
                handle(.workFinished(token, next.run()))
            }
            while !outstanding.isEmpty {
                let request = outstanding.removeFirst()
                handle(.responseFailed(request.token, .timedOut))
            }
            advance(milliseconds: 2000)
        }
        while !work.isEmpty {
            let (token, next) = work.removeFirst()
            handle(.workFinished(token, next.run()))
        }
        require(undecided.isEmpty, "\(undecided.count) messages have no verdict")
        require(open.isEmpty, "\(open.count) requests have no end")
    }

    // MARK: what comes out

    private mutating func collect() {
        for directive in machine.drain() {
            note(directive)
            switch directive {
            case .subscribe(let topic):
                require(topics.insert(topic).inserted, "subscribed twice to \(topic)")
            case .unsubscribe(let topic):
                require(topics.remove(topic) != nil, "left \(topic) without being there")
            case .verdict(let token, let verdict):
                guard let holds = undecided.removeValue(forKey: token.rawValue) else {
                    finding("a second verdict, or one on nothing")
                }
                if holds == false {
                    require(verdict != .accept, "cells whose proofs fail were accepted")
                }
                if holds == true, case .reject(let offence) = verdict {
                    finding("right cells were rejected: \(offence)")
                }
            case .publish(let publication):
                require(
                    Scene.names.topic(named: publication.topic) != nil, "a topic of no network")
                require(
                    publication.data.count <= Limits.messageBytes, "a message too large")
            case .request(let request):
                require(request.token.rawValue > lastRequest || lastRequest == 0, "an old token")
                lastRequest = request.token.rawValue
                require(
                    Scene.names.request(named: request.protocolName) != nil, "no such protocol")
                require(connected.contains(request.peer), "a request to the absent")
                outstanding.append(request)
                require(outstanding.count <= 2000, "\(outstanding.count) requests at once")
            case .cancelRequest(let token):
                outstanding.removeAll { $0.token == token }
            case .respond(let token, let bytes):
                require(open.contains(token), "an answer to nothing")
                require(bytes.count <= Limits.messageBytes, "an answer too large")
            case .finishResponse(let token):
                require(open.remove(token) != nil, "the end of no answer")
            case .failResponse(let token, _):
                require(open.remove(token) != nil, "the refusal of nothing")
            case .run(let token, let next):
                work.append((token, next))
                require(work.count <= 200, "\(work.count) pieces of work at once")
            case .penalise, .disconnect, .wish, .report: break
            }
        }
    }

    private mutating func note(_ directive: NodeDirective) {
        let text =
            switch directive {
            case .subscribe(let topic): "s \(topic)"
            case .unsubscribe(let topic): "u \(topic)"
            case .verdict(let token, let verdict): "v \(token.rawValue) \(verdict)"
            case .publish(let publication): "p \(publication.topic) \(publication.reach)"
            case .request(let request): "r \(request.token.rawValue) \(request.body)"
            case .cancelRequest(let token): "c \(token.rawValue)"
            case .respond(let token, let bytes): "a \(token.rawValue) \(bytes.count)"
            case .finishResponse(let token): "f \(token.rawValue)"
            case .failResponse(let token, let why): "x \(token.rawValue) \(why)"
            case .run(let token, _): "w \(token.rawValue)"
            case .penalise(let peer, let offence): "b \(peer) \(offence)"
            case .disconnect(let peer, let offence): "d \(peer) \(offence)"
            case .wish(let wishes): "h \(wishes.groups)"
            case .report: "o"
            }
        trace.update(Array(text.utf8))
    }
}
