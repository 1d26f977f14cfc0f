/// A naive unsigned integer of any size in 32-bit words: the reference that the fields are compared
/// with. Slow, and short enough to be checked by eye.
struct BigInteger: Equatable {
    /// Least significant first, without leading zeros.
    var words: [UInt32]

    init(words: [UInt32]) {
        self.words = words
        while self.words.last == 0 { self.words.removeLast() }
    }

    init(_ value: UInt64) {
        self.init(words: [UInt32(truncatingIfNeeded: value), UInt32(value >> 32)])
    }

    init(bytes: [UInt8]) {
        var words = [UInt32](repeating: 0, count: (bytes.count + 3) / 4)
        for (i, byte) in bytes.reversed().enumerated() {
            words[i / 4] |= UInt32(byte) << UInt32(8 * (i % 4))
        }
        self.init(words: words)
    }

    init(hex: String) {
        self.init(bytes: [UInt8](hex: hex))
    }

    func bytes(count: Int) -> [UInt8] {
        (0..<count).reversed().map { i in
            i / 4 < words.count ? UInt8(truncatingIfNeeded: words[i / 4] >> UInt32(8 * (i % 4))) : 0
        }
    }

    var bitCount: Int {
        guard let top = words.last else { return 0 }
        return 32 * words.count - top.leadingZeroBitCount
    }

    func bit(_ i: Int) -> Bool {
        i / 32 < words.count && words[i / 32] >> UInt32(i % 32) & 1 == 1
    }

    static func < (a: BigInteger, b: BigInteger) -> Bool {
        if a.words.count != b.words.count { return a.words.count < b.words.count }
        for i in a.words.indices.reversed() where a.words[i] != b.words[i] {
            return a.words[i] < b.words[i]
        }
        return false
    }

    static func + (a: BigInteger, b: BigInteger) -> BigInteger {
        var result: [UInt32] = []
        var carry: UInt64 = 0
        for i in 0..<max(a.words.count, b.words.count) {
            carry += UInt64(i < a.words.count ? a.words[i] : 0)
            carry += UInt64(i < b.words.count ? b.words[i] : 0)
            result.append(UInt32(truncatingIfNeeded: carry))
            carry >>= 32
        }
        result.append(UInt32(carry))
        return BigInteger(words: result)
    }

    /// - Precondition: b is not above a.
    static func - (a: BigInteger, b: BigInteger) -> BigInteger {
        var result: [UInt32] = []
        var borrow: Int64 = 0
        for i in a.words.indices {
            borrow += Int64(a.words[i]) - Int64(i < b.words.count ? b.words[i] : 0)
            result.append(UInt32(truncatingIfNeeded: borrow))
            borrow >>= 32
        }
        precondition(borrow == 0)
        return BigInteger(words: result)
    }

    static func * (a: BigInteger, b: BigInteger) -> BigInteger {
        var result = [UInt32](repeating: 0, count: a.words.count + b.words.count)
        for i in a.words.indices {
            var carry: UInt64 = 0
            for j in b.words.indices {
                carry += UInt64(a.words[i]) * UInt64(b.words[j]) + UInt64(result[i + j])
                result[i + j] = UInt32(truncatingIfNeeded: carry)
                carry >>= 32
            }
            result[i + b.words.count] = UInt32(carry)
        }
        return BigInteger(words: result)
    }

    func shifted(left count: Int) -> BigInteger {
        var result = [UInt32](repeating: 0, count: words.count + count / 32 + 1)
        for i in words.indices {
            let wide = UInt64(words[i]) << UInt64(count % 32)
            result[i + count / 32] |= UInt32(truncatingIfNeeded: wide)
            result[i + count / 32 + 1] |= UInt32(wide >> 32)
        }
        return BigInteger(words: result)
    }

    static func % (a: BigInteger, m: BigInteger) -> BigInteger {
        var rest = a
        var shift = a.bitCount - m.bitCount
        while shift >= 0 {
            let multiple = m.shifted(left: shift)
            if !(rest < multiple) { rest = rest - multiple }
            shift -= 1
        }
        return rest
    }
}

extension [UInt8] {
    /// The bytes that an even number of hexadecimal digits says.
    init(hex: String) {
        let digits = hex.utf8.map { c in
            c >= 97 ? c - 87 : c - 48
        }
        self = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
