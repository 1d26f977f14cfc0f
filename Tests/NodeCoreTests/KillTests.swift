import Availability
import DataMatrix
import LibP2P
import NodeCore
import SSZ
import SystemCrypto
import Testing

/// Processes that are killed at any moment and started again with what their disks keep: nothing that
/// was acknowledged is lost, no place is signed twice, no sample set is drawn twice, nobody is accused.
@Suite struct KillTests {
    @Test(arguments: [UInt64(1), 2, 3, 4])
    func randomKills(seed: UInt64) throws {
        let fixture = try Fixture()
        let network = VirtualNetwork(seed: seed)
        let custody: [ColumnGroups] = [.all, ColumnGroups([0, 1]), ColumnGroups([2, 3]), .all]
        let disks = (0..<8).map { _ in RestartTests.Disk() }
        let record = SharedRecord()
        let sequencer = 0
        let full = [1, 2, 3, 4]
        let light = [5, 6, 7]
        try fixture.addSequencer(
            to: network, record: record, store: disks[0].store, archive: disks[0].archive)
        for (node, groups) in zip(full, custody) {
            try fixture.addFull(
                to: network, custody: groups, store: disks[node].store,
                archive: disks[node].archive)
        }
        for node in light {
            try fixture.addLight(
                to: network, store: disks[node].store, archive: disks[node].archive)
        }
        network.connectAll(Array(0..<8))
        var random = SeededRandom(number: seed + 1000)

        func restart(_ node: Int) throws {
            let machine: any NodeMachine
            if node == sequencer {
                machine = Sequencer(
                    parameters: fixture.parameters, key: fixture.sequencerKey,
                    identity: try fixture.identity(node).0, settings: fixture.settings,
                    arithmetic: fixture.tables.arithmetic, store: disks[node].store,
                    record: record, archive: disks[node].archive, random: network.generator())
            } else if full.contains(node) {
                machine = try RestartTests.full(
                    fixture, node, custody[node - 1], disks[node], network)
            } else {
                machine = try RestartTests.light(fixture, node, disks[node], network)
            }
            network.restart(node, with: machine)
            for other in 0..<8 where network.members[other].isRunning {
                network.connect(node, other)
            }
        }

        var published: [SignedHeader] = []
        var kills = 0
        var moment: UInt64 = 2000
        let blocks = try (0..<4).map {
            try fixture.block(dataRows: 1 << ($0 % 3), seed: seed * 10 + UInt64($0))
        }
        while moment < 30_000 {
            moment += UInt64.random(in: 100...500, using: &random)
            network.run(untilMilliseconds: moment)
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                let node = Int.random(in: 0..<8, using: &random)
                if network.members[node].isRunning {
                    network.stop(node)
                    kills += 1
                } else {
                    try restart(node)
                }
            case 1:
                if let node = (0..<8).first(where: { !network.members[$0].isRunning }) {
                    try restart(node)
                }
            default:
                guard network.members[sequencer].isRunning else { continue }
                let slot = moment / 2000
                let header = try? SequencerTests.publish(
                    network, sequencer, blocks[published.count % 4], slot: slot)
                if let header { published.append(header) }
            }
        }
        for node in 0..<8 where !network.members[node].isRunning { try restart(node) }
        network.run(untilMilliseconds: 80_000)

        #expect(kills >= 10)
        #expect(published.count >= 3)
        #expect(Set(record.places.map(\.height)).count == record.places.count)
        #expect(Set(record.places.map(\.slot)).count == record.places.count)
        #expect(
            published.allSatisfy { header in record.places.contains { $0.root == header.root } })
        for header in published {
            for node in full {
                let state = network.full(node)?.state(of: header.root)
                #expect(state == .available || state == .recovered, "node \(node): \(state as Any)")
            }
            for node in light {
                let samples = disks[node].archive.samples(of: header.root)
                #expect(samples?.verdict == .confident, "node \(node)")
                #expect(disks[node].archive.draws[header.root]?.count == 1)
            }
        }
        for member in network.members {
            #expect(
                !member.reports.contains {
                    if case .evidence = $0.report { return true }
                    return false
                })
        }
    }
}
