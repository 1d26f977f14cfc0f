import Availability
import DataMatrix
import KZGCommitments
import LibP2P
import NodeCore
import SSZ
import SystemCrypto

/// One run of the large network.
package struct ScaleRun {
    private let scenario: ScaleScenario
    private let material: NetworkMaterial
    private let seed: SimulationSeed
    private let parameters: NetworkParameters
    private let network: NodeNetwork
    private let roots = RootDirectory()
    private var random: FastRandom
    private var result: ScaleResult
    private var publishedAt: Int64 = 0
    private var isConfident: [Bool]

    private static let second: Int64 = 1_000_000_000

    /// A run that has not begun.
    ///
    /// - Parameters:
    ///   - scenario: What to run.
    ///   - material: With one block of the scenario's rows, and as many names as nodes.
    ///   - number: The seed that everything follows from.
    /// - Throws: What the parameters refuse.
    package init(_ scenario: ScaleScenario, material: NetworkMaterial, seed number: UInt64) throws {
        self.scenario = scenario
        self.material = material
        seed = SimulationSeed(number)
        random = seed.fastGenerator("large network")
        result = ScaleResult(scenario: scenario, seed: number)
        parameters = try NetworkParameters(
            preset: material.preset, sequencers: [material.laneKeys[0].publicKey],
            genesis: UnixTime(milliseconds: NodeNetwork.epoch), slotMilliseconds: 1000)
        var conditions = NodeNetwork.Conditions()
        conditions.delays = scenario.delays
        conditions.loss = scenario.loss
        network = NodeNetwork(
            seed: seed, conditions: conditions, work: WorkModel(known: material.known))
        isConfident = [Bool](repeating: false, count: 1 + scenario.fullNodes + scenario.lightNodes)
        let sequencer = scenario.sequencerMegabits
        network.add(
            material.identities[0].peerID, role: .sequencer,
            access: Access(upMegabits: sequencer, downMegabits: sequencer), workers: 4)
        for node in full {
            network.add(
                material.identities[node].peerID, role: .full,
                access: Access(
                    upMegabits: scenario.fullMegabits, downMegabits: scenario.fullMegabits),
                workers: scenario.workers
            ).reallyComputes = node == 1
        }
        for node in light {
            network.add(
                material.identities[node].peerID, role: .light,
                access: Access(
                    upMegabits: scenario.lightMegabits, downMegabits: scenario.lightMegabits),
                workers: 1
            ).reallyComputes = node % scenario.realEvery == 0
        }
        result.realNodes = light.count { $0 % scenario.realEvery == 0 }
    }

    private var full: Range<Int> { 1..<1 + scenario.fullNodes }
    private var light: Range<Int> {
        1 + scenario.fullNodes..<1 + scenario.fullNodes + scenario.lightNodes
    }

    /// Runs it to its end. `progress` is told how many milliseconds of virtual time are through.
    package mutating func run(progress: (Int) -> Void = { _ in }) throws -> ScaleResult {
        start()
        advance(to: Int64(scenario.warmUp) * Self.second, progress)
        try publish()
        let before = network.nodes.map { ($0.access.sentBytes, $0.access.receivedBytes) }
        let asked = network.requestCounts
        let end = Int64(scenario.warmUp + scenario.length) * Self.second
        advance(to: end, progress)
        let names = NetworkNames(networkID: parameters.networkID)
        let cells = names.name(of: .cells)
        result.requests = (network.requestCounts[cells] ?? 0) - (asked[cells] ?? 0)
        result.sequencerBytes = network.nodes[0].access.sentBytes - before[0].0
        result.fullBytes =
            full.reduce(0) { $0 + network.nodes[$1].access.sentBytes - before[$1].0 }
            / max(1, full.count)
        result.lightBytes =
            light.reduce(0) { $0 + network.nodes[$1].access.receivedBytes - before[$1].1 }
            / max(1, light.count)
        result.realWork = network.work.done
        result.disagreements = network.work.disagreements
        result.links = network.linkCount
        result.eventCount = network.eventCount
        result.traceHash = network.traceHex
        return result
    }

    // MARK: the network

    private mutating func start() {
        for node in 0..<network.nodes.count { network.start(node, machine(node)) }
        for node in full {
            network.connect(node, 0)
            for other in random.distinct(scenario.peersOfFull + 1, below: full.count)
            where other + 1 != node {
                network.connect(node, other + 1)
            }
        }
        var all = Array(full)
        for node in light {
            // The first few of a shuffle that is carried on from node to node.
            for place in 0..<min(scenario.fullPeers, all.count) {
                all.swapAt(place, place + random.uniform(below: all.count - place))
                network.connect(node, all[place])
            }
            for _ in 0..<scenario.lightPeers {
                network.connect(node, light.lowerBound + random.uniform(below: light.count))
            }
        }
    }

    private func machine(_ node: Int) -> any NodeMachine {
        var settings = NodeSettings()
        // Status messages of the warm-up suffice for the few seconds that follow.
        settings.statusIntervalMilliseconds = 120_000
        settings.peers.maximumPeers = 8192
        let identity = material.identities[node]
        let generator = seed.generator("node", node)
        let store = SharedCellStore(roots)
        switch network.nodes[node].role {
        case .light:
            return LightNode(
                parameters: parameters, identity: identity, settings: settings,
                arithmetic: material.arithmetic, store: store, random: generator)
        case .full:
            let groups = (0..<scenario.custody).map { ($0 + 7 * node) % Limits.columnGroups }
            return FullNode(
                parameters: parameters, custody: ColumnGroups(groups), identity: identity,
                settings: settings, arithmetic: material.arithmetic, store: store,
                random: generator)
        case .sequencer:
            return Sequencer(
                parameters: parameters, key: material.laneKeys[0], identity: identity,
                settings: settings, arithmetic: material.arithmetic,
                store: MemoryCellStore(maximumBytes: 1 << 30), record: MemorySigningRecord(),
                random: generator)
        }
    }

    private mutating func publish() throws {
        let block = material.blocks[0]
        let time = UnixTime(milliseconds: network.time.unixMilliseconds)
        publishedAt = network.now
        guard let slot = parameters.slot(at: time),
            let signed = try network.with(
                0, as: Sequencer.self,
                { machine, now in
                    try machine.publish(block.block, slot: slot, now: now)
                })
        else { return }
        roots[signed.root] = block
    }

    private mutating func advance(to end: Int64, _ progress: (Int) -> Void) {
        var told = network.now
        while network.step(until: end) {
            for item in network.takeReports() { take(item) }
            _ = network.takeWishing()
            if network.now - told >= 100_000_000 {
                told = network.now
                progress(Int(told / 1_000_000))
            }
        }
    }

    private mutating func take(_ item: NodeNetwork.Report) {
        let elapsed = Double(item.at.monotonic - publishedAt) / 1e6
        switch (network.nodes[item.node].role, item.report) {
        case (.light, .header): result.headers.append(elapsed)
        case (.light, .sampling(_, let report)):
            result.samples = report.drawn
            guard report.isComplete, !isConfident[item.node] else { return }
            isConfident[item.node] = true
            result.confident.append(elapsed)
        case (.full, .state(_, .available)): result.available.append(elapsed)
        default: return
        }
    }
}
