public import Availability

/// Where a node keeps what must survive its end, besides cells (``CellStore``) and what a sequencer
/// has signed (``SigningRecord``): headers, sample sets and what came of them, where blocks stand,
/// evidence.
///
/// The state machines call it inline, so it answers at once: from memory, from a database in the
/// operating system's cache. It does not throw: what it can't write it tells its owner, the shell,
/// and the machine goes on with what it has in memory. What it can't read it does not have.
///
/// **When a record must be safe.** Every call is in force when it returns, also if the process is
/// killed the moment after. After a loss of power, the newest records may be missing, but never an
/// older one of which a newer one is there.
///
/// **Order.** A machine keeps a header before anything else about its block, a sample set before the
/// first of its cells is asked for, and a state after the cells that it rests on. So whatever a
/// restart finds is true, and what it does not find is done again.
public protocol NodeArchive: Sendable {
    // MARK: Headers

    /// Keeps an admitted header. One that is there stays as it is.
    mutating func keep(_ header: SignedHeader)
    /// The header with this root.
    func header(_ root: BlockRoot) -> SignedHeader?
    /// A lane's headers from a height on, ascending, at most `limit`.
    func headers(of lane: NodeKey, from height: UInt64, limit: Int) -> [SignedHeader]
    /// Where a lane's newest headers stand, by descending height, at most `limit`. Does not read the
    /// headers themselves, which can be 62 KiB each.
    func newestPlaces(of lane: NodeKey, limit: Int) -> [HeaderPlace]

    // MARK: Blocks

    /// Keeps a block's sample set with what came of it so far; replaces what is there.
    mutating func keep(_ samples: SampleRecord, of root: BlockRoot)
    /// A block's sample set.
    func samples(of root: BlockRoot) -> SampleRecord?
    /// Blocks whose header is kept and that are not settled in this sense, in descending order of
    /// slot and then root, at most `limit`: from the highest down, or if `place` is given, those that
    /// come after it in that order.
    func unsettled(_ question: SettlementQuestion, after place: HeaderPlace?, limit: Int)
        -> [HeaderPlace]
    /// Keeps where a block stands; replaces what is there.
    mutating func keep(_ state: StateRecord, of root: BlockRoot)
    /// Where a block stands.
    func state(of root: BlockRoot) -> StateRecord?

    // MARK: Evidence

    /// Keeps a piece of evidence. One that is there (``EvidenceRecord/identity``) stays as it is.
    mutating func keep(_ evidence: EvidenceRecord)
    /// All evidence, in the order in which it was kept. There are at most
    /// `Limits.reportsPerHeader` to a header in the window and one to a lane besides; a machine asks
    /// for no more than `limit`, the newest.
    func evidence(limit: Int) -> [EvidenceRecord]
    /// The evidence about one block.
    func evidence(about root: BlockRoot) -> [EvidenceRecord]

    // MARK: Pruning

    /// Drops a block with all that is kept of it: header, samples, state, withholding reports.
    mutating func drop(_ root: BlockRoot)
    /// The blocks of slots below this one, the lowest first, at most `limit`: those to drop next.
    func places(belowSlot slot: UInt64, limit: Int) -> [HeaderPlace]
    /// How many headers are kept.
    var headerCount: Int { get }
}

/// When a block counts as settled, so that a node need not come back to it.
public enum SettlementQuestion: Sendable, Hashable {
    /// Its samples are drawn and their verdict is `confident` (light nodes).
    case samples
    /// Its state is `available` or `recovered` (full nodes).
    case state
}

/// Where a header stands, without what it says.
public struct HeaderPlace: Sendable, Hashable {
    /// Names it.
    public let root: BlockRoot
    /// The lane.
    public let sequencer: NodeKey
    /// Its place in the lane.
    public let height: UInt64
    /// Its slot.
    public let slot: UInt64
    /// The root of the header below it.
    public let parentRoot: BlockRoot

    /// A place.
    public init(
        root: BlockRoot, sequencer: NodeKey, height: UInt64, slot: UInt64, parentRoot: BlockRoot
    ) {
        self.root = root
        self.sequencer = sequencer
        self.height = height
        self.slot = slot
        self.parentRoot = parentRoot
    }

    /// A header's place.
    public init(_ signed: SignedHeader) {
        self.init(
            root: signed.root, sequencer: signed.header.sequencer, height: signed.header.height,
            slot: signed.header.slot, parentRoot: signed.header.parentRoot)
    }
}

/// Where a block stood with a full node when that last changed.
public struct StateRecord: Sendable, Hashable {
    /// The state.
    public var state: BlockState
    /// Since when.
    public var since: UnixTime

    /// A state and since when.
    public init(state: BlockState, since: UnixTime) {
        self.state = state
        self.since = since
    }
}

/// A piece of evidence as it is kept.
public struct EvidenceRecord: Sendable, Hashable {
    /// The evidence.
    public let evidence: Evidence
    /// Whether this node made it.
    public let isOwn: Bool
    /// When it was made or admitted.
    public let kept: UnixTime
    /// The log behind a report of this node's own.
    public let log: AttemptLog?

    /// A record.
    public init(evidence: Evidence, isOwn: Bool, kept: UnixTime, log: AttemptLog? = nil) {
        self.evidence = evidence
        self.isOwn = isOwn
        self.kept = kept
        self.log = log
    }

    /// What makes two records the same: for a report its block and reporter, for a proof its lane
    /// (the first proof closes it; others say nothing new).
    public enum Identity: Sendable, Hashable {
        /// A report: of which block, by whom.
        case report(BlockRoot, NodeKey)
        /// A proof: of which lane.
        case lane(NodeKey)
    }

    /// What makes two records the same.
    public var identity: Identity {
        switch evidence {
        case .withholding(let report): .report(report.header.root, report.reporter)
        case .equivocation(let proof): .lane(proof.sequencer)
        }
    }

    /// The block that the evidence is about; nil for a proof, which is about a lane and outlives its
    /// blocks.
    public var block: BlockRoot? {
        if case .withholding(let report) = evidence { report.header.root } else { nil }
    }
}
