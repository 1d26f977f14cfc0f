import Availability

/// A piece of arithmetic that a node hands out instead of doing it inline.
///
/// Each is a pure function of its inputs: the shell may run it on any thread, in any order, twice or
/// not at all (a simulator may answer for it), and hands the result back as
/// `NodeEvent.workFinished`.
public enum Work: Sendable {
    /// Check a header's commitments (points of the curve's subgroup) and make its verifier.
    case prepare(PrepareWork)
    /// Check cells against their block's commitments.
    case verify(VerifyWork)
    /// Complete columns: cells and proofs of all rows from those of half of them.
    case extend(ExtendWork)
    /// Rebuild a block from any decodable part.
    case rebuild(RebuildWork)

    /// Does it, here and now.
    public func run() -> WorkResult {
        switch self {
        case .prepare(let work): .prepared(work.run())
        case .verify(let work): .verified(work.run())
        case .extend(let work): .extended(work.run())
        case .rebuild(let work): .rebuilt(work.run())
        }
    }
}

/// What came of a piece of work.
public enum WorkResult: Sendable {
    /// The block's verifier, or nil: the commitments are not valid points, nothing can ever verify.
    case prepared(BlockVerifier?)
    /// Which of the groups of cells hold, in their order.
    case verified([Bool])
    /// The cells that were missing from the columns, with proofs; of a column that could not be
    /// extended, nothing.
    case extended([ProvenCell])
    /// A whole block, or nil if it could not be rebuilt.
    case rebuilt(RebuiltBlock?)
}
