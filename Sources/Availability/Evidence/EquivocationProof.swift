public import SSZ

/// Two different headers of one lane at one height or slot, both signed: proof, for anyone alone,
/// that the sequencer signed both. It closes the lane there.
public struct EquivocationProof: Sendable, Hashable {
    /// The header with the smaller root.
    public let first: SignedHeaderSummary
    /// The header with the larger root.
    public let second: SignedHeaderSummary

    /// A proof from two headers, in any order.
    ///
    /// - Returns: Nil if they do not contradict each other: other lanes, or the same root, or
    ///   neither one height nor one slot. Signatures are not checked here.
    public init?(_ a: SignedHeaderSummary, _ b: SignedHeaderSummary) {
        guard a.root != b.root else { return nil }
        let (first, second) = a.root < b.root ? (a, b) : (b, a)
        let (x, y) = (first.summary, second.summary)
        guard x.networkID == y.networkID, x.sequencer == y.sequencer,
            x.height == y.height || x.slot == y.slot
        else { return nil }
        self.first = first
        self.second = second
    }

    fileprivate init(unchecked first: SignedHeaderSummary, _ second: SignedHeaderSummary) {
        self.first = first
        self.second = second
    }

    /// The lane.
    public var sequencer: NodeKey { first.summary.sequencer }
    /// The smaller of the two heights: from here on the lane is closed.
    public var height: UInt64 { min(first.summary.height, second.summary.height) }
}

extension EquivocationProof: SSZCodable {
    /// `{first, second}`, both signed header summaries.
    public static let ssz = SSZType<EquivocationProof>.container(
        .field("first", \.first, SignedHeaderSummary.ssz),
        .field("second", \.second, SignedHeaderSummary.ssz)
    ) { first, second throws(SSZError) in
        EquivocationProof(unchecked: first, second)
    }
}
