import LibP2P
import NIOCore

/// A connection of a host: its transport and its state machine. Lives on the host's event loop.
final class PeerConnection {
    let id: ConnectionID
    let channel: any Channel
    var secure: SecureConnection
    /// The other end, as limits and scores see it.
    let remote: Multiaddr
    /// Told the outcome, if this host dialled.
    var dial: Dial?
    /// The host's tokens for streams that are being opened.
    var tokens: [StreamID: UInt64] = [:]
    var timer: LoopTimer?
    /// Since when the transport takes nothing.
    var stalledSince: Instant?
    /// Whether the host knows it as a peer's.
    var isAnnounced = false
    /// Whether it is over and only its last bytes may still leave.
    var isEnded = false
    /// Whether it is on the list of those whose directives are to be taken, and whose output.
    var isActive = false
    var isDirty = false

    /// A dial that waits for its peer.
    struct Dial {
        let address: Multiaddr
        let promise: EventLoopPromise<PeerID>
    }

    init(
        id: ConnectionID, channel: any Channel, secure: SecureConnection, remote: Multiaddr,
        dial: Dial?
    ) {
        self.id = id
        self.channel = channel
        self.secure = secure
        self.remote = remote
        self.dial = dial
    }

    var direction: ConnectionDirection { secure.role == .dialer ? .outbound : .inbound }
}

/// Passes a transport's events on to the host's loop.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: PeerConnection
    private let loop: HostLoop

    init(_ connection: PeerConnection, _ loop: HostLoop) {
        self.connection = connection
        self.loop = loop
    }

    func channelActive(context: ChannelHandlerContext) {
        loop.transportOpened(connection)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        loop.received(connection, unwrapInboundIn(data))
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        loop.writabilityChanged(connection)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // Also for a channel that never became active.
        loop.transportClosed(connection)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
