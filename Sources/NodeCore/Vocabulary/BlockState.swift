/// Where a block stands with a full node.
public enum BlockState: String, Sendable, Hashable, CaseIterable {
    /// Not available yet, and it need not be.
    case pending
    /// This node's own checks say that the block can be rebuilt.
    case available
    /// Past the first deadline.
    case late
    /// Past the second, and enough peers were asked for what is missing.
    case suspected
    /// Past the third, likewise: reported.
    case withheld
    /// It turned up after all.
    case recovered
    /// Not available, but this node was not there from the start, or not in a state to judge.
    case unknown
}
