/// Thirty-two bytes: a root, a network id, a key.
///
/// Ordered as byte strings are.
public struct Bytes32: Sendable, Hashable {
    /// The bytes in memory order, as four words.
    private var words: (UInt64, UInt64, UInt64, UInt64)

    /// Bytes in the value.
    public static let byteCount = 32

    /// Thirty-two zero bytes.
    public static let zero = Bytes32()

    private init() {
        words = (0, 0, 0, 0)
    }

    /// A value from its bytes.
    ///
    /// - Returns: Nil unless there are exactly 32.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init(filledBy: { $0.copyBytes(from: bytes) })
    }

    /// A value whose bytes `fill` writes, starting from zeros.
    package init(filledBy fill: (UnsafeMutableRawBufferPointer) -> Void) {
        words = (0, 0, 0, 0)
        Swift.withUnsafeMutableBytes(of: &words) { fill($0) }
    }

    /// The 32 bytes.
    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// Calls `body` with the 32 bytes, which must not be used after it returns.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try Swift.withUnsafeBytes(of: words, body)
    }

    /// Whether the bytes are equal.
    public static func == (a: Self, b: Self) -> Bool {
        a.words == b.words
    }

    /// Feeds the bytes to a hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }
}

extension Bytes32: Comparable {
    /// Whether `a` comes before `b` as a byte string.
    public static func < (a: Self, b: Self) -> Bool {
        let left = [a.words.0, a.words.1, a.words.2, a.words.3]
        let right = [b.words.0, b.words.1, b.words.2, b.words.3]
        for (x, y) in zip(left, right) where x != y { return x.bigEndian < y.bigEndian }
        return false
    }
}

extension Bytes32: CustomStringConvertible {
    /// `0x` and 64 lowercase hexadecimal digits.
    public var description: String {
        let digits = Array("0123456789abcdef")
        var text = "0x"
        withUnsafeBytes { bytes in
            for byte in bytes {
                text.append(digits[Int(byte >> 4)])
                text.append(digits[Int(byte & 15)])
            }
        }
        return text
    }
}
