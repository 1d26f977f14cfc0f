package import LibP2P
package import NIOCore

/// One libp2p host on the network: a `Host` with sockets, on one event loop.
///
/// The host's news come to the handler, on the loop, with the host at hand, so that an application's
/// state machine can answer them at once; it must not block or calculate at length there. Everybody else
/// sends commands with `execute` and `submit`, which run on the loop in the order of the calls. Many hosts
/// share the threads of one event loop group.
package final class HostService: Sendable {
    /// Called on the loop with news for the application, in order: never those for the transport.
    package typealias Handler =
        @Sendable (
            _ news: [HostDirective], _ host: inout Host, _ now: Instant
        ) -> Void

    /// The host's id.
    package let localPeer: PeerID
    /// The loop that everything runs on.
    package let eventLoop: any EventLoop
    /// Where the host listens, with the ports in use, each with `/p2p/…` at its end. An address that
    /// stands for all interfaces is listed as such.
    package let listenAddresses: [Multiaddr]
    private let loop: NIOLoopBound<HostLoop>

    private init(
        _ loop: HostLoop, localPeer: PeerID, eventLoop: any EventLoop, listening: [Multiaddr]
    ) {
        self.loop = NIOLoopBound(loop, eventLoop: eventLoop)
        self.localPeer = localPeer
        self.eventLoop = eventLoop
        listenAddresses = listening.map { $0.with(localPeer) }
    }

    /// Starts a host: it listens when this returns.
    ///
    /// - Parameters:
    ///   - configuration: What it is.
    ///   - eventLoop: Where it runs.
    ///   - handler: Who is told the news.
    /// - Returns: The running service, to be ended with `shutDown`.
    /// - Throws: `ListenError` if it can't listen on one of its addresses; then nothing is left open.
    package static func start(
        _ configuration: HostServiceConfiguration, on eventLoop: any EventLoop,
        handler: @escaping Handler
    ) async throws -> HostService {
        try await eventLoop.flatSubmit {
            let loop = HostLoop(configuration, on: eventLoop, handler: handler)
            let bound = NIOLoopBound(loop, eventLoop: eventLoop)
            let listening = configuration.listenAddresses.map { loop.listen($0) }
            return EventLoopFuture.whenAllComplete(listening, on: eventLoop)
                .flatMap { outcomes in
                    let loop = bound.value
                    do {
                        let addresses = try outcomes.map { try $0.get() }
                        loop.announce(addresses)
                        return eventLoop.makeSucceededFuture(
                            HostService(
                                loop, localPeer: loop.host.localPeer, eventLoop: eventLoop,
                                listening: addresses))
                    } catch {
                        return loop.shutDown().flatMapThrowing { throw error }
                    }
                }
        }.get()
    }

    /// Runs a command on the loop, after those given before. Does nothing after `shutDown`.
    package func execute(_ command: @escaping @Sendable (inout Host, Instant) -> Void) {
        eventLoop.execute { [loop] in
            let loop = loop.value
            guard !loop.isShutDown else { return }
            loop.turn { command(&loop.host, loop.now) }
        }
    }

    /// Runs a command on the loop, after those given before, and returns its result.
    ///
    /// After `shutDown` it still runs, on a host without connections.
    package func submit<Result: Sendable>(
        _ command: @escaping @Sendable (inout Host, Instant) throws -> Result
    ) async throws -> Result {
        let promise = eventLoop.makePromise(of: Result.self)
        eventLoop.execute { [loop] in
            let loop = loop.value
            loop.turn {
                do {
                    promise.succeed(try command(&loop.host, loop.now))
                } catch {
                    promise.fail(error)
                }
            }
        }
        return try await promise.futureResult.get()
    }

    /// Connects to a peer; returns when it has proven its id (the one at the end of `address`, if there is
    /// one).
    ///
    /// Throws `DialError`. Peers that are connected already are dialled all the same.
    @discardableResult
    package func dial(_ address: Multiaddr) async throws -> PeerID {
        let promise = eventLoop.makePromise(of: PeerID.self)
        eventLoop.execute { [loop] in loop.value.dial(address, promise) }
        return try await promise.futureResult.get()
    }

    /// Connections of all kinds, half-open ones included.
    package func connectionCount() async throws -> Int {
        try await eventLoop.submit { [loop] in loop.value.connections.count }.get()
    }

    /// Stops to listen, tells all peers and closes all connections. Nothing is called on the handler
    /// after it has returned.
    package func shutDown() async {
        try? await eventLoop.flatSubmit { [loop] in loop.value.shutDown() }.get()
    }
}
