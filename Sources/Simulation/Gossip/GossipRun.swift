import LibP2P
import SystemCrypto

/// One run of a gossip scenario.
package struct GossipRun {
    private enum Action {
        case publish
        case leave
        case comeBack(Int)
        case redial(Int)
        case attack(Int)
    }

    private struct Message {
        let publisher: Int
        let at: Int64
        /// By node: when it arrived first, or -1.
        var arrivals: [Int64]
    }

    private let scenario: GossipScenario
    private let seed: SimulationSeed
    private var network: SessionNetwork
    private let kinds: [GossipScenario.Kind]
    private let configurations: [HostConfiguration]
    private let peerIDs: [PeerID]
    private let numbers: [PeerID: Int]
    private var random: FastRandom
    private var actions: [Action] = []
    private var messages: [Message] = []
    private var fakes = 0
    /// By node: attacks so far.
    private var attacks: [Int]
    /// By node: when its lives began and ended.
    private var lives: [[(from: Int64, to: Int64)]]
    /// By node: whom it ever had as a peer.
    private var met: [Set<Int>]

    private static let second: Int64 = 1_000_000_000

    /// A run that has not begun.
    package init(_ scenario: GossipScenario, seed: SimulationSeed) throws {
        self.scenario = scenario
        self.seed = seed
        network = SessionNetwork(seed: seed, delays: scenario.delays, loss: scenario.loss)
        kinds = (0..<scenario.nodes).map(scenario.kind(of:))
        configurations = try (0..<scenario.nodes).map(scenario.configuration(of:))
        peerIDs = configurations.map(\.publicKey.peerID)
        numbers = Dictionary(
            zip(peerIDs, peerIDs.indices).map { ($0, $1) }, uniquingKeysWith: { one, _ in one })
        random = seed.fastGenerator("gossip scenario")
        lives = [[(from: Int64, to: Int64)]](repeating: [], count: scenario.nodes)
        met = [Set<Int>](repeating: [], count: scenario.nodes)
        attacks = [Int](repeating: 0, count: scenario.nodes)
        for _ in 0..<scenario.nodes {
            network.addNode(
                Access(upMegabits: scenario.upMegabits, downMegabits: scenario.downMegabits))
        }
    }

    /// Runs it to its end. `progress` is told how many seconds of virtual time are through.
    package mutating func run(progress: (Int) -> Void = { _ in }) -> GossipResult {
        let warmUp = Int64(scenario.warmUpSeconds) * Self.second
        let publishing = Int64(scenario.publishingSeconds) * Self.second
        let end = warmUp + publishing + Int64(scenario.tailSeconds) * Self.second
        for node in 0..<scenario.nodes { begin(node) }
        for node in 0..<scenario.nodes { dial(node) }
        let count = Int(scenario.messagesPerSecond * Double(scenario.publishingSeconds))
        for message in 0..<count {
            let offset = Double(message) / scenario.messagesPerSecond * Double(Self.second)
            schedule(.publish, at: warmUp + Int64(offset))
        }
        let departures =
            scenario.churnPerMinute * Double(scenario.nodes) / 60 * Double(end / Self.second)
        for departure in 0..<Int(departures) {
            let place = (Double(departure) + 0.5) / departures
            schedule(.leave, at: Int64(place * Double(end)))
        }
        for node in kinds.indices where kinds[node] == .spammer || kinds[node] == .grafter {
            schedule(.attack(node), at: random.uniform(Self.second...2 * Self.second))
        }
        var told = 0
        while network.step(until: end) {
            for item in network.takeNews() { take(item) }
            if Int(network.now / Self.second) > told {
                told = Int(network.now / Self.second)
                progress(told)
            }
        }
        return result()
    }

    // MARK: nodes

    private mutating func begin(_ node: Int) {
        network.start(node, configurations[node])
        network.with(node) { $0.subscribe(GossipScenario.topic, now: $1) }
        lives[node].append((network.now, .max))
    }

    /// Dials until the node has as many as it wants, under way or there.
    private mutating func dial(_ node: Int) {
        guard network.isUp(node) else { return }
        let connected = network.with(node) { host, _ in host.peers } ?? []
        var taken = Set(connected.compactMap { numbers[$0] })
        var missing = scenario.dials - network.dialledCount(of: node)
        var attempts = 0
        while missing > 0, attempts < 4 * scenario.dials {
            attempts += 1
            let other = random.uniform(below: scenario.nodes)
            guard other != node, taken.insert(other).inserted else { continue }
            network.dial(node, other)
            missing -= 1
        }
    }

    // MARK: what happens

    private mutating func schedule(_ action: Action, at time: Int64) {
        actions.append(action)
        network.schedule(actions.count - 1, at: time)
    }

    private mutating func take(_ item: SessionNetwork.News) {
        switch item {
        case .host(let node, let directive): take(directive, of: node)
        case .action(let number): perform(actions[number])
        case .dialFailed(let from, _): dial(from)
        }
    }

    private mutating func take(_ directive: HostDirective, of node: Int) {
        switch directive {
        case .message(let message):
            let verdict = judge(message, at: node)
            network.with(node) { $0.validated(message.id, verdict, now: $1) }
        case .peerConnected(let peer, _, _):
            if let other = numbers[peer] { met[node].insert(other) }
        case .peerDisconnected:
            let pause = random.uniform(Self.second / 2...2 * Self.second)
            schedule(.redial(node), at: network.now + pause)
        default:
            break
        }
    }

    private mutating func judge(_ message: GossipMessage, at node: Int) -> MessageVerdict {
        let isValid = message.data.count > 8 && message.data[8] == 1
        let number = message.data.prefix(8).reduce(0) { $0 << 8 | Int($1) }
        if isValid, messages.indices.contains(number), messages[number].arrivals[node] < 0 {
            messages[number].arrivals[node] = network.now
        }
        switch kinds[node] {
        case .honest: return isValid ? .accept : .reject
        case .spammer, .silent, .grafter: return .ignore
        case .censor:
            guard isValid, messages.indices.contains(number) else { return .ignore }
            return messages[number].publisher % 2 == 0 ? .ignore : .accept
        }
    }

    private mutating func perform(_ action: Action) {
        switch action {
        case .publish: publish()
        case .leave: leave()
        case .comeBack(let node):
            begin(node)
            dial(node)
        case .redial(let node): dial(node)
        case .attack(let node): attack(node)
        }
    }

    private func content(_ number: Int, isValid: Bool) -> [UInt8] {
        var bytes = (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
        bytes.append(isValid ? 1 : 0)
        let fill = [UInt8](repeating: 0x5a, count: max(0, scenario.messageBytes - 9))
        return bytes + fill
    }

    private mutating func publish() {
        let joining = Int64(scenario.joining) * 1_000_000
        let able = kinds.indices.filter { node in
            kinds[node] == .honest && network.isUp(node)
                && (lives[node].last?.from ?? .max) <= max(0, network.now - joining)
        }
        guard !able.isEmpty else { return }
        let publisher = able[random.uniform(below: able.count)]
        var message = Message(
            publisher: publisher, at: network.now,
            arrivals: [Int64](repeating: -1, count: scenario.nodes))
        message.arrivals[publisher] = network.now
        messages.append(message)
        let data = content(messages.count - 1, isValid: true)
        network.with(publisher) { host, now in
            _ = try? host.publish(GossipScenario.topic, data, now: now)
        }
    }

    private mutating func leave() {
        let up = kinds.indices.filter { network.isUp($0) }
        guard !up.isEmpty else { return }
        let node = up[random.uniform(below: up.count)]
        network.stop(node, vanishes: random.chance(scenario.vanishing))
        lives[node][lives[node].count - 1].to = network.now
        let absence =
            Int64(scenario.absence.lowerBound) * 1_000_000...Int64(scenario.absence.upperBound)
            * 1_000_000
        schedule(.comeBack(node), at: network.now + random.uniform(absence))
    }

    private mutating func attack(_ node: Int) {
        if kinds[node] == .spammer {
            fakes += 1
            let data = content(1 << 40 + fakes, isValid: false)
            network.with(node) { host, now in
                _ = try? host.publish(GossipScenario.topic, data, to: host.peers, now: now)
            }
            schedule(.attack(node), at: network.now + Self.second / 2)
        } else {
            var rpc = RPC()
            if attacks[node] % 2 == 0 {
                rpc.prune = [RPC.Prune(topic: GossipScenario.topic, backoffSeconds: 60)]
            } else {
                rpc.graft = [GossipScenario.topic]
            }
            attacks[node] += 1
            network.inject(rpc, from: node)
            schedule(.attack(node), at: network.now + Self.second)
        }
    }

    // MARK: the result

    private mutating func result() -> GossipResult {
        var result = GossipResult(scenario: scenario, seed: seed)
        let deadline = Int64(scenario.deadline) * 1_000_000
        let joining = Int64(scenario.joining) * 1_000_000
        for message in messages {
            var times: [Double] = []
            var subscribers = 0
            for node in kinds.indices where kinds[node] == .honest && node != message.publisher {
                guard isUp(node, from: message.at, to: message.at + deadline) else { continue }
                let arrival = message.arrivals[node]
                let isHere = arrival >= 0 && arrival <= message.at + deadline
                result.strictSubscribers += 1
                if isHere { result.strictDeliveries += 1 }
                guard isUp(node, from: message.at - joining, to: message.at + deadline) else {
                    continue
                }
                subscribers += 1
                if isHere { times.append(Double(arrival - message.at) / 1e6) }
            }
            result.add(times, of: subscribers)
        }
        addScores(to: &result)
        for node in kinds.indices {
            result.sentBytes += network.access(of: node).sentBytes
            if let counters = network.with(node, { host, _ in host.gossipCounters }) {
                result.duplicates += counters.duplicates
                result.bans += network.with(node) { host, _ in host.counters.bans } ?? 0
            }
        }
        result.eventCount = network.eventCount
        result.traceHash = network.traceHex
        return result
    }

    private func isUp(_ node: Int, from: Int64, to: Int64) -> Bool {
        lives[node].contains { $0.from <= max(0, from) && $0.to >= to }
    }

    /// What honest nodes think of the peers that matter to them: those in their mesh, and those
    /// whose score is below zero, gone or not. For each peer the mean over such nodes.
    private mutating func addScores(to result: inout GossipResult) {
        guard scenario.hostile > 0 else { return }
        var sums = [Double](repeating: 0, count: scenario.nodes)
        var counts = [Int](repeating: 0, count: scenario.nodes)
        for node in kinds.indices where kinds[node] == .honest && network.isUp(node) {
            let mesh = network.with(node) { host, _ in host.mesh(of: GossipScenario.topic) } ?? []
            let members = Set(mesh)
            for other in met[node].sorted() {
                let peer = peerIDs[other]
                let score = network.with(node) { host, _ in host.score(of: peer) } ?? 0
                guard members.contains(peer) || score < 0 else { continue }
                sums[other] += score
                counts[other] += 1
            }
        }
        for node in kinds.indices where counts[node] > 0 {
            result.scores[kinds[node], default: []].append(sums[node] / Double(counts[node]))
        }
    }
}
