/// Bytes as text.
enum Hexadecimal {
    private static let digits = Array("0123456789abcdef")

    /// `0x` and two lowercase digits to a byte.
    static func text(_ bytes: [UInt8]) -> String {
        "0x" + digitsOnly(bytes)
    }

    /// Two lowercase digits to a byte.
    static func digitsOnly(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return text
    }
}
