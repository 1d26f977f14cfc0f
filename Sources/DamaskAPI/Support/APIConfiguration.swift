import DamaskClient

/// What can be set of the interface.
package struct APIConfiguration: Sendable, Hashable {
    /// The address to listen on. On a loopback address only requests to `localhost`, `127.0.0.1` and
    /// `[::1]` are answered, so that no web page can reach the node under a name of its own.
    package var host = "127.0.0.1"
    /// The port; 0 for any that is free.
    package var port = 7780
    /// The bearer token that writing needs; nil refuses all writing.
    package var token: AccessToken?
    /// Further names under which the server may be asked for.
    package var hostNames: [String] = []
    /// Connections at a time; further ones wait.
    package var maximumConnections: Int
    /// Seconds between signs of life in a stream of events.
    package var heartbeatSeconds: Double
    /// Seconds in which a request's body must have come.
    package var bodySeconds: Double
    /// Seconds without a byte after which a connection without an answer under way is closed.
    package var idleSeconds: Double
    /// Seconds without progress after which an answer is given up.
    package var stallSeconds: Double

    /// The defaults, of `APILimits`.
    package init() {
        maximumConnections = APILimits.connections
        heartbeatSeconds = Double(APILimits.heartbeatSeconds)
        bodySeconds = Double(APILimits.bodySeconds)
        idleSeconds = Double(APILimits.idleSeconds)
        stallSeconds = Double(APILimits.stallSeconds)
    }

    /// Whether only this machine can reach the server.
    var isLoopback: Bool { ["localhost", "::1"].contains(host) || host.hasPrefix("127.") }
}
