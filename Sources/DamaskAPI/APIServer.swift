import DamaskClient
package import DamaskNode
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle

/// The node's interface over HTTP, as a service: it listens while it runs, and lets answers under way
/// end when it is told to stop.
///
/// Nothing here runs on an event loop but the framework's own reading and writing; what takes long is
/// the backend's to put on its workers.
package struct APIServer: Service {
    private let backend: any NodeBackend
    private let configuration: APIConfiguration
    private let logger: Logger
    private let isListening: @Sendable (Int) async -> Void

    /// A server that does not listen yet.
    ///
    /// - Parameters:
    ///   - backend: The node.
    ///   - configuration: What is set.
    ///   - logger: Where it tells of itself.
    ///   - isListening: Called once with the port, when requests can come.
    package init(
        backend: any NodeBackend, configuration: APIConfiguration, logger: Logger,
        isListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.backend = backend
        self.configuration = configuration
        self.logger = logger
        self.isListening = isListening
    }

    /// Serves until the service group stops it.
    ///
    /// - Throws: If it can't listen.
    package func run() async throws {
        var quiet = logger
        // The framework tells of every start and stop at `info`.
        quiet.logLevel = max(.warning, logger.logLevel)
        let application = Application(
            responder: router.buildResponder(),
            server: .http1(
                configuration: HTTP1Channel.Configuration(
                    idleTimeout: .nanoseconds(Int64(configuration.idleSeconds * 1e9)),
                    httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                        maxHeaderFieldSize: APILimits.headerFieldBytes,
                        maxHeaderListSize: APILimits.headerBytes,
                        maxHeaderFieldCount: APILimits.headerFields))),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: .maximum(
                    configuration.maximumConnections, logger: quiet)),
            onServerRunning: { [isListening, logger] channel in
                let port = channel.localAddress?.port ?? 0
                logger.info("listening", metadata: ["port": "\(port)"])
                await isListening(port)
            },
            logger: quiet)
        try await application.run()
    }

    private var router: Router<APIContext> {
        let router = Router(context: APIContext.self)
        let metrics = APIMetrics()
        router.add(middleware: RequestGuard(configuration: configuration, metrics: metrics))
        StatusRoutes(backend: backend, metrics: metrics).add(to: router)
        BlockRoutes(backend: backend).add(to: router)
        PayloadRoutes(backend: backend, configuration: configuration).add(to: router)
        PublishRoutes(backend: backend, configuration: configuration).add(to: router)
        EvidenceRoutes(backend: backend).add(to: router)
        EventRoutes(backend: backend, configuration: configuration, metrics: metrics)
            .add(to: router)
        return router
    }
}
