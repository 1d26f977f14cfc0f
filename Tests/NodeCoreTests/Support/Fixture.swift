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

    init(_ tables: Tables = Fixture.minimal, reportPeers: UInt16 = 3) throws {
        self.tables = tables
        sequencerKey = try SigningKey(seed: [UInt8](repeating: 7, count: 32))
        secondKey = try SigningKey(seed: [UInt8](repeating: 8, count: 32))
        parameters = try NetworkParameters(
            preset: tables.preset, sequencers: [sequencerKey.publicKey, secondKey.publicKey],
            genesis: UnixTime(milliseconds: VirtualNetwork.genesis), slotMilliseconds: 2000,
            lateMilliseconds: 1500, suspectedMilliseconds: 4000, withheldMilliseconds: 8000,
            retentionSlots: 1000, reportPeers: reportPeers,
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
        to network: VirtualNetwork, custody: ColumnGroups, number: Int? = nil
    ) throws -> Int {
        let (identity, peer) = try identity(number ?? network.members.count)
        return network.add(
            FullNode(
                parameters: parameters, custody: custody, identity: identity, settings: settings,
                arithmetic: tables.arithmetic, store: MemoryCellStore(maximumBytes: 1 << 30),
                random: network.generator()),
            peer: peer)
    }

    @discardableResult
    func addLight(to network: VirtualNetwork) throws -> Int {
        let (identity, peer) = try identity(network.members.count)
        return network.add(
            LightNode(
                parameters: parameters, identity: identity, settings: settings,
                arithmetic: tables.arithmetic, store: MemoryCellStore(maximumBytes: 1 << 24),
                random: network.generator()),
            peer: peer)
    }

    @discardableResult
    func addSequencer(
        to network: VirtualNetwork, key: SigningKey? = nil,
        record: any SigningRecord = MemorySigningRecord()
    ) throws -> Int {
        let (identity, peer) = try identity(network.members.count)
        return network.add(
            Sequencer(
                parameters: parameters, key: key ?? sequencerKey, identity: identity,
                settings: settings, arithmetic: tables.arithmetic,
                store: MemoryCellStore(maximumBytes: 1 << 30), record: record,
                random: network.generator()),
            peer: peer)
    }
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
