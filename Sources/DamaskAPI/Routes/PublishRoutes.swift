import Availability
import DamaskClient
import DamaskNode
import DataMatrix
import HTTPTypes
import Hummingbird
import NIOCore
import SSZ

/// Publishing, and how far it is.
struct PublishRoutes {
    let backend: any NodeBackend
    let configuration: APIConfiguration
    private let gate = Gate(limit: APILimits.publications, of: "publications")

    init(backend: any NodeBackend, configuration: APIConfiguration) {
        self.backend = backend
        self.configuration = configuration
    }

    func add(to router: Router<APIContext>) {
        router.post("/v1/publish", use: publish)
        router.get("/v1/publications/{root}", use: publication)
    }

    @Sendable private func publish(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        try WriteAccess.check(request, configuration.token)
        let query: Query
        let encoding: PayloadEncoding
        let namespace: [UInt8]
        let previous: Bytes32
        let new: Bytes32
        do {
            query = try Query(
                request, context,
                knows: ["namespace", "encoding", "previous_state_root", "new_state_root"])
            guard let given = try query.namespace() else {
                throw APIError.parameter("namespace", "missing")
            }
            namespace = given
            encoding = try Self.encoding(query)
            previous = try query.root("previous_state_root") ?? .zero
            new = try query.root("new_state_root") ?? .zero
        } catch var error as APIError {
            error.endsConnection = true
            throw error
        }
        let place = try gate.enter()
        let bytes = try await body(request, limit: Self.limit(encoding))
        let status = try await backend.publish(
            PublishRequest(
                payloads: [Payload(namespace: namespace, bytes: bytes, encoding: encoding)],
                previousStateRoot: previous, newStateRoot: new))
        withExtendedLifetime(place) {}
        return .json(PublicationAnswer(status), status: status.isRepeated ? .ok : .accepted)
    }

    @Sendable private func publication(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let root = try Query(request, context).requiredRoot("root")
        guard let status = await backend.publication(root) else {
            throw APIError.notFound("a publication \(root)")
        }
        return .json(PublicationAnswer(status))
    }

    private static func encoding(_ query: Query) throws -> PayloadEncoding {
        let name = query["encoding"] ?? PayloadEncoding.packed.name
        guard let encoding = PayloadEncoding.allCases.first(where: { $0.name == name }) else {
            let names = PayloadEncoding.allCases.map(\.name).joined(separator: " or ")
            throw APIError.parameter("encoding", "\(names), not '\(name.prefix(32))'")
        }
        return encoding
    }

    private static func limit(_ encoding: PayloadEncoding) -> Int {
        encoding == .raw ? APILimits.rawPayloadBytes : APILimits.payloadBytes
    }

    /// The request's body, within its limit and in time.
    private func body(_ request: Request, limit: Int) async throws -> [UInt8] {
        var tooLarge = APIError(
            .contentTooLarge, .tooLarge, "a payload has at most \(limit) bytes", parameter: "body",
            limit: limit)
        tooLarge.endsConnection = true
        if let text = request.headers[.contentLength], let length = Int(text), length > limit {
            tooLarge.refusal.message = "\(length) bytes, a payload has at most \(limit)"
            throw tooLarge
        }
        let seconds = configuration.bodySeconds
        let buffer = try await withThrowingTaskGroup(of: ByteBuffer?.self) { group in
            group.addTask { try await request.body.collect(upTo: limit) }
            group.addTask {
                try await Task.sleep(for: .seconds(seconds))
                return nil
            }
            defer { group.cancelAll() }
            do {
                return try await group.next() ?? nil
            } catch is NIOTooManyBytesError {
                throw tooLarge
            }
        }
        guard let buffer else {
            var late = APIError(
                .requestTimeout, .requestTimeout,
                "the body did not come within \(seconds) seconds", parameter: "body")
            late.endsConnection = true
            throw late
        }
        guard buffer.readableBytes > 0 else {
            throw APIError.parameter("body", "empty: there is nothing to publish")
        }
        return Array(buffer.readableBytesView)
    }
}
