import LibP2P
import LibP2PNIO
import NIOCore
import NIOPosix
import SystemCrypto

/// A transport to a host that sends whatever a test wants, with or without the encryption.
final class RawPeer: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<Handler>

    /// Drives a connection's state machine, so that a hostile peer gets as far as it wants to.
    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        var secure: SecureConnection?
        private(set) var context: ChannelHandlerContext?
        var onEstablished: EventLoopPromise<Void>?
        /// Answers what arrives on a connection that is not secured.
        var script: Script?
        private var inbox: [UInt8] = []
        var onStream: [StreamID: EventLoopPromise<StreamID>] = [:]
        /// Whether received bytes are credited.
        var credits = true
        /// Bytes and ends of streams so far.
        var receivedBytes = 0
        var endedStreams = 0

        private var now: Instant {
            Instant(nanoseconds: Int64(clamping: NIODeadline.now().uptimeNanoseconds))
        }

        func handlerAdded(context: ChannelHandlerContext) { self.context = context }

        func channelActive(context: ChannelHandlerContext) { flush() }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var bytes = unwrapInboundIn(data)
            if let script {
                inbox += Array(bytes.readableBytesView)
                send(script(&inbox))
                return
            }
            bytes.withUnsafeMutableReadableBytes { secure?.received($0, now: now) }
            flush()
            if secure?.isEstablished == true {
                onEstablished?.succeed()
                onEstablished = nil
            }
            for directive in secure?.drain() ?? [] {
                switch directive {
                case .streamOpened(let stream, _, inbound: false):
                    onStream.removeValue(forKey: stream)?.succeed(stream)
                case .openFailed(let stream, let error):
                    onStream.removeValue(forKey: stream)?.fail(StreamRefused(error: error))
                case .data(let stream, let bytes):
                    receivedBytes += bytes.count
                    if credits { secure?.consumed(stream, bytes.count) }
                case .streamClosed:
                    endedStreams += 1
                default: break
                }
            }
            flush()
        }

        func open(_ name: String, _ promise: EventLoopPromise<StreamID>) {
            guard let stream = secure?.openStream([name], now: now) else {
                promise.fail(StreamRefused(error: nil))
                return
            }
            onStream[stream] = promise
            flush()
        }

        func handlerRemoved(context: ChannelHandlerContext) {
            onEstablished?.fail(ChannelError.alreadyClosed)
            onEstablished = nil
            for promise in onStream.values { promise.fail(ChannelError.alreadyClosed) }
            onStream = [:]
            self.context = nil
        }

        func flush() {
            guard let context else { return }
            while secure?.hasOutput == true {
                var buffer = context.channel.allocator.buffer(capacity: 65_536)
                let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 65_536) {
                    secure?.output(into: $0, now: now) ?? 0
                }
                guard count > 0 else { break }
                context.writeAndFlush(NIOAny(buffer), promise: nil)
            }
        }

        func send(_ bytes: [UInt8]) {
            guard !bytes.isEmpty else { return }
            context?.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
        }
    }

    /// Takes what it wants from the front of what has arrived and says what to send.
    typealias Script = (inout [UInt8]) -> [UInt8]

    struct StreamRefused: Error { let error: StreamOpenError? }

    private init(_ channel: any Channel, _ handler: Handler) {
        self.channel = channel
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
    }

    /// Connects; with `secured` the connection is established when this returns.
    static func connect(
        to address: Multiaddr, secured: Bool = false, receiveBuffer: Int? = nil,
        protocols: [String] = [], script: (@Sendable () -> Script)? = nil
    ) async throws -> RawPeer {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let port = Int(address.tcpEndpoint?.port ?? 0)
        let established = loop.makePromise(of: Void.self)
        if !secured { established.succeed() }
        let peer = try await loop.flatSubmit { () -> EventLoopFuture<RawPeer> in
            let handler = Handler()
            if secured {
                handler.onEstablished = established
                handler.secure = SecureConnection(
                    role: .dialer,
                    identity: NoiseIdentity(IdentityKey(), staticKey: X25519.PrivateKey()),
                    ephemeralSeed: SystemRandom.bytes(32), protocols: protocols, now: .zero)
            }
            handler.script = script?()
            let bound = NIOLoopBound(handler, eventLoop: loop)
            var bootstrap = ClientBootstrap(group: loop)
            if let receiveBuffer {
                bootstrap = bootstrap.channelOption(
                    .socketOption(.so_rcvbuf), value: receiveBuffer)
            }
            return
                bootstrap
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(bound.value)
                    }
                }
                .connect(host: "127.0.0.1", port: port)
                .map { RawPeer($0, bound.value) }
        }.get()
        try await established.futureResult.get()
        return peer
    }

    /// Sends bytes as they are.
    func send(_ bytes: [UInt8]) {
        channel.eventLoop.execute { [handler] in handler.value.send(bytes) }
    }

    /// Sends yamux frames, encrypted.
    func sendFrames(_ frames: [UInt8]) {
        channel.eventLoop.execute { [handler] in
            for start in stride(from: 0, to: frames.count, by: 60_000) {
                let part = Array(frames[start..<min(start + 60_000, frames.count)])
                if let sealed = handler.value.secure?.sealed(part) { handler.value.send(sealed) }
            }
        }
    }

    /// Opens a stream, negotiated to a protocol.
    func openStream(_ name: String) async throws -> StreamID {
        let promise = channel.eventLoop.makePromise(of: StreamID.self)
        channel.eventLoop.execute { [handler] in handler.value.open(name, promise) }
        return try await promise.futureResult.get()
    }

    /// Sends bytes on a stream, as far as the host lets it.
    func write(_ stream: StreamID, _ bytes: [UInt8]) {
        channel.eventLoop.execute { [handler] in
            _ = handler.value.secure?.write(stream, bytes)
            handler.value.flush()
        }
    }

    /// Reads on, but gives no credit for what it reads.
    func stopCrediting() {
        channel.eventLoop.execute { [handler] in handler.value.credits = false }
    }

    /// What arrived so far: bytes on streams, and ends of streams.
    func received() async throws -> (bytes: Int, endedStreams: Int) {
        try await channel.eventLoop.submit { [handler] in
            (handler.value.receivedBytes, handler.value.endedStreams)
        }.get()
    }

    /// Reads nothing any more.
    func stopReading() async throws {
        try await channel.setOption(.autoRead, value: false).get()
    }

    /// Whether the other side closes the connection within a time.
    func isClosed(within time: Duration) async -> Bool {
        let promise = channel.eventLoop.makePromise(of: Bool.self)
        channel.closeFuture.whenComplete { _ in promise.succeed(true) }
        let timeout = channel.eventLoop.scheduleTask(in: .nanoseconds(time.nanoseconds)) {
            promise.succeed(false)
        }
        defer { timeout.cancel() }
        return (try? await promise.futureResult.get()) ?? true
    }

    func close() async { try? await channel.close().get() }
}

/// A yamux frame's bytes.
func frame(
    _ kind: YamuxHeader.Kind, _ flags: YamuxHeader.Flags = [], _ stream: UInt32,
    length: UInt32? = nil, _ body: [UInt8] = []
) -> [UInt8] {
    let header = YamuxHeader(
        kind, flags, stream: StreamID(stream), length: length ?? UInt32(body.count))
    var bytes = [UInt8](repeating: 0, count: YamuxHeader.byteCount)
    bytes.withUnsafeMutableBytes { header.write(to: $0) }
    return bytes + body
}
