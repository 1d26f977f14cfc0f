import Hummingbird

/// Every path of the interface with its method. `specs/http.md` describes each; a test compares.
package enum APIRoutes {
    /// Method and path; parts in braces are parameters.
    package static let all: [(method: String, path: String)] = [
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
        ("GET", "/v1/status"),
        ("GET", "/v1/parameters"),
        ("GET", "/v1/peers"),
        ("GET", "/v1/heads"),
        ("GET", "/v1/headers"),
        ("GET", "/v1/headers/{root}"),
        ("GET", "/v1/blocks"),
        ("GET", "/v1/blocks/{root}"),
        ("GET", "/v1/blocks/{root}/cells"),
        ("GET", "/v1/payload"),
        ("GET", "/v1/payloads/{commitment}"),
        ("POST", "/v1/publish"),
        ("GET", "/v1/publications/{root}"),
        ("GET", "/v1/evidence"),
        ("GET", "/v1/evidence/{id}"),
        ("GET", "/v1/events"),
    ]

    /// The paths.
    static let patterns = Set(all.map(\.path))

    /// The methods that a path takes; empty if there is no such path.
    static func methods(at path: String) -> [String] {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        return all.filter { route in
            let pattern = route.path.split(separator: "/")
            return pattern.count == parts.count
                && zip(pattern, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }.map(\.method)
    }
}
