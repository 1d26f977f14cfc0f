package import Availability
package import LibP2P
package import NodeCore

/// A node of a `NodeNetwork` with what the network knows of it.
package final class SimulatedNode {
    /// Its place in the network.
    package let index: Int
    /// Its name; the same in every life.
    package let peer: PeerID
    /// What it is.
    package let role: NodeRole
    /// How it behaves.
    package var conduct = Conduct.honest
    /// Its logic; nil while it is down.
    package internal(set) var machine: (any NodeMachine)?
    /// How often it was started.
    package internal(set) var life = 0
    /// Whether it really does its arithmetic.
    package var reallyComputes = false
    /// By how much its arithmetic takes longer than others'.
    package var slowness: Int64 = 1
    /// How it is connected.
    package internal(set) var access: Access

    /// Linked peers in order of their numbers, and the links.
    private(set) var neighbours: [Int] = []
    private var links: [Int: Int] = [:]
    /// By topic number, whether it is subscribed.
    var topics: [Bool] = []
    /// By topic number, the peers that messages are forwarded to.
    var mesh: [[Int]] = []
    /// When each of its workers is free.
    var workers: [Int64]
    var tickAt = Int64.max
    /// Messages under verdict, by token, and whom each came from.
    var undecided: [UInt64: (message: Int, from: Int)] = [:]
    /// Messages to be forwarded as the uplink allows, the first first.
    var outbox: [(to: Int, message: Int)] = []
    var outboxStart = 0
    var isPumping = false
    /// Messages that are still gossiped about, with the heartbeats left.
    var recent: [(message: Int, heartbeats: Int)] = []
    var isBeating = false
    /// Requests of its own that are under way, by token.
    var asked: [UInt64: UInt64] = [:]
    /// What its machine asks of its connection manager.
    package internal(set) var wishes: ConnectionWishes?
    /// The part of a partitioned network that it is in.
    var part = 0

    init(index: Int, peer: PeerID, role: NodeRole, access: Access, workers: Int) {
        self.index = index
        self.peer = peer
        self.role = role
        self.access = access
        self.workers = [Int64](repeating: 0, count: max(1, workers))
    }

    /// What a node does to others.
    package enum Conduct: String, Sendable, CaseIterable {
        /// What the specification says.
        case honest
        /// Alters the cells that it gives, and some of those that it passes on.
        case corrupting
        /// Says that it holds everything and gives nothing.
        case boasting
        /// Answers no request for cells and inventories.
        case mute
        /// Answers all requests three seconds late.
        case slow
        /// A sequencer that gives cells to those who ask, short of what the block could be rebuilt
        /// from, and publishes none.
        case selective
        /// Whatever suits it: it signs two headers for one place.
        case equivocating
    }

    /// Whether it is up.
    package var isUp: Bool { machine != nil }
    /// The machine as a full node, for views of it.
    package var full: FullNode? { machine as? FullNode }
    /// The machine as a light node, for views of it.
    package var light: LightNode? { machine as? LightNode }

    func link(to other: Int) -> Int? { links[other] }

    func add(_ other: Int, _ link: Int) {
        guard links.updateValue(link, forKey: other) == nil else { return }
        let place = neighbours.firstIndex { $0 > other } ?? neighbours.count
        neighbours.insert(other, at: place)
    }

    func remove(_ other: Int) {
        guard links.removeValue(forKey: other) != nil else { return }
        neighbours.removeAll { $0 == other }
        for topic in mesh.indices { mesh[topic].removeAll { $0 == other } }
    }

    func removeAllNeighbours() {
        links = [:]
        neighbours = []
        for topic in mesh.indices { mesh[topic] = [] }
    }

    func isSubscribed(_ topic: Int) -> Bool { topic < topics.count && topics[topic] }

    func members(_ topic: Int) -> [Int] { topic < mesh.count ? mesh[topic] : [] }

    func reserve(topics count: Int) {
        while topics.count < count {
            topics.append(false)
            mesh.append([])
        }
    }
}
