import SystemCrypto

/// The name of a gossip message: 20 bytes that follow from its topic and data alone.
///
/// Ids of any other length that a peer names are ignored: all peers of a topic compute ids the same
/// way, so no message can have one.
package struct MessageID: Hashable, Comparable, Sendable {
    /// Bytes of an id.
    package static let byteCount = 20

    private let first: UInt64
    private let second: UInt64
    private let third: UInt32

    /// An id from its bytes; nil if their number is not 20.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var first: UInt64 = 0
        var second: UInt64 = 0
        var third: UInt32 = 0
        for (index, byte) in bytes.enumerated() {
            switch index {
            case 0..<8: first = first << 8 | UInt64(byte)
            case 8..<16: second = second << 8 | UInt64(byte)
            default: third = third << 8 | UInt32(byte)
            }
        }
        self.first = first
        self.second = second
        self.third = third
    }

    /// The first 20 bytes of a digest that has at least as many.
    private init(prefixOf digest: [UInt8]) {
        var words: (UInt64, UInt64, UInt32) = (0, 0, 0)
        for index in 0..<8 { words.0 = words.0 << 8 | UInt64(digest[index]) }
        for index in 8..<16 { words.1 = words.1 << 8 | UInt64(digest[index]) }
        for index in 16..<20 { words.2 = words.2 << 8 | UInt32(digest[index]) }
        (first, second, third) = words
    }

    /// The id's 20 bytes.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    /// Appends the id's 20 bytes.
    package func append(to bytes: inout [UInt8]) {
        withUnsafeBytes(of: first.bigEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: second.bigEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: third.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Whether `left`'s bytes come before `right`'s.
    package static func < (left: MessageID, right: MessageID) -> Bool {
        (left.first, left.second, left.third) < (right.first, right.second, right.third)
    }

    /// The id that Damask's topics use: the first 20 bytes of
    /// `SHA-256(00000000 || u64le(length of topic) || topic || data)`.
    ///
    /// It is what Ethereum's consensus layer (Altair and later) computes for data that is not
    /// compressed by snappy. The topic is part of it so that the same data on two topics are two
    /// messages.
    package static func ofTopicAndData(_ topic: String, _ data: [UInt8]) -> MessageID {
        var hash = SHA256()
        hash.update([0, 0, 0, 0])
        hash.update(littleEndian: UInt64(topic.utf8.count))
        hash.update(Array(topic.utf8))
        hash.update(data)
        return MessageID(prefixOf: hash.finalize())
    }
}

extension MessageID: CustomStringConvertible {
    /// Lowercase hex digits.
    package var description: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
