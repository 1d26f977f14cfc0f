import Availability
import DamaskClient
import Foundation
import Hummingbird
import SSZ

/// A request's parameters, in its query and in its path. Every parameter may be given once, and only
/// those that the route knows: a misspelt one is refused, not passed over.
struct Query {
    private var values: [String: String] = [:]
    private let path: Parameters

    init(_ request: Request, _ context: APIContext, knows names: [String] = []) throws {
        path = context.parameters
        guard let query = request.uri.query else { return }
        for part in query.split(separator: "&", omittingEmptySubsequences: true) {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(pair[0])
            guard names.contains(name) else {
                let known =
                    names.isEmpty ? "none is known" : "known are \(names.joined(separator: ", "))"
                throw APIError.parameter(
                    String(name.prefix(64)), "no parameter of this path; \(known)")
            }
            guard pair.count == 2, let value = String(pair[1]).removingPercentEncoding else {
                throw APIError.parameter(name, "has no value")
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw APIError.parameter(name, "given twice")
            }
        }
    }

    /// A parameter of the path or the query.
    subscript(_ name: String) -> String? { values[name] ?? path.get(name) }

    func required(_ name: String) throws -> String {
        guard let text = self[name] else { throw APIError.parameter(name, "missing") }
        return text
    }

    /// A number within bounds.
    func number<Number: FixedWidthInteger>(
        _ name: String, in range: ClosedRange<Number>
    ) throws -> Number? {
        guard let text = self[name] else { return nil }
        guard let number = Number(text), range.contains(number) else {
            throw APIError.parameter(
                name,
                "a number from \(range.lowerBound) to \(range.upperBound), not '\(text.prefix(32))'"
            )
        }
        return number
    }

    /// Bytes in hexadecimal.
    func hex(_ name: String, count: ClosedRange<Int>) throws -> [UInt8]? {
        guard let text = self[name] else { return nil }
        guard let value = HexBytes(text: text), count.contains(value.bytes.count) else {
            let size =
                count.lowerBound == count.upperBound
                ? "\(count.lowerBound)" : "\(count.lowerBound) to \(count.upperBound)"
            throw APIError.parameter(
                name, "0x and \(size) bytes in hexadecimal, not '\(text.prefix(80))'")
        }
        return value.bytes
    }

    /// A root.
    func root(_ name: String) throws -> Bytes32? {
        guard let bytes = try hex(name, count: 32...32) else { return nil }
        return Bytes32(bytes)
    }

    func requiredRoot(_ name: String) throws -> Bytes32 {
        guard let root = try root(name) else { throw APIError.parameter(name, "missing") }
        return root
    }

    /// A sequencer's key: 32 bytes, or 36 in libp2p's typed form.
    func key(_ name: String) throws -> NodeKey? {
        guard let bytes = try hex(name, count: 32...36) else { return nil }
        do throws(NodeKeyError) {
            return try bytes.count == 36 ? NodeKey(typed: bytes) : NodeKey(ed25519: bytes)
        } catch {
            throw APIError.parameter(name, error.description)
        }
    }

    /// A namespace.
    func namespace(_ name: String = "namespace") throws -> [UInt8]? {
        try hex(name, count: 0...Limits.namespaceBytes)
    }
}
