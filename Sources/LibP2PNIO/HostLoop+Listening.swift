import LibP2P
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The system's words for an error number.
func systemMessage(_ code: CInt) -> String {
    String(cString: strerror(code))
}

extension HostLoop {
    /// Starts to listen on one address; the future has the address with the port in use.
    func listen(_ address: Multiaddr) -> EventLoopFuture<Multiaddr> {
        guard case (.ip(let ip), let port)? = address.tcpEndpoint,
            let socketAddress = try? ip.socketAddress(port: port)
        else {
            return eventLoop.makeFailedFuture(ListenError.unsupportedAddress(address))
        }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        return ServerBootstrap(group: eventLoop)
            .serverChannelOption(.backlog, value: 512)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: waterMark)
            .childChannelOption(.recvAllocator, value: Self.receiveAllocator)
            .childChannelInitializer { channel in
                bound.value.accepted(channel)
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .bind(to: socketAddress)
            .flatMapErrorThrowing { throw Self.listenError($0, address) }
            .assumeIsolated()
            .map { [self] server in
                servers.append(server)
                return Multiaddr(server.localAddress) ?? address.transport
            }
            .nonisolated()
    }

    private static func listenError(_ error: any Error, _ address: Multiaddr) -> ListenError {
        guard let error = error as? IOError else {
            return .failed(address, reason: "\(error)")
        }
        switch error.errnoCode {
        case EADDRINUSE: return .addressInUse(address)
        case EADDRNOTAVAIL: return .addressNotAvailable(address)
        case EACCES, EPERM: return .permissionDenied(address)
        default: return .failed(address, reason: systemMessage(error.errnoCode))
        }
    }

    /// Closes everything: no new connections, the peers of live ones told.
    func shutDown() -> EventLoopFuture<Void> {
        guard !isShutDown else { return eventLoop.makeSucceededVoidFuture() }
        isShutDown = true
        var closed: [EventLoopFuture<Void>] = []
        for server in servers { closed.append(server.close()) }
        servers = []
        turn { [self] in
            for id in connections.keys.sorted() {
                guard let connection = connections[id] else { continue }
                closed.append(connection.channel.closeFuture)
                connection.secure.close()
                end(connection)
            }
        }
        stopTimer()
        return EventLoopFuture.andAllComplete(closed, on: eventLoop)
    }
}
