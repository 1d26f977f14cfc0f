/// A piece of evidence.
public struct EvidenceReport: Sendable, Hashable {
    /// What it says.
    public enum Kind: String, Sendable, Hashable {
        /// A block's data is withheld (testimony).
        case withholding
        /// A sequencer signed two headers at one height or slot (proof).
        case equivocation
    }

    /// What it says.
    public let kind: Kind
    /// The block it is about; for an equivocation, the header with the smaller root.
    public let root: BlockRoot
    /// The lane.
    public let sequencer: [UInt8]
    /// Whether this node made it.
    public let isOwn: Bool
    /// The evidence as files and the evidence topic carry it: a kind byte and SSZ.
    public let bytes: [UInt8]
}
