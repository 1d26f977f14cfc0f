/// One event of `GET /v1/events`. Fields beside the first three are there if the kind has them.
package struct EventAnswer: Codable, Sendable, Hashable {
    /// Counts up by one with every event of the node since its start.
    package var number: UInt64
    /// When, in milliseconds since 1970.
    package var time: UInt64
    /// What happened: a name of `specs/http.md`. Clients pass over names that they don't know.
    package var kind: String
    /// The block.
    package var root: HexBytes?
    /// `header`: the lane.
    package var sequencer: HexBytes?
    /// `header`: the block's place in the lane.
    package var height: UInt64?
    /// `header`: the block's slot.
    package var slot: UInt64?
    /// `header`: the number of data rows.
    package var dataRows: Int?
    /// `state`: where the block stands.
    package var state: String?
    /// `sampling`: how far it is.
    package var sampling: SamplingAnswer?
    /// `possession`: what the node holds.
    package var possession: PossessionAnswer?
    /// `publication`: how far it is.
    package var publication: PublicationAnswer?
    /// `evidence`: what came.
    package var evidence: EvidenceAnswer?
    /// `peer_connected`, `peer_disconnected`: who.
    package var peer: String?
    /// `readiness`: how it is now.
    package var readiness: ReadinessAnswer?
    /// `lost`: how many events were left out before this one because the reader was too slow.
    package var lost: UInt64?

    /// An event of this kind, without any detail.
    package init(number: UInt64, time: UInt64, kind: String) {
        self.number = number
        self.time = time
        self.kind = kind
    }
}
