import Availability
import DamaskClient
import DamaskNode
import HTTPTypes
import Hummingbird

/// Evidence that the node made or admitted.
struct EvidenceRoutes {
    let backend: any NodeBackend

    func add(to router: Router<APIContext>) {
        router.get("/v1/evidence") { request, context in
            let query = try Query(request, context, knows: ["limit"])
            let limit = try query.number("limit", in: 1...APILimits.evidence) ?? 64
            let entries = try await backend.evidence(limit: limit)
            return Response.json(
                EvidenceListAnswer(evidence: entries.prefix(limit).map(EvidenceAnswer.init)))
        }
        router.get("/v1/evidence/{id}") { request, context in
            let query = try Query(request, context)
            guard let id = try query.hex("id", count: 32...32) else {
                throw APIError.parameter("id", "missing")
            }
            let entries = try await backend.evidence(limit: BackendLimits.recordsPerCall)
            guard let entry = entries.first(where: { EvidenceAnswer($0).id.bytes == id }) else {
                throw APIError.notFound("evidence \(HexBytes(id))")
            }
            return Response.bytes(
                EvidenceFile.encode(entry.evidence), type: "application/octet-stream")
        }
    }
}
