import Availability
import DataMatrix
import KZGCommitments
import NodeCore
import SSZ
import SystemCrypto
import Testing

@Suite struct MainPathTests {
    struct Setup {
        var fixture: Fixture
        let network: VirtualNetwork
        let sequencer: Int
        let full: [Int]
        let light: [Int]
    }

    /// One sequencer, four full nodes whose custody covers every group twice, light nodes.
    static func setup(
        _ tables: Fixture.Tables, lights: Int, seed: UInt64,
        custody: [ColumnGroups]? = nil
    ) throws -> Setup {
        let fixture = try Fixture(tables)
        let network = VirtualNetwork(seed: seed)
        let sequencer = try fixture.addSequencer(to: network)
        let groups =
            custody
            ?? (0..<4).map { node in
                ColumnGroups((0..<32).filter { $0 % 4 == node || ($0 + 1) % 4 == node })
            }
        let full = try groups.map { try fixture.addFull(to: network, custody: $0) }
        let light = try (0..<lights).map { _ in try fixture.addLight(to: network) }
        network.connectAll([sequencer] + full)
        for node in light {
            for other in full + [sequencer] { network.connect(node, other) }
        }
        network.run(untilMilliseconds: 2000)
        return Setup(
            fixture: fixture, network: network, sequencer: sequencer, full: full, light: light)
    }

    static func publish(
        _ setup: Setup, _ block: ExtendedBlock, cells: CellSet? = nil
    ) throws -> Bytes32 {
        let time = UnixTime(milliseconds: setup.network.now.unixMilliseconds)
        let slot = try #require(setup.fixture.parameters.slot(at: time))
        let root = try setup.network.with(setup.sequencer, as: Sequencer.self) { machine, now in
            try machine.publish(block, slot: slot, cellsToPublish: cells, now: now).root
        }
        return try #require(root)
    }

    @Test(arguments: [1, 2, 4, 8])
    func published(dataRows: Int) throws {
        let setup = try Self.setup(Fixture.minimal, lights: 6, seed: 1)
        let root = try Self.publish(setup, try setup.fixture.block(dataRows: dataRows))
        setup.network.run(untilMilliseconds: 6000)
        for node in setup.full {
            #expect(setup.network.full(node)?.state(of: root) == .available)
        }
        for node in setup.light {
            #expect(setup.network.light(node)?.sampling(of: root)?.isComplete == true)
        }
        for member in setup.network.members { #expect(member.penalties.isEmpty) }
    }

    @Test func mainnetPreset() throws {
        let setup = try Self.setup(Fixture.mainnet, lights: 4, seed: 2)
        let root = try Self.publish(setup, try setup.fixture.block(dataRows: 2))
        setup.network.run(untilMilliseconds: 6000)
        for node in setup.full {
            #expect(setup.network.full(node)?.state(of: root) == .available)
        }
        for node in setup.light {
            #expect(setup.network.light(node)?.sampling(of: root)?.isComplete == true)
        }
    }
}
