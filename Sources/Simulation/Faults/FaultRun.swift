import Availability
import DataMatrix
import KZGCommitments
import LibP2P
import NodeCore
import SSZ
import SystemCrypto

/// One run of the fault mix, from one seed.
package struct FaultRun {
    /// A header that was published.
    struct Published {
        let root: BlockRoot
        let lane: Int
        let known: KnownBlock
        /// What anyone was given of it; nil for all of it.
        var released: CellSet?
        /// When everything to be published had been handed out; nil if the sequencer ended before it can
        /// have arrived.
        var throughAt: Int64?
        /// When it was published.
        let at: Int64
        /// Whether the sequencer ended in the midst of it.
        var isCutOff = false
    }

    enum Action {
        case publish(lane: Int)
        case crash
        case restart(Int)
        case partition
        case heal
        case redial(Int)
        case equivocate
        case beginReading
        case read
    }

    let mix: FaultMix
    let material: NetworkMaterial
    let seed: SimulationSeed
    let parameters: NetworkParameters
    let names: NetworkNames
    let network: NodeNetwork
    let roots = RootDirectory()
    let mischief: FaultMischief
    let records = [LastingRecord(), LastingRecord()]
    let sequencers: [Int]
    let full: [Int]
    let light: [Int]
    let eclipsed: Set<Int>
    /// Custody of each full node.
    let custody: [Int: ColumnGroups]
    let secondLane: SimulatedNode.Conduct
    /// Whether the second sequencer withholds: publishes less than the block.
    let withholds: Bool
    var random: FastRandom
    var actions: [Action] = []
    var published: [Published] = []
    var result: FaultResult
    /// What each sequencer has signed.
    var signed: [[SignedPlace]] = [[], []]
    /// Since when each node has been up, in nanoseconds; nil while it is down.
    var upSince: [Int64?]
    /// Whether everything that was to be read has been.
    var isRead = false
    var isRedialling: Set<Int> = []
    var reader: Int?
    var rebuilt: [BlockRoot: ExtendedBlock] = [:]
    var reading: Set<BlockRoot> = []

    static let second: Int64 = 1_000_000_000

    /// A run that has not begun.
    package init(_ mix: FaultMix, material: NetworkMaterial, seed number: UInt64) throws {
        self.mix = mix
        self.material = material
        seed = SimulationSeed(number)
        result = FaultResult(seed: number)
        var random = seed.fastGenerator("fault mix")
        parameters = try NetworkParameters(
            preset: material.preset, sequencers: material.laneKeys.prefix(2).map(\.publicKey),
            genesis: UnixTime(milliseconds: NodeNetwork.epoch), slotMilliseconds: 2000,
            lateMilliseconds: 2500, suspectedMilliseconds: 5000, withheldMilliseconds: 9000,
            retentionSlots: 1000, reportPeers: 3, requestsPerPeerPerSlot: 4096,
            bytesPerPeerPerSlot: 64 << 20)
        names = NetworkNames(networkID: parameters.networkID)
        var conditions = NodeNetwork.Conditions()
        conditions.loss = mix.loss
        conditions.delays = mix.delays
        network = NodeNetwork(
            seed: seed, conditions: conditions, work: WorkModel(known: material.known))
        mischief = FaultMischief(
            names: names, roots: roots, random: seed.fastGenerator("mischief"))
        network.mischief = mischief
        sequencers = [0, 1]
        let light = Array(2 + mix.fullNodes..<mix.nodes)
        full = Array(2..<2 + mix.fullNodes)
        self.light = light
        upSince = [Int64?](repeating: nil, count: mix.nodes + 1)

        let columns = material.preset.cellsPerExtendedBlob
        var custody: [Int: ColumnGroups] = [:]
        for (place, node) in full.enumerated() {
            // Every column with several custodians, in shares of all sizes.
            let count = 1 + place % columns
            custody[node] = ColumnGroups((0..<count).map { ($0 + place) % columns })
        }
        self.custody = custody
        let conducts: [SimulatedNode.Conduct] = [.honest, .honest, .selective, .equivocating]
        secondLane = conducts[random.uniform(below: 4)]
        withholds = secondLane == .honest && random.chance(0.6)
        eclipsed = Set(random.distinct(mix.eclipsed, below: light.count).map { light[$0] })
        self.random = random
        addNodes()
    }

    private mutating func addNodes() {
        for node in 0..<mix.nodes {
            let role: NodeRole = node < 2 ? .sequencer : node < 2 + mix.fullNodes ? .full : .light
            let rate = role == .light ? 10.0 : role == .full ? 200 : 1000
            let added = network.add(
                material.identities[node].peerID, role: role,
                access: Access(upMegabits: rate, downMegabits: rate))
            added.reallyComputes = mix.reallyComputes
        }
        let lies: [SimulatedNode.Conduct] = [.corrupting, .boasting, .mute, .slow]
        let liars = random.distinct(mix.lyingFullNodes, below: full.count).map { full[$0] }
        for node in liars { network.nodes[node].conduct = lies[random.uniform(below: 4)] }
        let others = light.filter { !eclipsed.contains($0) }
        for place in random.distinct(mix.lyingLightNodes, below: others.count) {
            network.nodes[others[place]].conduct = lies[random.uniform(below: 4)]
        }
        let slow = full.filter { network.nodes[$0].conduct == .honest }
        for place in random.distinct(mix.slowMachines, below: slow.count) {
            network.nodes[slow[place]].slowness = 40
        }
        network.nodes[1].conduct = secondLane
        // Reads at the end what is available.
        network.add(
            material.identities[mix.nodes].peerID, role: .full,
            access: Access(upMegabits: 200, downMegabits: 200))
    }

    /// Requests by protocol, and events by kind.
    package var counts: String {
        let requests = network.requestCounts.sorted { $0.key < $1.key }
        return "\(requests.map { "\($0.key) \($0.value)" }) \(network.eventCounts)"
    }

    // MARK: the course of events

    /// Runs it to its end and checks the invariants.
    package mutating func run() -> FaultResult {
        for node in 0..<mix.nodes { begin(node) }
        for node in 0..<mix.nodes { dial(node) }
        let window = Int64(mix.firstBlock) * Self.second...Int64(mix.lastFault - 2) * Self.second
        for lane in 0..<2 {
            for _ in 0..<mix.blocksPerLane {
                schedule(.publish(lane: lane), at: random.uniform(window))
            }
        }
        for _ in 0..<mix.crashes { schedule(.crash, at: random.uniform(window)) }
        let split = random.uniform(window)
        schedule(.partition, at: split)
        schedule(
            .heal,
            at: min(
                split + random.uniform(1_000_000_000...5_000_000_000),
                Int64(mix.lastFault) * Self.second))
        if secondLane == .equivocating { schedule(.equivocate, at: random.uniform(window)) }
        schedule(.beginReading, at: Int64(mix.reading) * Self.second)
        let end = Int64(mix.length) * Self.second
        while !isRead, network.step(until: end) {
            for number in network.takeActions() { perform(actions[number]) }
            for report in network.takeReports() { take(report) }
            for node in network.takeWishing() { redial(node, after: 500...1500) }
        }
        finish()
        return result
    }

    mutating func schedule(_ action: Action, at time: Int64) {
        actions.append(action)
        network.schedule(actions.count - 1, at: time)
    }

    private mutating func perform(_ action: Action) {
        switch action {
        case .publish(let lane): publish(lane)
        case .crash: crash()
        case .restart(let node):
            begin(node)
            dial(node)
        case .partition:
            let side = seed.bytes("partition")
            network.partition { Int(side[$0 % 32] >> ($0 / 32 % 8) & 1) }
        case .heal: network.heal()
        case .redial(let node): dial(node)
        case .equivocate: equivocate()
        case .beginReading: beginReading()
        case .read: read()
        }
    }

    // MARK: nodes

    private mutating func begin(_ node: Int) {
        guard !network.nodes[node].isUp else { return }
        network.start(node, machine(node, custody: custody[node] ?? .all))
        upSince[node] = network.now
    }

    func machine(_ node: Int, custody: ColumnGroups) -> any NodeMachine {
        let life = network.nodes[node].life + 1
        let generator = seed.generator("node \(life)", node)
        let store = SharedCellStore(roots)
        var settings = NodeSettings()
        // Longer pauses than the daemons': the same course of events from fewer of them.
        settings.statusIntervalMilliseconds = 15_000
        settings.samplePauseMilliseconds = 1200...8000
        let identity = material.identities[node]
        switch network.nodes[node].role {
        case .light:
            return LightNode(
                parameters: parameters, identity: identity, settings: settings,
                arithmetic: material.arithmetic, store: store, random: generator)
        case .full:
            return FullNode(
                parameters: parameters, custody: custody, identity: identity, settings: settings,
                arithmetic: material.arithmetic, store: store, random: generator)
        case .sequencer:
            return Sequencer(
                parameters: parameters, key: material.laneKeys[node], identity: identity,
                settings: settings, arithmetic: material.arithmetic,
                store: MemoryCellStore(maximumBytes: 1 << 30), record: records[node],
                random: generator)
        }
    }

    /// A node looks for peers again after so many milliseconds, unless it is about to.
    private mutating func redial(_ node: Int, after pause: ClosedRange<Int64>) {
        guard !isRedialling.contains(node), node < mix.nodes else { return }
        isRedialling.insert(node)
        let span = pause.lowerBound * 1_000_000...pause.upperBound * 1_000_000
        schedule(.redial(node), at: network.now + random.uniform(span))
    }

    /// Dials the peers that a node wants and does not have, as its connection manager would: an
    /// address book that all share stands for discovery.
    mutating func dial(_ node: Int) {
        isRedialling.remove(node)
        guard network.nodes[node].isUp else { return }
        let has = Set(network.nodes[node].neighbours)
        let network = network
        var wanted: [Int] = []
        if eclipsed.contains(node) {
            wanted = full.filter { network.nodes[$0].conduct != .honest } + [1]
        } else {
            let fullPeers = has.count { $0 >= 2 && $0 < 2 + mix.fullNodes }
            wanted = choose(6 - fullPeers, of: full)
            switch network.nodes[node].role {
            case .sequencer: break
            case .full: wanted += sequencers
            case .light:
                if has.isEmpty {
                    wanted += choose(2, of: light.filter { !eclipsed.contains($0) })
                    if random.chance(0.5) { wanted += choose(1, of: sequencers) }
                }
            }
            for group in network.nodes[node].wishes?.groups ?? [] where !has.isEmpty {
                wanted += choose(2, of: full.filter { custody[$0]?.contains(group) ?? false })
            }
        }
        for other in wanted where !has.contains(other) { network.connect(node, other) }
    }

    private mutating func choose(_ count: Int, of nodes: [Int]) -> [Int] {
        var all = nodes
        random.shuffle(&all)
        return Array(all.prefix(max(0, count)))
    }

    private mutating func crash() {
        let up = (0..<mix.nodes).filter { network.nodes[$0].isUp }
        // Sequencers and full nodes as often as all light nodes together.
        let important = up.filter { $0 < 2 + mix.fullNodes }
        let pool = random.chance(0.6) ? important : up
        guard !pool.isEmpty else { return }
        let node = pool[random.uniform(below: pool.count)]
        let peers = network.nodes[node].neighbours
        network.stop(node)
        upSince[node] = nil
        for index in published.indices where published[index].lane == node {
            let through = published[index].throughAt ?? network.now
            // What was handed out in the last seconds may not have left, or not have arrived.
            if through > network.now - 4 * Self.second { published[index].throughAt = nil }
            if published[index].throughAt == nil { published[index].isCutOff = true }
        }
        result.crashes += 1
        schedule(
            .restart(node),
            at: min(
                network.now + random.uniform(500_000_000...4_000_000_000),
                Int64(mix.lastFault) * Self.second))
        for peer in peers { redial(peer, after: 1000...3000) }
    }

    // MARK: blocks

    private mutating func publish(_ lane: Int) {
        let known = material.blocks[random.uniform(below: material.blocks.count)]
        var cells: CellSet?
        if lane == 1, withholds { cells = withheld(known) }
        guard let slot = parameters.slot(at: UnixTime(milliseconds: network.time.unixMilliseconds))
        else { return }
        let signed = network.with(lane, as: Sequencer.self) { machine, now in
            try? machine.publish(
                known.block, slot: slot, newStateRoot: Self.stateRoot(slot),
                cellsToPublish: cells, now: now)
        }
        guard let signed, let signed else { return }
        roots[signed.root] = known
        self.signed[lane].append(
            SignedPlace(
                height: signed.header.height, slot: signed.header.slot, root: signed.root))
        note(signed, lane: lane, known, released: released(known, cells))
    }

    private func released(_ known: KnownBlock, _ cells: CellSet?) -> CellSet? {
        cells.map { $0.union(known.description.zeroCells) }
    }

    static func stateRoot(_ number: UInt64) -> Bytes32 {
        let bytes = (0..<32).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * ($0 % 8))) }
        return Bytes32(bytes) ?? .zero
    }

    /// Either all but a smallest set that no one can rebuild, or a random part.
    private mutating func withheld(_ known: KnownBlock) -> CellSet {
        let shape = known.shape
        var cells = CellSet.all(of: shape)
        if random.chance(0.5) {
            for row in random.distinct(shape.dataRows + 1, below: shape.rows) {
                for column in (shape.columns - shape.dataColumns - 1)..<shape.columns {
                    cells.remove(CellCoordinate(row: row, column: column))
                }
            }
        } else {
            let share = 0.2 + 0.6 * Double(random.next() >> 11) * 0x1p-53
            for cell in CellSet.all(of: shape) where random.chance(share) { cells.remove(cell) }
        }
        return cells
    }

    mutating func note(
        _ signed: SignedHeader, lane: Int, _ known: KnownBlock, released: CellSet?
    ) {
        result.blocks += 1
        published.append(
            Published(
                root: signed.root, lane: lane, known: known, released: released, at: network.now))
    }

    /// A header that some full node has.
    private func header(_ root: BlockRoot) -> SignedHeader? {
        for node in full {
            if let header = network.nodes[node].full?.header(root) { return header }
        }
        return nil
    }

    /// A second header for the place of the last one, given to some nodes by the second sequencer.
    private mutating func equivocate() {
        guard let place = records[1].last,
            let first = published.last(where: { $0.root == place.root }),
            network.nodes[1].isUp,
            let original = header(place.root)
        else { return }
        let known = material.blocks[random.uniform(below: material.blocks.count)]
        let header = original.header
        guard
            let other = try? BlockHeader(
                networkID: header.networkID, sequencer: header.sequencer, height: header.height,
                slot: header.slot, parentRoot: header.parentRoot,
                commitments: known.description.commitments, index: known.description.index,
                previousStateRoot: .zero, newStateRoot: Self.stateRoot(.max)),
            other.root != first.root
        else { return }
        let signed = SignedHeader(signing: other, with: material.laneKeys[1])
        roots[signed.root] = known
        network.publish(
            Publication(
                topic: names.name(of: .headers), data: signed.encoded, reach: .everyone),
            by: network.nodes[1])
        // Of the second block nothing is ever given out.
        note(signed, lane: 1, known, released: known.description.zeroCells)
    }
}
