/// The number of a stream within its connection: odd if the dialler opened it, even if the listener
/// did.
package struct StreamID: Hashable, Comparable, Sendable {
    /// yamux's stream id.
    package let rawValue: UInt32

    package init(_ rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static func < (left: StreamID, right: StreamID) -> Bool {
        left.rawValue < right.rawValue
    }
}
