public import Availability

/// A piece of evidence.
public struct EvidenceReport: Sendable, Hashable {
    /// What it says.
    public let kind: Evidence.Kind
    /// The block it is about; for an equivocation, the header with the smaller root.
    public let root: BlockRoot
    /// The lane.
    public let sequencer: NodeKey
    /// Whether this node made it.
    public let isOwn: Bool
    /// The evidence itself.
    public let evidence: Evidence
}
