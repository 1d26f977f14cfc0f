import LibP2P
import NIOCore
import NIOPosix
import SystemCrypto

extension HostLoop {
    // MARK: beginning

    /// Takes on a transport that a listening socket accepted.
    func accepted(_ channel: any Channel) {
        guard !isShutDown, let remote = remoteAddress(of: channel) else {
            channel.close(promise: nil)
            return
        }
        let id = newConnectionID()
        let limited = limitedAddress(remote)
        switch ledger.admit(id, from: limited.ipAddress) {
        case .refuse:
            channel.close(promise: nil)
            return
        case .acceptInsteadOf(let oldest):
            if let connection = connections[oldest] {
                turn { self.end(connection) }
            }
        case .accept:
            break
        }
        begin(id, channel, role: .listener, remote: limited, expectedPeer: nil, dial: nil)
    }

    /// Adds a connection's state machine to its transport.
    func begin(
        _ id: ConnectionID, _ channel: any Channel, role: ConnectionRole, remote: Multiaddr,
        expectedPeer: PeerID?, dial: PeerConnection.Dial?
    ) {
        let secure = SecureConnection(
            role: role, identity: noiseIdentity, ephemeralSeed: SystemRandom.bytes(32),
            expectedPeer: expectedPeer, protocols: inboundProtocols,
            limits: configuration.connections, now: .current)
        let connection = PeerConnection(
            id: id, channel: channel, secure: secure, remote: remote, dial: dial)
        connection.timer = LoopTimer(on: eventLoop) { [weak self, weak connection] in
            guard let self, let connection else { return }
            tick(connection)
        }
        connections[id] = connection
        do {
            try channel.pipeline.syncOperations.addHandler(ConnectionHandler(connection, self))
        } catch {
            // The transport was lost meanwhile.
            transportClosed(connection)
            return
        }
        // One that was accepted becomes active, and is told so, only after this.
        if channel.isActive { transportOpened(connection) }
    }

    private func remoteAddress(of channel: any Channel) -> Multiaddr? {
        Multiaddr(channel.remoteAddress)
    }

    /// The address that limits count.
    private func limitedAddress(_ address: Multiaddr) -> Multiaddr {
        guard let ip = address.ipAddress, let port = address.tcpEndpoint?.port else {
            return address
        }
        return Multiaddr(configuration.addressForLimits(ip), tcp: port)
    }

    // MARK: ending

    /// Ends a connection: its last output leaves, then its transport is closed.
    func end(_ connection: PeerConnection) {
        guard !connection.isEnded else { return }
        let last = connection.secure.isClosed ? nextOutput(connection) : nil
        forget(connection)
        let channel = connection.channel
        guard let last, channel.isActive else {
            channel.close(promise: nil)
            return
        }
        channel.writeAndFlush(last).whenComplete { _ in channel.close(promise: nil) }
        // A peer that takes nothing does not keep the socket.
        channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
    }

    /// Drops a connection whose transport is closed or about to be.
    func forget(_ connection: PeerConnection) {
        guard !connection.isEnded else { return }
        connection.isEnded = true
        connection.timer?.cancel()
        connection.timer = nil
        connections[connection.id] = nil
        ledger.remove(connection.id)
        if let dial = connection.dial {
            dial.promise.fail(DialError.connectionLost(dial.address))
            connection.dial = nil
        }
        if connection.isAnnounced { host.disconnected(connection.id, now: now) }
    }

    // MARK: dialling

    func dial(_ address: Multiaddr, _ promise: EventLoopPromise<PeerID>) {
        guard !isShutDown else { return promise.fail(DialError.shutDown) }
        guard let (target, port) = address.tcpEndpoint else {
            return promise.fail(DialError.unsupportedAddress(address))
        }
        let id = newConnectionID()
        guard dialCount < configuration.admission.maximumDials, ledger.dialled(id) else {
            return promise.fail(DialError.tooMany)
        }
        dialCount += 1
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(.nanoseconds(configuration.connectTimeout.nanoseconds))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.writeBufferWaterMark, value: waterMark)
            .channelOption(.recvAllocator, value: Self.receiveAllocator)
            .channelOption(.autoRead, value: false)
        let connected: EventLoopFuture<any Channel>
        switch target {
        case .ip(let ip):
            do {
                connected = bootstrap.connect(to: try ip.socketAddress(port: port))
            } catch {
                dialEnded(id)
                return promise.fail(DialError.unsupportedAddress(address))
            }
        case .dns(let kind, let name):
            connected =
                bootstrap.resolver(NameResolver(kind: kind, eventLoop: eventLoop))
                .connect(host: name, port: Int(port))
        default:
            dialEnded(id)
            return promise.fail(DialError.unsupportedAddress(address))
        }
        connected.assumeIsolated().whenComplete { [self] outcome in
            dialCount -= 1
            switch outcome {
            case .success(let channel):
                dialled(id, channel, address, promise)
            case .failure(let error):
                ledger.remove(id)
                promise.fail(DialError.unreachable(address, reason: Self.reason(error)))
            }
        }
    }

    private func dialEnded(_ id: ConnectionID) {
        dialCount -= 1
        ledger.remove(id)
    }

    private func dialled(
        _ id: ConnectionID, _ channel: any Channel, _ address: Multiaddr,
        _ promise: EventLoopPromise<PeerID>
    ) {
        guard !isShutDown else {
            ledger.remove(id)
            channel.close(promise: nil)
            return promise.fail(DialError.shutDown)
        }
        let remote = remoteAddress(of: channel) ?? address.transport
        begin(
            id, channel, role: .dialer, remote: limitedAddress(remote),
            expectedPeer: address.peerID,
            dial: PeerConnection.Dial(address: address, promise: promise))
        channel.setOption(.autoRead, value: true).whenFailure { _ in
            channel.close(promise: nil)
        }
    }

    /// What a system's error means, in words.
    static func reason(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return reason(first.error) }
            return "the name \(error.host) has no address"
        case let error as IOError:
            return systemMessage(error.errnoCode)
        case ChannelError.connectTimeout:
            return "no answer in time"
        default:
            return "\(error)"
        }
    }

    var waterMark: ChannelOptions.Types.WriteBufferWaterMark {
        .init(low: configuration.transportBuffer.low, high: configuration.transportBuffer.high)
    }

    static var receiveAllocator: AdaptiveRecvByteBufferAllocator {
        AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 4096, maximum: 131_072)
    }
}
