import Availability
import DamaskClient
import DamaskNode
import DataMatrix
import Hummingbird
import KZGCommitments
import SSZ

/// Headers, the state of blocks, and cells.
struct BlockRoutes {
    let backend: any NodeBackend

    func add(to router: Router<APIContext>) {
        router.get("/v1/heads", use: heads)
        router.get("/v1/headers", use: headers)
        router.get("/v1/headers/{root}", use: header)
        router.get("/v1/blocks", use: blocks)
        router.get("/v1/blocks/{root}", use: block)
        router.get("/v1/blocks/{root}/cells", use: cells)
    }

    @Sendable private func heads(_ request: Request, _ context: APIContext) async throws -> Response
    {
        _ = try Query(request, context)
        var headers: [HeaderAnswer] = []
        for lane in await backend.status().lanes {
            guard let root = lane.headRoot, let record = try await backend.header(root) else {
                continue
            }
            headers.append(HeaderAnswer(record))
        }
        return .json(HeadersAnswer(headers: headers))
    }

    @Sendable private func headers(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let query = try Query(
            request, context, knows: ["sequencer", "from", "up_to", "limit"])
        let sequencer = try query.key("sequencer")
        let limit = try query.number("limit", in: 1...APILimits.headers) ?? 32
        let from: UInt64? = try query.number("from", in: 0...UInt64.max)
        let upTo: UInt64? = try query.number("up_to", in: 0...UInt64.max)
        guard let from else {
            let records = try await backend.headers(
                HeaderQuery(sequencer: sequencer, upToHeight: upTo, limit: limit))
            return .json(HeadersAnswer(headers: records.prefix(limit).map(HeaderAnswer.init)))
        }
        guard upTo == nil else {
            throw APIError.parameter("up_to", "not together with 'from'")
        }
        guard let sequencer else {
            throw APIError.parameter("sequencer", "missing: 'from' is a height of one lane")
        }
        // A lane has one header to a height, two where it equivocates.
        let (last, overflow) = from.addingReportingOverflow(UInt64(limit) - 1)
        let records = try await backend.headers(
            HeaderQuery(
                sequencer: sequencer, upToHeight: overflow ? .max : last, limit: 2 * limit))
        let ascending = records.filter { $0.header.header.height >= from }.reversed()
        return .json(HeadersAnswer(headers: ascending.prefix(limit).map(HeaderAnswer.init)))
    }

    @Sendable private func header(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let root = try Query(request, context).requiredRoot("root")
        guard let record = try await backend.header(root) else {
            throw APIError.notFound("header \(root)")
        }
        return .json(HeaderAnswer(record))
    }

    @Sendable private func blocks(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let query = try Query(request, context, knows: ["limit"])
        let limit = try query.number("limit", in: 1...APILimits.blocks) ?? 32
        let records = try await backend.blocks(limit: limit)
        return .json(BlocksAnswer(blocks: records.prefix(limit).map(BlockAnswer.init)))
    }

    @Sendable private func block(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let root = try Query(request, context).requiredRoot("root")
        guard let record = try await backend.block(root) else {
            throw APIError.notFound("block \(root)")
        }
        return .json(BlockAnswer(record))
    }

    @Sendable private func cells(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let query = try Query(request, context, knows: ["at"])
        let root = try query.requiredRoot("root")
        let places = try Self.places(query.required("at"))
        guard let header = try await backend.header(root)?.header.header else {
            throw APIError.notFound("block \(root)")
        }
        let rows = 2 * Int(header.dataRows)
        let columns = (await backend.parameters()).preset.cellsPerExtendedBlob
        for place in places where place.row >= rows || place.column >= columns {
            throw APIError.parameter(
                "at", "\(place) is outside this block's \(rows) rows of \(columns) columns")
        }
        let found = try await backend.cells(places, of: root)
        let held = Set(found.map(\.coordinate))
        return .json(
            CellsAnswer(
                root: HexBytes(root.bytes), cells: found.map(CellAnswer.init),
                missing: places.filter { !held.contains($0) }.map(\.description)))
    }

    /// `row:column` with commas between.
    private static func places(_ text: String) throws -> [CellCoordinate] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= APILimits.cells else {
            throw APIError(
                .badRequest, .tooLarge,
                "at: \(parts.count) cells, at most \(APILimits.cells) are allowed",
                parameter: "at", limit: APILimits.cells)
        }
        var places: [CellCoordinate] = []
        for part in parts {
            let numbers = part.split(separator: ":", omittingEmptySubsequences: false)
            guard numbers.count == 2, let row = UInt16(numbers[0]), let column = UInt16(numbers[1])
            else {
                throw APIError.parameter("at", "'\(part.prefix(32))' is no row:column")
            }
            places.append(CellCoordinate(row: Int(row), column: Int(column)))
        }
        guard Set(places).count == places.count else {
            throw APIError.parameter("at", "a cell is named twice")
        }
        return places
    }
}
