/// `GET /v1/status`: who a node is and how it fares.
package struct StatusAnswer: Codable, Sendable, Hashable {
    /// `light`, `full` or `sequencer`.
    package var role: String
    /// The program's version.
    package var version: String
    /// The network id.
    package var network: HexBytes
    /// The node's name among its peers.
    package var peer: String
    /// Under which addresses peers reach it, each with its peer id.
    package var addresses: [String]
    /// A sequencer's own key.
    package var sequencer: HexBytes?
    /// The column groups that it custodies, ascending.
    package var custody: [Int]
    /// When it started, in milliseconds since 1970.
    package var started: UInt64
    /// The slot that has begun; nil before genesis.
    package var slot: UInt64?
    /// Connected peers.
    package var peers: Int
    /// Distinct address groups among those that it dialled itself.
    package var addressGroups: Int
    /// The lanes that it follows.
    package var lanes: [LaneAnswer]
    /// Whether it keeps up.
    package var readiness: ReadinessAnswer
    /// What it stores.
    package var store: StoreAnswer

    /// A status.
    package init(
        role: String, version: String, network: HexBytes, peer: String, addresses: [String],
        sequencer: HexBytes?, custody: [Int], started: UInt64, slot: UInt64?, peers: Int,
        addressGroups: Int, lanes: [LaneAnswer], readiness: ReadinessAnswer, store: StoreAnswer
    ) {
        self.role = role
        self.version = version
        self.network = network
        self.peer = peer
        self.addresses = addresses
        self.sequencer = sequencer
        self.custody = custody
        self.started = started
        self.slot = slot
        self.peers = peers
        self.addressGroups = addressGroups
        self.lanes = lanes
        self.readiness = readiness
        self.store = store
    }
}

/// `GET /readyz`: whether a node's sampling is within some blocks of the heads that it knows.
package struct ReadinessAnswer: Codable, Sendable, Hashable {
    /// Whether it is.
    package var ready: Bool
    /// Blocks between the lane that is furthest behind and its head.
    package var lag: UInt64
    /// How many are allowed.
    package var allowedLag: UInt64
    /// What is in the way, in words; empty if nothing is.
    package var reasons: [String]

    /// A readiness.
    package init(ready: Bool, lag: UInt64, allowedLag: UInt64, reasons: [String]) {
        self.ready = ready
        self.lag = lag
        self.allowedLag = allowedLag
        self.reasons = reasons
    }
}

/// Where a lane stands with a node.
package struct LaneAnswer: Codable, Sendable, Hashable {
    /// The sequencer's key.
    package var sequencer: HexBytes
    /// The greatest height known, if any.
    package var height: UInt64?
    /// The slot of that header.
    package var slot: UInt64?
    /// The root of that header.
    package var root: HexBytes?
    /// The greatest height whose availability this node has established itself.
    package var sampledHeight: UInt64?
    /// The height at which an equivocation closed it.
    package var closedAt: UInt64?

    /// A lane.
    package init(
        sequencer: HexBytes, height: UInt64?, slot: UInt64?, root: HexBytes?,
        sampledHeight: UInt64?, closedAt: UInt64?
    ) {
        self.sequencer = sequencer
        self.height = height
        self.slot = slot
        self.root = root
        self.sampledHeight = sampledHeight
        self.closedAt = closedAt
    }
}

/// What a node stores.
package struct StoreAnswer: Codable, Sendable, Hashable {
    /// Bytes on disk.
    package var bytes: UInt64
    /// The bound on them.
    package var limit: UInt64
    /// Blocks with cells.
    package var blocks: Int
    /// Headers.
    package var headers: Int
    /// Failures to read or write since the start.
    package var errors: UInt64
    /// The last of them.
    package var lastError: String?

    /// Figures.
    package init(
        bytes: UInt64, limit: UInt64, blocks: Int, headers: Int, errors: UInt64,
        lastError: String?
    ) {
        self.bytes = bytes
        self.limit = limit
        self.blocks = blocks
        self.headers = headers
        self.errors = errors
        self.lastError = lastError
    }
}
