public import Availability
public import DataMatrix
public import LibP2P

/// What a node tells its shell about, for the operator, the interface, and the store.
public enum NodeReport: Sendable {
    /// A header was admitted: its root, lane and height.
    case header(HeaderReport)
    /// Where a block stands changed (full nodes).
    case state(BlockRoot, BlockState)
    /// How far the sampling of a block is (light nodes; full nodes that custody a part).
    case sampling(BlockRoot, SamplingReport)
    /// What the node holds of a block changed: cells verified and kept, and whether its own columns
    /// are complete.
    case possession(BlockRoot, PossessionReport)
    /// A block that was asked for with `repair` is whole: all of its cells.
    case rebuilt(BlockRoot, ExtendedBlock)
    /// A repair found that what all peers claim to hold does not suffice. It goes on trying.
    case stuck(BlockRoot, CellSet)
    /// How far the publication of a block is (sequencers).
    case published(BlockRoot, PublicationReport)
    /// Evidence that this node made, or admitted from others.
    case evidence(EvidenceReport)
    /// A peer told its status.
    case peer(PeerID, NodeRole, ColumnGroups)
    /// A peer showed its signed custody record, and it holds.
    case custody(PeerID, CustodyRecord)
    /// Something was dropped at a limit; a counter for metrics.
    case dropped(IgnoreReason)
}

/// A header that was admitted.
public struct HeaderReport: Sendable, Hashable {
    /// Names the block.
    public let root: BlockRoot
    /// The sequencer's key: the lane.
    public let sequencer: NodeKey
    /// Its place in the lane.
    public let height: UInt64
    /// Its slot.
    public let slot: UInt64
    /// Rows of data.
    public let dataRows: Int
}

/// How far a block's sampling is.
public struct SamplingReport: Sendable, Hashable {
    /// Samples drawn.
    public let drawn: Int
    /// Samples here and verified.
    public let succeeded: Int
    /// Samples that every candidate was asked for in vain so far.
    public let failed: Int
    /// Whether all are here but ``allowedMisses``: the target confidence is reached.
    public let isComplete: Bool
    /// How many samples may be missing; more than none only with the lossy plan.
    public let allowedMisses: Int
    /// Distinct peers asked.
    public let peersAsked: Int
    /// Distinct address groups among them.
    public let groupsAsked: Int
    /// The most cells of this block that one peer was asked for.
    public let mostAskedOfOnePeer: Int
}

/// What a node holds of a block.
public struct PossessionReport: Sendable, Hashable {
    /// Cells held, with proofs, those of zero rows not counted.
    public let cells: Int
    /// Custodied columns that are complete.
    public let completeColumns: Int
    /// Custodied columns in all.
    public let custodyColumns: Int
    /// Whether every cell can be rebuilt from what is held.
    public let isDecodable: Bool
}

/// How far a publication is.
public struct PublicationReport: Sendable, Hashable {
    /// Messages in all, the header among them.
    public let messages: Int
    /// Messages whose first copy has been handed out.
    public let firstCopies: Int
    /// Messages handed out to everyone.
    public let complete: Int
}
