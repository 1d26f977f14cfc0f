import Availability
import DamaskClient
import DamaskNode
import DataMatrix
import HTTPTypes
import Hummingbird
import NIOCore
import SSZ

/// Reading payloads.
struct PayloadRoutes {
    let backend: any NodeBackend
    let configuration: APIConfiguration
    private let gate = Gate(limit: APILimits.payloadReads, of: "reads of payloads")

    init(backend: any NodeBackend, configuration: APIConfiguration) {
        self.backend = backend
        self.configuration = configuration
    }

    func add(to router: Router<APIContext>) {
        router.get("/v1/payload", use: described)
        router.get("/v1/payloads/{commitment}", use: named)
    }

    @Sendable private func named(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let query = try Query(request, context, knows: ["wait"])
        let bytes = try query.hex(
            "commitment", count: PayloadCommitment.byteCount...PayloadCommitment.byteCount)
        guard let commitment = bytes.flatMap(PayloadCommitment.init(bytes:)) else {
            throw APIError.parameter("commitment", "missing")
        }
        return try await read(.commitment(commitment), query, context)
    }

    /// One payload by what is known of it. If several fit, none is read.
    @Sendable private func described(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let query = try Query(
            request, context,
            knows: ["root", "sequencer", "height", "namespace", "row", "wait"])
        let namespace = try query.namespace()
        if let row = try query.hex("row", count: 48...48) {
            guard query["root"] == nil, query["height"] == nil, namespace == nil else {
                throw APIError.parameter("row", "not together with other descriptions")
            }
            return try await read(.row(row), query, context)
        }
        let header = try await header(query)
        let entries = header.header.index.enumerated().filter {
            namespace == nil || $0.element.namespace == namespace
        }
        guard let first = entries.first else {
            throw APIError.notFound(
                "a payload \(namespace.map { "of namespace \(HexBytes($0)) " } ?? "")in block "
                    + "\(header.root)")
        }
        guard entries.count == 1 else {
            throw Self.ambiguous(
                entries.map { PayloadCommitment(root: header.root, entry: UInt16($0.offset)) })
        }
        return try await read(
            .commitment(PayloadCommitment(root: header.root, entry: UInt16(first.offset))),
            query, context)
    }

    private func header(_ query: Query) async throws -> SignedHeader {
        if let root = try query.root("root") {
            guard query["sequencer"] == nil, query["height"] == nil else {
                throw APIError.parameter("root", "not together with a lane's height")
            }
            guard let record = try await backend.header(root) else {
                throw APIError.notFound("block \(root)")
            }
            return record.header
        }
        guard let sequencer = try query.key("sequencer"),
            let height: UInt64 = try query.number("height", in: 0...UInt64.max)
        else {
            throw APIError.parameter(
                "root", "missing: name a root, a sequencer and a height, or a row")
        }
        let records = try await backend.headers(
            HeaderQuery(sequencer: sequencer, upToHeight: height, limit: 2))
        let there = records.filter { $0.header.header.height == height }
        guard let record = there.first else {
            throw APIError.notFound("a block of lane \(sequencer) at height \(height)")
        }
        guard there.count == 1 else {
            throw APIError(
                .conflict, .ambiguous,
                "the lane equivocated at height \(height): name the block by its root",
                parameter: "height")
        }
        return record.header
    }

    private func read(
        _ name: PayloadQuery.Name, _ query: Query, _ context: APIContext
    ) async throws -> Response {
        let wait = try query.number("wait", in: 0...APILimits.waitMilliseconds) ?? 10_000
        let place = try gate.enter()
        let records = try await backend.payloads(PayloadQuery(name, waitMilliseconds: wait))
        guard let record = records.first else { throw APIError.notFound("such a payload") }
        guard records.count == 1 else { throw Self.ambiguous(records.map(\.commitment)) }
        return stream(record, place, context)
    }

    private static func ambiguous(_ commitments: [PayloadCommitment]) -> APIError {
        var error = APIError(
            .conflict, .ambiguous,
            "\(commitments.count) payloads answer this description: name one by its commitment")
        error.refusal.commitments = commitments.prefix(64).map { HexBytes($0.bytes) }
        return error
    }

    private func stream(
        _ record: PayloadRecord, _ place: Gate.Place, _ context: APIContext
    ) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = "application/octet-stream"
        headers[.cacheControl] = "no-store"
        for (name, value) in [
            ("Damask-Commitment", HexBytes(record.commitment.bytes).text),
            ("Damask-Namespace", HexBytes(record.entry.namespace).text),
            ("Damask-Encoding", record.entry.encoding.name),
            ("Damask-Sequencer", "\(record.sequencer)"),
            ("Damask-Height", "\(record.height)"),
        ] {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        let seconds = configuration.stallSeconds
        let channel = context.channel
        let body = ResponseBody(contentLength: record.bytes.count) { writer in
            // The place is held until the last byte is out: what counts is the memory.
            let held = place
            let whole = ByteBuffer(bytes: record.bytes)
            try await Stall.guarding(channel, seconds: seconds) { progress in
                var rest = whole
                while let piece = rest.readSlice(length: min(1 << 18, rest.readableBytes)),
                    piece.readableBytes > 0
                {
                    try await writer.write(piece)
                    progress()
                }
            }
            try await writer.finish(nil)
            withExtendedLifetime(held) {}
        }
        return Response(status: .ok, headers: headers, body: body)
    }
}
