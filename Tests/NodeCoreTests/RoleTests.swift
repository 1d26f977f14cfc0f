import Availability
import DataMatrix
import KZGCommitments
import LibP2P
import NodeCore
import SSZ
import SystemCrypto
import Testing

@Suite struct SequencerTests {
    struct BrokenRecord: SigningRecord {
        struct Failure: Error {}
        var last: SignedPlace? { nil }
        mutating func write(_ place: SignedPlace) throws { throw Failure() }
    }

    static func publish(
        _ network: VirtualNetwork, _ index: Int, _ block: ExtendedBlock, slot: UInt64
    ) throws -> SignedHeader? {
        try network.with(index, as: Sequencer.self) { machine, now in
            try machine.publish(block, slot: slot, now: now)
        }
    }

    @Test func signsUpwardsOnly() throws {
        let fixture = try Fixture()
        let network = VirtualNetwork(seed: 1)
        let sequencer = try fixture.addSequencer(to: network)
        network.run(untilMilliseconds: 5000)
        let block = try fixture.block(dataRows: 1)
        let first = try #require(try Self.publish(network, sequencer, block, slot: 1))
        #expect(first.header.height == 0 && first.header.parentRoot == .zero)
        #expect(throws: SequencerError.slotNotAbove(slot: 1, highest: 1)) {
            try Self.publish(network, sequencer, block, slot: 1)
        }
        #expect(throws: SequencerError.slotNotAbove(slot: 0, highest: 1)) {
            try Self.publish(network, sequencer, block, slot: 0)
        }
        #expect(throws: SequencerError.slotInFuture(slot: 9)) {
            try Self.publish(network, sequencer, block, slot: 9)
        }
        let second = try #require(try Self.publish(network, sequencer, block, slot: 2))
        #expect(second.header.height == 1 && second.header.parentRoot == first.root)
        #expect(second.isSignatureValid)
    }

    @Test func signsNothingThatIsNotWrittenDown() throws {
        let fixture = try Fixture()
        let network = VirtualNetwork(seed: 1)
        let sequencer = try fixture.addSequencer(to: network, record: BrokenRecord())
        let full = try fixture.addFull(to: network, custody: .all)
        network.connect(sequencer, full)
        network.run(untilMilliseconds: 3000)
        #expect(throws: SequencerError.recordFailed) {
            try Self.publish(network, sequencer, try fixture.block(dataRows: 1), slot: 1)
        }
        network.run(untilMilliseconds: 6000)
        #expect(network.full(full)?.head(of: fixture.sequencerKey.publicKey) == nil)
    }

    @Test func listensAfterRestart() throws {
        let fixture = try Fixture()
        let network = VirtualNetwork(seed: 1)
        var record = MemorySigningRecord()
        let parent = try #require(Bytes32([UInt8](repeating: 1, count: 32)))
        try record.write(SignedPlace(height: 4, slot: 4, root: parent))
        let sequencer = try fixture.addSequencer(to: network, record: record)
        network.run(untilMilliseconds: 1500)
        let block = try fixture.block(dataRows: 1)
        #expect(throws: SequencerError.listening(milliseconds: 501)) {
            try Self.publish(network, sequencer, block, slot: 0)
        }
        network.run(untilMilliseconds: 12_000)
        let header = try Self.publish(network, sequencer, block, slot: 5)?.header
        #expect(header?.height == 5)
    }

    /// A record restored from an old copy: the network knows of more than the record does.
    @Test func refusesWhenTheNetworkKnowsMore() throws {
        let setup = try MainPathTests.setup(Fixture.minimal, lights: 0, seed: 3)
        let block = try setup.fixture.block(dataRows: 1)
        _ = try MainPathTests.publish(setup, block)
        setup.network.run(untilMilliseconds: 4500)
        setup.network.stop(setup.sequencer)
        let again = try setup.fixture.addSequencer(to: setup.network)
        for node in setup.full { setup.network.connect(again, node) }
        setup.network.run(untilMilliseconds: 7000)
        #expect(throws: SequencerError.foreignHeader(height: 0)) {
            try Self.publish(setup.network, again, block, slot: 3)
        }
    }

    @Test func firstCopiesBeforeSecondCopies() throws {
        let setup = try MainPathTests.setup(
            Fixture.minimal, lights: 1, seed: 4, custody: [.all, .all, .all, .all])
        var sent: [NodeCore.Publication] = []
        setup.network.onPublish = { index, publication in
            if index == setup.sequencer { sent.append(publication) }
        }
        let block = try setup.fixture.block(dataRows: 64)
        _ = try MainPathTests.publish(setup, block)
        setup.network.run(untilMilliseconds: 5000)
        // 64 data rows: three chunks in each of four columns.
        #expect(sent.count == 1 + 12 + 12)
        #expect(sent[0].reach == .everyone)
        var receivers: [PeerID: Int] = [:]
        for publication in sent[1...12] {
            guard case .firstCopy(let peer) = publication.reach else {
                Issue.record("not a first copy")
                continue
            }
            receivers[peer, default: 0] += 1
        }
        #expect(receivers.count == 4)
        #expect(receivers.values.allSatisfy { (2...4).contains($0) })
        for publication in sent[13...] {
            guard case .remaining = publication.reach else {
                Issue.record("not a further copy")
                continue
            }
        }
        #expect(Set(sent[1...12].map(\.data)) == Set(sent[13...].map(\.data)))
        for node in setup.full {
            #expect(setup.network.members[node].penalties.isEmpty)
        }
    }
}

@Suite struct LightNodeTests {
    @Test func asksFewCellsOfAnyPeer() throws {
        let fixture = try Fixture()
        let network = VirtualNetwork(seed: 5)
        let sequencer = try fixture.addSequencer(to: network)
        let full = try (0..<16).map { _ in try fixture.addFull(to: network, custody: .all) }
        let light = try fixture.addLight(to: network)
        for node in full {
            network.connect(sequencer, node)
            network.connect(light, node)
        }
        network.run(untilMilliseconds: 2000)
        let setup = MainPathTests.Setup(
            fixture: fixture, network: network, sequencer: sequencer, full: full, light: [light])
        let root = try MainPathTests.publish(setup, try fixture.block(dataRows: 8))
        network.run(untilMilliseconds: 8000)
        let report = try #require(network.light(light)?.sampling(of: root))
        #expect(report.isComplete)
        #expect(report.drawn >= 20)
        #expect(report.mostAskedOfOnePeer <= 4)
        #expect(report.peersAsked > 4)
    }

    /// Before its own verdict a light node gives nothing away; after it and a delay, it serves.
    @Test func servesAfterItsVerdict() throws {
        let setup = try MainPathTests.setup(Fixture.minimal, lights: 1, seed: 6)
        let light = setup.light[0]
        let block = try setup.fixture.block(dataRows: 4)
        let root = try MainPathTests.publish(setup, block, cells: allButStoppingSet(block.shape))
        let names = NetworkNames(networkID: setup.fixture.parameters.networkID)
        var inventories: [(UInt64, InventoryResponse)] = []
        let asker = setup.full[0]
        setup.network.filter = { index, event in
            if index == asker, case .responseChunk(let token, let bytes) = event,
                token.rawValue >= 1 << 40, let answer = try? InventoryResponse(encoded: bytes)
            {
                inventories.append(
                    (UInt64(setup.network.nanoseconds / 1_000_000), answer))
                return false
            }
            return true
        }
        for second in 2...14 {
            setup.network.run(untilMilliseconds: UInt64(second) * 1000 + 200)
            setup.network.askRaw(
                by: asker, of: light, protocolName: names.name(of: .inventory),
                body: InventoryRequest(headerRoot: root).encoded)
        }
        setup.network.run(untilMilliseconds: 16_000)
        // The block is withheld: the verdict falls at the last deadline, 8 s after slot 1's start.
        #expect(inventories.count == 13)
        for (at, answer) in inventories {
            if at < 10_000 { #expect(answer.status == .busy, "at \(at)") }
            if at > 11_500 { #expect(answer.status == .ok, "at \(at)") }
        }
        let held = try #require(setup.network.light(light)?.held(of: root))
        #expect(!held.isEmpty)
        #expect(inventories.last?.1.cells(of: block.shape) == held)
    }

    /// The sample set of a block is drawn once and stays, whatever comes of it.
    @Test func neverDrawsAnew() throws {
        let setup = try MainPathTests.setup(Fixture.minimal, lights: 2, seed: 7)
        let block = try setup.fixture.block(dataRows: 8)
        let root = try MainPathTests.publish(setup, block, cells: allButStoppingSet(block.shape))
        setup.network.run(untilMilliseconds: 2500)
        let before = setup.light.map {
            setup.network.light($0)?.samples(of: root)?.map(\.cell)
        }
        setup.network.run(untilMilliseconds: 40_000)
        let after = setup.light.map {
            setup.network.light($0)?.samples(of: root)?.map(\.cell)
        }
        #expect(before == after)
        #expect(before[0] != nil && before[0] != before[1])
    }
}

@Suite struct PartialCustodyTests {
    /// Nodes with a single group call a block available when their samples elsewhere have come.
    @Test(arguments: [1, 4, 8])
    func availableBySamples(dataRows: Int) throws {
        let setup = try MainPathTests.setup(
            Fixture.minimal, lights: 0, seed: 8, custody: (0..<4).map { ColumnGroups([$0]) })
        let root = try MainPathTests.publish(setup, try setup.fixture.block(dataRows: dataRows))
        setup.network.run(untilMilliseconds: 8000)
        for node in setup.full {
            let machine = try #require(setup.network.full(node))
            #expect(machine.state(of: root) == .available)
            let run = try #require(machine.sampling(of: root))
            #expect(run.isComplete)
            // It sampled outside its custody, and those cells it keeps too.
            let samples = try #require(machine.samples(of: root))
            #expect(samples.allSatisfy { !machine.custody.contains(column: $0.cell.column) })
        }
    }
}

@Suite struct LaneTests {
    /// A chain of blocks; a node that joins late gets the headers and its custody of all of them.
    @Test func followsAndCatchesUp() throws {
        var setup = try MainPathTests.setup(Fixture.minimal, lights: 2, seed: 9)
        setup.fixture.settings.maximumBlocks = 64
        var roots: [Bytes32] = []
        for number in 1...6 {
            setup.network.run(untilMilliseconds: UInt64(number) * 2000 + 100)
            roots.append(
                try MainPathTests.publish(
                    setup, try setup.fixture.block(dataRows: 2, seed: UInt64(number))))
        }
        setup.network.run(untilMilliseconds: 16_000)
        for root in roots {
            for node in setup.full {
                #expect(setup.network.full(node)?.state(of: root) == .available)
            }
            for node in setup.light {
                #expect(setup.network.light(node)?.sampling(of: root)?.isComplete == true)
            }
        }
        let joiner = try setup.fixture.addFull(to: setup.network, custody: ColumnGroups([1, 2, 3]))
        let light = try setup.fixture.addLight(to: setup.network)
        for node in setup.full {
            setup.network.connect(joiner, node)
            setup.network.connect(light, node)
        }
        setup.network.run(untilMilliseconds: 24_000)
        for root in roots {
            #expect(setup.network.full(joiner)?.state(of: root) == .available)
            #expect(setup.network.light(light)?.sampling(of: root)?.isComplete == true)
        }
        let states = setup.network.members[joiner].reports.compactMap { entry -> BlockState? in
            if case .state(_, let state) = entry.report { state } else { nil }
        }
        #expect(!states.contains(.late))
    }
}
