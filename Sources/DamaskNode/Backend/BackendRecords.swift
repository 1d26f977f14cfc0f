package import Availability
package import DataMatrix
package import NodeCore
package import SSZ

/// Which headers to list.
package struct HeaderQuery: Sendable, Hashable {
    /// Only this lane's; nil for all.
    package var sequencer: NodeKey?
    /// Only heights up to this one; nil for the newest.
    package var upToHeight: UInt64?
    /// At most so many, 1 to `BackendLimits.recordsPerCall`.
    package var limit: Int

    /// A query.
    package init(sequencer: NodeKey? = nil, upToHeight: UInt64? = nil, limit: Int = 32) {
        self.sequencer = sequencer
        self.upToHeight = upToHeight
        self.limit = limit
    }
}

/// A header with what this node says of its block.
package struct HeaderRecord: Sendable, Hashable {
    /// The header and its signature.
    package var header: SignedHeader
    /// Where the block stands; nil where this node does not watch (a sequencer, a light node).
    package var state: BlockState?

    /// A header with its block's state.
    package init(header: SignedHeader, state: BlockState?) {
        self.header = header
        self.state = state
    }
}

/// What this node found out about a block.
package struct BlockRecord: Sendable, Hashable {
    /// The block.
    package var root: Bytes32
    /// Its lane.
    package var sequencer: NodeKey
    /// Its place in the lane.
    package var height: UInt64
    /// Its slot.
    package var slot: UInt64
    /// Rows of data.
    package var dataRows: Int
    /// Where it stands; nil where this node does not watch.
    package var state: BlockState?
    /// This node's own samples; nil if it draws none.
    package var sampling: SamplingRecord?
    /// Cells that it holds, those of zero rows not counted.
    package var heldCells: Int
    /// Whether the whole block can be rebuilt from them.
    package var isDecodable: Bool

    /// A block's record.
    package init(
        root: Bytes32, sequencer: NodeKey, height: UInt64, slot: UInt64, dataRows: Int,
        state: BlockState?, sampling: SamplingRecord?, heldCells: Int, isDecodable: Bool
    ) {
        self.root = root
        self.sequencer = sequencer
        self.height = height
        self.slot = slot
        self.dataRows = dataRows
        self.state = state
        self.sampling = sampling
        self.heldCells = heldCells
        self.isDecodable = isDecodable
    }
}

/// One node's samples of one block, and what they are worth. "Safe" holds only where the miss bound,
/// the floor and the diversity of peers all hold (specs/security.md).
package struct SamplingRecord: Sendable, Hashable {
    /// The cells, in the order of their draw; empty where only the counts are known.
    package var cells: [CellCoordinate]
    /// Those of them that are verified and here.
    package var succeeded: [CellCoordinate]
    /// Samples drawn.
    package var drawn: Int
    /// Samples verified.
    package var verified: Int
    /// Samples that every candidate was asked for in vain so far. They are asked for again.
    package var failed: Int
    /// Whether all are here.
    package var isComplete: Bool
    /// The exact probability that a block that can't be rebuilt would have passed the samples
    /// verified so far.
    package var missProbability: Double
    /// Honest light nodes with which decoding is certain (failing with at most 1e-6).
    package var healingFloor: Int
    /// Honest light nodes with which random coverage typically decodes.
    package var typicalFloor: Int
    /// Distinct peers asked.
    package var peersAsked: Int
    /// Distinct address groups among them.
    package var groupsAsked: Int

    /// A sampling's record.
    package init(
        cells: [CellCoordinate], succeeded: [CellCoordinate], drawn: Int, verified: Int,
        failed: Int, isComplete: Bool, missProbability: Double, healingFloor: Int,
        typicalFloor: Int, peersAsked: Int, groupsAsked: Int
    ) {
        self.cells = cells
        self.succeeded = succeeded
        self.drawn = drawn
        self.verified = verified
        self.failed = failed
        self.isComplete = isComplete
        self.missProbability = missProbability
        self.healingFloor = healingFloor
        self.typicalFloor = typicalFloor
        self.peersAsked = peersAsked
        self.groupsAsked = groupsAsked
    }
}

/// Evidence that a node holds.
package struct EvidenceEntry: Sendable, Hashable {
    /// The evidence; `EvidenceFile` turns it into a file for `verify-evidence`.
    package var evidence: Evidence
    /// The block; for an equivocation, the header with the smaller root.
    package var root: Bytes32
    /// The lane.
    package var sequencer: NodeKey
    /// Whether this node made it.
    package var isOwn: Bool
    /// When it came here, in milliseconds since 1970.
    package var seenUnixMilliseconds: UInt64

    /// A piece of evidence.
    package init(
        evidence: Evidence, root: Bytes32, sequencer: NodeKey, isOwn: Bool,
        seenUnixMilliseconds: UInt64
    ) {
        self.evidence = evidence
        self.root = root
        self.sequencer = sequencer
        self.isOwn = isOwn
        self.seenUnixMilliseconds = seenUnixMilliseconds
    }
}

/// A connected peer.
package struct PeerRecord: Sendable, Hashable {
    /// Its name, base58.
    package var peerID: String
    /// Where it is connected from or to; nil if unknown.
    package var address: String?
    /// Whether this node chose to connect.
    package var isOutbound: Bool
    /// What it says that it is; nil before its status came.
    package var role: NodeRole?
    /// The column groups that it says it keeps, ascending.
    package var custodyGroups: [Int]
    /// Its score with this host; negative is bad.
    package var score: Double

    /// A peer's record.
    package init(
        peerID: String, address: String?, isOutbound: Bool, role: NodeRole?, custodyGroups: [Int],
        score: Double
    ) {
        self.peerID = peerID
        self.address = address
        self.isOutbound = isOutbound
        self.role = role
        self.custodyGroups = custodyGroups
        self.score = score
    }
}
