package import Foundation

/// The one form in which values are written as JSON: names in order, no escaped slashes.
package enum JSONText {
    /// A value as JSON on one line.
    package static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    /// The value in some JSON.
    package static func decode<Value: Decodable>(_ type: Value.Type, _ bytes: Data) throws -> Value
    {
        try JSONDecoder().decode(type, from: bytes)
    }
}
