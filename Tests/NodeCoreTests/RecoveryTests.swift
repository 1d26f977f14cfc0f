import Availability
import DataMatrix
import KZGCommitments
import NodeCore
import SSZ
import SystemCrypto
import Testing

@Suite struct RecoveryTests {
    /// The payload of the only rebuilt report of a node.
    static func rebuilt(_ member: VirtualNetwork.Member, _ root: Bytes32) -> ExtendedBlock? {
        for (_, report) in member.reports {
            if case .rebuilt(root, let block) = report { return block }
        }
        return nil
    }

    static func drop(
        _ network: VirtualNetwork, _ node: Int, _ root: Bytes32, fraction: Double, seed: UInt64
    ) {
        var random = SeededRandom(number: seed)
        _ = network.with(node, as: FullNode.self) { machine, now in
            guard let held = machine.held(of: root) else { return }
            var cells = Array(held)
            cells.shuffle(using: &random)
            let lost = cells.prefix(Int(Double(cells.count) * fraction))
            machine.lose(CellSet(held.shape, lost), of: root, now: now)
        }
    }

    @Test(arguments: [1, 4])
    func lateJoinerWithoutSequencer(dataRows: Int) throws {
        let setup = try MainPathTests.setup(Fixture.minimal, lights: 4, seed: 11)
        let block = try setup.fixture.block(dataRows: dataRows)
        let root = try MainPathTests.publish(setup, block)
        setup.network.run(untilMilliseconds: 5000)
        setup.network.stop(setup.sequencer)
        let joiner = try setup.fixture.addFull(to: setup.network, custody: .all)
        for node in setup.full + setup.light { setup.network.connect(joiner, node) }
        setup.network.run(untilMilliseconds: 7000)
        _ = setup.network.with(joiner, as: FullNode.self) { machine, now in
            machine.repair(root, goal: .wholeBlock, now: now)
        }
        setup.network.run(untilMilliseconds: 12_000)
        let node = try #require(setup.network.full(joiner))
        // It was not there from the start, but what it holds is its own proof.
        #expect(node.state(of: root) == .available)
        let whole = try #require(Self.rebuilt(setup.network.members[joiner], root))
        let entry = try #require(block.description.index.first)
        #expect(try whole.payload(entry) == block.payload(entry))
        #expect(node.held(of: root)?.isFull == true)
        #expect(setup.network.members[joiner].penalties.isEmpty)
    }

    @Test(arguments: [1, 2, 3, 4, 5])
    func losesSixtyPercentEverywhere(seed: UInt64) throws {
        let setup = try MainPathTests.setup(Fixture.minimal, lights: 24, seed: seed)
        let block = try setup.fixture.block(dataRows: 8)
        let root = try MainPathTests.publish(setup, block)
        setup.network.run(untilMilliseconds: 6000)
        setup.network.stop(setup.sequencer)
        setup.network.run(untilMilliseconds: 7000)
        for (number, node) in setup.full.enumerated() {
            Self.drop(setup.network, node, root, fraction: 0.6, seed: seed * 10 + UInt64(number))
        }
        for node in setup.full {
            _ = setup.network.with(node, as: FullNode.self) { machine, now in
                machine.repair(root, goal: .wholeBlock, now: now)
            }
        }
        setup.network.run(untilMilliseconds: 20_000)
        let entry = try #require(block.description.index.first)
        for node in setup.full {
            let whole = try #require(Self.rebuilt(setup.network.members[node], root))
            #expect(try whole.payload(entry) == block.payload(entry))
            // Its custody is whole again, with proofs: other nodes are served from it.
            let machine = try #require(setup.network.full(node))
            let held = try #require(machine.held(of: root))
            for column in 0..<held.shape.columns
            where machine.custody.contains(column: column) {
                #expect(held.count(inColumn: column) == held.shape.rows)
            }
            #expect(machine.state(of: root) == .available)
        }
    }

    @Test func healsOnMainnet() throws {
        let setup = try MainPathTests.setup(Fixture.mainnet, lights: 3, seed: 21)
        let block = try setup.fixture.block(dataRows: 2)
        let root = try MainPathTests.publish(setup, block)
        setup.network.run(untilMilliseconds: 6000)
        setup.network.stop(setup.sequencer)
        for (number, node) in setup.full.enumerated() {
            Self.drop(setup.network, node, root, fraction: 0.6, seed: 100 + UInt64(number))
        }
        let node = setup.full[0]
        _ = setup.network.with(node, as: FullNode.self) { machine, now in
            machine.repair(root, goal: .wholeBlock, now: now)
        }
        setup.network.run(untilMilliseconds: 16_000)
        let entry = try #require(block.description.index.first)
        let whole = try #require(Self.rebuilt(setup.network.members[node], root))
        #expect(try whole.payload(entry) == block.payload(entry))
    }

    /// A full node that missed most of the gossip gets its custody by asking.
    @Test func repairsWhatGossipMissed() throws {
        let setup = try MainPathTests.setup(Fixture.minimal, lights: 0, seed: 31)
        let deaf = setup.full[2]
        setup.network.filter = { index, event in
            guard index == deaf, case .message(let message) = event else { return true }
            return !message.topic.contains("columns")
        }
        let root = try MainPathTests.publish(setup, try setup.fixture.block(dataRows: 4))
        setup.network.run(untilMilliseconds: 8000)
        #expect(setup.network.full(deaf)?.state(of: root) == .available)
    }
}
