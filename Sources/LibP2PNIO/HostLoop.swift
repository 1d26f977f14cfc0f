import LibP2P
import NIOCore
import SystemCrypto

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A host with its connections, on one event loop. Everything here runs on that loop, one event after the
/// other: an event that comes up while another is dealt with waits until that is settled.
final class HostLoop {
    let eventLoop: any EventLoop
    let configuration: HostServiceConfiguration
    private let handler: HostService.Handler
    let noiseIdentity: NoiseIdentity
    var host: Host
    let inboundProtocols: [String]
    var connections: [ConnectionID: PeerConnection] = [:]
    var ledger: AdmissionLedger
    private var nextConnection: UInt64 = 1
    var servers: [any Channel] = []
    var dialCount = 0
    var isShutDown = false
    private var hostTimer: LoopTimer?

    /// The time of the present event.
    var now: Instant
    private var isBusy = false
    private var waiting: [() -> Void] = []
    /// Connections whose directives are to be taken, and connections whose output is.
    private var active: [PeerConnection] = []
    private var dirty: [PeerConnection] = []

    init(
        _ configuration: HostServiceConfiguration, on eventLoop: any EventLoop,
        handler: @escaping HostService.Handler
    ) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.handler = handler
        now = .current
        noiseIdentity = NoiseIdentity(configuration.identity, staticKey: X25519.PrivateKey())
        var hostConfiguration = configuration.host
        hostConfiguration.identity = configuration.identity
        hostConfiguration.firstRecord = Self.milliseconds
        host = Host(configuration: hostConfiguration, seed: SystemRandom.bytes(32), now: now)
        inboundProtocols = host.inboundProtocols
        ledger = AdmissionLedger(limits: configuration.admission)
        hostTimer = LoopTimer(on: eventLoop) { [weak self] in
            guard let self else { return }
            turn { self.host.tick(now: self.now) }
        }
    }

    func newConnectionID() -> ConnectionID {
        defer { nextConnection += 1 }
        return ConnectionID(nextConnection)
    }

    /// Tells peers where the host can be reached, which listens on `addresses`.
    func announce(_ addresses: [Multiaddr]) {
        let announced = configuration.announcedAddresses.map(\.transport)
        turn { [self] in
            host.setListenAddresses(
                announced.isEmpty ? addresses.flatMap(reachableAddresses) : announced, now: now)
        }
    }

    /// The wall clock, to number records with.
    private static var milliseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(clamping: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    func stopTimer() {
        hostTimer?.cancel()
        hostTimer = nil
    }

    // MARK: one event after the other

    /// Deals with an event and everything that follows from it.
    func turn(_ event: @escaping () -> Void) {
        guard !isBusy else {
            waiting.append(event)
            return
        }
        isBusy = true
        now = .current
        event()
        settle()
        while !waiting.isEmpty {
            let events = waiting
            waiting = []
            for event in events { event() }
            settle()
        }
        isBusy = false
        hostTimer?.arm(at: isShutDown ? nil : host.nextDeadline)
    }

    private func settle() {
        repeat {
            while !active.isEmpty {
                let connections = active
                active = []
                for connection in connections {
                    connection.isActive = false
                    takeDirectives(connection)
                }
            }
            let directives = host.drain()
            if !directives.isEmpty {
                apply(directives)
            } else {
                let connections = dirty
                dirty = []
                for connection in connections {
                    connection.isDirty = false
                    flush(connection)
                }
            }
        } while !active.isEmpty || !dirty.isEmpty
    }

    /// Lines a connection up for its directives to be taken and its output to be sent.
    func touch(_ connection: PeerConnection) {
        if !connection.isActive {
            connection.isActive = true
            active.append(connection)
        }
        markDirty(connection)
    }

    private func markDirty(_ connection: PeerConnection) {
        guard !connection.isDirty else { return }
        connection.isDirty = true
        dirty.append(connection)
    }

    // MARK: the transport's events

    func transportOpened(_ connection: PeerConnection) {
        turn { self.touch(connection) }
    }

    func received(_ connection: PeerConnection, _ bytes: ByteBuffer) {
        guard !connection.isEnded else { return }
        turn { [self] in
            // Decrypted where they are, in memory that is written to though the buffer is not copied: the
            // only other reference to it is that of the allocator, which reads nothing before it
            // uses the memory again.
            bytes.withUnsafeReadableBytes { bytes in
                connection.secure.received(
                    UnsafeMutableRawBufferPointer(mutating: bytes), now: now)
            }
            touch(connection)
        }
    }

    func writabilityChanged(_ connection: PeerConnection) {
        guard connection.channel.isWritable, !connection.isEnded else { return }
        turn { [self] in
            connection.stalledSince = nil
            markDirty(connection)
        }
    }

    func transportClosed(_ connection: PeerConnection) {
        turn { [self] in
            if let dial = connection.dial {
                dial.promise.fail(DialError.connectionLost(dial.address))
                connection.dial = nil
            }
            forget(connection)
        }
    }

    // MARK: output

    /// Hands the transport what it takes now.
    private func flush(_ connection: PeerConnection) {
        guard !connection.isEnded, connection.channel.isActive else { return }
        var hasWritten = false
        while connection.channel.isWritable, connection.secure.hasOutput {
            guard let buffer = nextOutput(connection) else { break }
            connection.channel.write(buffer, promise: nil)
            hasWritten = true
        }
        if hasWritten {
            connection.channel.flush()
            if !connection.isActive {
                connection.isActive = true
                active.append(connection)
            }
        }
        if connection.secure.hasOutput, !connection.channel.isWritable {
            connection.stalledSince = connection.stalledSince ?? now
        } else {
            connection.stalledSince = nil
            // The transport took everything at once and there may be more.
            if hasWritten, connection.secure.hasOutput { markDirty(connection) }
        }
        armTimer(connection)
    }

    /// The next bytes for the transport, some 64 KiB at most.
    func nextOutput(_ connection: PeerConnection) -> ByteBuffer? {
        let room = min(
            max(connection.secure.bufferedOutbound + 256, SecureConnection.minimumOutputRoom),
            65_536)
        var buffer = connection.channel.allocator.buffer(capacity: room)
        let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) {
            connection.secure.output(into: $0, now: now)
        }
        return count > 0 ? buffer : nil
    }

    // MARK: time

    private func armTimer(_ connection: PeerConnection) {
        var deadline = connection.secure.nextDeadline
        if let since = connection.stalledSince {
            let stall = since + configuration.stallTimeout
            deadline = min(deadline ?? stall, stall)
        }
        connection.timer?.arm(at: deadline)
    }

    func tick(_ connection: PeerConnection) {
        turn { [self] in
            guard !connection.isEnded else { return }
            connection.secure.tick(now: now)
            if let since = connection.stalledSince, now >= since + configuration.stallTimeout {
                end(connection)
                return
            }
            touch(connection)
        }
    }

    // MARK: directives

    /// Carries out what the host wants: on connections at once, the rest goes to the application.
    private func apply(_ directives: [HostDirective]) {
        var forApplication: [HostDirective] = []
        for directive in directives {
            switch directive {
            case .openStream(let id, let protocols, let token):
                openStream(id, protocols, token)
            case .write(let id, let stream, let bytes):
                write(id, stream, bytes)
            case .finish(let id, let stream):
                withConnection(id) { $0.secure.finish(stream) }
            case .reset(let id, let stream):
                withConnection(id) { $0.secure.reset(stream) }
            case .consumed(let id, let stream, let count):
                withConnection(id) { $0.secure.consumed(stream, count) }
            case .close(let id, let reason):
                close(id, reason)
            default:
                forApplication.append(directive)
            }
        }
        if !forApplication.isEmpty, !isShutDown { handler(forApplication, &host, now) }
    }

    private func withConnection(_ id: ConnectionID, _ body: (PeerConnection) -> Void) {
        guard let connection = connections[id] else { return }
        body(connection)
        markDirty(connection)
    }

    private func openStream(_ id: ConnectionID, _ protocols: [String], _ token: UInt64) {
        guard let connection = connections[id],
            let stream = connection.secure.openStream(protocols, now: now)
        else {
            host.openFailed(id, token: token, now: now)
            return
        }
        connection.tokens[stream] = token
        markDirty(connection)
    }

    private func write(_ id: ConnectionID, _ stream: StreamID, _ bytes: [UInt8]) {
        guard let connection = connections[id] else { return }
        if connection.secure.write(stream, bytes) {
            markDirty(connection)
        } else if connection.secure.isOpen(stream) {
            // Over a queue's limit. If the stream is gone, the host is told so anyway.
            connection.secure.reset(stream)
            host.streamClosed(id, stream, reset: true, now: now)
            markDirty(connection)
        }
    }

    private func close(_ id: ConnectionID, _ reason: CloseReason) {
        guard let connection = connections[id] else { return }
        if let dial = connection.dial {
            // Of two connections to one peer one is kept: the dialler has what was wanted.
            if reason == .duplicate, let peer = connection.secure.peer {
                dial.promise.succeed(peer)
            } else {
                dial.promise.fail(DialError.refused(dial.address, reason))
            }
            connection.dial = nil
        }
        connection.secure.close()
        end(connection)
    }

    /// Passes what happened on a connection on to the host.
    private func takeDirectives(_ connection: PeerConnection) {
        let id = connection.id
        for directive in connection.secure.drain() where !connection.isEnded {
            switch directive {
            case .established(let peer, _):
                ledger.secured(id)
                connection.isAnnounced = true
                host.connected(
                    id, peer: peer, remote: connection.remote, direction: connection.direction,
                    now: now)
                // The host may have refused it: then a directive to close it waits.
                eventLoop.assumeIsolated().execute { [self] in
                    turn { self.completeDial(connection, peer) }
                }
            case .streamOpened(let stream, let name, let isInbound):
                let token = connection.tokens.removeValue(forKey: stream)
                guard isInbound || token != nil else { continue }
                host.streamOpened(
                    id, stream, protocol: name, token: isInbound ? nil : token, now: now)
            case .openFailed(let stream, _):
                guard let token = connection.tokens.removeValue(forKey: stream) else { continue }
                host.openFailed(id, token: token, now: now)
            case .data(let stream, let bytes):
                host.streamData(id, stream, bytes, now: now)
            case .readClosed(let stream):
                host.streamReadClosed(id, stream, now: now)
            case .streamClosed(let stream, let reset):
                host.streamClosed(id, stream, reset: reset, now: now)
            case .written(let stream, let count):
                host.streamWritten(id, stream, count: count, now: now)
            case .closed(let error):
                if let dial = connection.dial {
                    dial.promise.fail(DialError.connection(dial.address, error))
                    connection.dial = nil
                }
                end(connection)
            }
        }
    }

    private func completeDial(_ connection: PeerConnection, _ peer: PeerID) {
        connection.dial?.promise.succeed(peer)
        connection.dial = nil
    }
}
