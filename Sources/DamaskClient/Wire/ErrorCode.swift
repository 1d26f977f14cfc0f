/// The names of refusals; `specs/http.md` says what each means.
package enum ErrorCode: String, Sendable, Hashable, CaseIterable {
    /// A parameter is missing or malformed.
    case invalidRequest = "invalid_request"
    /// No token, or a wrong one, where one is needed.
    case unauthorised = "unauthorised"
    /// The request names a host that this server does not answer for.
    case wrongHost = "wrong_host"
    /// There is no such path.
    case noSuchPath = "no_such_path"
    /// The path does not have this method.
    case methodNotAllowed = "method_not_allowed"
    /// Nothing of this name is known here.
    case notFound = "not_found"
    /// The request did not come in time.
    case requestTimeout = "request_timeout"
    /// Several payloads answer the description: name one by its commitment.
    case ambiguous = "ambiguous"
    /// This node is no sequencer: it does not publish.
    case notASequencer = "not_a_sequencer"
    /// The sequencer refused to sign.
    case notSigned = "not_signed"
    /// Over a limit.
    case tooLarge = "too_large"
    /// The payload is not what its encoding allows.
    case malformedPayload = "malformed_payload"
    /// The node does as much as it may at a time.
    case busy
    /// The block is known and its data can't be had in time.
    case unavailable
    /// A store can't be read or written.
    case storage
    /// The node is stopping.
    case stopping
    /// A fault of the server itself.
    case failed
}
