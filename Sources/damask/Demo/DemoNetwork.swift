import Availability
import DamaskNode
import DataMatrix
import Foundation
import KZGCommitments
import LibP2P
import LibP2PNIO
import NIOCore
import NIOPosix
import NodeCore
import SSZ

/// One node of the demonstration with its name.
struct DemoNode<Machine: NodeMachine>: Sendable {
    let name: String
    let service: NodeService<Machine>

    var address: Multiaddr { service.host.listenAddresses[0] }
}

/// The demonstration's network: every node a libp2p host of its own, with a key and a socket, on
/// loopback TCP.
final class DemoNetwork {
    /// The column groups that each of the first full nodes keeps.
    static let custodies: [ColumnGroups] = [
        .all, ColumnGroups(0..<16), ColumnGroups(16..<32),
        ColumnGroups(stride(from: 0, to: 32, by: 2)),
    ]
    /// Bytes that a full node's memory store may take.
    private static let storeBytes = 256 << 20
    /// How many of its neighbours a light node dials, beside all full nodes.
    private static let lightNeighbours = 4

    let parameters: NetworkParameters
    let sequencerKeys: [SigningKey]
    let log = DemoLog()
    let workers: WorkerPool
    let arithmetic: BlockArithmetic
    private(set) var fullNodes: [DemoNode<FullNode>] = []
    private(set) var lightNodes: [DemoNode<LightNode>] = []
    private let group: MultiThreadedEventLoopGroup

    init(prover: KZGProver, threads: Int) throws {
        arithmetic = BlockArithmetic(verifier: prover.verifier, prover: prover)
        sequencerKeys = [SigningKey(), SigningKey()]
        parameters = try NetworkParameters(
            sequencers: sequencerKeys.map(\.publicKey), genesis: .now,
            slotMilliseconds: 1000, lateMilliseconds: 8000, suspectedMilliseconds: 13_000,
            withheldMilliseconds: 18_000, requestsPerPeerPerSlot: 1024,
            bytesPerPeerPerSlot: 64 << 20)
        group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        workers = WorkerPool(threads: threads)
    }

    /// The addresses of all nodes that keep or sample data.
    var addresses: [Multiaddr] { fullNodes.map(\.address) + lightNodes.map(\.address) }

    /// The slot that has begun.
    var currentSlot: UInt64 { parameters.slot(at: .now) ?? 0 }

    func startFullNode(_ name: String, custody: ColumnGroups) async throws {
        let key = IdentityKey()
        let machine = FullNode(
            parameters: parameters, custody: custody, identity: try NodeIdentity(key),
            settings: settings, arithmetic: arithmetic,
            store: MemoryCellStore(maximumBytes: Self.storeBytes),
            random: SystemRandomNumberGenerator())
        fullNodes.append(try await start(name, machine, key, peers: addresses))
    }

    func startLightNode(_ name: String) async throws {
        let key = IdentityKey()
        let machine = LightNode(
            parameters: parameters, identity: try NodeIdentity(key), settings: settings,
            arithmetic: arithmetic, store: MemoryCellStore(maximumBytes: 32 << 20),
            random: SystemRandomNumberGenerator())
        let neighbours = lightNodes.suffix(Self.lightNeighbours).map(\.address)
        lightNodes.append(
            try await start(name, machine, key, peers: fullNodes.map(\.address) + neighbours))
    }

    func startSequencer(_ name: String, key: SigningKey) async throws -> DemoNode<Sequencer> {
        let identity = IdentityKey()
        let machine = Sequencer(
            parameters: parameters, key: key, identity: try NodeIdentity(identity),
            settings: settings, arithmetic: arithmetic,
            store: MemoryCellStore(maximumBytes: Self.storeBytes),
            record: MemorySigningRecord(), random: SystemRandomNumberGenerator())
        return try await start(name, machine, identity, peers: addresses)
    }

    private var settings: NodeSettings {
        var settings = NodeSettings()
        // Few nodes: everyone may know everyone.
        settings.targetPeers = 64
        return settings
    }

    private func start<Machine: NodeMachine>(
        _ name: String, _ machine: Machine, _ key: IdentityKey, peers: [Multiaddr]
    ) async throws -> DemoNode<Machine> {
        var configuration = HostServiceConfiguration(identity: key)
        configuration.listenAddresses = [Multiaddr(.v4(0x7f00_0001), tcp: 0)]
        let log = log
        let service = try await NodeService.start(
            machine, configuration: configuration,
            networkID: parameters.networkID, peers: peers, on: group.next(), workers: workers
        ) { report in log.add(report, by: name) }
        return DemoNode(name: name, service: service)
    }

    /// The cells of a block that any running node holds.
    func held(of root: BlockRoot, shape: MatrixShape) async throws -> CellSet {
        var held = CellSet(shape)
        for node in fullNodes {
            if let cells = try await node.service.submit({ node, _ in node.held(of: root) }) {
                held = held.union(cells)
            }
        }
        for node in lightNodes {
            if let cells = try await node.service.submit({ node, _ in node.held(of: root) }) {
                held = held.union(cells)
            }
        }
        return held
    }

    func shutDown() async {
        for node in lightNodes { await node.service.shutDown() }
        for node in fullNodes { await node.service.shutDown() }
        await workers.shutDown()
        try? await group.shutdownGracefully()
    }
}

extension UnixTime {
    /// The present.
    static var now: UnixTime {
        UnixTime(milliseconds: UInt64(max(0, Date().timeIntervalSince1970 * 1000)))
    }
}
