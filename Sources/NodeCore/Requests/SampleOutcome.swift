public import LibP2P

/// What came of the attempts to get one cell.
public struct SampleOutcome: Sendable, Hashable {
    /// In a word.
    public enum Verdict: String, Sendable, Hashable {
        /// Here and verified.
        case succeeded
        /// Every peer that may hold it was asked at least once, and none gave it: at least one said
        /// that it does not hold it.
        case refused
        /// Likewise, but none of them answered.
        case timedOut
        /// Not all peers have been asked yet.
        case pending
    }

    /// Peers that said that they do not hold it, or left it out of their answer.
    public internal(set) var refusals = 0
    /// Peers that did not answer in time.
    public internal(set) var timeouts = 0
    /// Requests that broke off.
    public internal(set) var breaks = 0
    /// Peers that gave something that does not verify.
    public internal(set) var invalid = 0
    /// How often all candidates were asked in vain.
    public internal(set) var rounds = 0
    /// Who gave it; nil too if it came by another way.
    public internal(set) var servedBy: PeerID?
    /// When it was verified (monotonic nanoseconds).
    public internal(set) var succeededAt: Int64?

    /// Nothing yet.
    public init() {}

    /// In a word.
    public var verdict: Verdict {
        if succeededAt != nil { return .succeeded }
        guard rounds > 0 else { return .pending }
        return refusals + invalid > 0 ? .refused : .timedOut
    }
}
