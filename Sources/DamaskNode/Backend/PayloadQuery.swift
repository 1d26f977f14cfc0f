package import Availability
package import DataMatrix
package import SSZ

/// What names one payload for ever, and commits to its bytes: the header's root, which is a hash over
/// the commitments and the index, and the payload's number in that index.
///
/// Its text is `0x` and 68 hexadecimal digits: the root, then the number as two bytes, the higher one
/// first.
package struct PayloadCommitment: Sendable, Hashable {
    /// The block.
    package let root: Bytes32
    /// The number of the payload in the header's index.
    package let entry: UInt16

    /// The bytes of a commitment.
    package static let byteCount = Bytes32.byteCount + 2

    /// The commitment to a payload.
    package init(root: Bytes32, entry: UInt16) {
        self.root = root
        self.entry = entry
    }

    /// A commitment from its 34 bytes; nil for any other length.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount, let root = Bytes32(bytes.prefix(Bytes32.byteCount))
        else { return nil }
        self.root = root
        entry = UInt16(bytes[Bytes32.byteCount]) << 8 | UInt16(bytes[Bytes32.byteCount + 1])
    }

    /// The 34 bytes.
    package var bytes: [UInt8] {
        root.bytes + [UInt8(entry >> 8), UInt8(truncatingIfNeeded: entry)]
    }
}

/// Which payloads to read.
package struct PayloadQuery: Sendable, Hashable {
    /// What names them.
    package enum Name: Sendable, Hashable {
        /// One payload.
        case commitment(PayloadCommitment)
        /// All payloads of a block.
        case block(Bytes32)
        /// A block's payloads in one namespace.
        case namespace(root: Bytes32, namespace: [UInt8])
        /// The payloads of a lane's block at a height, in one namespace or all.
        case height(sequencer: NodeKey, height: UInt64, namespace: [UInt8]?)
        /// Every block whose commitments contain this KZG commitment of a row: the payloads that have
        /// a cell in that row.
        case row([UInt8])
    }

    /// What to read.
    package var name: Name
    /// How long to fetch and rebuild what is not here; 0 reads only what is. At most
    /// `BackendLimits.longestWaitMilliseconds`.
    package var waitMilliseconds: UInt64

    /// A query.
    package init(_ name: Name, waitMilliseconds: UInt64 = 10_000) {
        self.name = name
        self.waitMilliseconds = waitMilliseconds
    }
}

/// A payload that was read.
package struct PayloadRecord: Sendable, Hashable {
    /// Its name.
    package var commitment: PayloadCommitment
    /// Its lane.
    package var sequencer: NodeKey
    /// The block's height.
    package var height: UInt64
    /// The block's slot.
    package var slot: UInt64
    /// Its entry in the header's index: namespace, place, length, encoding.
    package var entry: PayloadIndexEntry
    /// Its bytes, every cell of which was verified.
    package var bytes: [UInt8]

    /// A payload.
    package init(
        commitment: PayloadCommitment, sequencer: NodeKey, height: UInt64, slot: UInt64,
        entry: PayloadIndexEntry, bytes: [UInt8]
    ) {
        self.commitment = commitment
        self.sequencer = sequencer
        self.height = height
        self.slot = slot
        self.entry = entry
        self.bytes = bytes
    }
}
