/// The bytes of a hex string; nil if it is none.
func hexBytes(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text {
        guard let digit = character.hexDigitValue else { return nil }
        if let upper = high {
            bytes.append(upper << 4 | UInt8(digit))
            high = nil
        } else {
            high = UInt8(digit)
        }
    }
    return high == nil ? bytes : nil
}

extension Array where Element == UInt8 {
    /// The bytes that lowercase or uppercase hex digits spell; a test's literal that spells none
    /// gives an array that no test expects.
    init(hex text: String) {
        self = hexBytes(text) ?? Array("not hex".utf8)
    }

    /// Lowercase hex digits.
    var hex: String {
        let digits = Array<UInt8>("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
