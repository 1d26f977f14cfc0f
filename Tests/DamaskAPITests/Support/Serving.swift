import DamaskAPI
import DamaskClient
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// A server of a fake node on a socket, and what talks to it.
struct Served {
    let node: FakeNode
    let port: Int
    let stop: @Sendable () async -> Void

    static let token = "a-token-of-the-tests"

    /// A client; without the token if `token` is nil.
    func client<Result>(
        token: String? = Served.token, _ body: (NodeClient) async throws -> Result
    ) async throws -> Result {
        try await NodeClient.with(ServerAddress("127.0.0.1:\(port)"), token: token, body)
    }

    /// Sends bytes as they are and reads until the server closes, or so many bytes are there.
    func raw(_ bytes: [UInt8], readingUpTo limit: Int = 1 << 16) async throws -> String {
        try await RawConnection.exchange(port: port, bytes, readingUpTo: limit)
    }

    func raw(_ text: String, readingUpTo limit: Int = 1 << 16) async throws -> String {
        try await raw(Array(text.utf8), readingUpTo: limit)
    }
}

/// Runs a test against a served fake node, then stops the server in order.
func serving(
    _ change: (inout APIConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (Served) async throws -> Void
) async throws {
    let node = try FakeNode()
    var configuration = APIConfiguration()
    configuration.port = 0
    configuration.token = AccessToken(Served.token)
    change(&configuration)
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let server = APIServer(backend: node, configuration: configuration, logger: logger) {
        port.yield($0)
    }
    let group = ServiceGroup(services: [server], logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
            try await group.run()
            port.finish()
        }
        var iterator = ports.makeAsyncIterator()
        guard let number = await iterator.next() else {
            try await tasks.next()
            return
        }
        let served = Served(node: node, port: number) { await group.triggerGracefulShutdown() }
        do {
            try await body(served)
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
}

/// A plain TCP connection.
enum RawConnection {
    static func exchange(port: Int, _ bytes: [UInt8], readingUpTo limit: Int) async throws -> String
    {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var text = ""
            // The server may close while it is still being written to.
            try? await outbound.write(ByteBuffer(bytes: bytes))
            do {
                for try await buffer in inbound {
                    text += String(buffer: buffer)
                    if text.utf8.count >= limit { break }
                }
            } catch {}
            return text
        }
    }

    /// A server that sends these bytes to whoever connects, and closes.
    static func answering(
        _ bytes: [UInt8], _ body: (Int) async throws -> Void
    ) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Canned(bytes))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(server.localAddress?.port ?? 0)
        } catch {
            try? await server.close()
            throw error
        }
        try? await server.close()
    }

    private final class Canned: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let bytes: [UInt8]

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let channel = context.channel
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes))).whenComplete { _ in
                channel.close(promise: nil)
            }
        }
    }
}
