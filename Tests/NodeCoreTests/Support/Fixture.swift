import Availability
import DataMatrix
import KZGCommitments
import LibP2P
import NodeCore
import SSZ
import SystemCrypto

/// A network of one sequencer's lane, with the tables of its preset.
struct Fixture {
    static let minimal = Tables(.minimal)
    static let mainnet = Tables(.mainnet)

    final class Tables: Sendable {
        let prover: KZGProver
        let preset: Preset

        init(_ preset: Preset) {
            self.preset = preset
            prover = KZGProver(preset: preset)
        }

        var arithmetic: BlockArithmetic {
            BlockArithmetic(verifier: prover.verifier, prover: prover)
        }
    }

    let tables: Tables
    let sequencerKey: SigningKey
    let secondKey: SigningKey
    let parameters: NetworkParameters
    var settings = NodeSettings()

    init(
        _ tables: Tables = Fixture.minimal, reportPeers: UInt16 = 3, retentionSlots: UInt64 = 1000
    ) throws {
        self.tables = tables
        sequencerKey = try SigningKey(seed: [UInt8](repeating: 7, count: 32))
        secondKey = try SigningKey(seed: [UInt8](repeating: 8, count: 32))
        parameters = try NetworkParameters(
            preset: tables.preset, sequencers: [sequencerKey.publicKey, secondKey.publicKey],
            genesis: UnixTime(milliseconds: VirtualNetwork.genesis), slotMilliseconds: 2000,
            lateMilliseconds: 1500, suspectedMilliseconds: 4000, withheldMilliseconds: 8000,
            retentionSlots: retentionSlots, reportPeers: reportPeers,
            requestsPerPeerPerSlot: 4096, bytesPerPeerPerSlot: 64 << 20)
        settings.repairDelayMilliseconds = 300...600
        settings.statusIntervalMilliseconds = 1000
    }

    func identity(_ number: Int) throws -> (NodeIdentity, PeerID) {
        let key = try IdentityKey(
            seed: [UInt8](repeating: 0, count: 28)
                + (0..<4).map { UInt8(truncatingIfNeeded: number + 1 >> (8 * $0)) })
        return (try NodeIdentity(key), key.peerID)
    }

    /// A block with exactly so many data rows, all of them full of pseudo-random bytes.
    func block(dataRows: Int, seed: UInt64 = 1) throws -> ExtendedBlock {
        var random = SeededRandom(number: seed)
        let cells = dataRows * tables.preset.cellsPerBlob
        let perCell = tables.preset.fieldElementsPerCell * 31
        let bytes = (0..<cells * perCell - 5).map { _ in UInt8.random(in: 0...255, using: &random) }
        return try BlockEncoder(prover: tables.prover).encode(
            [Payload(namespace: [0], bytes: bytes)])
    }

    @discardableResult
    func addFull(
        to network: VirtualNetwork, custody: ColumnGroups, number: Int? = nil,
        store: any CellStore = MemoryCellStore(maximumBytes: 1 << 30),
        archive: any NodeArchive = MemoryNodeArchive()
    ) throws -> Int {
        let (identity, peer) = try identity(number ?? network.members.count)
        return network.add(
            FullNode(
                parameters: parameters, custody: custody, identity: identity, settings: settings,
                arithmetic: tables.arithmetic, store: store, archive: archive,
                random: network.generator()),
            peer: peer)
    }

    @discardableResult
    func addLight(
        to network: VirtualNetwork, store: any CellStore = MemoryCellStore(maximumBytes: 1 << 24),
        archive: any NodeArchive = MemoryNodeArchive()
    ) throws -> Int {
        let (identity, peer) = try identity(network.members.count)
        return network.add(
            LightNode(
                parameters: parameters, identity: identity, settings: settings,
                arithmetic: tables.arithmetic, store: store, archive: archive,
                random: network.generator()),
            peer: peer)
    }

    @discardableResult
    func addSequencer(
        to network: VirtualNetwork, key: SigningKey? = nil,
        record: any SigningRecord = MemorySigningRecord(),
        store: any CellStore = MemoryCellStore(maximumBytes: 1 << 30),
        archive: any NodeArchive = MemoryNodeArchive()
    ) throws -> Int {
        let (identity, peer) = try identity(network.members.count)
        return network.add(
            Sequencer(
                parameters: parameters, key: key ?? sequencerKey, identity: identity,
                settings: settings, arithmetic: tables.arithmetic, store: store, record: record,
                archive: archive, random: network.generator()),
            peer: peer)
    }
}

/// What outlives a machine: the same for every holder, as files are for the processes that open them.
final class SharedStore: CellStore, @unchecked Sendable {
    // Tests run a network on one thread.
    private var base: MemoryCellStore

    init(maximumBytes: Int = 1 << 30) { base = MemoryCellStore(maximumBytes: maximumBytes) }

    func open(_ root: BlockRoot, shape: MatrixShape) { base.open(root, shape: shape) }
    func insert(_ cells: [Availability.ProvenCell], of root: BlockRoot) -> [BlockRoot] {
        base.insert(cells, of: root)
    }
    func remove(_ cells: CellSet, of root: BlockRoot) { base.remove(cells, of: root) }
    func removeBlock(_ root: BlockRoot) { base.removeBlock(root) }
    func cell(_ coordinate: CellCoordinate, of root: BlockRoot) -> Availability.ProvenCell? {
        base.cell(coordinate, of: root)
    }
    func held(of root: BlockRoot) -> CellSet? { base.held(of: root) }
    var byteCount: Int { base.byteCount }
}

/// Likewise for the archive.
final class SharedArchive: NodeArchive, @unchecked Sendable {
    private var base = MemoryNodeArchive()
    /// Sample sets by the order in which they were kept, to see that none is drawn anew.
    private(set) var draws: [BlockRoot: [[CellCoordinate]]] = [:]

    func keep(_ header: SignedHeader) { base.keep(header) }
    func header(_ root: BlockRoot) -> SignedHeader? { base.header(root) }
    func headers(of lane: NodeKey, from height: UInt64, limit: Int) -> [SignedHeader] {
        base.headers(of: lane, from: height, limit: limit)
    }
    func newestPlaces(of lane: NodeKey, limit: Int) -> [HeaderPlace] {
        base.newestPlaces(of: lane, limit: limit)
    }
    func keep(_ samples: SampleRecord, of root: BlockRoot) {
        if draws[root]?.last != samples.cells { draws[root, default: []].append(samples.cells) }
        base.keep(samples, of: root)
    }
    func samples(of root: BlockRoot) -> SampleRecord? { base.samples(of: root) }
    func unsettled(
        _ question: SettlementQuestion, after place: HeaderPlace?, limit: Int
    ) -> [HeaderPlace] { base.unsettled(question, after: place, limit: limit) }
    func keep(_ state: StateRecord, of root: BlockRoot) { base.keep(state, of: root) }
    func state(of root: BlockRoot) -> StateRecord? { base.state(of: root) }
    func keep(_ evidence: EvidenceRecord) { base.keep(evidence) }
    func evidence(limit: Int) -> [EvidenceRecord] { base.evidence(limit: limit) }
    func evidence(about root: BlockRoot) -> [EvidenceRecord] { base.evidence(about: root) }
    func drop(_ root: BlockRoot) {
        draws[root] = nil
        base.drop(root)
    }
    func places(belowSlot slot: UInt64, limit: Int) -> [HeaderPlace] {
        base.places(belowSlot: slot, limit: limit)
    }
    var headerCount: Int { base.headerCount }
}

/// Everything of a matrix but a smallest stopping set, in its last rows and columns.
func allButStoppingSet(_ shape: MatrixShape) -> CellSet {
    var cells = CellSet.all(of: shape)
    for row in (shape.rows - shape.dataRows - 1)..<shape.rows {
        for column in (shape.columns - shape.dataColumns - 1)..<shape.columns {
            cells.remove(CellCoordinate(row: row, column: column))
        }
    }
    return cells
}
