import Availability
import DataMatrix
import KZGCommitments
import NodeCore
import SSZ
import Testing

@Suite struct WithholdingTests {
    static func states(_ member: VirtualNetwork.Member, _ root: Bytes32) -> [BlockState] {
        member.reports.compactMap {
            if case .state(root, let state) = $0.report { state } else { nil }
        }
    }

    static func evidence(_ member: VirtualNetwork.Member, own: Bool) -> [Evidence] {
        member.reports.compactMap {
            if case .evidence(let report) = $0.report, report.isOwn == own {
                report.evidence
            } else {
                nil
            }
        }
    }

    /// Custody of everything, of parts, and of a single group: none may call it available.
    @Test(arguments: [1, 2, 4, 8], [UInt64(1), 2, 3])
    func stoppingSet(dataRows: Int, seed: UInt64) throws {
        let custody: [ColumnGroups] = [
            .all, ColumnGroups([0, 1]), ColumnGroups([0]), ColumnGroups([3]),
        ]
        let setup = try MainPathTests.setup(
            Fixture.minimal, lights: 6, seed: seed, custody: custody)
        let block = try setup.fixture.block(dataRows: dataRows)
        let published = allButStoppingSet(block.shape)
        let root = try MainPathTests.publish(setup, block, cells: published)
        setup.network.run(untilMilliseconds: 16_000)
        for node in setup.full {
            let member = setup.network.members[node]
            #expect(Self.states(member, root) == [.pending, .late, .suspected, .withheld])
            // Anyone's report of others is admitted by each.
            let reports = Self.evidence(member, own: true)
            #expect(reports.count == 1)
            for report in reports {
                guard case .withholding(let report) = report else {
                    Issue.record("not a withholding report")
                    continue
                }
                let now = UnixTime(milliseconds: setup.network.now.unixMilliseconds)
                let verdict = report.verify(
                    parameters: setup.fixture.parameters, now: now, knownZeroRows: [])
                #expect(verdict.holds, "\(verdict.failures)")
                let missing = try #require(report.missingCells(preset: .minimal))
                #expect(missing == published.complement)
                #expect(report.peers.count >= 3)
            }
            #expect(Self.evidence(member, own: false).count == setup.full.count - 1)
        }
        for node in setup.light {
            let light = try #require(setup.network.light(node))
            let samples = try #require(light.samples(of: root))
            for sample in samples {
                let isMissing = !published.contains(sample.cell)
                #expect(sample.outcome.verdict == (isMissing ? .refused : .succeeded))
            }
            let anyMissing = samples.contains { !published.contains($0.cell) }
            #expect(light.sampling(of: root)?.isComplete == !anyMissing)
        }
        for member in setup.network.members { #expect(member.penalties.isEmpty) }
    }

    /// What was withheld turns up after the report.
    @Test func recovers() throws {
        let setup = try MainPathTests.setup(Fixture.minimal, lights: 2, seed: 5)
        let block = try setup.fixture.block(dataRows: 4)
        let root = try MainPathTests.publish(setup, block, cells: allButStoppingSet(block.shape))
        setup.network.run(untilMilliseconds: 14_000)
        // Someone who has the block after all appears: a second sequencer's worth of cells.
        let topicCells = allButStoppingSet(block.shape).complement
        for coordinate in topicCells {
            let message = try ColumnMessage(
                headerRoot: root, column: UInt16(coordinate.column),
                rows: [UInt16(coordinate.row)],
                cells: [try #require(block.matrix.cell(at: coordinate))],
                proofs: [try #require(block.matrix.proof(at: coordinate))])
            let names = NetworkNames(networkID: setup.fixture.parameters.networkID)
            for node in setup.full {
                setup.network.inject(
                    to: node, from: setup.sequencer,
                    topic: names.name(of: .columns(group: coordinate.column)),
                    data: message.encoded)
            }
        }
        setup.network.run(untilMilliseconds: 30_000)
        for node in setup.full {
            #expect(
                Self.states(setup.network.members[node], root)
                    == [.pending, .late, .suspected, .withheld, .recovered])
        }
    }

    /// A node that is cut off, or came late, accuses nobody.
    @Test func accusesNobodyAlone() throws {
        let fixture = try Fixture()
        let network = VirtualNetwork(seed: 6)
        let sequencer = try fixture.addSequencer(to: network)
        let lonely = try fixture.addFull(to: network, custody: .all)
        network.connect(sequencer, lonely)
        network.run(untilMilliseconds: 2000)
        let setup = MainPathTests.Setup(
            fixture: fixture, network: network, sequencer: sequencer, full: [lonely], light: [])
        let block = try fixture.block(dataRows: 2)
        let root = try MainPathTests.publish(setup, block, cells: allButStoppingSet(block.shape))
        network.run(untilMilliseconds: 60_000)
        #expect(Self.states(network.members[lonely], root) == [.unknown])
        #expect(Self.evidence(network.members[lonely], own: true).isEmpty)
    }

    @Test func equivocation() throws {
        let setup = try MainPathTests.setup(Fixture.minimal, lights: 3, seed: 7)
        let one = try setup.fixture.block(dataRows: 2, seed: 1)
        let other = try setup.fixture.block(dataRows: 2, seed: 2)
        let root = try MainPathTests.publish(setup, one)
        setup.network.run(untilMilliseconds: 3000)
        let header = try #require(setup.network.full(setup.full[0])?.header(root)).header
        let second = SignedHeader(
            signing: try BlockHeader(
                networkID: header.networkID, sequencer: header.sequencer, height: header.height,
                slot: header.slot, parentRoot: header.parentRoot,
                commitments: other.description.commitments, index: other.description.index),
            with: setup.fixture.sequencerKey)
        let names = NetworkNames(networkID: setup.fixture.parameters.networkID)
        setup.network.inject(
            to: setup.full[0], from: setup.sequencer, topic: names.name(of: .headers),
            data: second.encoded)
        setup.network.run(untilMilliseconds: 6000)
        for node in setup.full + setup.light {
            let member = setup.network.members[node]
            let all = Self.evidence(member, own: true) + Self.evidence(member, own: false)
            #expect(!all.isEmpty)
            for evidence in all {
                guard case .equivocation(let proof) = evidence else { continue }
                #expect(proof.verify(parameters: setup.fixture.parameters).holds)
            }
        }
        // The lane is closed there: its sequencer cannot go on.
        #expect(throws: SequencerError.self) { try MainPathTests.publish(setup, one) }
    }
}
