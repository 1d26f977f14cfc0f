import DamaskClient
import DamaskNode
import HTTPTypes
import Hummingbird
import NodeCore

/// A refusal on its way to the client.
struct APIError: Error, Sendable {
    let status: HTTPResponse.Status
    var refusal: ErrorAnswer.Refusal
    /// Whether the request's body was left unread, so that the connection can't go on.
    var endsConnection = false

    init(
        _ status: HTTPResponse.Status, _ code: ErrorCode, _ message: String,
        parameter: String? = nil, limit: Int? = nil, retryMilliseconds: UInt64? = nil
    ) {
        self.status = status
        refusal = ErrorAnswer.Refusal(
            code: code.rawValue, message: message, parameter: parameter,
            limit: limit.map(UInt64.init(clamping:)), retryMilliseconds: retryMilliseconds)
    }

    /// A parameter that is not as it must be.
    static func parameter(_ name: String, _ message: String) -> APIError {
        APIError(.badRequest, .invalidRequest, "\(name): \(message)", parameter: name)
    }

    /// Something that is not known here.
    static func notFound(_ what: String) -> APIError {
        APIError(.notFound, .notFound, "\(what) is not known to this node")
    }

    /// As much is under way as may be.
    static func busy(_ what: String, limit: Int) -> APIError {
        APIError(
            .serviceUnavailable, .busy, "\(limit) \(what) are under way, which is the limit",
            limit: limit, retryMilliseconds: 1000)
    }
}

extension APIError {
    /// What the node says, in terms of HTTP.
    init(_ error: BackendError) {
        switch error {
        case .invalid:
            self.init(.badRequest, .invalidRequest, error.description)
        case .tooLarge(_, _, let maximum):
            self.init(.contentTooLarge, .tooLarge, error.description, limit: maximum)
        case .notFound:
            self.init(.notFound, .notFound, error.description)
        case .unavailable(let reason):
            self.init(
                .serviceUnavailable, .unavailable, error.description, retryMilliseconds: 1000)
            refusal.stage = reason.stage
            refusal.heldCells = reason.heldCells
            refusal.neededCells = reason.neededCells
            refusal.peers = reason.peers
        case .notSequencer:
            self.init(.conflict, .notASequencer, error.description)
        case .sequencer(.listening(let milliseconds)):
            self.init(
                .serviceUnavailable, .notSigned, error.description,
                retryMilliseconds: milliseconds)
        case .sequencer:
            self.init(.conflict, .notSigned, error.description)
        case .malformedPayload:
            self.init(.unprocessableContent, .malformedPayload, error.description)
        case .busy(let milliseconds):
            self.init(
                .serviceUnavailable, .busy, error.description, retryMilliseconds: milliseconds)
        case .storage:
            self.init(.internalServerError, .storage, error.description)
        case .stopping:
            self.init(.serviceUnavailable, .stopping, error.description)
        }
    }
}

extension APIError {
    /// The refusal as a response.
    var response: Response {
        var response = Response.json(ErrorAnswer(refusal), status: status)
        if let milliseconds = refusal.retryMilliseconds {
            response.headers[.retryAfter] = String(max(1, (milliseconds &+ 999) / 1000))
        }
        if status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
        if endsConnection { response.headers[.connection] = "close" }
        return response
    }
}

extension Response {
    /// A value as JSON.
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) -> Response {
        guard let data = try? JSONText.encode(value) else {
            return Response(status: .internalServerError)
        }
        return .bytes(Array(data), type: "application/json", status: status)
    }

    /// Bytes of some type.
    static func bytes(
        _ bytes: [UInt8], type: String, status: HTTPResponse.Status = .ok
    ) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = type
        // Answers are about a moment; nothing on the way may keep them.
        headers[.cacheControl] = "no-store"
        return Response(
            status: status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
