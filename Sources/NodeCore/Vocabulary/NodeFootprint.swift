/// How much a node keeps in memory: counts, for metrics and for tests of their bounds.
public struct NodeFootprint: Sendable, Hashable {
    /// Blocks in memory.
    public var blocks = 0
    /// Headers whose places are in memory.
    public var headers = 0
    /// Headers whose commitments are being checked.
    public var headersPreparing = 0
    /// Headers that wait for their parents.
    public var orphans = 0
    /// Peers.
    public var peers = 0
    /// Peers whose claims of heights are known.
    public var claims = 0
    /// Requests under way.
    public var requests = 0
    /// Pieces of work under way.
    public var works = 0
    /// Blocks that are to be taken up again, as far as they are looked up.
    public var backlog = 0
    /// Blocks on their way from the archive into memory, or ordered.
    public var loading = 0
    /// Blocks whose state is watched.
    public var watched = 0
    /// Blocks about which reports are remembered.
    public var reported = 0
    /// Attempt logs in memory.
    public var logs = 0
    /// Bytes of cells that wait for verification.
    public var queuedBytes = 0
    /// Bytes of cells and proofs in the store.
    public var storedBytes = 0

    /// Nothing.
    public init() {}
}
