import Availability
import DataMatrix
import KZGCommitments
import LibP2P
import NodeCore
import SSZ
import SystemCrypto
import Testing

/// What a node keeps stays within its bounds, however long it runs.
@Suite struct BoundTests {
    static func light(
        _ fixture: Fixture, store: any CellStore, archive: any NodeArchive
    ) throws -> LightNode {
        LightNode(
            parameters: fixture.parameters, identity: try fixture.identity(1).0,
            settings: fixture.settings, arithmetic: fixture.tables.arithmetic, store: store,
            archive: archive, random: SeededRandom(number: 1))
    }

    /// Ten thousand blocks as fast as a light node takes them, the newest one last.
    @Test func lightNodeOverTenThousandBlocks() throws {
        var fixture = try Fixture(retentionSlots: 20_000)
        fixture.settings.maximumHeadersPerLane = 512
        let block = try fixture.block(dataRows: 1)
        let count = 10_000
        let chain = try LoneNode<LightNode>.chain(fixture, block, count: count)
        let store = SharedStore(maximumBytes: 1 << 20)
        let archive = SharedArchive()
        let node = try LoneNode(
            try Self.light(fixture, store: store, archive: archive), fixture: fixture,
            block: block, chain: [], slot: UInt64(count) + 1)
        node.connect()
        var most = NodeFootprint()
        for (index, header) in chain.enumerated() {
            #expect(node.gossip(header) == .accept)
            if index % 50 == 0 { node.pass(milliseconds: 20, step: 20) }
            let footprint = node.machine.footprint
            most.blocks = max(most.blocks, footprint.blocks)
            most.headers = max(most.headers, footprint.headers)
            most.requests = max(most.requests, footprint.requests)
            most.works = max(most.works, footprint.works)
            most.backlog = max(most.backlog, footprint.backlog)
            most.queuedBytes = max(most.queuedBytes, footprint.queuedBytes)
            most.storedBytes = max(most.storedBytes, footprint.storedBytes)
        }
        node.pass(milliseconds: 10_000)
        #expect(most.blocks <= fixture.settings.maximumBlocks + 1)
        #expect(most.headers <= 513)
        #expect(most.requests <= 64)
        #expect(most.works <= 8)
        #expect(most.backlog <= 64)
        #expect(most.queuedBytes <= 1 << 20)
        #expect(most.storedBytes <= 1 << 20)
        let last = node.machine.footprint
        #expect(last.headersPreparing == 0 && last.orphans == 0 && last.works == 0)
        #expect(last.loading == 0 && last.claims <= 1 && last.peers == 1)
        // Every block was sampled to the end, each from one draw.
        #expect(archive.headerCount == count)
        #expect(archive.unsettled(.samples, after: nil, limit: 9).isEmpty)
        #expect(chain.allSatisfy { archive.draws[$0.root]?.count == 1 })
        // When the window has passed, nothing is left on the disk either.
        node.pass(milliseconds: 25_000 * 2000, step: 100_000)
        #expect(archive.headerCount == 0)
        #expect(store.byteCount == 0)
        #expect(node.machine.footprint.headers == 0)
    }

    /// A full node with a short window over many slots: headers, cells, states, samples and evidence
    /// leave with it.
    @Test func fullNodePrunesByWindow() throws {
        var fixture = try Fixture(retentionSlots: 20_000)
        fixture.settings.windowSlots = 20
        let block = try fixture.block(dataRows: 1)
        let chain = try LoneNode<FullNode>.chain(fixture, block, count: 200)
        let store = SharedStore()
        let archive = SharedArchive()
        let node = try LoneNode(
            FullNode(
                parameters: fixture.parameters, custody: ColumnGroups([0]),
                identity: try fixture.identity(1).0, settings: fixture.settings,
                arithmetic: fixture.tables.arithmetic, store: store, archive: archive,
                random: SeededRandom(number: 1)),
            fixture: fixture, block: block, chain: [], slot: 1)
        node.connect()
        var mostHeaders = 0
        var mostBytes = 0
        for (index, header) in chain.enumerated() {
            node.chain = Array(chain[...index])
            #expect(node.gossip(header) == .accept)
            node.pass(milliseconds: 2000, step: 250)
            mostHeaders = max(mostHeaders, archive.headerCount)
            mostBytes = max(mostBytes, store.byteCount)
        }
        #expect(mostHeaders <= 22)
        #expect(mostBytes <= 22 * 8 * (Preset.minimal.bytesPerCell + 48))
        #expect(node.machine.footprint.watched <= 22)
        #expect(node.machine.footprint.headers <= 22)
        // All but the last few were called available while they were in the window.
        let available = node.reports.reduce(0) { count, report in
            if case .state(_, .available) = report { return count + 1 }
            return count
        }
        #expect(available >= 198)
    }
}

/// Headers that are missing, after a time away or from a checkpoint.
@Suite struct SyncTests {
    struct Away {
        let node: LoneNode<LightNode>
        let chain: [SignedHeader]
        let archive: SharedArchive
    }

    /// A light node that knows the first headers of a chain and meets a peer that has all of it.
    static func away(
        known: Int, count: Int, settings: (inout NodeSettings, [SignedHeader]) -> Void = { _, _ in }
    ) throws -> Away {
        var fixture = try Fixture(retentionSlots: 20_000)
        let block = try fixture.block(dataRows: 1)
        let chain = try LoneNode<LightNode>.chain(fixture, block, count: count)
        settings(&fixture.settings, chain)
        let archive = SharedArchive()
        for header in chain[..<known] { archive.keep(header) }
        let node = try LoneNode(
            try BoundTests.light(
                fixture, store: SharedStore(maximumBytes: 1 << 24), archive: archive),
            fixture: fixture, block: block, chain: chain, slot: UInt64(count) + 1)
        node.connect()
        node.pass(milliseconds: 20_000)
        return Away(node: node, chain: chain, archive: archive)
    }

    static func confident(_ away: Away) -> [UInt64] {
        away.chain.filter { away.archive.samples(of: $0.root)?.verdict == .confident }
            .map(\.header.height)
    }

    /// After a long time away: the newest headers first, then downwards, until the chain is whole;
    /// every block of it is sampled.
    @Test func catchesUpNewestFirst() throws {
        let away = try Self.away(known: 50, count: 600)
        #expect(away.archive.headerCount == 600)
        #expect(Self.confident(away) == Array(0..<600))
        #expect(away.node.ranges.first == 568...599)
        let bounds = away.node.ranges.map(\.lowerBound)
        #expect(bounds == bounds.sorted(by: >))
        #expect(away.node.ranges.allSatisfy { $0.count <= 32 })
        #expect(away.node.ranges.count <= 20)
        // Nothing that was known is asked for again, but what a range takes in at its end.
        #expect((bounds.last ?? 0) >= 24)
    }

    /// A short time away: upwards from its own head, in one request.
    @Test func catchesUpUpwards() throws {
        let away = try Self.away(known: 590, count: 600)
        #expect(away.node.ranges.first == 590...599)
        #expect(Self.confident(away) == Array(0..<600))
    }

    /// A new node begins at its checkpoint: nothing below is fetched or sampled.
    @Test func beginsAtTheCheckpoint() throws {
        let away = try Self.away(known: 0, count: 600) { settings, chain in
            settings.checkpoints = [
                Checkpoint(
                    sequencer: chain[500].header.sequencer, height: 500, root: chain[500].root)
            ]
        }
        #expect(Self.confident(away) == Array(500..<600))
        #expect(away.archive.headerCount == 100)
        #expect(away.node.ranges.allSatisfy { $0.lowerBound >= 500 })
    }

    /// A chain that does not contain the checkpoint is not followed down to it.
    @Test func refusesWhatContradictsTheCheckpoint() throws {
        let away = try Self.away(known: 0, count: 600) { settings, chain in
            settings.checkpoints = [
                Checkpoint(
                    sequencer: chain[500].header.sequencer, height: 500, root: chain[499].root)
            ]
        }
        #expect(away.archive.header(away.chain[500].root) == nil)
        #expect(away.archive.header(away.chain[501].root) == nil)
        #expect(Self.confident(away).allSatisfy { $0 > 501 })
    }

    /// Nothing older than the window is fetched.
    @Test func keepsToTheWindow() throws {
        let away = try Self.away(known: 0, count: 600) { settings, _ in
            settings.windowSlots = 100
        }
        #expect(away.archive.headerCount <= 133)
        let heights = Self.confident(away)
        #expect(heights.last == 599)
        // Ten slots have passed meanwhile.
        #expect(heights.count >= 88)
        #expect(away.node.ranges.count <= 6)
    }
}

/// The lossy plan: samples that fail are made up for by more samples of the same sequence.
@Suite struct LossyPlanTests {
    @Test(arguments: [0, 1, 3], [0, 1, 2])
    func extendsTheSequence(allowed: Int, failing: Int) throws {
        var fixture = try Fixture(retentionSlots: 20_000)
        fixture.settings.allowedMisses = allowed
        fixture.settings.samplingTarget = 2
        let block = try fixture.block(dataRows: 8)
        let chain = try LoneNode<LightNode>.chain(fixture, block, count: 1)
        let archive = SharedArchive()
        let node = try LoneNode(
            try BoundTests.light(fixture, store: SharedStore(), archive: archive),
            fixture: fixture, block: block, chain: chain, slot: 1)
        let root = chain[0].root
        // The first cells of its draw are not to be had.
        node.withheld = { root, cell in
            (archive.draws[root]?.first ?? []).prefix(failing).contains(cell)
        }
        node.connect()
        node.pass(milliseconds: 20_000)
        let record = try #require(archive.samples(of: root))
        let plan = SamplingPlan(header: chain[0].header, shape: block.shape, target: 2)
        #expect(record.verdict == (failing <= allowed ? .confident : .failed))
        let misses = min(failing, allowed)
        #expect(record.allowedMisses == misses)
        #expect(record.cells.count == plan.samples(allowingMisses: misses))
        let draws = try #require(archive.draws[root])
        #expect(draws.count == misses + 1)
        for draw in draws { #expect(Array(record.cells.prefix(draw.count)) == draw) }
        #expect(record.outcomes.prefix(failing).allSatisfy { $0 == .refused })
        let report = try #require(node.machine.sampling(of: root))
        #expect(report.isComplete == (failing <= allowed) && report.allowedMisses == misses)
    }
}
