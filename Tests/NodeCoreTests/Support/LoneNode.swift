import Availability
import DataMatrix
import KZGCommitments
import LibP2P
import NodeCore
import SSZ
import SystemCrypto

/// One machine and one scripted peer that has a chain of headers, all of the same block, and answers
/// at once. Work is answered for: the commitments are really checked once, cells count as verified,
/// since there are no others than the block's own. So thousands of blocks pass in seconds.
final class LoneNode<Machine: NodeMachine> {
    var machine: Machine
    let fixture: Fixture
    let block: ExtendedBlock
    /// Ascending by height from 0.
    var chain: [SignedHeader]
    private(set) var now: NodeTime
    private(set) var reports: [NodeReport] = []
    /// Cells that were asked for, by block, in order.
    private(set) var asked: [(root: Bytes32, cells: [CellCoordinate])] = []
    /// Ranges of headers that were asked for.
    private(set) var ranges: [ClosedRange<UInt64>] = []
    /// Cells that the peer does not give.
    var withheld: (Bytes32, CellCoordinate) -> Bool = { _, _ in false }
    let peer: PeerID
    private let peerKey: SigningKey
    private let names: NetworkNames
    private var verifier: WorkResult?
    private var nextToken: UInt64 = 0
    private var queue: [NodeEvent] = []
    private var verdicts: [GossipVerdict] = []

    init(
        _ machine: Machine, fixture: Fixture, block: ExtendedBlock, chain: [SignedHeader],
        slot: UInt64
    ) throws {
        self.machine = machine
        self.fixture = fixture
        self.block = block
        self.chain = chain
        let key = try IdentityKey(seed: [UInt8](repeating: 77, count: 32))
        peer = key.peerID
        peerKey = try SigningKey(seed: key.seed)
        names = NetworkNames(networkID: fixture.parameters.networkID)
        now = NodeTime(
            monotonic: 0,
            unixMilliseconds: VirtualNetwork.genesis
                + slot * UInt64(fixture.parameters.slotMilliseconds))
        self.machine.start(now: now)
        settle()
    }

    /// A chain of headers of one block, a slot each from `firstSlot` on.
    static func chain(
        _ fixture: Fixture, _ block: ExtendedBlock, count: Int, firstSlot: UInt64 = 1
    ) throws -> [SignedHeader] {
        var parent = Bytes32.zero
        return try (0..<count).map { height in
            let signed = SignedHeader(
                signing: try BlockHeader(
                    networkID: fixture.parameters.networkID,
                    sequencer: fixture.sequencerKey.publicKey, height: UInt64(height),
                    slot: firstSlot + UInt64(height), parentRoot: parent,
                    commitments: block.description.commitments, index: block.description.index),
                with: fixture.sequencerKey)
            parent = signed.root
            return signed
        }
    }

    func connect() {
        handle(.peerConnected(PeerConnection(peer: peer, isOutbound: true)))
    }

    /// The header comes by gossip; its verdict.
    @discardableResult
    func gossip(_ header: SignedHeader) -> GossipVerdict? {
        nextToken += 1
        verdicts = []
        handle(
            .message(
                GossipDelivery(
                    token: GossipToken(rawValue: nextToken), topic: names.name(of: .headers),
                    data: header.encoded, from: peer)))
        return verdicts.first
    }

    /// So many milliseconds pass, in steps.
    func pass(milliseconds: UInt64, step: UInt64 = 100) {
        var left = milliseconds
        while left > 0 {
            let span = min(step, left)
            left -= span
            now.monotonic += Int64(span) * 1_000_000
            now.unixMilliseconds += span
            machine.tick(now: now)
            settle()
        }
    }

    func handle(_ event: NodeEvent) {
        now.monotonic += 10_000
        machine.handle(event, now: now)
        settle()
    }

    private func settle() {
        for directive in machine.drain() { carryOut(directive) }
        while !queue.isEmpty {
            machine.handle(queue.removeFirst(), now: now)
            for directive in machine.drain() { carryOut(directive) }
        }
    }

    private func carryOut(_ directive: NodeDirective) {
        switch directive {
        case .run(let token, let work): queue.append(.workFinished(token, result(of: work)))
        case .request(let request): answer(request)
        case .report(let report): reports.append(report)
        case .verdict(_, let verdict): verdicts.append(verdict)
        default: break
        }
    }

    private func result(of work: Work) -> WorkResult {
        switch work {
        case .prepare:
            if let verifier { return verifier }
            let result = work.run()
            verifier = result
            return result
        case .verify(let work): return .verified(work.groups.map { _ in true })
        case .extend, .rebuild: return work.run()
        }
    }

    private func answer(_ request: OutboundRequest) {
        for chunk in chunks(request) { queue.append(.responseChunk(request.token, chunk)) }
        queue.append(.responseFinished(request.token))
    }

    private func chunks(_ request: OutboundRequest) -> [[UInt8]] {
        switch names.request(named: request.protocolName) {
        case .status: return status.map { [$0.encoded] } ?? []
        case .headersByRange:
            guard let question = try? HeadersByRangeRequest(encoded: request.body) else {
                return []
            }
            ranges.append(question.heights)
            return chain.filter { question.heights.contains($0.header.height) }.map(\.encoded)
        case .headersByRoot:
            guard let question = try? HeadersByRootRequest(encoded: request.body) else { return [] }
            return chain.filter { question.roots.contains($0.root) }.map(\.encoded)
        case .cells:
            guard let question = try? CellsRequest(encoded: request.body) else { return [] }
            asked.append((question.headerRoot, question.cells))
            let cells = question.cells.filter { !withheld(question.headerRoot, $0) }
                .compactMap { place in
                    try? Availability.ProvenCell(
                        coordinate: place, cell: block.matrix.cell(at: place) ?? [],
                        proof: block.matrix.proof(at: place) ?? .infinity)
                }
            return stride(from: 0, to: cells.count, by: 28).compactMap { start in
                let part = Array(cells[start..<min(start + 28, cells.count)])
                return (try? CellsResponse(status: .ok, cells: part))?.encoded
            }
        case .inventory:
            return [InventoryResponse(held: .all(of: block.shape)).encoded]
        default: return []
        }
    }

    private var status: StatusMessage? {
        try? StatusMessage(
            networkID: fixture.parameters.networkID, role: .full,
            custody: CustodyRecord(
                networkID: fixture.parameters.networkID, groups: .all,
                made: UnixTime(milliseconds: now.unixMilliseconds), key: peerKey),
            lanes: chain.last.map {
                [
                    LaneHead(
                        sequencer: $0.header.sequencer, height: $0.header.height,
                        slot: $0.header.slot, root: $0.root)
                ]
            } ?? [])
    }
}
