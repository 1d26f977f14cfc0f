/// `POST /v1/publish` and `GET /v1/publications/{root}`: how far a publication is.
package struct PublicationAnswer: Codable, Sendable, Hashable {
    /// How far a publication can be. Stages only go forward.
    package enum Stage: String, Codable, Sendable, Hashable, CaseIterable {
        /// The header is signed and its place written down.
        case signed
        /// First copies are on their way.
        case publishing
        /// One copy of everything is out: the block survives the loss of its sequencer.
        case firstCopies
        /// All copies are out.
        case published
        /// What custodians say that they hold can be decoded.
        case available

        /// Its place in the order.
        package var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    /// The block.
    package var root: HexBytes
    /// Its place in the lane.
    package var height: UInt64
    /// Its slot.
    package var slot: UInt64
    /// What names each payload, in the order of the request.
    package var commitments: [HexBytes]
    /// How far it is.
    package var stage: Stage
    /// Messages in all, the header among them.
    package var messages: Int
    /// Messages whose first copy is out.
    package var firstCopies: Int
    /// Messages that are out to everyone.
    package var complete: Int
    /// Whether these very bytes were published before: nothing new was signed.
    package var repeated: Bool

    /// A publication.
    package init(
        root: HexBytes, height: UInt64, slot: UInt64, commitments: [HexBytes], stage: Stage,
        messages: Int, firstCopies: Int, complete: Int, repeated: Bool
    ) {
        self.root = root
        self.height = height
        self.slot = slot
        self.commitments = commitments
        self.stage = stage
        self.messages = messages
        self.firstCopies = firstCopies
        self.complete = complete
        self.repeated = repeated
    }
}
