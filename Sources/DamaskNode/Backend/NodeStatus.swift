package import Availability
package import SSZ

/// Who a node is, and where it stands.
package struct NodeStatus: Sendable, Hashable {
    /// `light`, `full` or `sequencer`.
    package var role: NodeRole
    /// The version of the program.
    package var version: String
    /// The network.
    package var networkID: Bytes32
    /// The node's name among its peers, base58.
    package var peerID: String
    /// Where it can be reached, as multiaddrs with the peer id.
    package var listenAddresses: [String]
    /// Its own lane's key, for a sequencer.
    package var sequencerKey: NodeKey?
    /// Custodied column groups, ascending; none for a light node.
    package var custodyGroups: [Int]
    /// When it started, in milliseconds since 1970.
    package var startedUnixMilliseconds: UInt64
    /// The present slot; nil before genesis.
    package var slot: UInt64?
    /// Connected peers.
    package var peers: Int
    /// Distinct address groups among the outbound ones.
    package var outboundAddressGroups: Int
    /// Every lane's head, in order of keys.
    package var lanes: [LaneStatus]
    /// Whether it does its work.
    package var readiness: Readiness
    /// The store.
    package var store: StoreStatus

    /// A status.
    package init(
        role: NodeRole, version: String, networkID: Bytes32, peerID: String,
        listenAddresses: [String], sequencerKey: NodeKey?, custodyGroups: [Int],
        startedUnixMilliseconds: UInt64, slot: UInt64?, peers: Int, outboundAddressGroups: Int,
        lanes: [LaneStatus], readiness: Readiness, store: StoreStatus
    ) {
        self.role = role
        self.version = version
        self.networkID = networkID
        self.peerID = peerID
        self.listenAddresses = listenAddresses
        self.sequencerKey = sequencerKey
        self.custodyGroups = custodyGroups
        self.startedUnixMilliseconds = startedUnixMilliseconds
        self.slot = slot
        self.peers = peers
        self.outboundAddressGroups = outboundAddressGroups
        self.lanes = lanes
        self.readiness = readiness
        self.store = store
    }
}

/// A lane as a node sees it.
package struct LaneStatus: Sendable, Hashable {
    /// The lane.
    package var sequencer: NodeKey
    /// The highest header known; nil if none is.
    package var headHeight: UInt64?
    /// Its slot.
    package var headSlot: UInt64?
    /// Its root.
    package var headRoot: Bytes32?
    /// The highest block whose availability this node has established itself.
    package var sampledHeight: UInt64?
    /// Where an equivocation closed the lane; nil while it is open.
    package var closedAtHeight: UInt64?

    /// A lane's state.
    package init(
        sequencer: NodeKey, headHeight: UInt64?, headSlot: UInt64?, headRoot: Bytes32?,
        sampledHeight: UInt64?, closedAtHeight: UInt64?
    ) {
        self.sequencer = sequencer
        self.headHeight = headHeight
        self.headSlot = headSlot
        self.headRoot = headRoot
        self.sampledHeight = sampledHeight
        self.closedAtHeight = closedAtHeight
    }
}

/// Whether a node does its work, and if not, what is missing.
package struct Readiness: Sendable, Hashable {
    /// Whether it does.
    package var isReady: Bool
    /// Blocks between the newest header and the newest block this node has judged itself (the most
    /// over all lanes).
    package var lag: UInt64
    /// The most blocks of lag with which a node counts as ready.
    package var allowedLag: UInt64
    /// What is missing, in words; empty if it is ready.
    package var reasons: [String]

    /// A verdict on readiness.
    package init(isReady: Bool, lag: UInt64, allowedLag: UInt64, reasons: [String]) {
        self.isReady = isReady
        self.lag = lag
        self.allowedLag = allowedLag
        self.reasons = reasons
    }
}

/// A store's size and health.
package struct StoreStatus: Sendable, Hashable {
    /// Bytes on disk, index included.
    package var bytes: UInt64
    /// The bound.
    package var maximumBytes: UInt64
    /// Blocks with cells.
    package var blocks: Int
    /// Headers.
    package var headers: Int
    /// The last failure to read or write, and how many there were; nil if there was none.
    package var lastError: String?
    /// Failures since the start.
    package var errors: UInt64

    /// A store's state.
    package init(
        bytes: UInt64, maximumBytes: UInt64, blocks: Int, headers: Int, lastError: String?,
        errors: UInt64
    ) {
        self.bytes = bytes
        self.maximumBytes = maximumBytes
        self.blocks = blocks
        self.headers = headers
        self.lastError = lastError
        self.errors = errors
    }
}
