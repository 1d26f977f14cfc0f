public import DataMatrix
public import SSZ

/// Why a header is refused: the check that fails, with the numbers.
public enum HeaderError: Error, Hashable, Sendable {
    /// More bytes than a signed header may have.
    case tooLarge(byteCount: Int)
    /// Not the encoding of a signed header.
    case encoding(String)
    /// The number of data rows is no power of two up to 256.
    case dataRows(Int)
    /// Not one commitment to each data row.
    case commitments(actual: Int, dataRows: Int)
    /// More than 1024 entries in the index.
    case indexEntries(Int)
    /// A version that this network does not have.
    case version(UInt8)
    /// Another network's header.
    case network(Bytes32)
    /// The key is not listed at genesis.
    case unlistedSequencer(NodeKey)
    /// More data rows than this network allows.
    case tooManyDataRows(Int, maximum: Int)
    /// The second half of the data rows is all zeros, so half as many would do.
    case emptySecondHalf(dataRows: Int)
    /// The index does not fit the data quadrant, or its entries each other.
    case index(PayloadIndexError)
    /// Height 0 with a parent, or a higher one without.
    case parentRoot(height: UInt64)
    /// Each height takes a slot of its own, so the slot is at least the height.
    case slotBelowHeight(slot: UInt64, height: UInt64)
    /// The slot starts later than now plus the clock tolerance (or never).
    case slotInFuture(slot: UInt64)
    /// The slot lies before the window.
    case slotTooOld(slot: UInt64, oldest: UInt64)
    /// A header with this root is known already.
    case known(Bytes32)
    /// Two other headers at this height, or at this slot, are known already.
    case enoughAtHeight(UInt64)
    /// Two other headers at this slot are known already.
    case enoughAtSlot(UInt64)
    /// The signature is not the sequencer's.
    case signature
    /// The parent belongs to another lane.
    case parentLane
    /// The height is not one above the parent's.
    case height(actual: UInt64, parent: UInt64)
    /// The slot is not above the parent's.
    case slot(actual: UInt64, parent: UInt64)
    /// A commitment is not a point of the right group.
    case commitmentNotInGroup(row: Int)
}

extension HeaderError: CustomStringConvertible {
    /// The check in words, with the numbers.
    public var description: String {
        switch self {
        case .tooLarge(let count):
            "signed header of \(count) bytes, at most \(Limits.signedHeaderBytes) are allowed"
        case .encoding(let reason): "not a signed header: \(reason)"
        case .dataRows(let rows):
            "\(rows) data rows, expected a power of two up to \(Limits.dataRows)"
        case .commitments(let actual, let rows): "\(actual) commitments to \(rows) data rows"
        case .indexEntries(let count):
            "index of \(count) entries, at most \(Limits.indexEntries) are allowed"
        case .version(let version): "version \(version), expected \(BlockHeader.version)"
        case .network(let id): "header of another network, \(id)"
        case .unlistedSequencer(let key): "sequencer \(key) is not listed at genesis"
        case .tooManyDataRows(let rows, let maximum):
            "\(rows) data rows, this network allows \(maximum)"
        case .emptySecondHalf(let rows): "the second half of \(rows) data rows is all zeros"
        case .index(let error): "index: \(error)"
        case .parentRoot(let height):
            height == 0 ? "a parent at height 0" : "no parent at height \(height)"
        case .slotBelowHeight(let slot, let height): "slot \(slot) below height \(height)"
        case .slotInFuture(let slot): "slot \(slot) has not begun"
        case .slotTooOld(let slot, let oldest): "slot \(slot) lies before the window from \(oldest)"
        case .known(let root): "header \(root) is known"
        case .enoughAtHeight(let height): "two other headers are known at height \(height)"
        case .enoughAtSlot(let slot): "two other headers are known at slot \(slot)"
        case .signature: "the signature is not the sequencer's"
        case .parentLane: "the parent belongs to another lane"
        case .height(let actual, let parent): "height \(actual) above a parent at \(parent)"
        case .slot(let actual, let parent): "slot \(actual), the parent's is \(parent)"
        case .commitmentNotInGroup(let row): "the commitment to row \(row) is no point of G1"
        }
    }
}
