/// Why a stream of length-prefixed messages can't be read on.
package enum FrameError: Error, Equatable, Sendable {
    /// The length is no minimal varint.
    case malformedLength(VarintError)
    /// A message is announced that is longer than the limit, in bytes.
    case tooLong(length: UInt64, limit: Int)
}

/// Cuts a byte stream into messages, each behind its length as an unsigned varint.
///
/// A length over the limit is refused before any byte of the message is stored. At most one
/// message and what came in with it are held.
package struct FrameAssembler: Sendable {
    /// The longest message that is accepted, in bytes.
    package let limit: Int
    private var buffer: [UInt8] = []
    private var position = 0

    package init(limit: Int) {
        self.limit = limit
    }

    /// Bytes held that no call of `next` has returned.
    package var bufferedByteCount: Int { buffer.count - position }

    /// Whether the stream ends between two messages.
    package var isAtBoundary: Bool { bufferedByteCount == 0 }

    /// Adds bytes that arrived. Call `next` until it returns nil before adding more.
    package mutating func append(_ bytes: [UInt8]) {
        append(bytes[...])
    }

    /// Adds bytes that arrived.
    package mutating func append(_ bytes: ArraySlice<UInt8>) {
        if position > 0, position == buffer.count || position >= 65_536 {
            buffer.removeSubrange(0..<position)
            position = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole message, or nil if more bytes are needed.
    package mutating func next() throws(FrameError) -> [UInt8]? {
        let prefix: (value: UInt64, byteCount: Int)?
        do {
            prefix = try Varint.read(buffer[position...])
        } catch {
            throw .malformedLength(error)
        }
        guard let (length, prefixCount) = prefix else { return nil }
        guard length <= UInt64(limit) else { throw .tooLong(length: length, limit: limit) }
        let start = position + prefixCount
        guard buffer.count - start >= Int(length) else { return nil }
        position = start + Int(length)
        let message = Array(buffer[start..<position])
        if position == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= 65_536)
            position = 0
        }
        return message
    }

    /// `message` behind its length.
    package static func frame(_ message: [UInt8]) -> [UInt8] {
        var framed: [UInt8] = []
        framed.reserveCapacity(message.count + Varint.byteCount(UInt64(message.count)))
        Varint.append(UInt64(message.count), to: &framed)
        framed.append(contentsOf: message)
        return framed
    }
}
