/// Forty-eight bytes: a compressed point of G1 as it travels, valid or not.
///
/// Stored as six words so that commitments and proofs are plain values, without a heap allocation
/// each.
public struct Bytes48: Sendable, Hashable {
    /// The words, each of eight bytes in big-endian order.
    private var w0, w1, w2, w3, w4, w5: UInt64

    /// How many bytes there are.
    public static let count = 48

    /// The bytes of `bytes`, or nil unless there are exactly 48.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Bytes48.count else { return nil }
        var iterator = bytes.makeIterator()
        func word() -> UInt64 {
            var word: UInt64 = 0
            for _ in 0..<8 { word = word << 8 | UInt64(iterator.next() ?? 0) }
            return word
        }
        w0 = word()
        w1 = word()
        w2 = word()
        w3 = word()
        w4 = word()
        w5 = word()
    }

    /// The point at infinity in compressed form: `c0`, then zeros.
    static let infinity = Bytes48(leading: 0xc0)

    private init(leading: UInt8) {
        w0 = UInt64(leading) << 56
        w1 = 0
        w2 = 0
        w3 = 0
        w4 = 0
        w5 = 0
    }

    /// The bytes as an array.
    public var bytes: [UInt8] {
        withUnsafeBytes { [UInt8]($0) }
    }

    /// Calls `body` with the bytes, which are there only until it returns.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var words = (
            w0.bigEndian, w1.bigEndian, w2.bigEndian, w3.bigEndian, w4.bigEndian, w5.bigEndian
        )
        return try Swift.withUnsafeBytes(of: &words, body)
    }
}

extension Bytes48: CustomStringConvertible {
    /// `0x` and 96 hexadecimal digits.
    public var description: String {
        let digits = Array("0123456789abcdef")
        var text = "0x"
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return text
    }
}
