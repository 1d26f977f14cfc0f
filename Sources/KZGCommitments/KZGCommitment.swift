/// A commitment to a blob's polynomial: a compressed point of G1. `KZGCommitment`.
///
/// The value may hold any 48 bytes; what uses it checks that they are a point of the right group.
public struct KZGCommitment: Sendable, Hashable, CustomStringConvertible {
    /// The compressed point.
    public let bytes: Bytes48

    /// The commitment with these bytes.
    public init(_ bytes: Bytes48) { self.bytes = bytes }

    /// The commitment with these bytes, or nil unless there are exactly 48.
    public init?(_ bytes: some Collection<UInt8>) {
        guard let bytes = Bytes48(bytes) else { return nil }
        self.bytes = bytes
    }

    /// The commitment to the blob of zeros: the point at infinity.
    public static let infinity = KZGCommitment(.infinity)

    /// Whether this is the commitment to the blob of zeros.
    public var isInfinity: Bool { bytes == .infinity }

    /// `0x` and 96 hexadecimal digits.
    public var description: String { bytes.description }
}

/// A proof that a committed polynomial has a certain value, or a cell's values: a compressed point
/// of G1. `KZGProof`.
///
/// The value may hold any 48 bytes; what uses it checks that they are a point of the right group.
public struct KZGProof: Sendable, Hashable, CustomStringConvertible {
    /// The compressed point.
    public let bytes: Bytes48

    /// The proof with these bytes.
    public init(_ bytes: Bytes48) { self.bytes = bytes }

    /// The proof with these bytes, or nil unless there are exactly 48.
    public init?(_ bytes: some Collection<UInt8>) {
        guard let bytes = Bytes48(bytes) else { return nil }
        self.bytes = bytes
    }

    /// The proof for a constant polynomial: the point at infinity.
    public static let infinity = KZGProof(.infinity)

    /// Whether this is the point at infinity.
    public var isInfinity: Bool { bytes == .infinity }

    /// `0x` and 96 hexadecimal digits.
    public var description: String { bytes.description }
}
