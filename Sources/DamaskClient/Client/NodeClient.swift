import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// A client of a node's interface.
///
/// Every request has a deadline, every answer a limit. It follows no redirects: a token is for the
/// server that was named.
package struct NodeClient: Sendable {
    /// Where the node is.
    package let server: ServerAddress
    private let token: String?
    private let http: HTTPClient

    /// How long a request may take that answers at once.
    private static let deadline = TimeAmount.seconds(30)

    /// Runs some requests against a node and closes the connections afterwards.
    ///
    /// - Parameters:
    ///   - server: Where it is.
    ///   - token: The bearer token for writing, if there is one.
    ///   - body: Given the client.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    package static func with<Result>(
        _ server: ServerAddress, token: String? = nil, _ body: (NodeClient) async throws -> Result
    ) async throws -> Result {
        try await withHTTP(Configuration.requests) { http in
            try await body(NodeClient(server: server, token: token, http: http))
        }
    }

    private enum Configuration {
        static var requests: HTTPClient.Configuration {
            var configuration = HTTPClient.Configuration()
            configuration.redirectConfiguration = .disallow
            configuration.timeout.connect = .seconds(5)
            configuration.connectionPool.retryConnectionEstablishment = false
            return configuration
        }

        /// A stream of events shows a sign of life at every heartbeat.
        static var events: HTTPClient.Configuration {
            var configuration = requests
            configuration.timeout.read = .seconds(3 * Int64(APILimits.heartbeatSeconds))
            return configuration
        }
    }

    private static func withHTTP<Result>(
        _ configuration: HTTPClient.Configuration, _ body: (HTTPClient) async throws -> Result
    ) async throws -> Result {
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let result = try await body(http)
            try? await http.shutdown()
            return result
        } catch {
            try? await http.shutdown()
            throw error
        }
    }

    private init(server: ServerAddress, token: String?, http: HTTPClient) {
        self.server = server
        self.token = token
        self.http = http
    }

    // MARK: Questions

    /// `GET /v1/status`.
    package func status() async throws -> StatusAnswer { try await get("/v1/status") }

    /// `GET /readyz`, whether the node is ready or not.
    package func readiness() async throws -> ReadinessAnswer {
        let response = try await send(request("/readyz"), deadline: Self.deadline)
        guard response.status == .ok || response.status == .serviceUnavailable else {
            throw try await refusal(response)
        }
        return try await decode(response)
    }

    /// `GET /v1/heads`: the newest header of each lane.
    package func heads() async throws -> [HeaderAnswer] {
        let answer: HeadersAnswer = try await get("/v1/heads")
        return answer.headers
    }

    /// `GET /v1/headers`: a lane's headers from a height on, ascending.
    package func headers(
        of sequencer: HexBytes, from height: UInt64, limit count: Int
    ) async throws -> [HeaderAnswer] {
        let answer: HeadersAnswer = try await get(
            "/v1/headers?sequencer=\(sequencer)&from=\(height)&limit=\(count)")
        return answer.headers
    }

    /// `GET /v1/headers/{root}`.
    package func header(_ root: HexBytes) async throws -> HeaderAnswer {
        try await get("/v1/headers/\(root)")
    }

    /// `GET /v1/blocks/{root}`.
    package func block(_ root: HexBytes) async throws -> BlockAnswer {
        try await get("/v1/blocks/\(root)")
    }

    /// `GET /v1/blocks`: the newest blocks, newest first.
    package func blocks(limit: Int) async throws -> [BlockAnswer] {
        let answer: BlocksAnswer = try await get("/v1/blocks?limit=\(limit)")
        return answer.blocks
    }

    /// `GET /v1/parameters`: the network's parameters as a network file.
    package func parametersFile() async throws -> [UInt8] {
        let response = try await send(request("/v1/parameters"), deadline: Self.deadline)
        guard response.status == .ok else { throw try await refusal(response) }
        return try await bytes(of: response, limit: APILimits.eventBytes)
    }

    /// `GET /v1/blocks/{root}/cells`.
    package func cells(
        of root: HexBytes, at places: [(row: Int, column: Int)]
    ) async throws -> CellsAnswer {
        let list = places.map { "\($0.row):\($0.column)" }.joined(separator: ",")
        return try await get("/v1/blocks/\(root)/cells?at=\(list)")
    }

    /// `GET /v1/peers`.
    package func peers() async throws -> [PeerAnswer] {
        let answer: PeersAnswer = try await get("/v1/peers")
        return answer.peers
    }

    /// `GET /v1/evidence`.
    package func evidence() async throws -> [EvidenceAnswer] {
        let answer: EvidenceListAnswer = try await get("/v1/evidence")
        return answer.evidence
    }

    /// `GET /v1/evidence/{id}`: the evidence file.
    package func evidenceFile(_ id: HexBytes) async throws -> [UInt8] {
        let response = try await send(request("/v1/evidence/\(id)"), deadline: Self.deadline)
        guard response.status == .ok else { throw try await refusal(response) }
        return try await bytes(of: response, limit: APILimits.answerBytes)
    }

    /// `GET /metrics`, as text.
    package func metrics() async throws -> String {
        let response = try await send(request("/metrics"), deadline: Self.deadline)
        guard response.status == .ok else { throw try await refusal(response) }
        let text = try await bytes(of: response, limit: APILimits.answerBytes)
        return String(decoding: text, as: UTF8.self)
    }

    // MARK: Payloads

    /// Which payload to read.
    package enum PayloadChoice: Sendable, Hashable {
        /// The one of this commitment: a root and a number, 34 bytes.
        case commitment(HexBytes)
        /// The only one of a block, or of a namespace in it.
        case block(HexBytes, namespace: HexBytes?)
        /// The only one of a lane's block at a height, or of a namespace in it.
        case height(sequencer: HexBytes, UInt64, namespace: HexBytes?)
        /// The only one that has a cell in the row of this KZG commitment.
        case row(HexBytes)

        func path(wait milliseconds: UInt64) -> String {
            let wait = "wait=\(milliseconds)"
            func and(_ namespace: HexBytes?) -> String {
                namespace.map { "&namespace=\($0)" } ?? ""
            }
            return switch self {
            case .commitment(let commitment): "/v1/payloads/\(commitment)?\(wait)"
            case .block(let root, let namespace):
                "/v1/payload?root=\(root)&\(wait)" + and(namespace)
            case .height(let sequencer, let height, let namespace):
                "/v1/payload?sequencer=\(sequencer)&height=\(height)&\(wait)" + and(namespace)
            case .row(let commitment): "/v1/payload?row=\(commitment)&\(wait)"
            }
        }
    }

    /// Reads a payload as it comes.
    ///
    /// - Parameters:
    ///   - choice: Which.
    ///   - wait: How long the node may fetch and rebuild before it gives up, in milliseconds.
    ///   - take: Called with each piece, in order.
    /// - Returns: Bytes in all.
    /// - Throws: `ClientError`; also if there are fewer bytes than the answer promised.
    package func payload(
        _ choice: PayloadChoice, wait: UInt64 = 10_000,
        _ take: (UnsafeRawBufferPointer) throws -> Void
    ) async throws -> Int {
        let wait = min(wait, APILimits.waitMilliseconds)
        let response = try await send(
            request(choice.path(wait: wait)), deadline: .milliseconds(Int64(wait) + 300_000))
        guard response.status == .ok else { throw try await refusal(response) }
        guard let text = response.headers.first(name: "content-length"), let length = Int(text),
            (0...APILimits.rawPayloadBytes).contains(length)
        else { throw malformed("a payload without its length") }
        var count = 0
        do {
            for try await buffer in response.body {
                count += buffer.readableBytes
                guard count <= length else { break }
                try buffer.withUnsafeReadableBytes { try take($0) }
            }
        } catch let error as HTTPClientError {
            throw interrupted("after \(count) of \(length) bytes: \(error.shortDescription)")
        } catch let error where Self.isOfTheConnection(error) {
            throw interrupted("after \(count) of \(length) bytes: \(error)")
        }
        guard count == length else { throw interrupted("after \(count) of \(length) bytes") }
        return count
    }

    /// `POST /v1/publish`.
    ///
    /// - Parameters:
    ///   - bytes: The payload.
    ///   - namespace: Whose it is.
    ///   - raw: Whether it is whole blobs of canonical field elements.
    /// - Returns: How far the publication is: signed at least.
    /// - Throws: `ClientError`.
    package func publish(
        _ bytes: [UInt8], namespace: HexBytes, raw: Bool = false
    ) async throws -> PublicationAnswer {
        let encoding = raw ? "raw" : "packed"
        var request = request("/v1/publish?namespace=\(namespace)&encoding=\(encoding)")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/octet-stream")
        request.body = .bytes(ByteBuffer(bytes: bytes))
        let response = try await send(request, deadline: .seconds(300))
        guard response.status == .ok || response.status == .accepted else {
            throw try await refusal(response)
        }
        return try await decode(response)
    }

    /// `GET /v1/publications/{root}`.
    package func publication(_ root: HexBytes) async throws -> PublicationAnswer {
        try await get("/v1/publications/\(root)")
    }

    // MARK: Events

    /// Follows the node's events until `take` returns false, or the node ends them.
    ///
    /// - Parameter take: Called with each event, in order.
    /// - Throws: `ClientError`. A stream that shows no sign of life for three heartbeats counts as
    ///   broken.
    package func events(_ take: (EventAnswer) async throws -> Bool) async throws {
        try await Self.withHTTP(Configuration.events) { http in
            try await NodeClient(server: server, token: token, http: http).follow(take)
        }
    }

    private func follow(_ take: (EventAnswer) async throws -> Bool) async throws {
        var request = request("/v1/events")
        request.headers.add(name: "accept", value: "text/event-stream")
        let response = try await send(request, deadline: .hours(24 * 365))
        guard response.status == .ok else { throw try await refusal(response) }
        var parser = EventStreamParser(maximumEventBytes: APILimits.eventBytes)
        do {
            for try await buffer in response.body {
                for event in try parser.take(buffer.readableBytesView) {
                    guard
                        let answer = try? JSONText.decode(
                            EventAnswer.self, Data(event.data.utf8))
                    else { throw malformed("an event that is no JSON of its kind") }
                    guard try await take(answer) else { return }
                }
            }
        } catch let error as EventStreamParser.Failure {
            throw malformed("\(error)")
        } catch let error as HTTPClientError {
            throw interrupted(error.shortDescription)
        } catch let error where Self.isOfTheConnection(error) {
            throw interrupted("\(error)")
        }
    }

    // MARK: Below

    private func request(_ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: server.url + path)
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        return request
    }

    private func get<Answer: Decodable>(_ path: String) async throws -> Answer {
        let response = try await send(request(path), deadline: Self.deadline)
        guard response.status == .ok else { throw try await refusal(response) }
        return try await decode(response)
    }

    private func send(
        _ request: HTTPClientRequest, deadline: TimeAmount
    ) async throws -> HTTPClientResponse {
        do {
            return try await http.execute(request, timeout: deadline)
        } catch is CancellationError {
            throw CancellationError()
        } catch let error as HTTPClientError {
            throw ClientError.unreachable(server: server.url, reason: error.shortDescription)
        } catch {
            throw ClientError.unreachable(server: server.url, reason: Self.words(error))
        }
    }

    /// Whether the network below failed, and not what is done with the answer.
    private static func isOfTheConnection(_ error: any Error) -> Bool {
        error is HTTPParserError || error is IOError || error is ChannelError
            || error is ByteToMessageDecoderError
    }

    private static func words(_ error: any Error) -> String {
        if let error = error as? NIOConnectionError {
            let reasons = error.connectionErrors.map { "\($0.error)" }
            return reasons.first ?? "connection failed"
        }
        return "\(error)"
    }

    private func decode<Answer: Decodable>(_ response: HTTPClientResponse) async throws -> Answer {
        let bytes = try await bytes(of: response, limit: APILimits.answerBytes)
        do {
            return try JSONText.decode(Answer.self, Data(bytes))
        } catch {
            throw malformed("\(error)")
        }
    }

    private func bytes(of response: HTTPClientResponse, limit: Int) async throws -> [UInt8] {
        do {
            return Array(try await response.body.collect(upTo: limit).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw malformed("an answer of over \(limit) bytes")
        } catch let error as HTTPClientError {
            throw interrupted(error.shortDescription)
        } catch let error where Self.isOfTheConnection(error) {
            throw interrupted("\(error)")
        }
    }

    /// The error that an answer stands for.
    private func refusal(_ response: HTTPClientResponse) async throws -> ClientError {
        let status = Int(response.status.code)
        guard let bytes = try? await bytes(of: response, limit: APILimits.eventBytes),
            let answer = try? JSONText.decode(ErrorAnswer.self, Data(bytes))
        else {
            return .refused(
                status: status,
                ErrorAnswer.Refusal(code: "none", message: response.status.reasonPhrase))
        }
        return answer.error.code == ErrorCode.unavailable.rawValue
            ? .unavailable(answer.error) : .refused(status: status, answer.error)
    }

    private func malformed(_ reason: String) -> ClientError {
        .malformed(server: server.url, reason: reason)
    }

    private func interrupted(_ reason: String) -> ClientError {
        .interrupted(server: server.url, reason: reason)
    }
}
