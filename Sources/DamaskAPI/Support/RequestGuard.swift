import DamaskClient
import DamaskNode
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// What every request passes through: limits, the host's name, and the one form of refusals.
struct RequestGuard: RouterMiddleware {
    let configuration: APIConfiguration
    let metrics: APIMetrics

    func handle(
        _ request: Request, context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        metrics.began()
        var response: Response
        do {
            try check(request)
            response = try await next(request, context)
        } catch {
            let refusal = Self.refusal(error, request, context)
            response = refusal.response
            if refusal.endsConnection { close(context.channel) }
        }
        let route = context.endpointPath.flatMap { APIRoutes.patterns.contains($0) ? $0 : nil }
        metrics.ended(
            route: route ?? "none", method: Self.name(of: request.method),
            status: response.status.code)
        response.headers[.xContentTypeOptions] = "nosniff"
        return response
    }

    private func check(_ request: Request) throws {
        let target = request.head.path?.utf8.count ?? 0
        guard target <= APILimits.targetBytes else {
            throw APIError(
                .uriTooLong, .tooLarge,
                "a path and query of \(target) bytes, at most \(APILimits.targetBytes) are allowed",
                limit: APILimits.targetBytes)
        }
        guard configuration.isLoopback else { return }
        // A web page can have a name of its own resolve to 127.0.0.1: then the browser takes this
        // server for the page's own. The name in the request gives it away.
        let authority = request.head.authority ?? ""
        guard Self.isLocal(authority) || configuration.hostNames.contains(Self.name(authority))
        else {
            throw APIError(
                .misdirectedRequest, .wrongHost,
                "this server does not answer for '\(authority.prefix(80))'", parameter: "host")
        }
    }

    /// The name in `name:port`.
    private static func name(_ authority: String) -> String {
        if authority.hasPrefix("[") {
            return String(authority.dropFirst().prefix { $0 != "]" })
        }
        return String(authority.prefix { $0 != ":" })
    }

    private static func isLocal(_ authority: String) -> Bool {
        let name = name(authority)
        return ["localhost", "::1"].contains(name)
            || (name.hasPrefix("127.") && name.allSatisfy { $0.isNumber || $0 == "." })
    }

    /// Counted by name only as far as names are bounded.
    private static func name(of method: HTTPRequest.Method) -> String {
        [.get, .post].contains(method) ? method.rawValue : "other"
    }

    private static func refusal(
        _ error: any Error, _ request: Request, _ context: APIContext
    ) -> APIError {
        switch error {
        case let error as APIError: return error
        case let error as BackendError: return APIError(error)
        case let error as HTTPError where error.status == .notFound: return noRoute(request)
        case let error as HTTPError:
            return APIError(error.status, .invalidRequest, error.body ?? error.status.reasonPhrase)
        case is CancellationError:
            return APIError(.serviceUnavailable, .stopping, "the node is stopping")
        default:
            context.logger.warning(
                "a request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            return APIError(.internalServerError, .failed, "the request failed: \(error)")
        }
    }

    /// Nothing is there, or only with other methods.
    private static func noRoute(_ request: Request) -> APIError {
        let path = request.uri.path
        let methods = APIRoutes.methods(at: path)
        guard methods.isEmpty else {
            return APIError(
                .methodNotAllowed, .methodNotAllowed,
                "\(path.prefix(200)) takes \(methods.joined(separator: ", ")), not \(request.method.rawValue)"
            )
        }
        return APIError(.notFound, .noSuchPath, "there is no \(path.prefix(200))")
    }

    /// Lets the answer go out before the connection is closed with the request unread.
    private func close(_ channel: any Channel) {
        channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
    }
}
