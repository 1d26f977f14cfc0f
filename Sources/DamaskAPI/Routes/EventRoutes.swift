import DamaskClient
import DamaskNode
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// News as server-sent events.
struct EventRoutes {
    let backend: any NodeBackend
    let configuration: APIConfiguration
    let metrics: APIMetrics
    private let gate = Gate(limit: APILimits.eventStreams, of: "streams of events")

    init(backend: any NodeBackend, configuration: APIConfiguration, metrics: APIMetrics) {
        self.backend = backend
        self.configuration = configuration
        self.metrics = metrics
    }

    func add(to router: Router<APIContext>) {
        router.get("/v1/events", use: events)
    }

    /// What goes into a stream.
    private enum Item: Sendable {
        case event(BackendEvent)
        case heartbeat
    }

    @Sendable private func events(
        _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let query = try Query(request, context, knows: ["kinds"])
        let kinds = query["kinds"].map { Set($0.split(separator: ",").map(String.init)) }
        let place = try gate.enter()
        let source = try await backend.events()
        var headers = HTTPFields()
        headers[.contentType] = "text/event-stream"
        headers[.cacheControl] = "no-store"
        let channel = context.channel
        let configuration = configuration
        let metrics = metrics
        let body = ResponseBody { writer in
            metrics.streams(changedBy: 1)
            defer { metrics.streams(changedBy: -1) }
            let held = place
            let (items, feed) = AsyncStream.makeStream(
                of: Item.self, bufferingPolicy: .bufferingNewest(APILimits.queuedEvents))
            let readers = Self.feed(feed, from: source, heartbeat: configuration.heartbeatSeconds)
            defer { for reader in readers { reader.cancel() } }
            // Neither the end of the service nor that of the connection may leave it waiting.
            channel.closeFuture.whenComplete { _ in feed.finish() }
            try await withGracefulShutdownHandler {
                try await Stall.guarding(channel, seconds: configuration.stallSeconds) { progress in
                    try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
                    var lost = LostEvents()
                    for await item in items {
                        try await writer.write(Self.text(item, &lost, kinds))
                        progress()
                    }
                }
            } onGracefulShutdown: {
                feed.finish()
            }
            try await writer.finish(nil)
            withExtendedLifetime(held) {}
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    private static func feed(
        _ feed: AsyncStream<Item>.Continuation, from source: AsyncStream<BackendEvent>,
        heartbeat seconds: Double
    ) -> [Task<Void, Never>] {
        [
            Task {
                for await event in source { feed.yield(.event(event)) }
                feed.finish()
            },
            Task {
                while (try? await Task.sleep(for: .seconds(seconds))) != nil {
                    feed.yield(.heartbeat)
                }
            },
        ]
    }

    private static func text(
        _ item: Item, _ lost: inout LostEvents, _ kinds: Set<String>?
    ) -> ByteBuffer {
        guard case .event(let event) = item else { return ByteBuffer(string: ": alive\n\n") }
        var answers: [EventAnswer] = []
        if let count = lost.before(event) {
            var answer = EventAnswer(
                number: event.number, time: event.unixMilliseconds, kind: "lost")
            answer.lost = count
            answers.append(answer)
        }
        answers.append(EventAnswer(event))
        var buffer = ByteBuffer()
        for answer in answers where answer.kind == "lost" || kinds?.contains(answer.kind) ?? true {
            guard let data = try? JSONText.encode(answer) else { continue }
            buffer.writeString("event: \(answer.kind)\nid: \(answer.number)\ndata: ")
            buffer.writeBytes(data)
            buffer.writeString("\n\n")
        }
        return buffer
    }
}

/// Notices gaps in the numbers of events: what was dropped between the node and a slow reader.
struct LostEvents {
    private var last: UInt64?

    /// How many were left out before this one, unless the node itself says so.
    mutating func before(_ event: BackendEvent) -> UInt64? {
        if case .lost = event.news {
            // Its number may be that of the next event, which then is no gap.
            last = nil
            return nil
        }
        defer { last = event.number }
        guard let last, event.number > last, event.number - last > 1 else { return nil }
        return event.number - last - 1
    }
}
