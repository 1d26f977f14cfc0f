/// Bytes as the interface writes them: `0x` and two lowercase hexadecimal digits to a byte.
package struct HexBytes: Sendable, Hashable {
    /// The bytes.
    package let bytes: [UInt8]

    /// These bytes.
    package init(_ bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
    }

    /// The bytes that a text spells; nil if it is anything else.
    ///
    /// - Parameter text: Pairs of hexadecimal digits of either case, with or without `0x`.
    package init?(text: some StringProtocol) {
        var digits = text.utf8[...]
        if digits.starts(with: "0x".utf8) { digits = digits.dropFirst(2) }
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        var high: UInt8?
        for digit in digits {
            guard let value = Self.value(of: digit) else { return nil }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        self.bytes = bytes
    }

    /// `0x` and the digits.
    package var text: String {
        let digits = Array("0123456789abcdef".utf8)
        var text = Array("0x".utf8)
        text.reserveCapacity(2 + 2 * bytes.count)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x41 + 10
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }
}

extension HexBytes: CustomStringConvertible {
    /// `0x` and the digits.
    package var description: String { text }
}

extension HexBytes: Codable {
    /// Decodes the text.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = HexBytes(text: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not hexadecimal: \(text.prefix(80))")
        }
        self = value
    }

    /// Encodes the text.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
