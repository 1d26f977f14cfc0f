import Availability
import DamaskClient
import DamaskNode
import Hummingbird

/// Who the node is, and how it fares.
struct StatusRoutes {
    let backend: any NodeBackend
    let metrics: APIMetrics

    func add(to router: Router<APIContext>) {
        router.get("/healthz") { request, context in
            _ = try Query(request, context)
            return Response.json(["status": "running"])
        }
        router.get("/readyz") { request, context in
            _ = try Query(request, context)
            let readiness = ReadinessAnswer(await backend.readiness())
            return Response.json(
                readiness, status: readiness.ready ? .ok : .serviceUnavailable)
        }
        router.get("/metrics") { request, context in
            _ = try Query(request, context)
            let text = await backend.metricsText() + metrics.text
            return Response.bytes(
                Array(text.utf8), type: "text/plain; version=0.0.4; charset=utf-8")
        }
        router.get("/v1/status") { request, context in
            _ = try Query(request, context)
            return Response.json(StatusAnswer(await backend.status()))
        }
        router.get("/v1/parameters") { request, context in
            _ = try Query(request, context)
            return Response.bytes(
                NetworkFile.encode(await backend.parameters()), type: "application/octet-stream")
        }
        router.get("/v1/peers") { request, context in
            _ = try Query(request, context)
            return Response.json(PeersAnswer(peers: await backend.peers().map(PeerAnswer.init)))
        }
    }
}
