/// A JSON value, written with its keys in the order given, so that equal results are equal texts.
package indirect enum JSONText: Sendable {
    case number(Double)
    case integer(Int)
    case text(String)
    case bool(Bool)
    case list([JSONText])
    case object([(String, JSONText)])
    case null

    /// The value on one line.
    package var description: String {
        switch self {
        case .number(let value): Self.spelled(value)
        case .integer(let value): String(value)
        case .text(let value): Self.quoted(value)
        case .bool(let value): value ? "true" : "false"
        case .list(let items): "[" + items.map(\.description).joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.map { Self.quoted($0.0) + ":" + $0.1.description }
                .joined(separator: ",") + "}"
        case .null: "null"
        }
    }

    private static func spelled(_ value: Double) -> String {
        guard value.isFinite else { return "null" }
        if value == value.rounded(), abs(value) < 1e15 { return String(Int(value)) }
        return "\(value)"
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case _ where scalar.value < 0x20:
                let digits = Array("0123456789abcdef")
                result += "\\u00"
                result.append(digits[Int(scalar.value >> 4)])
                result.append(digits[Int(scalar.value & 15)])
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
