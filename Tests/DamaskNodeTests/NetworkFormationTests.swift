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
import Testing

/// Real nodes with sockets on loopback that know nobody but one bootstrap node.
@Suite(.timeLimit(.minutes(4))) struct NetworkFormationTests {
    private final class Network: Sendable {
        let prover = KZGProver(preset: .minimal)
        let parameters: NetworkParameters
        let workers = WorkerPool(threads: 1)
        let settings: NodeSettings

        init() throws {
            let key = try SigningKey(seed: [UInt8](repeating: 7, count: 32))
            parameters = try NetworkParameters(
                preset: .minimal, sequencers: [key.publicKey],
                genesis: UnixTime(
                    milliseconds: UInt64(max(0, Date().timeIntervalSince1970 * 1000))))
            var settings = NodeSettings()
            settings.targetPeers = 4
            settings.peersPerGroup = 2
            self.settings = settings
        }

        private var arithmetic: BlockArithmetic {
            BlockArithmetic(verifier: prover.verifier, prover: prover)
        }

        var groups: Int { min(Preset.minimal.cellsPerExtendedBlob, Limits.columnGroups) }

        func full(
            _ key: IdentityKey, custody: ColumnGroups, bootstraps: [Multiaddr],
            remembered: String? = nil
        ) async throws -> NodeService<FullNode> {
            let machine = FullNode(
                parameters: parameters, custody: custody, identity: try NodeIdentity(key),
                settings: settings, arithmetic: arithmetic,
                store: MemoryCellStore(maximumBytes: 1 << 20),
                random: SystemRandomNumberGenerator())
            return try await start(machine, key, bootstraps, remembered)
        }

        func light(
            _ key: IdentityKey, bootstraps: [Multiaddr], remembered: String? = nil
        ) async throws -> NodeService<LightNode> {
            let machine = LightNode(
                parameters: parameters, identity: try NodeIdentity(key), settings: settings,
                arithmetic: arithmetic, store: MemoryCellStore(maximumBytes: 1 << 20),
                random: SystemRandomNumberGenerator())
            return try await start(machine, key, bootstraps, remembered)
        }

        private func start<Machine: NodeMachine>(
            _ machine: Machine, _ key: IdentityKey, _ bootstraps: [Multiaddr],
            _ remembered: String?
        ) async throws -> NodeService<Machine> {
            var configuration = HostServiceConfiguration(identity: key)
            configuration.listenAddresses = [Multiaddr(.v4(0x7f00_0001), tcp: 0)]
            var discovery = DiscoveryConfiguration()
            discovery.rememberedPeers = remembered
            // The network is small: its nodes ask each other more often than they would otherwise.
            discovery.settings.askInterval = .seconds(1)
            discovery.settings.busyRound = .milliseconds(200)
            return try await NodeService.start(
                machine, configuration: configuration, networkID: parameters.networkID,
                peers: bootstraps, discovery: discovery,
                on: MultiThreadedEventLoopGroup.singleton.next(), workers: workers)
        }
    }

    /// Waits until a node has enough custodians of each of these groups.
    private func wait<Machine: NodeMachine>(
        _ node: NodeService<Machine>, _ groups: [Int], perGroup: Int
    ) async throws {
        while true {
            let counts = try await node.connections { manager in
                groups.map { manager.custodians(of: $0) }
            }
            if counts.allSatisfy({ $0 >= perGroup }) { return }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    @Test func oneBootstrapNodeIsEnough() async throws {
        let network = try Network()
        let groups = network.groups
        let all = Array(0..<groups)
        let perGroup = network.settings.peersPerGroup
        let bootstrap = try await network.full(IdentityKey(), custody: .none, bootstraps: [])
        let address = [bootstrap.host.listenAddresses[0]]
        // Eight full nodes with half of the groups each, so that each group has four custodians.
        var full: [(node: NodeService<FullNode>, custody: [Int])] = []
        for number in 0..<8 {
            let custody = (0..<(groups / 2)).map { ($0 * 2 + number) % groups }
            full.append(
                (
                    try await network.full(
                        IdentityKey(), custody: ColumnGroups(custody), bootstraps: address),
                    custody
                ))
        }
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("damask-peers-\(UInt64.random(in: 0 ... .max))").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let keys = (0..<3).map { _ in IdentityKey() }
        var light: [NodeService<LightNode>] = []
        for key in keys {
            light.append(
                try await network.light(
                    key, bootstraps: address, remembered: key.peerID == keys[0].peerID ? file : nil)
            )
        }
        for (node, custody) in full { try await wait(node, custody, perGroup: perGroup) }
        for node in light { try await wait(node, all, perGroup: perGroup) }

        // Nobody needs the bootstrap node any more, and a node that starts again finds its peers from what
        // it remembers.
        await bootstrap.shutDown()
        await light[0].shutDown()
        #expect(FileManager.default.fileExists(atPath: file))
        let again = try await network.light(keys[0], bootstraps: address, remembered: file)
        try await wait(again, all, perGroup: perGroup)
        for node in light.dropFirst() { try await wait(node, all, perGroup: perGroup) }

        // A damaged file is as good as none.
        await again.shutDown()
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: file))
        let blank = try await network.light(
            keys[0], bootstraps: [full[0].node.host.listenAddresses[0]], remembered: file)
        try await wait(blank, all, perGroup: perGroup)
        await blank.shutDown()
        for node in light.dropFirst() { await node.shutDown() }
        for (node, _) in full { await node.shutDown() }
        await network.workers.shutDown()
    }

    @Test func filesAreReplacedAtOnce() throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("damask-file-\(UInt64.random(in: 0 ... .max))").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = RememberedPeersFile(path: path)
        #expect(try file.read() == nil)
        try file.write([1, 2, 3])
        #expect(try file.read() == [1, 2, 3])
        let long = [UInt8](repeating: 9, count: 200_000)
        try file.write(long)
        #expect(try file.read() == long)
        #expect(!FileManager.default.fileExists(atPath: path + ".new"))
        try file.write([UInt8](repeating: 0, count: AddressBook.maximumSavedBytes + 1))
        #expect(throws: RememberedPeersFile.Failure.self) { _ = try file.read() }
        let nowhere = RememberedPeersFile(path: path + "/no/such/folder")
        #expect(throws: RememberedPeersFile.Failure.self) { try nowhere.write([1]) }
    }
}
