package import DataMatrix
package import SSZ

/// What to publish.
package struct PublishRequest: Sendable, Hashable {
    /// The payloads, in order. Not empty; at most `BackendLimits.payloadsPerPublication`.
    package var payloads: [Payload]
    /// State roots of the rollup, if the caller keeps one.
    package var previousStateRoot: Bytes32
    /// The same after the block.
    package var newStateRoot: Bytes32

    /// A request.
    package init(
        payloads: [Payload], previousStateRoot: Bytes32 = .zero, newStateRoot: Bytes32 = .zero
    ) {
        self.payloads = payloads
        self.previousStateRoot = previousStateRoot
        self.newStateRoot = newStateRoot
    }
}

/// How far a publication is. Stages only go forward.
package enum PublicationStage: String, Sendable, Hashable, CaseIterable, Comparable {
    /// The header is signed and its place written down.
    case signed
    /// First copies are on their way.
    case publishing
    /// The first copy of every message is out: the block survives this node's loss, as far as the
    /// custodians keep it.
    case firstCopies
    /// All copies are out.
    case published
    /// Custodians confirm: what they say that they hold can be decoded.
    case available

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// Whether one stage comes before the other.
    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
}

/// How far a publication is.
package struct PublicationStatus: Sendable, Hashable {
    /// The block.
    package var root: Bytes32
    /// Its place in the lane.
    package var height: UInt64
    /// Its slot.
    package var slot: UInt64
    /// The commitment of each payload, in the order of the request.
    package var commitments: [PayloadCommitment]
    /// The stage reached.
    package var stage: PublicationStage
    /// Messages in all, the header among them.
    package var messages: Int
    /// Messages whose first copy is out.
    package var firstCopies: Int
    /// Messages that are out to everyone.
    package var complete: Int
    /// Whether these very payloads had been published before; then nothing new was signed.
    package var isRepeated: Bool

    /// A publication's state.
    package init(
        root: Bytes32, height: UInt64, slot: UInt64, commitments: [PayloadCommitment],
        stage: PublicationStage, messages: Int, firstCopies: Int, complete: Int, isRepeated: Bool
    ) {
        self.root = root
        self.height = height
        self.slot = slot
        self.commitments = commitments
        self.stage = stage
        self.messages = messages
        self.firstCopies = firstCopies
        self.complete = complete
        self.isRepeated = isRepeated
    }
}
