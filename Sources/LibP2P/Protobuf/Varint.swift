/// Why the bytes at a place are no variable-length integer.
package enum VarintError: Error, Equatable, Sendable {
    /// More bytes than allowed carry the continuation bit, or the value passes 64 bits.
    case tooLong(maximumBytes: Int)
    /// The last byte is zero, so a shorter encoding of the same value exists.
    case notMinimal
}

/// Unsigned LEB128 as libp2p uses it: seven bits to a byte, least significant first.
///
/// In front of messages and inside multiaddrs and peer ids only the shortest encoding is valid and
/// at most nine bytes (63 bits) long (multiformats/unsigned-varint). Values inside of protobuf
/// messages may take ten bytes and need not be minimal; `WireReader` reads those.
package enum Varint {
    /// The most bytes that libp2p allows an unsigned varint outside of protobuf.
    package static let maximumBytes = 9

    /// The number of bytes that `append` adds for `value`.
    package static func byteCount(_ value: UInt64) -> Int {
        value == 0 ? 1 : (UInt64.bitWidth - value.leadingZeroBitCount + 6) / 7
    }

    /// Appends the shortest encoding of `value`.
    package static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Reads a minimal varint from the front of `bytes`.
    ///
    /// - Parameters:
    ///   - bytes: What has arrived so far.
    ///   - maximumBytes: A longer encoding is an error, as soon as it is certain; 9 at most.
    /// - Returns: The value and how many bytes it took; nil if more bytes are needed.
    /// - Throws: `VarintError` if no further byte can make it valid.
    package static func read(
        _ bytes: UnsafeRawBufferPointer, maximumBytes: Int = Varint.maximumBytes
    ) throws(VarintError) -> (value: UInt64, byteCount: Int)? {
        var value: UInt64 = 0
        var index = 0
        while index < bytes.count {
            guard index < maximumBytes else { throw .tooLong(maximumBytes: maximumBytes) }
            let byte = bytes[index]
            value |= UInt64(byte & 0x7f) << UInt64(7 * index)
            index += 1
            if byte & 0x80 == 0 {
                guard byte != 0 || index == 1 else { throw .notMinimal }
                return (value, index)
            }
        }
        guard index < maximumBytes else { throw .tooLong(maximumBytes: maximumBytes) }
        return nil
    }

    /// Reads a minimal varint from the front of `bytes`, as the form for raw memory does.
    package static func read(
        _ bytes: ArraySlice<UInt8>, maximumBytes: Int = Varint.maximumBytes
    ) throws(VarintError) -> (value: UInt64, byteCount: Int)? {
        let outcome = bytes.withUnsafeBytes { raw in
            Result { () throws(VarintError) in try read(raw, maximumBytes: maximumBytes) }
        }
        return try outcome.get()
    }
}
