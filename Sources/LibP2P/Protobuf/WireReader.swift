/// Why bytes are no acceptable protobuf message. Offsets count from the start of the array
/// that holds the outermost message.
package enum WireError: Error, Equatable, Sendable {
    /// The message ends inside of a value that starts at `offset`.
    case truncated(offset: Int)
    /// A varint of more than ten bytes, or past 64 bits, at `offset`.
    case varintTooLong(offset: Int)
    /// A tag whose field number is 0 or past 2^29 - 1, at `offset`.
    case invalidFieldNumber(offset: Int)
    /// A wire type that is not one of varint, 64-bit, bytes and 32-bit (groups are refused).
    case unsupportedWireType(UInt8, field: Int)
    /// A field that is known, in a wire type that it does not have.
    case wrongWireType(field: Int)
    /// A field longer than its limit, in bytes.
    case tooLong(field: Int, length: Int, limit: Int)
    /// A repeated field that occurs more often than its limit.
    case tooMany(field: Int, limit: Int)
    /// A string that is no UTF-8.
    case invalidUTF8(field: Int)
    /// A field that must be there is absent.
    case missing(field: Int)
    /// A field has a value outside of its range.
    case invalidValue(field: Int)
}

/// Reads one protobuf message field by field, without copying and without recursion of its own.
///
/// The caller walks the fields and takes those that it knows; nested messages are read with a
/// reader of their own over the same storage, so that a limit holds before anything is copied:
///
///     var reader = WireReader(bytes)
///     while let field = try reader.next() {
///         switch field.number {
///         case 1: topic = try field.string(limit: 256)
///         case 2: var inner = try field.message(limit: 4096)
///         default: break  // unknown fields are skipped
///         }
///     }
package struct WireReader: Sendable {
    /// One field: its number and its value as the wire type has it.
    package struct Field: Sendable {
        /// The value in the form of its wire type.
        package enum Value: Sendable {
            case varint(UInt64)
            case fixed64(UInt64)
            case bytes(ArraySlice<UInt8>)
            case fixed32(UInt32)
        }

        /// From 1 to 2^29 - 1.
        package let number: Int
        /// The value, not yet interpreted.
        package let value: Value
    }

    private let storage: ArraySlice<UInt8>
    private var position: Int
    private var end: Int { storage.endIndex }

    /// A reader of the message that is all of `bytes`.
    package init(_ bytes: [UInt8]) {
        self.init(bytes[...])
    }

    /// A reader of the message that is all of `bytes`. The slice's storage is shared, not copied.
    package init(_ bytes: ArraySlice<UInt8>) {
        storage = bytes
        position = bytes.startIndex
    }

    /// Bytes not yet read.
    package var remainingCount: Int { end - position }

    /// The next field, or nil at the end of the message.
    package mutating func next() throws(WireError) -> Field? {
        guard position < end else { return nil }
        let start = position
        let tag = try varint()
        let number = tag >> 3
        guard number >= 1, number < 1 << 29 else { throw .invalidFieldNumber(offset: start) }
        let field = Int(number)
        switch UInt8(tag & 7) {
        case 0:
            return Field(number: field, value: .varint(try varint()))
        case 1:
            return Field(number: field, value: .fixed64(try fixed(byteCount: 8)))
        case 2:
            let lengthAt = position
            let length = try varint()
            guard length <= UInt64(end - position) else { throw .truncated(offset: lengthAt) }
            let from = position
            position += Int(length)
            return Field(number: field, value: .bytes(storage[from..<position]))
        case 5:
            let value = UInt32(truncatingIfNeeded: try fixed(byteCount: 4))
            return Field(number: field, value: .fixed32(value))
        case let other:
            throw .unsupportedWireType(other, field: field)
        }
    }

    private mutating func varint() throws(WireError) -> UInt64 {
        let start = position
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end {
            let byte = storage[position]
            position += 1
            if shift == 63, byte > 1 { throw .varintTooLong(offset: start) }
            value |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        throw .truncated(offset: start)
    }

    private mutating func fixed(byteCount: Int) throws(WireError) -> UInt64 {
        guard end - position >= byteCount else { throw .truncated(offset: position) }
        var value: UInt64 = 0
        for index in 0..<byteCount {
            value |= UInt64(storage[position + index]) << UInt64(8 * index)
        }
        position += byteCount
        return value
    }
}

extension WireReader.Field {
    /// The value of a varint field.
    package func uint64() throws(WireError) -> UInt64 {
        guard case .varint(let value) = value else { throw .wrongWireType(field: number) }
        return value
    }

    /// The value of a bool field: any varint but zero is true.
    package func bool() throws(WireError) -> Bool {
        try uint64() != 0
    }

    /// A view of a bytes field of at most `limit` bytes.
    package func slice(limit: Int) throws(WireError) -> ArraySlice<UInt8> {
        guard case .bytes(let bytes) = value else { throw .wrongWireType(field: number) }
        guard bytes.count <= limit else {
            throw .tooLong(field: number, length: bytes.count, limit: limit)
        }
        return bytes
    }

    /// A copy of a bytes field of at most `limit` bytes.
    package func bytes(limit: Int) throws(WireError) -> [UInt8] {
        Array(try slice(limit: limit))
    }

    /// A string field of at most `limit` bytes of valid UTF-8.
    package func string(limit: Int) throws(WireError) -> String {
        let bytes = try slice(limit: limit)
        let text = String(decoding: bytes, as: UTF8.self)
        // Decoding repairs what is no UTF-8, so invalid input is one that comes back changed.
        guard text.utf8.elementsEqual(bytes) else { throw .invalidUTF8(field: number) }
        return text
    }

    /// A reader of a nested message of at most `limit` bytes.
    package func message(limit: Int) throws(WireError) -> WireReader {
        WireReader(try slice(limit: limit))
    }
}
