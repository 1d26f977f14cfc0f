/// Writes protobuf fields in the order of the calls, with minimal varints.
///
/// It writes what it is told to, default values included: a caller that wants proto3's implicit
/// presence leaves such a field out.
package struct WireWriter: Sendable {
    /// The message so far.
    package private(set) var bytes: [UInt8] = []

    package init(reservingCapacity capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    /// Appends a varint field.
    package mutating func uint64(_ field: Int, _ value: UInt64) {
        tag(field, wireType: 0)
        Varint.append(value, to: &bytes)
    }

    /// Appends a bool field.
    package mutating func bool(_ field: Int, _ value: Bool) {
        uint64(field, value ? 1 : 0)
    }

    /// Appends a bytes field.
    package mutating func bytes(_ field: Int, _ value: [UInt8]) {
        lengthPrefix(field, value.count)
        bytes.append(contentsOf: value)
    }

    /// Appends a bytes field.
    package mutating func bytes(_ field: Int, _ value: ArraySlice<UInt8>) {
        lengthPrefix(field, value.count)
        bytes.append(contentsOf: value)
    }

    /// Appends a string field.
    package mutating func string(_ field: Int, _ value: String) {
        lengthPrefix(field, value.utf8.count)
        bytes.append(contentsOf: value.utf8)
    }

    /// Appends a nested message with what `body` writes.
    package mutating func message<E: Error>(
        _ field: Int, _ body: (inout WireWriter) throws(E) -> Void
    ) throws(E) {
        var inner = WireWriter()
        try body(&inner)
        bytes(field, inner.bytes)
    }

    private mutating func tag(_ field: Int, wireType: UInt64) {
        Varint.append(UInt64(field) << 3 | wireType, to: &bytes)
    }

    private mutating func lengthPrefix(_ field: Int, _ count: Int) {
        tag(field, wireType: 2)
        Varint.append(UInt64(count), to: &bytes)
    }
}
