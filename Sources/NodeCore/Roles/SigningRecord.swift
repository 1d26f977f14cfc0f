public import Availability

/// A place in a lane that was signed for.
public struct SignedPlace: Sendable, Hashable {
    /// The height.
    public let height: UInt64
    /// The slot.
    public let slot: UInt64
    /// The header's root: the parent of the next.
    public let root: BlockRoot

    /// A place.
    public init(height: UInt64, slot: UInt64, root: BlockRoot) {
        self.height = height
        self.slot = slot
        self.root = root
    }
}

/// What a sequencer has signed, kept where a crash cannot reach it.
///
/// A sequencer writes each place down *before* the signature leaves it, and signs only above the
/// highest place written down, so that it never signs two headers at one height or slot, whenever
/// it is killed. Holding the key in one process only is for whoever makes the record to see to.
public protocol SigningRecord: Sendable {
    /// The highest place signed for, if any.
    var last: SignedPlace? { get }
    /// Writes a place down. It must be safe when this returns.
    ///
    /// - Throws: Whatever keeps it from being safe; then nothing is signed.
    mutating func write(_ place: SignedPlace) throws
}

/// A record for tests, simulations and demonstrations: it lasts as long as the process.
public struct MemorySigningRecord: SigningRecord {
    /// The highest place signed for, if any.
    public private(set) var last: SignedPlace?

    /// An empty record.
    public init() {}

    /// Keeps the place for as long as the process lasts.
    public mutating func write(_ place: SignedPlace) throws {
        last = place
    }
}

/// Why a sequencer does not publish.
public enum SequencerError: Error, Hashable, Sendable {
    /// The key is not listed at genesis.
    case unlistedKey
    /// After a restart it listens for a slot before it signs; so many milliseconds are left.
    case listening(milliseconds: UInt64)
    /// The slot is not above the highest that was signed or seen.
    case slotNotAbove(slot: UInt64, highest: UInt64)
    /// The slot has not begun.
    case slotInFuture(slot: UInt64)
    /// A header of this lane was seen that this sequencer's record does not have: another process
    /// uses the key, or the record was restored from an old copy.
    case foreignHeader(height: UInt64)
    /// The lane is closed by an equivocation.
    case laneClosed(height: UInt64)
    /// The place could not be written down.
    case recordFailed
    /// The block breaks a rule of headers.
    case header(HeaderError)
    /// The block's matrix has another shape than the cells to publish.
    case shapeMismatch
}
