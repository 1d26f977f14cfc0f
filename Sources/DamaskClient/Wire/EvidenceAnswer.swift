/// `GET /v1/evidence`.
package struct EvidenceListAnswer: Codable, Sendable, Hashable {
    /// What this node made or admitted, newest first.
    package var evidence: [EvidenceAnswer]

    /// A list.
    package init(evidence: [EvidenceAnswer]) {
        self.evidence = evidence
    }
}

/// A piece of evidence. The file itself is at `/v1/evidence/{id}`.
package struct EvidenceAnswer: Codable, Sendable, Hashable {
    /// Names it: the SHA-256 of its encoding.
    package var id: HexBytes
    /// `withholding` (testimony) or `equivocation` (proof).
    package var kind: String
    /// The block that it is about.
    package var root: HexBytes
    /// The sequencer that it is about.
    package var sequencer: HexBytes
    /// Whether this node made it.
    package var own: Bool
    /// When it came here, in milliseconds since 1970.
    package var seen: UInt64

    /// A piece of evidence.
    package init(
        id: HexBytes, kind: String, root: HexBytes, sequencer: HexBytes, own: Bool, seen: UInt64
    ) {
        self.seen = seen
        self.id = id
        self.kind = kind
        self.root = root
        self.sequencer = sequencer
        self.own = own
    }
}
