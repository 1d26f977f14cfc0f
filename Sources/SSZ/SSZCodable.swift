/// A type whose values have exactly one encoding, and a root.
public protocol SSZCodable: Sendable {
    /// How values are encoded and merkleized.
    static var ssz: SSZType<Self> { get }
}

extension SSZCodable {
    /// The most bytes that an encoding has.
    public static var maximumByteCount: Int { ssz.maximumByteCount }

    /// The value that exactly these bytes encode.
    ///
    /// - Throws: ``SSZError`` if they encode none; limits are checked before memory is taken.
    public init(encoded bytes: [UInt8]) throws(SSZError) {
        self = try Self.ssz.decode(bytes)
    }

    /// The value that exactly these bytes encode.
    ///
    /// - Throws: ``SSZError`` if they encode none; limits are checked before memory is taken.
    public init(encoded bytes: ArraySlice<UInt8>) throws(SSZError) {
        self = try Self.ssz.decode(bytes)
    }

    /// The value's encoding.
    public var encoded: [UInt8] { Self.ssz.encode(self) }

    /// The root of the value's tree.
    public var hashTreeRoot: Bytes32 { Self.ssz.hashTreeRoot(self) }
}
