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
/// message and what came in with it are held, and bytes of a message are copied once.
package struct FrameAssembler: Sendable {
    /// The longest message that is accepted, in bytes.
    package let limit: Int
    /// What arrived and was not looked at.
    private var input: ArraySlice<UInt8> = []
    /// The length of the message that is arriving, as far as it is there.
    private var prefix: [UInt8] = []
    /// The message that is arriving, and how long it will be; nil between two messages.
    private var body: [UInt8] = []
    private var length: Int?

    /// Memory is taken for so much of a message at once, for more as it arrives: an announced length costs
    /// its sender nothing.
    private static let reserved = 65_536

    package init(limit: Int) {
        self.limit = limit
    }

    /// Bytes held that no call of `next` has returned.
    package var bufferedByteCount: Int { prefix.count + body.count + input.count }

    /// Whether the stream ends between two messages.
    package var isAtBoundary: Bool { bufferedByteCount == 0 && length == nil }

    /// Adds bytes that arrived. Call `next` until it returns nil before adding more.
    package mutating func append(_ bytes: [UInt8]) {
        append(bytes[...])
    }

    /// Adds bytes that arrived.
    package mutating func append(_ bytes: ArraySlice<UInt8>) {
        if input.isEmpty {
            input = bytes
        } else {
            input += bytes
        }
    }

    /// The next whole message, or nil if more bytes are needed.
    package mutating func next() throws(FrameError) -> [UInt8]? {
        guard try readLength(), let length else { return nil }
        let part = input.prefix(length - body.count)
        if body.isEmpty, !part.isEmpty {
            body.reserveCapacity(min(length, max(Self.reserved, part.count)))
        }
        body.append(contentsOf: part)
        input = input.dropFirst(part.count)
        // The slice keeps all of what arrived in memory.
        if input.isEmpty { input = [] }
        guard body.count == length else { return nil }
        self.length = nil
        var message: [UInt8] = []
        swap(&message, &body)
        return message
    }

    /// Whether the length of the message is there now.
    private mutating func readLength() throws(FrameError) -> Bool {
        guard length == nil else { return true }
        let read: (value: UInt64, byteCount: Int)?
        do {
            if prefix.isEmpty {
                read = try Varint.read(input)
            } else {
                read = try Varint.read((prefix + input.prefix(Varint.maximumBytes))[...])
            }
        } catch {
            throw .malformedLength(error)
        }
        guard let (value, byteCount) = read else {
            prefix += input
            input = []
            return false
        }
        guard value <= UInt64(limit) else { throw .tooLong(length: value, limit: limit) }
        input = input.dropFirst(byteCount - prefix.count)
        prefix = []
        length = Int(value)
        return true
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
