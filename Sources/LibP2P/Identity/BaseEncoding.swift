/// Base58 with Bitcoin's alphabet, and lowercase base32 without padding: the two text forms of
/// peer ids.
enum BaseEncoding {
    private static let base58Digits = Array(
        "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)
    private static let base32Digits = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    /// Base58 text of `bytes`. Takes time quadratic in their number.
    static func base58(_ bytes: [UInt8]) -> String {
        // Digits, least significant first.
        var digits: [UInt8] = []
        for byte in bytes {
            var carry = Int(byte)
            for index in digits.indices {
                carry += Int(digits[index]) << 8
                digits[index] = UInt8(carry % 58)
                carry /= 58
            }
            while carry > 0 {
                digits.append(UInt8(carry % 58))
                carry /= 58
            }
        }
        let zeros = bytes.prefix { $0 == 0 }.count
        let text =
            Array(repeating: base58Digits[0], count: zeros)
            + digits.reversed().map { base58Digits[Int($0)] }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of base58 text; nil for a character outside of the alphabet. Takes time
    /// quadratic in the length: the caller limits it.
    static func bytes(base58 text: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var zeros = 0
        var isLeading = true
        for character in text {
            guard let digit = base58Digits.firstIndex(of: character) else { return nil }
            if isLeading, digit == 0 {
                zeros += 1
                continue
            }
            isLeading = false
            var carry = digit
            for index in bytes.indices {
                carry += Int(bytes[index]) * 58
                bytes[index] = UInt8(truncatingIfNeeded: carry)
                carry >>= 8
            }
            while carry > 0 {
                bytes.append(UInt8(truncatingIfNeeded: carry))
                carry >>= 8
            }
        }
        return Array(repeating: 0, count: zeros) + bytes.reversed()
    }

    /// Lowercase base32 (RFC 4648) without padding.
    static func base32(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var held: UInt32 = 0
        var bits = 0
        for byte in bytes {
            held = held << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(base32Digits[Int(held >> UInt32(bits) & 31)])
            }
        }
        if bits > 0 {
            text.append(base32Digits[Int(held << UInt32(5 - bits) & 31)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of lowercase base32 text; nil for a character outside of the alphabet, or for
    /// left-over bits that are not zero or make up a whole character.
    static func bytes(base32 text: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var held: UInt32 = 0
        var bits = 0
        for character in text {
            guard let digit = base32Digits.firstIndex(of: character) else { return nil }
            held = held << 5 | UInt32(digit)
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: held >> UInt32(bits)))
            }
        }
        guard bits < 5, held & (1 << UInt32(bits) - 1) == 0 else { return nil }
        return bytes
    }
}
