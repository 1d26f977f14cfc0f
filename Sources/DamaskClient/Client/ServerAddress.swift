import Foundation

/// Where a node's interface is.
package struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
    /// `http://host:port`, without a slash at the end.
    package let url: String

    /// Where a node listens unless it is told otherwise.
    package static let standard = "http://127.0.0.1:7780"

    /// The address that a text spells: a URL of a server, or `host:port`.
    package init(_ text: String) throws(ClientError) {
        let whole = text.contains("://") ? text : "http://" + text
        guard let parts = URLComponents(string: whole), let host = parts.host, !host.isEmpty else {
            throw .badAddress(text, reason: "not an address such as \(Self.standard)")
        }
        guard parts.scheme == "http" || parts.scheme == "https" else {
            throw .badAddress(text, reason: "only http and https are spoken")
        }
        guard parts.user == nil, parts.password == nil else {
            throw .badAddress(text, reason: "a token goes in a file, not in the address")
        }
        guard parts.query == nil, parts.fragment == nil, ["", "/"].contains(parts.path) else {
            throw .badAddress(text, reason: "an address of a server has no path")
        }
        url = whole.hasSuffix("/") ? String(whole.dropLast()) : whole
    }

    /// The address.
    package var description: String { url }
}
