public import Availability

/// A header that the operator vouches for: nothing below it in its lane is fetched, and nothing that
/// contradicts it is taken in.
public struct Checkpoint: Sendable, Hashable {
    /// The lane.
    public var sequencer: NodeKey
    /// The header's height.
    public var height: UInt64
    /// The header's root.
    public var root: BlockRoot

    /// A checkpoint of a lane.
    public init(sequencer: NodeKey, height: UInt64, root: BlockRoot) {
        self.sequencer = sequencer
        self.height = height
        self.root = root
    }

    /// Whether a header of the lane can stand together with the checkpoint.
    func permits(_ place: HeaderPlace) -> Bool {
        if place.height < height { return false }
        if place.height == height { return place.root == root }
        return place.height - height > 1 || place.parentRoot == root
    }
}
