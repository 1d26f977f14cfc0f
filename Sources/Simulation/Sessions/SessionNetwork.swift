package import LibP2P
import SystemCrypto

/// libp2p hosts on virtual time, joined by sessions: secured, multiplexed connections of which only
/// what matters to a host is modelled. Streams are negotiated in a round trip; their bytes, those
/// that the hosts write, wait for the sender's uplink, travel for the link's delay, wait for the
/// receiver's downlink, and arrive in order. Nothing is encrypted.
///
/// Whoever runs it calls `step` until it is done and takes the news after each.
package struct SessionNetwork {
    /// What the driver hears of.
    package enum News {
        /// A host wants something of its application.
        case host(Int, HostDirective)
        /// An event of the driver's own is due.
        case action(Int)
        /// A node that was dialled is not there.
        case dialFailed(from: Int, to: Int)
    }

    /// One end of a link.
    struct End {
        let node: Int
        /// The node's life in which the end came to be; a node that restarts has lost it.
        let life: Int
        var isOpen = true
        /// When the last transfer from here will arrive.
        var lastArrival: Int64 = 0
        var nextStream: UInt32
        /// The stream on which the node writes its gossip.
        var gossipStream: StreamID?
    }

    struct Link {
        var ends: [End]
        /// One way, in nanoseconds.
        let delay: Int64
        /// Live streams: bits 1 and 2 for sides that have finished, 4 and 8 for those that know.
        var streams: [StreamID: UInt8] = [:]
    }

    /// What travels on a link.
    enum Packet {
        case open(StreamID, protocols: [String], token: UInt64)
        case accepted(StreamID, name: String, token: UInt64)
        case refused(token: UInt64)
        case data(StreamID, [UInt8])
        case finish(StreamID)
        case reset(StreamID)
        case close

        /// About as many bytes as it takes, with its frame.
        var byteCount: Int {
            switch self {
            case .open(_, let protocols, _): 40 + protocols.reduce(0) { $0 + $1.utf8.count }
            case .accepted(_, let name, _): 40 + name.utf8.count
            case .data(_, let bytes): 30 + bytes.count
            case .refused, .finish, .reset, .close: 30
            }
        }
    }

    enum Event {
        /// The last byte is at the receiver's downlink.
        case arrival(link: Int, side: Int, Packet, span: Int64)
        case delivery(link: Int, side: Int, Packet)
        case connected(link: Int)
        case lost(link: Int, side: Int)
        case written(link: Int, side: Int, StreamID, Int)
        case tick(Int, life: Int)
        case action(Int)
        case dialFailed(from: Int, to: Int, life: Int)
    }

    struct Node {
        var host: Host?
        var access: Access
        var life = 0
        var tickAt = Int64.max
        /// Links with an open end here.
        var links: [Int] = []
    }

    private(set) var nodes: [Node] = []
    var links: [Link] = []
    var queue = EventQueue<Event>()
    /// Virtual time in nanoseconds.
    package private(set) var now: Int64 = 0
    private var loss: LossModel
    private var delays: FastRandom
    private let delayRange: ClosedRange<Int64>
    private(set) var trace = Trace()
    private var news: [News] = []
    private let seed: SimulationSeed

    /// Bytes that a socket takes before its host is told to wait.
    private static let socketBytes = 256 << 10
    /// Round trips until a connection is secured: TCP, Noise XX with the muxer in it.
    private static let roundTripsToConnect: Int64 = 3
    /// How long a node that vanished without a word is taken to be there: idle time, then an unanswered ping.
    private static let vanished: ClosedRange<Int64> = 30_000_000_000...40_000_000_000
    /// How long a dial to a node that is not there takes.
    private static let dialTimeout: Int64 = 3_000_000_000

    /// A network without nodes.
    ///
    /// - Parameters:
    ///   - seed: What everything follows from.
    ///   - delays: One way, in milliseconds: each link has one of these for good.
    ///   - loss: The share of segments lost.
    package init(seed: SimulationSeed, delays: ClosedRange<Int>, loss: Double) {
        self.seed = seed
        delayRange = Int64(delays.lowerBound) * 1_000_000...Int64(delays.upperBound) * 1_000_000
        self.loss = LossModel(rate: loss, random: seed.fastGenerator("loss"))
        self.delays = seed.fastGenerator("delays")
    }

    /// Adds a node that is down.
    @discardableResult
    package mutating func addNode(_ access: Access) -> Int {
        nodes.append(Node(access: access))
        return nodes.count - 1
    }

    // MARK: what is known

    /// Virtual time as hosts are told it.
    package var instant: Instant { Instant(nanoseconds: now) }
    /// Whether a node is up.
    package func isUp(_ node: Int) -> Bool { nodes[node].host != nil }
    /// The node's access, with what went through it.
    package func access(of node: Int) -> Access { nodes[node].access }
    /// Links that a node's process has open, those under way included.
    package func linkCount(of node: Int) -> Int { nodes[node].links.count }
    /// Links that a node dialled and has open, those under way included.
    package func dialledCount(of node: Int) -> Int {
        nodes[node].links.count { links[$0].ends[0].node == node }
    }
    /// The hash of what happened so far.
    package var traceHex: String { trace.hex }
    /// Events that happened so far.
    package var eventCount: Int { trace.count }

    /// Takes what the last step had to tell.
    package mutating func takeNews() -> [News] {
        defer { news.removeAll(keepingCapacity: true) }
        return news
    }

    // MARK: lives

    /// A node's process starts.
    package mutating func start(_ node: Int, _ configuration: HostConfiguration) {
        guard nodes[node].host == nil else { return }
        nodes[node].life += 1
        let seedBytes = seed.bytes("host \(nodes[node].life)", node)
        nodes[node].host = Host(configuration: configuration, seed: seedBytes, now: instant)
        trace.note(UInt64(now), UInt64(node), 1, 0)
        settle(node)
    }

    /// A node's process ends. Its peers learn it at once, or late if it vanishes (its machine is gone).
    package mutating func stop(_ node: Int, vanishes: Bool) {
        guard nodes[node].host != nil else { return }
        trace.note(UInt64(now), UInt64(node), 2, vanishes ? 1 : 0)
        for link in nodes[node].links {
            let side = links[link].ends[0].node == node ? 0 : 1
            links[link].ends[side].isOpen = false
            let notice = vanishes ? delays.uniform(Self.vanished) : links[link].delay
            queue.schedule(.lost(link: link, side: 1 - side), at: now + notice)
        }
        nodes[node].links = []
        nodes[node].host = nil
        nodes[node].tickAt = .max
    }

    /// A node dials another.
    package mutating func dial(_ from: Int, _ to: Int) {
        guard nodes[from].host != nil, from != to else { return }
        guard nodes[to].host != nil else {
            queue.schedule(
                .dialFailed(from: from, to: to, life: nodes[from].life),
                at: now + Self.dialTimeout)
            return
        }
        let delay = delays.uniform(delayRange)
        let ends = [
            End(node: from, life: nodes[from].life, nextStream: 1),
            End(node: to, life: nodes[to].life, nextStream: 2),
        ]
        links.append(Link(ends: ends, delay: delay))
        nodes[from].links.append(links.count - 1)
        nodes[to].links.append(links.count - 1)
        queue.schedule(
            .connected(link: links.count - 1), at: now + Self.roundTripsToConnect * 2 * delay)
    }

    /// Asks for `News.action(number)` at a time.
    package mutating func schedule(_ action: Int, at time: Int64) {
        queue.schedule(.action(action), at: time)
    }

    /// Calls a node's host and carries out what it wants. Nil if the node is down.
    @discardableResult
    package mutating func with<Result>(
        _ node: Int, _ body: (inout Host, Instant) throws -> Result
    ) rethrows -> Result? {
        let time = instant
        let result = try nodes[node].host?.apply { try body(&$0, time) }
        settle(node)
        return result
    }

    /// Writes an RPC of an attacker's own making on every gossip stream that a node has open.
    package mutating func inject(_ rpc: RPC, from node: Int) {
        for link in nodes[node].links {
            let side = links[link].ends[0].node == node ? 0 : 1
            guard let stream = links[link].ends[side].gossipStream else { continue }
            for frame in rpc.frames(limit: 16_000) { send(link, side, .data(stream, frame)) }
        }
        settle(node)
    }

    // MARK: time

    /// Does the next event if it is due by `end`; else moves time there and says false.
    package mutating func step(until end: Int64) -> Bool {
        guard let next = queue.nextTime, next <= end, let (time, event) = queue.pop() else {
            now = max(now, end)
            return false
        }
        now = time
        handle(event)
        return true
    }

    private mutating func handle(_ event: Event) {
        switch event {
        case .arrival(let link, let side, let packet, let span):
            arrived(link, side, packet, span)
        case .delivery(let link, let side, let packet):
            deliver(link, side, packet)
        case .connected(let link):
            connected(link)
        case .lost(let link, let side):
            lose(link, side)
        case .written(let link, let side, let stream, let count):
            guard links[link].ends[side].isOpen else { return }
            let node = links[link].ends[side].node
            let time = instant
            let connection = id(link, side)
            nodes[node].host?.streamWritten(connection, stream, count: count, now: time)
            settle(node)
        case .tick(let node, let life):
            guard nodes[node].life == life, nodes[node].tickAt <= now else { return }
            nodes[node].tickAt = .max
            let time = instant
            nodes[node].host?.tick(now: time)
            settle(node)
        case .action(let number):
            news.append(.action(number))
        case .dialFailed(let from, let to, let life):
            if nodes[from].life == life { news.append(.dialFailed(from: from, to: to)) }
        }
    }

    /// Carries out all that a host wants, and arms its timer.
    private mutating func settle(_ node: Int) {
        while let wanted = nodes[node].host?.drain(), !wanted.isEmpty {
            for directive in wanted { carryOut(directive, node) }
        }
        // In place: reading through the optional would copy the host.
        if let deadline = nodes[node].host?.apply({ $0.nextDeadline?.nanoseconds }) ?? nil,
            deadline < nodes[node].tickAt
        {
            let due = max(deadline, now)
            nodes[node].tickAt = due
            queue.schedule(.tick(node, life: nodes[node].life), at: due)
        }
    }

    // MARK: for the extension

    func id(_ link: Int, _ side: Int) -> ConnectionID { ConnectionID(UInt64(link * 2 + side)) }

    mutating func note(_ node: Int, _ what: UInt64, _ detail: UInt64) {
        trace.note(UInt64(now), UInt64(node), what, detail)
    }

    mutating func tell(_ item: News) { news.append(item) }

    mutating func callHost(_ node: Int, _ body: (inout Host, Instant) -> Void) {
        with(node) { body(&$0, $1) }
    }

    mutating func forgetLink(_ link: Int, of node: Int) {
        nodes[node].links.removeAll { $0 == link }
    }

    /// Puts a packet on its way from one side of a link to the other.
    mutating func send(_ link: Int, _ side: Int, _ packet: Packet) {
        guard links[link].ends[side].isOpen else { return }
        let from = links[link].ends[side].node
        let roundTrip = 2 * links[link].delay
        let size = packet.byteCount
        let (late, resent) = loss.recovery(of: size, roundTrip: roundTrip)
        let (out, span) = nodes[from].access.send(size + resent, now: now)
        let arrival = max(out + links[link].delay + late, links[link].ends[side].lastArrival)
        links[link].ends[side].lastArrival = arrival
        queue.schedule(.arrival(link: link, side: 1 - side, packet, span: span), at: arrival)
        guard case .data(let stream, let bytes) = packet else { return }
        // A host may go on as long as its socket takes what it writes.
        let backlog = nodes[from].access.backlog(now: now) - Self.socketBytes
        guard backlog > 0 else {
            let time = instant
            let connection = id(link, side)
            nodes[from].host?.streamWritten(
                connection, stream, count: bytes.count, now: time)
            return
        }
        let wait = Int64(Double(backlog) / nodes[from].access.upBytesPerSecond * 1e9)
        queue.schedule(
            .written(link: link, side: side, stream, bytes.count), at: now + wait)
    }

    private mutating func arrived(_ link: Int, _ side: Int, _ packet: Packet, _ span: Int64) {
        let end = links[link].ends[side]
        guard end.isOpen, nodes[end.node].life == end.life else { return }
        let done = nodes[end.node].access.receive(packet.byteCount, sentOver: span, now: now)
        if done <= now {
            deliver(link, side, packet)
        } else {
            queue.schedule(.delivery(link: link, side: side, packet), at: done)
        }
    }
}

extension Host {
    /// Changes a host in place, where it is kept.
    fileprivate mutating func apply<Result>(
        _ body: (inout Host) throws -> Result
    ) rethrows -> Result {
        try body(&self)
    }
}
