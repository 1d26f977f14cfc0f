/// How the values of one type are encoded and merkleized: a schema, itself a value.
///
/// Schemas are put together from the functions of the extensions: integers, byte vectors, lists
/// with limits, containers. Each value has exactly one encoding; ``decode(_:)`` refuses every
/// other byte string, and checks lengths and counts before it takes memory. Values that break a
/// limit cannot be encoded (a programmer's error), so types check their limits when they are made.
public struct SSZType<Value>: Sendable {
    /// The number of bytes of every encoding, or nil if it varies.
    public let fixedByteCount: Int?
    /// The fewest bytes of an encoding.
    public let minimumByteCount: Int
    /// The most bytes of an encoding.
    public let maximumByteCount: Int
    /// Whether elements share chunks in the trees of lists and vectors.
    let isBasic: Bool

    let append: @Sendable (Value, inout [UInt8]) -> Void
    /// Reads a value from bytes whose number lies between the minimum and the maximum.
    let parse: @Sendable (ArraySlice<UInt8>) throws(SSZError) -> Value
    let root: @Sendable (Value) -> Bytes32
    /// For containers: the roots of the fields, which are the leaves of the value's tree.
    var leaves: (@Sendable (Value) -> [Bytes32])?

    /// The encoding of a value.
    public func encode(_ value: Value) -> [UInt8] {
        var bytes: [UInt8] = []
        if let fixedByteCount { bytes.reserveCapacity(fixedByteCount) }
        append(value, &bytes)
        return bytes
    }

    /// The value that exactly these bytes encode.
    public func decode(_ bytes: [UInt8]) throws(SSZError) -> Value {
        try decode(bytes[...])
    }

    /// The value that exactly these bytes encode.
    public func decode(_ bytes: ArraySlice<UInt8>) throws(SSZError) -> Value {
        if let fixedByteCount {
            guard bytes.count == fixedByteCount else {
                throw SSZError(.wrongLength(actual: bytes.count, expected: fixedByteCount))
            }
        }
        guard bytes.count >= minimumByteCount else {
            throw SSZError(.tooShort(actual: bytes.count, minimum: minimumByteCount))
        }
        guard bytes.count <= maximumByteCount else {
            throw SSZError(.tooLong(actual: bytes.count, maximum: maximumByteCount))
        }
        return try parse(bytes)
    }

    /// The root of the value's tree (`hash_tree_root`).
    public func hashTreeRoot(_ value: Value) -> Bytes32 {
        root(value)
    }

    /// The siblings on the way from a container's field to its root, lowest first.
    ///
    /// - Parameters:
    ///   - field: The field's place, from 0; there must be such a field.
    ///   - value: The container.
    /// - Returns: One node for each level.
    package func branch(ofField field: Int, in value: Value) -> [Bytes32] {
        guard let leaves else { preconditionFailure("only containers have fields") }
        let roots = leaves(value)
        return Merkle.branch(ofLeaf: field, in: roots, limit: roots.count)
    }

    /// The same encoding for another Swift type.
    ///
    /// - Parameters:
    ///   - unwrap: The value in this schema's terms.
    ///   - wrap: The other way; refuses what breaks the other type's rules.
    /// - Returns: The schema of the other type.
    package func map<Other>(
        _ unwrap: @escaping @Sendable (Other) -> Value,
        _ wrap: @escaping @Sendable (Value) throws(SSZError) -> Other
    ) -> SSZType<Other> {
        let (append, parse, root) = (append, parse, root)
        return SSZType<Other>(
            fixedByteCount: fixedByteCount, minimumByteCount: minimumByteCount,
            maximumByteCount: maximumByteCount, isBasic: isBasic,
            append: { append(unwrap($0), &$1) },
            parse: { bytes throws(SSZError) in try wrap(try parse(bytes)) },
            root: { root(unwrap($0)) })
    }
}

/// Bytes of an offset.
let offsetByteCount = 4

/// Reads the offset that starts at `position`.
func readOffset(_ bytes: ArraySlice<UInt8>, at position: Int) -> Int {
    let start = bytes.startIndex + position
    return (0..<offsetByteCount).reduce(0) { $0 | Int(bytes[start + $1]) << (8 * $1) }
}

/// `a + b`, or the largest integer.
func saturatingSum(_ a: Int, _ b: Int) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
}

/// `a * b` of non-negative integers, or the largest integer.
func saturatingProduct(_ a: Int, _ b: Int) -> Int {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? .max : product
}
