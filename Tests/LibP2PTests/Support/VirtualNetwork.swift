import LibP2P
import SystemCrypto

/// Hosts joined by virtual connections on virtual time. Bytes of a stream arrive in order after the link's
/// delay; a connection can be cut at any time. Everything follows from the seed.
struct VirtualNetwork {
    enum Event {
        case connected(Int, ConnectionID, PeerID, Multiaddr, ConnectionDirection)
        case disconnected(Int, ConnectionID)
        case opened(Int, ConnectionID, StreamID, String, UInt64?)
        case openFailed(Int, ConnectionID, UInt64)
        case data(Int, ConnectionID, StreamID, [UInt8])
        case readClosed(Int, ConnectionID, StreamID)
        case closed(Int, ConnectionID, StreamID, Bool)
        case written(Int, ConnectionID, StreamID, Int)
        case tick(Int)
        case dial(Int, Int)
    }

    struct Link {
        var ends: [Int]
        var delay: Duration
        var isOpen = true
        var nextStream: [UInt32] = [1, 2]
        /// Sides finished, by stream: bit 1 for the dialler, bit 2 for the listener.
        var finished: [StreamID: Int] = [:]
        var live: Set<StreamID> = []
    }

    struct Node {
        var host: Host
        var verdict: (GossipMessage) -> MessageVerdict = { _ in .accept }
        /// Answers by protocol; nil answers are failures.
        var answer: (String, [UInt8]) -> [[UInt8]]? = { _, body in [body] }
        var messages: [GossipMessage] = []
        var receivedAt: [MessageID: Instant] = [:]
        var responses: [RequestID: [[UInt8]]] = [:]
        var finished: [RequestID] = []
        var failures: [RequestID: RequestFailure] = [:]
        var connected: [PeerID] = []
        var disconnected: [PeerID] = []
        var identified: [PeerID: IdentifyInfo] = [:]
        var pings: [Duration] = []
        var closes: [CloseReason] = []
        var scheduledTick = Instant.distantFuture
        var redials: [Int] = []
        /// Sends but never reports that anything was written.
        var isStalled = false
    }

    private struct Scheduled {
        let at: Instant
        let number: Int
        let event: Event
    }

    var nodes: [Node] = []
    var links: [Link] = []
    var now = Instant.zero
    var random: SeededRandom
    var delay: ClosedRange<Int> = 20...20
    /// A digest of everything that happened, in order.
    var trace = SHA256()
    var eventCount = 0
    private var heap: [Scheduled] = []
    private var scheduledCount = 0
    private var indices: [PeerID: Int] = [:]

    init(
        count: Int, seed: UInt64, configure: (inout HostConfiguration, Int) -> Void = { _, _ in }
    ) throws {
        random = SeededRandom(number: seed)
        for index in 0..<count {
            var configuration = try Self.configuration(index)
            configure(&configuration, index)
            var hostSeed: [UInt8] = []
            for _ in 0..<32 { hostSeed.append(UInt8(random.uniform(below: 256))) }
            let host = Host(configuration: configuration, seed: hostSeed, now: now)
            indices[host.localPeer] = index
            nodes.append(Node(host: host))
        }
    }

    /// A host's configuration under a key that follows from its index. (The key is 32 bytes that need
    /// not be a point: nothing is signed here.)
    static func configuration(_ index: Int) throws -> HostConfiguration {
        let key = try PublicKey(ed25519: SHA256.hash(Array("node \(index)".utf8)))
        var configuration = HostConfiguration(publicKey: key)
        var echo = RequestProtocol(
            name: "/test/echo/1", maximumRequestBytes: 100_000, maximumChunkBytes: 100_000,
            maximumResponseBytes: 1_000_000)
        echo.maximumInboundPerPeer = 2
        configuration.protocols = [echo]
        return configuration
    }

    func peer(_ index: Int) -> PeerID { nodes[index].host.localPeer }

    // MARK: time

    mutating func schedule(_ event: Event, after duration: Duration = .zero) {
        heap.append(Scheduled(at: now + duration, number: scheduledCount, event: event))
        scheduledCount += 1
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard isBefore(heap[child], heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private func isBefore(_ left: Scheduled, _ right: Scheduled) -> Bool {
        (left.at, left.number) < (right.at, right.number)
    }

    private mutating func pop() -> Scheduled? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if isBefore(heap[child], heap[least]) { least = child }
            }
            guard least != parent else { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    /// Runs all events of the next `duration`.
    mutating func run(_ duration: Duration) {
        let end = now + duration
        for index in nodes.indices { settle(index) }
        while let next = heap.first, next.at <= end, let scheduled = pop() {
            now = scheduled.at
            handle(scheduled.event)
        }
        now = end
    }

    /// Calls a host and carries out what it wants.
    @discardableResult
    mutating func with<Result>(_ index: Int, _ body: (inout Host, Instant) throws -> Result)
        rethrows
        -> Result
    {
        let result = try body(&nodes[index].host, now)
        settle(index)
        return result
    }

    // MARK: links

    mutating func dial(_ from: Int, _ to: Int) {
        let milliseconds = delay.lowerBound + random.uniform(below: delay.count)
        let link = links.count
        links.append(Link(ends: [from, to], delay: .milliseconds(milliseconds)))
        let address = { (node: Int) in
            Multiaddr(.v4(0x0a00_0000 | UInt32(node)), tcp: 4001)
        }
        schedule(.connected(to, id(link, 1), peer(from), address(from), .inbound))
        schedule(.connected(from, id(link, 0), peer(to), address(to), .outbound))
    }

    /// Cuts every connection between two nodes.
    mutating func cut(_ one: Int, _ other: Int) {
        for link in links.indices where links[link].isOpen {
            guard Set(links[link].ends) == [one, other] else { continue }
            cut(link: link)
        }
    }

    mutating func cut(link: Int) {
        guard links[link].isOpen else { return }
        links[link].isOpen = false
        for side in 0...1 { schedule(.disconnected(links[link].ends[side], id(link, side))) }
    }

    private func id(_ link: Int, _ side: Int) -> ConnectionID {
        ConnectionID(UInt64(link * 2 + side))
    }

    private func place(_ id: ConnectionID) -> (link: Int, side: Int) {
        (Int(id.rawValue) / 2, Int(id.rawValue) % 2)
    }

    // MARK: events

    private mutating func note(_ text: String) {
        trace.update(Array("\(now.nanoseconds) \(text)\n".utf8))
    }

    private mutating func handle(_ event: Event) {
        eventCount += 1
        let index: Int
        switch event {
        case .connected(let node, let id, let peer, let remote, let direction):
            index = node
            guard links[place(id).link].isOpen else { return }
            nodes[node].host.connected(
                id, peer: peer, remote: remote, direction: direction, now: now)
        case .disconnected(let node, let id):
            index = node
            nodes[node].host.disconnected(id, now: now)
        case .opened(let node, let id, let stream, let name, let token):
            index = node
            guard links[place(id).link].isOpen else { return }
            nodes[node].host.streamOpened(id, stream, protocol: name, token: token, now: now)
        case .openFailed(let node, let id, let token):
            index = node
            guard links[place(id).link].isOpen else { return }
            nodes[node].host.openFailed(id, token: token, now: now)
        case .data(let node, let id, let stream, let bytes):
            index = node
            guard links[place(id).link].isOpen, links[place(id).link].live.contains(stream)
            else { return }
            nodes[node].host.streamData(id, stream, bytes, now: now)
        case .readClosed(let node, let id, let stream):
            index = node
            guard links[place(id).link].isOpen, links[place(id).link].live.contains(stream)
            else { return }
            nodes[node].host.streamReadClosed(id, stream, now: now)
            let (link, side) = place(id)
            links[link].finished[stream, default: 0] |= 4 << side
            if links[link].finished[stream] == 15 {
                links[link].live.remove(stream)
                schedule(.closed(links[link].ends[0], self.id(link, 0), stream, false))
                schedule(.closed(links[link].ends[1], self.id(link, 1), stream, false))
            }
        case .closed(let node, let id, let stream, let reset):
            index = node
            guard links[place(id).link].isOpen else { return }
            nodes[node].host.streamClosed(id, stream, reset: reset, now: now)
        case .written(let node, let id, let stream, let count):
            index = node
            guard links[place(id).link].isOpen else { return }
            nodes[node].host.streamWritten(id, stream, count: count, now: now)
        case .tick(let node):
            index = node
            nodes[node].scheduledTick = .distantFuture
            nodes[node].host.tick(now: now)
        case .dial(let from, let to):
            index = from
            dial(from, to)
        }
        settle(index)
    }

    mutating func settle(_ index: Int) {
        var directives = nodes[index].host.drain()
        while !directives.isEmpty {
            for directive in directives { carryOut(directive, index) }
            directives = nodes[index].host.drain()
        }
        if let deadline = nodes[index].host.nextDeadline,
            deadline < nodes[index].scheduledTick
        {
            nodes[index].scheduledTick = deadline
            schedule(.tick(index), after: max(deadline - now, .zero))
        }
    }

    private mutating func carryOut(_ directive: HostDirective, _ index: Int) {
        switch directive {
        case .openStream(let id, let protocols, let token):
            note("\(index) open \(protocols)")
            open(id, protocols, token)
        case .write(let id, let stream, let bytes):
            note("\(index) write \(stream.rawValue) \(bytes.count) \(SHA256.hash(bytes)[0])")
            let (link, side) = place(id)
            if !nodes[index].isStalled { schedule(.written(index, id, stream, bytes.count)) }
            deliver(link, side) { .data($0, $1, stream, bytes) }
        case .finish(let id, let stream):
            let (link, side) = place(id)
            deliver(link, side) { .readClosed($0, $1, stream) }
            links[link].finished[stream, default: 0] |= 1 << side
        case .reset(let id, let stream):
            note("\(index) reset \(stream.rawValue)")
            let (link, side) = place(id)
            links[link].live.remove(stream)
            deliver(link, side) { .closed($0, $1, stream, true) }
        case .consumed: break
        case .close(let id, let reason):
            note("\(index) close")
            nodes[index].closes.append(reason)
            let (link, side) = place(id)
            guard links[link].isOpen else { return }
            links[link].isOpen = false
            let other = links[link].ends[1 - side]
            schedule(.disconnected(other, self.id(link, 1 - side)), after: links[link].delay)
        default:
            application(directive, index)
        }
    }

    private mutating func deliver(
        _ link: Int, _ side: Int, _ event: (Int, ConnectionID) -> Event
    ) {
        guard links[link].isOpen else { return }
        schedule(
            event(links[link].ends[1 - side], id(link, 1 - side)), after: links[link].delay)
    }

    private mutating func open(_ id: ConnectionID, _ protocols: [String], _ token: UInt64) {
        let (link, side) = place(id)
        guard links[link].isOpen else { return }
        let (from, to) = (links[link].ends[side], links[link].ends[1 - side])
        let roundTrip = links[link].delay + links[link].delay
        let spoken = nodes[to].host.inboundProtocols
        guard let name = protocols.first(where: spoken.contains) else {
            schedule(.openFailed(from, id, token), after: roundTrip)
            return
        }
        let stream = StreamID(links[link].nextStream[side])
        links[link].nextStream[side] += 2
        links[link].live.insert(stream)
        schedule(
            .opened(to, self.id(link, 1 - side), stream, name, nil), after: links[link].delay)
        schedule(.opened(from, id, stream, name, token), after: roundTrip)
    }

    private mutating func application(_ directive: HostDirective, _ index: Int) {
        switch directive {
        case .message(let message):
            note("\(index) message \(message.id)")
            nodes[index].messages.append(message)
            nodes[index].receivedAt[message.id] = now
            nodes[index].host.validated(message.id, nodes[index].verdict(message), now: now)
        case .request(let id, _, let name, let body):
            guard let chunks = nodes[index].answer(name, body) else {
                nodes[index].host.fail(id, now: now)
                return
            }
            for chunk in chunks { nodes[index].host.respond(id, chunk: chunk, now: now) }
            nodes[index].host.finish(id, now: now)
        case .response(let id, let chunk): nodes[index].responses[id, default: []].append(chunk)
        case .responseFinished(let id): nodes[index].finished.append(id)
        case .responseFailed(let id, let failure): nodes[index].failures[id] = failure
        case .peerConnected(let peer, _, _): nodes[index].connected.append(peer)
        case .peerDisconnected(let peer):
            nodes[index].disconnected.append(peer)
            if let other = indices[peer], nodes[index].redials.contains(other) {
                schedule(.dial(index, other), after: .milliseconds(500))
            }
        case .identified(let peer, let info): nodes[index].identified[peer] = info
        case .pinged(_, let time): nodes[index].pings.append(time)
        default: break
        }
    }
}
