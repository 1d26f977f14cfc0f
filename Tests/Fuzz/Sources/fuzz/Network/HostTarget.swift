import LibP2P
import SystemCrypto

/// One host whose peers are scripted: connections, streams, bytes of every protocol, the application's
/// commands and a clock, in random order.
///
/// The host writes and ends only streams that are there, keeps what is in flight within bounds, gives
/// no more credit than it received, ends every request once, and does the same again in a replay.
let hostTarget = FuzzTarget(
    name: "host", maximumLength: 1024,
    seeds: {
        (0..<40).map { number in
            var random = FuzzRandom(seed: UInt64(1300 + number))
            return [UInt8(number)] + random.bytes(150 + 20 * number)
        }
    },
    run: { bytes in
        let first = HostTrial(bytes).run()
        if bytes.first.map({ $0 % 4 == 0 }) ?? true {
            require(HostTrial(bytes).run() == first, "a replay went another way")
        }
    })

let echoProtocol = "/test/echo/1"

/// A host's configuration with small limits.
func fuzzHost(_ number: Int) -> HostConfiguration {
    var configuration = HostConfiguration(publicKey: fuzzKey(100 + number))
    var echo = RequestProtocol(
        name: echoProtocol, maximumRequestBytes: 3000, maximumChunkBytes: 2000,
        maximumResponseBytes: 9000)
    echo.maximumInbound = 3
    configuration.protocols = [echo]
    configuration.limits.maximumPeers = 5
    configuration.limits.maximumQueuedRequestsPerPeer = 4
    configuration.limits.gossipQueueBytes = 20_000
    configuration.limits.gossipQueueBytesInAll = 60_000
    configuration.limits.controlQueueBytes = 6000
    configuration.limits.bytesInFlight = 4000
    configuration.limits.responseQueueBytes = 6000
    configuration.limits.responseQueueBytesInAll = 12_000
    configuration.limits.partialBytesInAll = 20_000
    configuration.gossip?.parameters.maximumRPCBytes = 8000
    return configuration
}

func fuzzKey(_ number: Int) -> PublicKey {
    must("key") { try PublicKey(ed25519: SHA256.hash(Array("fuzz key \(number)".utf8))) }
}

private struct Address: Hashable, Comparable {
    let connection: ConnectionID
    let stream: StreamID

    static func < (left: Address, right: Address) -> Bool {
        (left.connection, left.stream) < (right.connection, right.stream)
    }
}

private struct Stream {
    let name: String
    let isOurs: Bool
    var inFlight = 0
    var received = 0
    var credited = 0
    var isFinished = false
    var isReadClosed = false
}

private struct HostTrial {
    var reader: ByteReader
    var host: Host
    var now = Instant.zero
    var connections: [ConnectionID: PeerID] = [:]
    var streams: [Address: Stream] = [:]
    var openings: [(connection: ConnectionID, protocols: [String], token: UInt64)] = []
    var nextConnection: UInt64 = 1
    var nextStream: UInt32 = 2
    /// Requests that the host made and that have had no outcome.
    var asked: Set<RequestID> = []
    /// Requests of peers that the application has to answer.
    var owed: [InboundRequestID] = []
    var messages: [MessageID] = []
    var present: Set<PeerID> = []
    var trace = SHA256()

    init(_ bytes: [UInt8]) {
        reader = ByteReader(bytes)
        _ = reader.byte()
        host = Host(
            configuration: fuzzHost(0), seed: SHA256.hash([reader.byte()]), now: .zero)
    }

    func run() -> [UInt8] {
        var trial = self
        while !trial.reader.isAtEnd {
            trial.step()
            trial.collect()
        }
        trial.finish()
        return trial.trace.finalize()
    }

    private mutating func step() {
        switch reader.below(20) {
        case 0, 1: connect()
        case 2:
            guard reader.below(3) == 0, let id = pick(connections.keys.sorted()) else { return }
            drop(id)
            host.disconnected(id, now: now)
        case 3, 4: openInbound()
        case 5, 6, 7, 8: data()
        case 9: grant()
        case 10:
            guard let address = pick(streams.keys.sorted()) else { return }
            let count = min(streams[address]?.inFlight ?? 0, [1, 500, 100_000][reader.below(3)])
            streams[address]?.inFlight -= count
            host.streamWritten(address.connection, address.stream, count: count, now: now)
        case 11: endStream()
        case 12:
            now = now + .milliseconds([1, 100, 1000, 10_000, 31_000][reader.below(5)])
            host.tick(now: now)
        case 13:
            host.subscribe(reader.pick(["a", "b"]), now: now)
        case 14:
            _ = try? host.publish(
                reader.pick(["a", "b"]),
                [reader.byte()] + [UInt8](repeating: 1, count: [2, 1200, 5000][reader.below(3)]),
                now: now)
        case 15:
            guard !messages.isEmpty else { return }
            let id = messages.remove(at: reader.below(messages.count))
            host.validated(id, reader.pick([.accept, .accept, .ignore, .reject]), now: now)
        case 16: ask()
        case 17, 18: respond()
        default: administer()
        }
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : reader.pick(elements)
    }

    private mutating func connect() {
        let number = reader.below(8)
        let id = ConnectionID(nextConnection)
        nextConnection += 1
        let peer = number == 7 ? host.localPeer : fuzzKey(number).peerID
        connections[id] = peer
        host.connected(
            id, peer: peer,
            remote: Multiaddr(.v4(0x0a00_0000 | UInt32(reader.below(3))), tcp: 4001),
            direction: reader.bit() ? .inbound : .outbound, now: now)
    }

    private mutating func drop(_ id: ConnectionID) {
        connections[id] = nil
        openings.removeAll { $0.connection == id }
        for address in streams.keys where address.connection == id { streams[address] = nil }
    }

    private mutating func openInbound() {
        guard let id = pick(connections.keys.sorted()) else { return connect() }
        let name = reader.pick(host.inboundProtocols)
        add(id, name, token: nil)
    }

    private mutating func grant() {
        guard !openings.isEmpty else { return }
        let opening = openings.remove(at: reader.below(openings.count))
        if reader.below(4) == 0 {
            host.openFailed(opening.connection, token: opening.token, now: now)
        } else {
            add(opening.connection, reader.pick(opening.protocols), token: opening.token)
        }
    }

    private mutating func add(_ id: ConnectionID, _ name: String, token: UInt64?) {
        let stream = StreamID(nextStream)
        nextStream += 1
        streams[Address(connection: id, stream: stream)] = Stream(name: name, isOurs: token != nil)
        host.streamOpened(id, stream, protocol: name, token: token, now: now)
    }

    /// Bytes of a stream: its protocol's, or others.
    private mutating func data() {
        guard let address = pick(streams.keys.sorted()), let stream = streams[address],
            !stream.isReadClosed
        else { return openInbound() }
        var bytes: [UInt8]
        switch reader.below(8) {
        case 0: bytes = reader.take(1 + reader.below(60))
        default: bytes = content(stream.name)
        }
        if reader.below(12) == 0, !bytes.isEmpty {
            bytes[reader.below(bytes.count)] ^= reader.byte()
        }
        if reader.below(8) == 0 { bytes.removeLast(reader.below(bytes.count + 1)) }
        let cut = reader.bit() ? bytes.count : 1 + reader.below(40)
        for start in stride(from: 0, to: bytes.count, by: max(cut, 1)) {
            guard streams[address] != nil else { return }
            let piece = Array(bytes[start..<min(start + cut, bytes.count)])
            streams[address]?.received += piece.count
            host.streamData(address.connection, address.stream, piece, now: now)
            collect()
        }
    }

    private mutating func content(_ name: String) -> [UInt8] {
        switch name {
        case HostProtocol.ping: return reader.exactly([32, 10, 64][reader.below(3)])
        case HostProtocol.identify, HostProtocol.identifyPush:
            var message = IdentifyMessage()
            if reader.bit() { message.publicKey = fuzzKey(reader.below(7)).encoded }
            message.listenAddresses = [Multiaddr(.v4(reader.uint32()), tcp: 1)]
            message.protocols = host.inboundProtocols
            return FrameAssembler.frame(message.encoded(limit: 4096))
        case echoProtocol:
            let size = [3, 500, 1999, 2001, 3500][reader.below(5)]
            return FrameAssembler.frame([UInt8](repeating: 7, count: size))
        default: return gossip()
        }
    }

    private mutating func gossip() -> [UInt8] {
        var rpc = RPC()
        for _ in 0...reader.below(3) {
            let topic = reader.pick(["a", "b", "c"])
            switch reader.below(6) {
            case 0, 1:
                rpc.subscriptions.append(
                    RPC.Subscription(topic: topic, subscribes: reader.below(4) != 0))
            case 2:
                rpc.messages.append(
                    RPC.Message(
                        topic: topic,
                        data: [reader.byte(), 9]
                            + [UInt8](repeating: 3, count: [5, 1500][reader.below(2)])))
            case 3: rpc.graft.append(topic)
            case 4: rpc.prune.append(RPC.Prune(topic: topic, backoffSeconds: reader.uint64()))
            default:
                let ids = (0..<reader.below(5)).map { _ in
                    MessageID.ofTopicAndData("a", [reader.byte() & 7])
                }
                if reader.bit() {
                    rpc.iwant += ids
                } else {
                    rpc.ihave.append(RPC.IHave(topic: topic, ids: ids))
                }
            }
        }
        return rpc.frames(limit: 4000).flatMap { $0 }
    }

    private mutating func endStream() {
        guard let address = pick(streams.keys.sorted()) else { return }
        switch reader.below(3) {
        case 0:
            guard streams[address]?.isReadClosed == false else { return }
            streams[address]?.isReadClosed = true
            host.streamReadClosed(address.connection, address.stream, now: now)
        case 1:
            guard let stream = streams[address], stream.isReadClosed, stream.isFinished else {
                return
            }
            streams[address] = nil
            host.streamClosed(address.connection, address.stream, reset: false, now: now)
        default:
            streams[address] = nil
            host.streamClosed(address.connection, address.stream, reset: true, now: now)
        }
    }

    private mutating func ask() {
        let peer = fuzzKey(reader.below(7)).peerID
        let body = [UInt8](repeating: 4, count: [1, 2999, 3001][reader.below(3)])
        do throws(RequestError) {
            let id = try host.request(peer, protocol: echoProtocol, body: body, now: now)
            require(asked.insert(id).inserted, "an old number")
            require(body.count <= 3000, "a request too large was taken")
            if reader.below(8) == 0 { host.cancel(id, now: now) }
        } catch {
            if case .unknownProtocol = error { finding("\(error)") }
        }
    }

    private mutating func respond() {
        guard let id = pick(owed) else { return }
        switch reader.below(4) {
        case 0:
            owed.removeAll { $0 == id }
            host.finish(id, now: now)
        case 1:
            owed.removeAll { $0 == id }
            host.fail(id, now: now)
        default:
            let count = [10, 1500, 2500][reader.below(3)]
            host.respond(id, chunk: [UInt8](repeating: 6, count: count), now: now)
        }
    }

    private mutating func administer() {
        let peer = fuzzKey(reader.below(7)).peerID
        switch reader.below(7) {
        case 0: host.ping(peer, now: now)
        case 1: host.disconnect(peer, now: now)
        case 2: host.penalise(peer, points: Double(reader.below(300)), now: now)
        case 3: host.ban(peer, for: .seconds(reader.below(100)), now: now)
        case 4: host.setListenAddresses([Multiaddr(.v4(reader.uint32()), tcp: 2)], now: now)
        case 5: host.unsubscribe(reader.pick(["a", "b"]), now: now)
        default: _ = host.score(of: peer)
        }
    }

    /// All connections go and all times pass: nothing may be left open.
    private mutating func finish() {
        for id in connections.keys.sorted() {
            drop(id)
            host.disconnected(id, now: now)
            collect()
        }
        for _ in 0..<8 {
            now = now + .seconds(40)
            host.tick(now: now)
            collect()
        }
        require(asked.isEmpty, "\(asked.count) requests have no outcome")
        require(present.isEmpty && host.peers.isEmpty, "peers without connections")
    }

    // MARK: what comes out

    private mutating func collect() {
        var isMore = true
        while isMore {
            isMore = false
            for directive in host.drain() {
                isMore = true
                take(directive)
            }
        }
        require(host.peers.count <= 6, "\(host.peers.count) peers")
    }

    private mutating func take(_ directive: HostDirective) {
        switch directive {
        case .openStream(let id, let protocols, let token):
            note("open \(id.rawValue) \(token)")
            require(connections[id] != nil && !protocols.isEmpty, "a stream on no connection")
            require(!openings.contains { $0.token == token }, "an old token")
            openings.append((id, protocols, token))
        case .write(let id, let stream, let bytes):
            note("write \(id.rawValue) \(stream.rawValue) \(SHA256.hash(bytes))")
            let address = Address(connection: id, stream: stream)
            guard let known = streams[address] else { finding("a write on no stream") }
            require(!known.isFinished, "a write after the end")
            streams[address]?.inFlight += bytes.count
            // The limit, and one frame more, since frames are given whole.
            require(
                known.inFlight <= 4000 + 9000, "\(known.inFlight) bytes in flight on \(known.name)")
        case .finish(let id, let stream):
            let address = Address(connection: id, stream: stream)
            guard let known = streams[address], !known.isFinished else {
                finding("the end of no stream")
            }
            streams[address]?.isFinished = true
        case .reset(let id, let stream):
            note("reset \(stream.rawValue)")
            let address = Address(connection: id, stream: stream)
            require(streams.removeValue(forKey: address) != nil, "no stream reset")
        case .consumed(let id, let stream, let count):
            let address = Address(connection: id, stream: stream)
            guard let known = streams[address] else { return }
            streams[address]?.credited += count
            require(
                count > 0 && known.credited + count <= known.received,
                "more credit than bytes on \(known.name)")
        case .close(let id, let reason):
            note("close \(id.rawValue) \(reason)")
            require(connections[id] != nil, "no connection closed")
            drop(id)
        case .peerConnected(let peer, _, _):
            require(present.insert(peer).inserted, "connected twice")
        case .peerDisconnected(let peer):
            require(present.remove(peer) != nil, "disconnected twice")
        case .message(let message):
            note("message \(message.id.bytes)")
            require(!messages.contains(message.id), "the same message again")
            messages.append(message.id)
        case .request(let id, _, let name, let body):
            require(name == echoProtocol && body.count <= 3000, "a request too large")
            require(!owed.contains(id), "the same request again")
            owed.append(id)
            require(owed.count <= 3, "\(owed.count) requests at once")
        case .requestCancelled(let id):
            require(owed.contains(id), "no request cancelled")
            owed.removeAll { $0 == id }
        case .response(let id, let chunk):
            require(asked.contains(id) && chunk.count <= 2000, "an answer to nothing")
        case .responseFinished(let id):
            note("finished \(id.rawValue)")
            require(asked.remove(id) != nil, "the end of no answer")
        case .responseFailed(let id, let why):
            note("failed \(id.rawValue) \(why)")
            require(asked.remove(id) != nil, "the failure of no answer")
        case .identified, .peerSubscribed, .peerExchange, .responseDrained, .pinged, .pingFailed:
            break
        }
    }

    private mutating func note(_ text: String) { trace.update(Array(text.utf8)) }
}
