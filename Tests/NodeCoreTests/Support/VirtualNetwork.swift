import Availability
import LibP2P
import NodeCore
import SystemCrypto

/// Nodes on virtual time, wired to each other above the transport: messages, requests and answers
/// travel with seeded delays, work takes a fixed time. One seed, one course of events.
final class VirtualNetwork {
    /// A node with what the network knows of it.
    final class Member {
        let index: Int
        let peer: PeerID
        var machine: any NodeMachine
        var isRunning = true
        var topics: Set<String> = []
        var neighbours: [Int] = []
        var reports: [(at: NodeTime, report: NodeReport)] = []
        var penalties: [(PeerID, Offence)] = []
        var seen: Set<[UInt8]> = []
        var verdicts: [UInt64: GossipVerdict] = [:]
        var wakeAt: Int64?
        var served = 0
        /// How often it was started again.
        var generation = 0

        init(index: Int, peer: PeerID, machine: any NodeMachine) {
            self.index = index
            self.peer = peer
            self.machine = machine
        }
    }

    enum Event {
        /// To a node, if it is still the same process.
        case deliver(Int, NodeEvent, generation: Int)
        case wake(Int)
        case gossip(to: Int, from: Int, topic: String, data: [UInt8], id: [UInt8])
        case timeout(Int, OutboundRequestToken)
        case action(() -> Void)
    }

    private struct Scheduled {
        let at: Int64
        let order: UInt64
        let event: Event
    }

    private struct InFlight {
        let asker: Int
        let token: OutboundRequestToken
        let server: Int
        var lastArrival: Int64
    }

    static let genesis: UInt64 = 1_800_000_000_000
    private(set) var members: [Member] = []
    private var byPeer: [PeerID: Int] = [:]
    private var heap: [Scheduled] = []
    private var order: UInt64 = 0
    private var random: SeededRandom
    private(set) var nanoseconds: Int64 = 0
    private var messages: [UInt64: (from: Int, topic: String, data: [UInt8], id: [UInt8])] = [:]
    private var nextMessage: UInt64 = 0
    private var inbound: [UInt64: InFlight] = [:]
    private var outbound: [[UInt64]: UInt64] = [:]
    private var nextInbound: UInt64 = 0
    private var trace = SHA256()
    private(set) var eventCount = 0
    /// Called before an event reaches its node; false drops it.
    var filter: ((Int, NodeEvent) -> Bool)?
    /// Told of every publication.
    var onPublish: ((Int, NodeCore.Publication) -> Void)?
    /// Alters what a node answers.
    var alterChunks: ((Int, [UInt8]) -> [UInt8])?
    var workNanoseconds: Int64 = 2_000_000
    /// How long a piece of work takes at a node, in nanoseconds; nil: as ever.
    var workTime: ((Int, Work) -> Int64?)?
    /// By how much a node's timers are late.
    var timerDelay: (Int) -> Int64 = { _ in 0 }

    init(seed: UInt64) {
        random = SeededRandom(number: seed)
    }

    var now: NodeTime {
        NodeTime(
            monotonic: nanoseconds,
            unixMilliseconds: Self.genesis + UInt64(nanoseconds / 1_000_000))
    }

    /// A generator for a node, from the network's seed.
    func generator() -> SeededRandom {
        SeededRandom(seed: (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) })
    }

    /// What happened so far, as a hash.
    var traceHash: [UInt8] {
        var copy = trace
        return copy.finalize()
    }

    // MARK: Setting up

    @discardableResult
    func add(_ machine: any NodeMachine, peer: PeerID) -> Int {
        let member = Member(index: members.count, peer: peer, machine: machine)
        members.append(member)
        byPeer[peer] = member.index
        member.machine.start(now: now)
        settle(member)
        return member.index
    }

    func connect(_ a: Int, _ b: Int) {
        guard a != b, !members[a].neighbours.contains(b) else { return }
        members[a].neighbours.append(b)
        members[b].neighbours.append(a)
        for (one, other, isOutbound) in [(a, b, true), (b, a, false)] {
            deliver(
                one,
                .peerConnected(
                    PeerConnection(
                        peer: members[other].peer, isOutbound: isOutbound,
                        addressGroup: AddressGroup(bytes: [UInt8(other >> 8), UInt8(other & 255)])))
            )
        }
    }

    func connectAll(_ indices: [Int]) {
        for (position, a) in indices.enumerated() {
            for b in indices[(position + 1)...] { connect(a, b) }
        }
    }

    /// The node is gone, all its connections with it.
    func stop(_ index: Int) {
        let member = members[index]
        member.isRunning = false
        for neighbour in member.neighbours {
            members[neighbour].neighbours.removeAll { $0 == index }
            deliver(neighbour, .peerDisconnected(member.peer))
        }
        member.neighbours = []
    }

    /// Does something to a machine of a given kind, and carries out what follows.
    func with<Machine: NodeMachine, Result>(
        _ index: Int, as type: Machine.Type, _ body: (inout Machine, NodeTime) throws -> Result
    ) rethrows -> Result? {
        guard var machine = members[index].machine as? Machine else { return nil }
        defer {
            members[index].machine = machine
            settle(members[index])
        }
        return try body(&machine, now)
    }

    /// Starts a node again that was stopped, with what its disk keeps; it has no connections yet.
    func restart(_ index: Int, with machine: any NodeMachine) {
        let member = members[index]
        // What was on its way to the process that is gone does not reach the new one.
        member.generation += 1
        for (id, flight) in inbound where flight.asker == index {
            inbound[id] = nil
            outbound[[UInt64(index), flight.token.rawValue]] = nil
        }
        member.machine = machine
        member.isRunning = true
        member.topics = []
        member.seen = []
        member.wakeAt = nil
        member.machine.start(now: now)
        settle(member)
    }

    func full(_ index: Int) -> FullNode? { members[index].machine as? FullNode }
    func light(_ index: Int) -> LightNode? { members[index].machine as? LightNode }

    /// A message as if a peer had gossiped it; returns the token to look the verdict up.
    @discardableResult
    func inject(to index: Int, from: Int, topic: String, data: [UInt8]) -> UInt64 {
        nextMessage += 1
        let id = NetworkNames.messageID(topic: topic, data: data)
        messages[nextMessage] = (from, topic, data, id)
        deliver(
            index,
            .message(
                GossipDelivery(
                    token: GossipToken(rawValue: nextMessage), topic: topic, data: data,
                    from: members[from].peer)))
        return nextMessage
    }

    // MARK: Running

    func at(milliseconds: UInt64, _ action: @escaping () -> Void) {
        schedule(Int64(milliseconds) * 1_000_000, .action(action))
    }

    /// Runs until the virtual clock shows so many milliseconds.
    func run(untilMilliseconds end: UInt64) {
        let end = Int64(end) * 1_000_000
        while let next = heap.first, next.at <= end {
            pop()
            nanoseconds = max(nanoseconds, next.at)
            eventCount += 1
            perform(next.event)
        }
        nanoseconds = max(nanoseconds, end)
    }

    private func perform(_ event: Event) {
        switch event {
        case .deliver(let index, let event, let generation):
            let member = members[index]
            guard member.isRunning, member.generation == generation, filter?(index, event) ?? true
            else { return }
            note("\(nanoseconds) \(index) \(summary(of: event))")
            member.machine.handle(event, now: now)
            settle(member)
        case .wake(let index):
            let member = members[index]
            guard member.isRunning, let wake = member.wakeAt, wake <= nanoseconds else { return }
            member.wakeAt = nil
            note("\(nanoseconds) \(index) tick")
            member.machine.tick(now: now)
            settle(member)
        case .gossip(let to, let from, let topic, let data, let id):
            let member = members[to]
            guard member.isRunning, member.topics.contains(topic), member.seen.insert(id).inserted
            else { return }
            nextMessage += 1
            messages[nextMessage] = (from, topic, data, id)
            perform(
                delivery(
                    to,
                    .message(
                        GossipDelivery(
                            token: GossipToken(rawValue: nextMessage), topic: topic, data: data,
                            from: members[from].peer))))
        case .timeout(let index, let token):
            let key = [UInt64(index), token.rawValue]
            guard let id = outbound.removeValue(forKey: key) else { return }
            inbound[id] = nil
            perform(delivery(index, .responseFailed(token, .timedOut)))
        case .action(let action):
            action()
        }
    }

    private func settle(_ member: Member) {
        for directive in member.machine.drain() { carryOut(directive, for: member) }
        if let deadline = member.machine.nextDeadline {
            let at = max(deadline, nanoseconds + 1000) + timerDelay(member.index)
            if member.wakeAt.map({ at < $0 }) ?? true {
                member.wakeAt = at
                schedule(at, .wake(member.index))
            }
        }
    }

    private func carryOut(_ directive: NodeDirective, for member: Member) {
        note("  \(member.index) \(summary(of: directive))")
        switch directive {
        case .subscribe(let topic): member.topics.insert(topic)
        case .unsubscribe(let topic): member.topics.remove(topic)
        case .verdict(let token, let verdict):
            member.verdicts[token.rawValue] = verdict
            guard let message = messages.removeValue(forKey: token.rawValue) else { return }
            if verdict == .accept {
                spread(message.topic, message.data, message.id, from: member, except: message.from)
            }
        case .publish(let publication):
            onPublish?(member.index, publication)
            let id = NetworkNames.messageID(topic: publication.topic, data: publication.data)
            member.seen.insert(id)
            switch publication.reach {
            case .everyone:
                spread(publication.topic, publication.data, id, from: member, except: nil)
            case .firstCopy(let peer):
                guard let index = byPeer[peer] else { return }
                send(publication.topic, publication.data, id, from: member, to: index)
            case .remaining(let peer):
                spread(
                    publication.topic, publication.data, id, from: member, except: byPeer[peer])
            }
        case .request(let request): ask(request, by: member)
        case .cancelRequest(let token):
            if let id = outbound.removeValue(forKey: [UInt64(member.index), token.rawValue]) {
                inbound[id] = nil
            }
        case .respond(let token, let bytes):
            member.served += bytes.count
            let sent = alterChunks?(member.index, bytes) ?? bytes
            reply(token, last: false) { .responseChunk($0, sent) }
        case .finishResponse(let token): reply(token, last: true) { .responseFinished($0) }
        case .failResponse(let token, _):
            reply(token, last: true) { .responseFailed($0, .disconnected) }
        case .run(let token, let work):
            let result = work.run()
            schedule(
                nanoseconds + (workTime?(member.index, work) ?? workNanoseconds),
                delivery(member.index, .workFinished(token, result)))
        case .penalise(let peer, let offence): member.penalties.append((peer, offence))
        case .disconnect(let peer, let offence):
            member.penalties.append((peer, offence))
            guard let index = byPeer[peer], member.neighbours.contains(index) else { return }
            member.neighbours.removeAll { $0 == index }
            members[index].neighbours.removeAll { $0 == member.index }
            deliver(member.index, .peerDisconnected(peer))
            deliver(index, .peerDisconnected(member.peer))
        case .wish: break
        case .report(let report): member.reports.append((now, report))
        }
    }

    private var rawToken = UInt64(1) << 40

    /// A request that no machine made.
    func askRaw(by asker: Int, of server: Int, protocolName: String, body: [UInt8]) {
        rawToken += 1
        nextInbound += 1
        let token = OutboundRequestToken(rawValue: rawToken)
        let arrival = nanoseconds + delay()
        inbound[nextInbound] = InFlight(
            asker: asker, token: token, server: server, lastArrival: arrival)
        schedule(
            arrival,
            delivery(
                server,
                .request(
                    InboundRequest(
                        token: InboundRequestToken(rawValue: nextInbound),
                        from: members[asker].peer, protocolName: protocolName, body: body))))
    }

    private func ask(_ request: OutboundRequest, by member: Member) {
        guard let server = byPeer[request.peer], member.neighbours.contains(server) else {
            deliver(member.index, .responseFailed(request.token, .disconnected))
            return
        }
        nextInbound += 1
        let arrival = nanoseconds + delay()
        inbound[nextInbound] = InFlight(
            asker: member.index, token: request.token, server: server, lastArrival: arrival)
        outbound[[UInt64(member.index), request.token.rawValue]] = nextInbound
        schedule(
            arrival,
            delivery(
                server,
                .request(
                    InboundRequest(
                        token: InboundRequestToken(rawValue: nextInbound), from: member.peer,
                        protocolName: request.protocolName, body: request.body))))
        schedule(
            nanoseconds + Int64(request.timeoutMilliseconds) * 1_000_000,
            .timeout(member.index, request.token))
    }

    private func reply(
        _ token: InboundRequestToken, last: Bool, _ event: (OutboundRequestToken) -> NodeEvent
    ) {
        guard var flight = inbound[token.rawValue] else { return }
        // One stream, one order.
        let arrival = max(nanoseconds + delay(), flight.lastArrival + 1000)
        flight.lastArrival = arrival
        inbound[token.rawValue] = last ? nil : flight
        if last { outbound[[UInt64(flight.asker), flight.token.rawValue]] = nil }
        schedule(arrival, delivery(flight.asker, event(flight.token)))
    }

    private func spread(
        _ topic: String, _ data: [UInt8], _ id: [UInt8], from member: Member, except: Int?
    ) {
        for neighbour in member.neighbours where neighbour != except {
            send(topic, data, id, from: member, to: neighbour)
        }
    }

    private func send(
        _ topic: String, _ data: [UInt8], _ id: [UInt8], from member: Member, to index: Int
    ) {
        guard members[index].topics.contains(topic), !members[index].seen.contains(id) else {
            return
        }
        schedule(
            nanoseconds + delay(),
            .gossip(to: index, from: member.index, topic: topic, data: data, id: id))
    }

    private func deliver(_ index: Int, _ event: NodeEvent) {
        schedule(nanoseconds, delivery(index, event))
    }

    private func delivery(_ index: Int, _ event: NodeEvent) -> Event {
        .deliver(index, event, generation: members[index].generation)
    }

    private func delay() -> Int64 {
        Int64.random(in: 2_000_000...20_000_000, using: &random)
    }

    // MARK: Trace

    private func note(_ line: String) {
        trace.update(Array(line.utf8))
    }

    private func summary(of event: NodeEvent) -> String {
        switch event {
        case .peerConnected(let peer): "connected \(peer.peer)"
        case .peerDisconnected(let peer): "disconnected \(peer)"
        case .message(let message): "message \(message.topic) \(message.data.count)"
        case .request(let request): "request \(request.protocolName) \(request.body.count)"
        case .responseChunk(let token, let bytes): "chunk \(token.rawValue) \(bytes.count)"
        case .responseFinished(let token): "finished \(token.rawValue)"
        case .responseFailed(let token, let why): "failed \(token.rawValue) \(why)"
        case .workFinished(let token, _): "work \(token.rawValue)"
        }
    }

    private func summary(of directive: NodeDirective) -> String {
        switch directive {
        case .verdict(let token, let verdict): "verdict \(token.rawValue) \(verdict)"
        case .publish(let publication):
            "publish \(publication.topic) \(publication.data.count) \(publication.reach)"
        case .request(let request):
            "ask \(request.token.rawValue) \(request.peer) \(request.protocolName) \(request.body)"
        case .respond(let token, let bytes): "respond \(token.rawValue) \(bytes.count)"
        case .run(let token, _): "run \(token.rawValue)"
        case .report(.state(let root, let state)): "state \(root) \(state)"
        default: "other"
        }
    }

    // MARK: Queue

    private func schedule(_ at: Int64, _ event: Event) {
        order += 1
        heap.append(Scheduled(at: at, order: order, event: event))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard isBefore(heap[child], heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private func pop() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < heap.count else { return }
            let right = left + 1
            let child = right < heap.count && isBefore(heap[right], heap[left]) ? right : left
            guard isBefore(heap[child], heap[parent]) else { return }
            heap.swapAt(child, parent)
            parent = child
        }
    }

    private func isBefore(_ a: Scheduled, _ b: Scheduled) -> Bool {
        (a.at, a.order) < (b.at, b.order)
    }
}
