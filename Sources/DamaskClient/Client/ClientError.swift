/// Why a request to a node brought nothing.
package enum ClientError: Error, Sendable, Hashable {
    /// The address is none that a client can use.
    case badAddress(String, reason: String)
    /// No answer: nobody listens there, or not in time.
    case unreachable(server: String, reason: String)
    /// The data is not available (or not yet).
    case unavailable(ErrorAnswer.Refusal)
    /// The node refuses the request.
    case refused(status: Int, ErrorAnswer.Refusal)
    /// The answer is none that this client understands.
    case malformed(server: String, reason: String)
    /// The answer broke off.
    case interrupted(server: String, reason: String)
}

extension ClientError: CustomStringConvertible {
    /// What went wrong, with who said so.
    package var description: String {
        switch self {
        case .badAddress(let text, let reason): "\(text): \(reason)"
        case .unreachable(let server, let reason): "\(server) can't be reached: \(reason)"
        case .unavailable(let refusal): refusal.message
        case .refused(let status, let refusal):
            "refused (\(status) \(refusal.code)): \(refusal.message)"
        case .malformed(let server, let reason):
            "\(server) answers what is not understood: \(reason)"
        case .interrupted(let server, let reason): "\(server) broke off: \(reason)"
        }
    }
}
