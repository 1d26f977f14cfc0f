import Availability
import DataMatrix
import LibP2P
import NodeCore
import SSZ
import SystemCrypto
import Testing

/// A process ends at any moment, and another begins with what the disk keeps.
@Suite struct RestartTests {
    struct Disk {
        let store = SharedStore()
        let archive = SharedArchive()
    }

    static func light(
        _ fixture: Fixture, _ number: Int, _ disk: Disk, _ network: VirtualNetwork
    ) throws -> LightNode {
        LightNode(
            parameters: fixture.parameters, identity: try fixture.identity(number).0,
            settings: fixture.settings, arithmetic: fixture.tables.arithmetic,
            store: disk.store, archive: disk.archive, random: network.generator())
    }

    static func full(
        _ fixture: Fixture, _ number: Int, _ custody: ColumnGroups, _ disk: Disk,
        _ network: VirtualNetwork
    ) throws -> FullNode {
        FullNode(
            parameters: fixture.parameters, custody: custody,
            identity: try fixture.identity(number).0, settings: fixture.settings,
            arithmetic: fixture.tables.arithmetic, store: disk.store, archive: disk.archive,
            random: network.generator())
    }

    /// Killed while half of its samples are missing: it goes on with the same samples, asks for none
    /// that it has, and reaches its verdict.
    @Test func lightNodeGoesOnWithItsSamples() throws {
        let setup = try MainPathTests.setup(Fixture.minimal, lights: 0, seed: 51)
        let disk = Disk()
        let light = try setup.fixture.addLight(
            to: setup.network, store: disk.store, archive: disk.archive)
        for node in setup.full { setup.network.connect(light, node) }
        setup.network.run(untilMilliseconds: 2500)
        let block = try setup.fixture.block(dataRows: 8)
        let root = try MainPathTests.publish(setup, block)
        // Nobody gives it cells of the second half of the columns.
        var isBlocked = true
        var asked: [CellCoordinate] = []
        setup.network.alterChunks = { index, bytes in
            guard isBlocked, index != light,
                let answer = try? CellsResponse(encoded: bytes), !answer.cells.isEmpty
            else { return bytes }
            let part = answer.cells.filter { $0.coordinate.column < 2 }
            return (try? CellsResponse(status: .ok, cells: part).encoded) ?? bytes
        }
        setup.network.run(untilMilliseconds: 5000)
        let before = try #require(disk.archive.samples(of: root))
        let held = try #require(disk.store.held(of: root))
        #expect(before.verdict == .pending)
        #expect(!held.isEmpty && held.count < before.cells.count)
        setup.network.stop(light)
        isBlocked = false
        setup.network.run(untilMilliseconds: 5500)
        setup.network.restart(
            light, with: try Self.light(setup.fixture, light, disk, setup.network))
        setup.network.filter = { index, event in
            if index != light, case .request(let request) = event,
                request.from == setup.network.members[light].peer,
                let question = try? CellsRequest(encoded: request.body),
                question.headerRoot == root
            {
                asked += question.cells
            }
            return true
        }
        for node in setup.full { setup.network.connect(light, node) }
        setup.network.run(untilMilliseconds: 9000)
        let after = try #require(disk.archive.samples(of: root))
        #expect(after.cells == before.cells)
        #expect(after.verdict == .confident)
        #expect(disk.archive.draws[root]?.count == 1)
        #expect(!asked.isEmpty)
        #expect(asked.allSatisfy { !held.contains($0) && before.cells.contains($0) })
        #expect(setup.network.light(light)?.sampling(of: root)?.isComplete ?? true)
    }

    /// Killed at its verdict and started again: it still gives what it sampled, and draws nothing.
    @Test func lightNodeServesWhatItSampledBefore() throws {
        let setup = try MainPathTests.setup(Fixture.minimal, lights: 0, seed: 52)
        let disk = Disk()
        let light = try setup.fixture.addLight(
            to: setup.network, store: disk.store, archive: disk.archive)
        for node in setup.full { setup.network.connect(light, node) }
        setup.network.run(untilMilliseconds: 2500)
        let root = try MainPathTests.publish(setup, try setup.fixture.block(dataRows: 4))
        setup.network.run(untilMilliseconds: 6000)
        let record = try #require(disk.archive.samples(of: root))
        #expect(record.verdict == .confident)
        setup.network.stop(light)
        setup.network.restart(
            light, with: try Self.light(setup.fixture, light, disk, setup.network))
        let asker = setup.full[0]
        setup.network.connect(light, asker)
        var answers: [InventoryResponse] = []
        setup.network.filter = { index, event in
            if index == asker, case .responseChunk(let token, let bytes) = event,
                token.rawValue >= 1 << 40, let answer = try? InventoryResponse(encoded: bytes)
            {
                answers.append(answer)
                return false
            }
            return true
        }
        setup.network.run(untilMilliseconds: 7000)
        let names = NetworkNames(networkID: setup.fixture.parameters.networkID)
        setup.network.askRaw(
            by: asker, of: light, protocolName: names.name(of: .inventory),
            body: InventoryRequest(headerRoot: root).encoded)
        setup.network.run(untilMilliseconds: 8000)
        #expect(answers.count == 1 && answers.first?.status == .ok)
        let shape = try #require(disk.store.held(of: root)?.shape)
        #expect(answers.first?.cells(of: shape)?.count == record.cells.count)
        #expect(disk.archive.draws[root]?.count == 1)
    }

    /// A full node that was killed holds what it held, fetches nothing of it again, and catches up on
    /// what it missed.
    @Test func fullNodeCatchesUp() throws {
        let custody = ColumnGroups([0, 1, 2])
        let setup = try MainPathTests.setup(
            Fixture.minimal, lights: 0, seed: 53, custody: [.all, .all, .all])
        let disk = Disk()
        let node = try setup.fixture.addFull(
            to: setup.network, custody: custody, store: disk.store, archive: disk.archive)
        for other in setup.full + [setup.sequencer] { setup.network.connect(node, other) }
        setup.network.run(untilMilliseconds: 2500)
        var roots: [Bytes32] = []
        func publish(_ seed: UInt64) throws {
            roots.append(
                try MainPathTests.publish(
                    setup, try setup.fixture.block(dataRows: 2, seed: seed)))
        }
        try publish(1)
        setup.network.run(untilMilliseconds: 4500)
        try publish(2)
        // In the middle of the second block.
        setup.network.run(untilMilliseconds: 4520)
        setup.network.stop(node)
        setup.network.run(untilMilliseconds: 6500)
        try publish(3)
        setup.network.run(untilMilliseconds: 8500)
        try publish(4)
        setup.network.run(untilMilliseconds: 9900)
        let held = try #require(disk.store.held(of: roots[0]))
        #expect(disk.archive.state(of: roots[0])?.state == .available)
        var fetched: [Bytes32: Int] = [:]
        setup.network.filter = { index, event in
            if index != node, case .request(let request) = event,
                request.from == setup.network.members[node].peer,
                let question = try? CellsRequest(encoded: request.body)
            {
                fetched[question.headerRoot, default: 0] += question.cells.count
            }
            return true
        }
        setup.network.restart(
            node, with: try Self.full(setup.fixture, node, custody, disk, setup.network))
        #expect(setup.network.full(node)?.state(of: roots[0]) == .available)
        #expect(setup.network.full(node)?.held(of: roots[0]) == held)
        for other in setup.full + [setup.sequencer] { setup.network.connect(node, other) }
        setup.network.run(untilMilliseconds: 18_000)
        for root in roots {
            #expect(setup.network.full(node)?.state(of: root) == .available)
            #expect(disk.archive.state(of: root)?.state == .available)
            let cells = try #require(setup.network.full(node)?.held(of: root))
            for column in 0..<cells.shape.columns where custody.contains(column: column) {
                #expect(cells.count(inColumn: column) == cells.shape.rows)
            }
        }
        #expect(fetched[roots[0]] == nil)
        // It accuses no one of what it missed.
        let reports = setup.network.members[node].reports
        #expect(
            !reports.contains {
                if case .state(_, let state) = $0.report {
                    return [.late, .suspected, .withheld].contains(state)
                }
                return false
            })
    }

    /// Cells that are lost while a node runs, or while it does not, are fetched again unasked.
    @Test(arguments: [false, true])
    func fullNodeRepairsLossUnasked(whileStopped: Bool) throws {
        let setup = try MainPathTests.setup(
            Fixture.minimal, lights: 0, seed: 54, custody: [.all, .all, .all])
        let disk = Disk()
        let node = try setup.fixture.addFull(
            to: setup.network, custody: .all, store: disk.store, archive: disk.archive)
        for other in setup.full + [setup.sequencer] { setup.network.connect(node, other) }
        setup.network.run(untilMilliseconds: 2500)
        let block = try setup.fixture.block(dataRows: 4)
        let root = try MainPathTests.publish(setup, block)
        setup.network.run(untilMilliseconds: 6000)
        let whole = try #require(disk.store.held(of: root))
        #expect(whole == .all(of: block.shape))
        let lost = CellSet(block.shape, Array(whole).prefix(20))
        if whileStopped {
            setup.network.stop(node)
            disk.store.remove(lost, of: root)
            setup.network.restart(
                node, with: try Self.full(setup.fixture, node, .all, disk, setup.network))
            for other in setup.full { setup.network.connect(node, other) }
        } else {
            _ = setup.network.with(node, as: FullNode.self) { machine, now in
                machine.lose(lost, of: root, now: now)
            }
        }
        #expect(disk.store.held(of: root) == whole.subtracting(lost))
        setup.network.run(untilMilliseconds: 14_000)
        #expect(disk.store.held(of: root) == whole)
        #expect(setup.network.full(node)?.state(of: root) == .available)
    }

    /// A sequencer that was killed signs above what it signed, and serves what it published.
    @Test func sequencerGoesOn() throws {
        let fixture = try Fixture()
        let network = VirtualNetwork(seed: 55)
        let disk = Disk()
        let record = SharedRecord()
        let sequencer = try fixture.addSequencer(
            to: network, record: record, store: disk.store, archive: disk.archive)
        let full = try (0..<3).map { _ in try fixture.addFull(to: network, custody: .all) }
        network.connectAll([sequencer] + full)
        network.run(untilMilliseconds: 2500)
        let block = try fixture.block(dataRows: 2)
        let first = try #require(
            try SequencerTests.publish(network, sequencer, block, slot: 1))
        // Killed before anything is out.
        network.stop(sequencer)
        network.run(untilMilliseconds: 3000)
        network.restart(
            sequencer,
            with: Sequencer(
                parameters: fixture.parameters, key: fixture.sequencerKey,
                identity: try fixture.identity(0).0, settings: fixture.settings,
                arithmetic: fixture.tables.arithmetic, store: disk.store, record: record,
                archive: disk.archive, random: network.generator()))
        for node in full { network.connect(sequencer, node) }
        network.run(untilMilliseconds: 4100)
        #expect(throws: SequencerError.listening(milliseconds: 901)) {
            try SequencerTests.publish(network, sequencer, block, slot: 2)
        }
        network.run(untilMilliseconds: 6100)
        let second = try #require(
            try SequencerTests.publish(network, sequencer, block, slot: 3))
        #expect(second.header.height == 1 && second.header.parentRoot == first.root)
        network.run(untilMilliseconds: 14_000)
        // Both blocks are everywhere: the first was asked for.
        for node in full {
            #expect(network.full(node)?.state(of: first.root) == .available)
            #expect(network.full(node)?.state(of: second.root) == .available)
        }
    }
}

/// What a sequencer has signed, kept where its end does not reach.
final class SharedRecord: SigningRecord, @unchecked Sendable {
    private(set) var places: [SignedPlace] = []
    var last: SignedPlace? { places.last }
    func write(_ place: SignedPlace) throws { places.append(place) }
}
