import SystemCrypto

/// The hash of everything that happened, in order: two runs were the same if it is.
package struct Trace: Sendable {
    private var hash = SHA256()
    private var pending: [UInt64] = []
    /// Events noted.
    package private(set) var count = 0

    /// The trace of nothing.
    package init() {
        pending.reserveCapacity(Self.wordsAhead)
    }

    /// Words hashed at a time; no effect on the result.
    private static let wordsAhead = 1024

    /// Notes an event by four words.
    package mutating func note(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64)
    {
        count += 1
        pending.append(first.littleEndian)
        pending.append(second.littleEndian)
        pending.append(third.littleEndian)
        pending.append(fourth.littleEndian)
        if pending.count >= Self.wordsAhead { flush() }
    }

    private mutating func flush() {
        pending.withUnsafeBytes { hash.update(Array($0)) }
        pending.removeAll(keepingCapacity: true)
    }

    /// The hash so far, 32 bytes.
    package var digest: [UInt8] {
        var copy = self
        copy.flush()
        return copy.hash.finalize()
    }

    /// The hash so far, as lowercase hex digits.
    package var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        let text = digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
