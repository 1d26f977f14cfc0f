extension SSZType where Value: FixedWidthInteger & UnsignedInteger & Sendable {
    /// An unsigned integer, little-endian.
    static var unsigned: SSZType {
        let count = Value.bitWidth / 8
        return SSZType(
            fixedByteCount: count, minimumByteCount: count, maximumByteCount: count, isBasic: true,
            append: { value, bytes in
                withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
            },
            parse: { bytes throws(SSZError) in
                bytes.reversed().reduce(0) { $0 << 8 | Value($1) }
            },
            root: { Merkle.uint($0) })
    }
}

extension SSZType<UInt8> {
    /// `uint8`.
    package static var uint8: Self { unsigned }
}

extension SSZType<UInt16> {
    /// `uint16`.
    package static var uint16: Self { unsigned }
}

extension SSZType<UInt32> {
    /// `uint32`.
    package static var uint32: Self { unsigned }
}

extension SSZType<UInt64> {
    /// `uint64`.
    package static var uint64: Self { unsigned }
}

extension SSZType<Bool> {
    /// `boolean`.
    package static var boolean: Self {
        SSZType<UInt8>.uint8.map(
            { $0 ? 1 : 0 },
            { byte throws(SSZError) in
                guard byte <= 1 else { throw SSZError(.malformedBoolean(byte)) }
                return byte == 1
            })
    }
}

extension SSZType<Bytes32> {
    /// `Vector[uint8, 32]`.
    package static var bytes32: Self {
        SSZType(
            fixedByteCount: 32, minimumByteCount: 32, maximumByteCount: 32, isBasic: false,
            append: { value, bytes in value.withUnsafeBytes { bytes.append(contentsOf: $0) } },
            parse: { bytes throws(SSZError) in
                guard let value = Bytes32(bytes) else {
                    throw SSZError(.wrongLength(actual: bytes.count, expected: 32))
                }
                return value
            },
            root: { $0 })
    }
}

extension SSZType<[UInt8]> {
    /// `Vector[uint8, count]`.
    package static func bytes(_ count: Int) -> Self {
        SSZType(
            fixedByteCount: count, minimumByteCount: count, maximumByteCount: count, isBasic: false,
            append: { value, bytes in
                precondition(value.count == count, "\(value.count) bytes in a vector of \(count)")
                bytes.append(contentsOf: value)
            },
            parse: { bytes throws(SSZError) in Array(bytes) },
            root: { Merkle.root(leaves: Merkle.chunks($0[...]), limit: (count + 31) / 32) })
    }

    /// `List[uint8, limit]`.
    package static func byteList(limit: Int) -> Self {
        SSZType(
            fixedByteCount: nil, minimumByteCount: 0, maximumByteCount: limit, isBasic: false,
            append: { value, bytes in
                precondition(value.count <= limit, "\(value.count) bytes in a list of \(limit)")
                bytes.append(contentsOf: value)
            },
            parse: { bytes throws(SSZError) in Array(bytes) },
            root: {
                let limit = limit / 32 + (limit % 32 == 0 ? 0 : 1)
                return Merkle.mixIn(
                    length: $0.count,
                    to: Merkle.root(leaves: Merkle.chunks($0[...]), limit: limit))
            })
    }
}
