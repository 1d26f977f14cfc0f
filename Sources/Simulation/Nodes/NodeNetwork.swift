package import Availability
package import LibP2P
package import NodeCore
import SystemCrypto

/// Node machines on virtual time, joined above their hosts: whole gossip messages, requests and
/// answers travel on links with delay and loss between accesses of limited rate.
///
/// The machines are those of the daemons. Gossip is a model of the router: on each topic a mesh of
/// up to 12 peers gets a message once it is accepted, copies wait for the uplink and are dropped if
/// the receiver has said by then that it has the message (IDONTWANT), and at the next heartbeats six
/// others are told of it and fetch it if they lack it. `specs/simulation.md` has the model.
package final class NodeNetwork {
    struct Link {
        let ends: (Int, Int)
        let delay: Int64
        var isOpen = true
        /// When the last transfer from either end arrives.
        var lastArrival: (Int64, Int64) = (0, 0)
        /// What a partition holds up, in order.
        var held: [(to: Int, byteCount: Int, content: Content)] = []
    }

    enum Content {
        /// A copy of a message, and who sent it.
        case gossip(Int, from: Int)
        /// A peer asks for a message that it was told of.
        case wanted(Int, by: Int)
        case request(UInt64)
        case chunk(UInt64, [UInt8])
        case finished(UInt64)
        case failed(UInt64, NodeCore.RequestFailure)
        /// What a node is told by its own shell.
        case event(NodeEvent)
    }

    enum Event {
        case arrival(to: Int, life: Int, link: Int, byteCount: Int, span: Int64, Content)
        case delivery(to: Int, life: Int, Content)
        case connected(Int)
        case lost(Int, life: Int, other: Int)
        case tick(Int, life: Int)
        case worked(Int, life: Int, WorkToken, WorkResult)
        case timeout(Int, life: Int, token: UInt64)
        case pump(Int, life: Int)
        case heartbeat(Int, life: Int)
        case mend(Int, life: Int)
        case slowAnswer(Int, life: Int, Content, Int, to: Int)
        case action(Int)
    }

    struct Message {
        let topic: Int
        let data: [UInt8]
        /// By node: when it had it first; `.max` before.
        var seenAt: [Int64]
    }

    struct Exchange {
        let asker: Int
        let askerLife: Int
        let token: OutboundRequestToken
        let server: Int
        let protocolName: String
        let body: [UInt8]
    }

    /// What nodes told their shells.
    package struct Report {
        package let node: Int
        package let at: NodeTime
        package let report: NodeReport
    }

    /// How nodes are joined.
    package struct Conditions: Sendable {
        /// One way, in milliseconds; each link has one of these.
        package var delays = 20...200
        /// The share of segments lost.
        package var loss = 0.05
        /// Peers in a mesh: as few as that before more are taken, as many as wanted, and at most.
        package var mesh = (low: 6, target: 8, high: 12)
        /// Peers outside of the mesh that are told of messages at a heartbeat.
        package var lazy = 6

        package init() {}
    }

    /// The wall clock when virtual time begins, in milliseconds since 1970.
    package static let epoch: UInt64 = 1_800_000_000_000

    package private(set) var nodes: [SimulatedNode] = []
    var links: [Link] = []
    var queue = EventQueue<Event>()
    /// Virtual time in nanoseconds.
    package private(set) var now: Int64 = 0
    let conditions: Conditions
    var loss: LossModel
    var random: FastRandom
    var trace = Trace()
    package var work: WorkModel
    /// What nodes told since it was last taken.
    private var reports: [Report] = []
    /// Actions of the driver that are due.
    private var due: [Int] = []
    /// Nodes whose wishes for peers have changed.
    private var wishing: [Int] = []
    private var byPeer: [PeerID: Int] = [:]
    var topicNumbers: [String: Int] = [:]
    var topicNames: [String] = []
    var messages: [Message] = []
    var messageNumbers: [MessageID: Int] = [:]
    var exchanges: [UInt64: Exchange] = [:]
    var nextExchange: UInt64 = 0
    var nextToken: UInt64 = 0
    var isPartitioned = false
    /// Requests made so far, by protocol.
    package internal(set) var requestCounts: [String: Int] = [:]
    /// Events so far, by what they are.
    package internal(set) var eventCounts = [Int](repeating: 0, count: 16)
    /// Offences that nodes held against others, with who holds them against whom.
    package internal(set) var penalties: [(by: Int, of: Int, offence: Offence)] = []
    /// What dishonest nodes do to what they send.
    var mischief: any Mischief = NoMischief()
    /// Gossip copies sent, saved by IDONTWANT, and received again.
    package internal(set) var copies = (sent: 0, saved: 0, repeated: 0)

    /// A network without nodes.
    package init(seed: SimulationSeed, conditions: Conditions, work: WorkModel) {
        self.conditions = conditions
        self.work = work
        loss = LossModel(rate: conditions.loss, random: seed.fastGenerator("loss"))
        random = seed.fastGenerator("network")
    }

    /// Virtual time as nodes are told it.
    package var time: NodeTime {
        NodeTime(
            monotonic: now, unixMilliseconds: Self.epoch + UInt64(max(0, now) / 1_000_000))
    }

    /// The hash of what happened so far.
    package var traceHex: String { trace.hex }
    /// Events that happened so far.
    package var eventCount: Int { trace.count }

    /// Takes what nodes told their shells since the last time.
    package func takeReports() -> [Report] {
        defer { reports.removeAll(keepingCapacity: true) }
        return reports
    }

    /// Takes the driver's actions that are due.
    package func takeActions() -> [Int] {
        defer { due.removeAll(keepingCapacity: true) }
        return due
    }

    /// Takes the nodes whose wishes for peers have changed since the last time.
    package func takeWishing() -> [Int] {
        defer { wishing.removeAll(keepingCapacity: true) }
        return wishing
    }

    // MARK: nodes

    /// Adds a node that is down.
    @discardableResult
    package func add(
        _ peer: PeerID, role: NodeRole, access: Access, workers: Int = 2
    ) -> SimulatedNode {
        let node = SimulatedNode(
            index: nodes.count, peer: peer, role: role, access: access, workers: workers)
        nodes.append(node)
        byPeer[peer] = node.index
        return node
    }

    func number(of peer: PeerID) -> Int? { byPeer[peer] }

    /// Starts a node with a fresh machine.
    package func start(_ index: Int, _ machine: any NodeMachine) {
        let node = nodes[index]
        guard node.machine == nil else { return }
        node.life += 1
        node.machine = machine
        node.machine?.start(now: time)
        note(index, 1, UInt64(node.life))
        settle(node)
    }

    /// Ends a node's process. Its peers learn it after the link's delay.
    package func stop(_ index: Int) {
        let node = nodes[index]
        guard node.machine != nil else { return }
        note(index, 2, 0)
        for other in node.neighbours {
            guard let link = node.link(to: other) else { continue }
            links[link].isOpen = false
            links[link].held = []
            queue.schedule(
                .lost(other, life: nodes[other].life, other: index), at: now + links[link].delay)
        }
        node.removeAllNeighbours()
        node.machine = nil
        node.wishes = nil
        node.topics = []
        node.mesh = []
        node.tickAt = .max
        node.workers = node.workers.map { _ in 0 }
        node.undecided = [:]
        node.outbox = []
        node.outboxStart = 0
        node.isPumping = false
        node.recent = []
        node.isBeating = false
        for id in node.asked.values { exchanges[id] = nil }
        node.asked = [:]
    }

    /// Joins two nodes that are up and not joined, dialled by the first.
    package func connect(_ dialler: Int, _ listener: Int) {
        guard dialler != listener, nodes[dialler].isUp, nodes[listener].isUp,
            nodes[dialler].link(to: listener) == nil
        else { return }
        let delays = conditions.delays
        let delay = random.uniform(
            Int64(delays.lowerBound) * 1_000_000...Int64(delays.upperBound) * 1_000_000)
        links.append(Link(ends: (dialler, listener), delay: delay))
        nodes[dialler].add(listener, links.count - 1)
        nodes[listener].add(dialler, links.count - 1)
        queue.schedule(.connected(links.count - 1), at: now + 6 * delay)
    }

    /// Splits the network: nodes in different parts hear nothing of each other until it is healed.
    package func partition(_ part: (Int) -> Int) {
        for node in nodes { node.part = part(node.index) }
        isPartitioned = true
    }

    /// Ends a partition: what was under way arrives after the transport has tried again.
    package func heal() {
        isPartitioned = false
        for node in nodes { node.part = 0 }
        for index in links.indices where !links[index].held.isEmpty {
            let held = links[index].held
            links[index].held = []
            guard links[index].isOpen else { continue }
            let retry = random.uniform(200_000_000...1_500_000_000)
            for item in held {
                queue.schedule(
                    .arrival(
                        to: item.to, life: nodes[item.to].life, link: index,
                        byteCount: item.byteCount, span: 0, item.content), at: now + retry)
            }
        }
    }

    /// Asks for an action of the driver's at a time.
    package func schedule(_ action: Int, at time: Int64) {
        queue.schedule(.action(action), at: time)
    }

    /// Does something to a machine of a given kind, and carries out what follows. Nil if the node is
    /// down or of another kind.
    package func with<Machine: NodeMachine, Result>(
        _ index: Int, as type: Machine.Type,
        _ body: (inout Machine, NodeTime) throws -> Result
    ) rethrows -> Result? {
        let node = nodes[index]
        guard var machine = node.machine as? Machine else { return nil }
        defer {
            node.machine = machine
            settle(node)
        }
        return try body(&machine, time)
    }

    // MARK: time

    /// Does the next event if it is due by `end`; else moves time there and says false.
    package func step(until end: Int64) -> Bool {
        guard let next = queue.nextTime, next <= end, let (time, event) = queue.pop() else {
            now = max(now, end)
            return false
        }
        now = time
        perform(event)
        return true
    }

    private func perform(_ event: Event) {
        switch event {
        case .arrival(let to, let life, let link, let byteCount, let span, let content):
            guard nodes[to].life == life, links[link].isOpen else { return }
            if isPartitioned, nodes[links[link].ends.0].part != nodes[links[link].ends.1].part {
                links[link].held.append((to, byteCount, content))
                return
            }
            let done = nodes[to].access.receive(byteCount, sentOver: span, now: now)
            if done <= now {
                deliver(content, to: nodes[to])
            } else {
                queue.schedule(.delivery(to: to, life: life, content), at: done)
            }
        case .delivery(let to, let life, let content):
            if nodes[to].life == life { deliver(content, to: nodes[to]) }
        case .connected(let link): connected(link)
        case .lost(let index, let life, let other): lost(index, life, other)
        case .tick(let index, let life):
            let node = nodes[index]
            guard node.life == life, node.tickAt <= now else { return }
            node.tickAt = .max
            note(index, 3, 0)
            node.machine?.tick(now: time)
            settle(node)
        case .worked(let index, let life, let token, let result):
            guard nodes[index].life == life else { return }
            note(index, 4, token.rawValue)
            handle(.workFinished(token, result), nodes[index])
        case .timeout(let index, let life, let token):
            let node = nodes[index]
            guard node.life == life, let id = node.asked.removeValue(forKey: token) else { return }
            exchanges[id] = nil
            note(index, 5, token)
            handle(.responseFailed(OutboundRequestToken(rawValue: token), .timedOut), node)
        case .pump(let index, let life):
            guard nodes[index].life == life else { return }
            nodes[index].isPumping = false
            pump(nodes[index])
        case .heartbeat(let index, let life):
            if nodes[index].life == life { beat(nodes[index]) }
        case .mend(let index, let life):
            if nodes[index].life == life { mend(nodes[index]) }
        case .slowAnswer(let index, let life, let content, let byteCount, let asker):
            guard nodes[index].life == life else { return }
            send(content, byteCount, from: index, to: asker)
        case .action(let number):
            due.append(number)
        }
    }

    private func connected(_ link: Int) {
        let ends = links[link].ends
        guard links[link].isOpen, nodes[ends.0].isUp, nodes[ends.1].isUp,
            nodes[ends.0].link(to: ends.1) == link
        else { return }
        note(ends.0, 6, UInt64(ends.1))
        for (index, other, isOutbound) in [(ends.1, ends.0, false), (ends.0, ends.1, true)] {
            handle(
                .peerConnected(
                    PeerConnection(
                        peer: nodes[other].peer, isOutbound: isOutbound,
                        addressGroup: Self.group(of: other))), nodes[index])
        }
        mend(nodes[ends.0])
        mend(nodes[ends.1])
    }

    /// 16 nodes to an address group.
    private static func group(of node: Int) -> AddressGroup {
        AddressGroup(
            bytes: [
                UInt8(truncatingIfNeeded: node / 4096), UInt8(truncatingIfNeeded: node / 16),
            ])
    }

    private func lost(_ index: Int, _ life: Int, _ other: Int) {
        let node = nodes[index]
        guard node.life == life, let link = node.link(to: other), !links[link].isOpen else {
            return
        }
        note(index, 7, UInt64(other))
        node.remove(other)
        let peer = nodes[other].peer
        for (token, id) in node.asked.sorted(by: { $0.key < $1.key })
        where exchanges[id]?.server == other {
            node.asked[token] = nil
            exchanges[id] = nil
        }
        handle(.peerDisconnected(peer), node)
        queue.schedule(
            .mend(index, life: life), at: now + random.uniform(100_000_000...1_000_000_000))
    }

    // MARK: machines

    func handle(_ event: NodeEvent, _ node: SimulatedNode) {
        guard node.machine != nil else { return }
        node.machine?.handle(event, now: time)
        settle(node)
    }

    /// Carries out all that a machine wants, and arms its timer.
    private func settle(_ node: SimulatedNode) {
        while let wanted = node.machine?.drain(), !wanted.isEmpty {
            for directive in wanted { carryOut(directive, for: node) }
        }
        guard let deadline = node.machine?.nextDeadline else { return }
        let at = max(deadline, now + 1000)
        guard at < node.tickAt else { return }
        node.tickAt = at
        queue.schedule(.tick(node.index, life: node.life), at: at)
    }

    func note(_ node: Int, _ what: UInt64, _ detail: UInt64) {
        eventCounts[Int(what)] += 1
        trace.note(UInt64(now), UInt64(node), what, detail)
    }

    private func carryOut(_ directive: NodeDirective, for node: SimulatedNode) {
        switch directive {
        case .subscribe(let topic): subscribe(node, topic)
        case .unsubscribe(let topic):
            let number = number(ofTopic: topic)
            node.topics[number] = false
            node.mesh[number] = []
        case .verdict(let token, let verdict): decided(node, token, verdict)
        case .publish(let publication): publish(publication, by: node)
        case .request(let request): ask(request, by: node)
        case .cancelRequest(let token):
            if let id = node.asked.removeValue(forKey: token.rawValue) { exchanges[id] = nil }
        case .respond(let token, let bytes): respond(node, token.rawValue, bytes)
        case .finishResponse(let token): finish(node, token.rawValue)
        case .failResponse(let token, _): refuse(node, token.rawValue)
        case .run(let token, let work): run(work, token, on: node)
        case .penalise(let peer, let offence):
            if let other = byPeer[peer] { penalties.append((node.index, other, offence)) }
        case .disconnect(let peer, let offence):
            guard let other = byPeer[peer] else { return }
            penalties.append((node.index, other, offence))
            disconnect(node, other)
        case .wish(let wishes):
            node.wishes = wishes
            wishing.append(node.index)
        case .report(let report):
            reports.append(Report(node: node.index, at: time, report: report))
        }
    }

    private func run(_ work: Work, _ token: WorkToken, on node: SimulatedNode) {
        let result = self.work.result(of: work, really: node.reallyComputes)
        var free = 0
        for worker in node.workers.indices where node.workers[worker] < node.workers[free] {
            free = worker
        }
        let done = max(now, node.workers[free]) + self.work.cost(of: work) * node.slowness
        node.workers[free] = done
        queue.schedule(.worked(node.index, life: node.life, token, result), at: done)
    }

    private func disconnect(_ node: SimulatedNode, _ other: Int) {
        guard let link = node.link(to: other), links[link].isOpen else { return }
        links[link].isOpen = false
        queue.schedule(.lost(node.index, life: node.life, other: other), at: now)
        queue.schedule(
            .lost(other, life: nodes[other].life, other: node.index), at: now + links[link].delay)
    }

    // MARK: for checks

    /// Links that were ever made.
    package var linkCount: Int { links.count }

    /// A gossip message's topic and content.
    func message(_ number: Int) -> (topic: String, data: [UInt8])? {
        guard messages.indices.contains(number) else { return nil }
        return (topicNames[messages[number].topic], messages[number].data)
    }

    /// How many messages a node has had since before a moment without a verdict.
    func undecided(by node: SimulatedNode, before moment: Int64) -> Int {
        node.undecided.values.count { messages[$0.message].seenAt[node.index] < moment }
    }

    // MARK: transfers

    /// Puts something on its way between linked nodes.
    func send(_ content: Content, _ byteCount: Int, from: Int, to: Int) {
        guard let link = nodes[from].link(to: to), links[link].isOpen else { return }
        let delay = links[link].delay
        let size = byteCount + 60
        let (late, resent) = loss.recovery(of: size, roundTrip: 2 * delay)
        let (out, span) = nodes[from].access.send(size + resent, now: now)
        var arrival = out + delay + late
        if links[link].ends.0 == from {
            arrival = max(arrival, links[link].lastArrival.0)
            links[link].lastArrival.0 = arrival
        } else {
            arrival = max(arrival, links[link].lastArrival.1)
            links[link].lastArrival.1 = arrival
        }
        queue.schedule(
            .arrival(
                to: to, life: nodes[to].life, link: link, byteCount: size, span: span, content),
            at: arrival)
    }
}
