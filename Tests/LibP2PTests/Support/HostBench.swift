import LibP2P
import SystemCrypto

/// One host whose peers are scripted by the test: what they send is given, what the host wants is kept.
struct HostBench {
    var host: Host
    var now = Instant.zero
    var opens: [(connection: ConnectionID, protocols: [String], token: UInt64)] = []
    var written: [StreamAddress: [UInt8]] = [:]
    var finishes: [StreamAddress] = []
    var resets: [StreamAddress] = []
    var credits: [StreamAddress: Int] = [:]
    var closes: [ConnectionID: CloseReason] = [:]
    var application: [HostDirective] = []
    /// Whether writes are reported as written at once.
    var reportsWritten = true
    /// Streams of which nothing is reported.
    var stalled: Set<StreamAddress> = []
    private var nextConnection: UInt64 = 0
    private var nextStream: UInt32 = 2

    struct NothingToGrant: Error {}

    struct StreamAddress: Hashable {
        let connection: ConnectionID
        let stream: StreamID
    }

    init(_ configure: (inout HostConfiguration) -> Void = { _ in }) throws {
        var configuration = try VirtualNetwork.configuration(0)
        configure(&configuration)
        host = Host(
            configuration: configuration, seed: [UInt8](repeating: 9, count: 32), now: now)
    }

    static func key(_ number: Int) throws -> PublicKey {
        try PublicKey(ed25519: SHA256.hash(Array("peer \(number)".utf8)))
    }

    static func peer(_ number: Int) throws -> PeerID { try key(number).peerID }

    mutating func call<Result>(_ body: (inout Host, Instant) throws -> Result) rethrows -> Result {
        let result = try body(&host, now)
        collect()
        return result
    }

    mutating func collect() {
        var again = true
        while again {
            again = false
            for directive in host.drain() {
                again = true
                switch directive {
                case .openStream(let id, let protocols, let token):
                    opens.append((id, protocols, token))
                case .write(let id, let stream, let bytes):
                    written[StreamAddress(connection: id, stream: stream), default: []] += bytes
                    if reportsWritten,
                        !stalled.contains(StreamAddress(connection: id, stream: stream))
                    {
                        host.streamWritten(id, stream, count: bytes.count, now: now)
                    }
                case .finish(let id, let stream):
                    finishes.append(StreamAddress(connection: id, stream: stream))
                case .reset(let id, let stream):
                    resets.append(StreamAddress(connection: id, stream: stream))
                case .consumed(let id, let stream, let count):
                    credits[StreamAddress(connection: id, stream: stream), default: 0] += count
                case .close(let id, let reason): closes[id] = reason
                default: application.append(directive)
                }
            }
        }
    }

    mutating func connect(
        _ number: Int, _ direction: ConnectionDirection = .inbound,
        address: IPAddress = .v4(0x0102_0304)
    ) throws -> ConnectionID {
        let id = ConnectionID(nextConnection)
        nextConnection += 1
        let peer = try Self.peer(number)
        call {
            $0.connected(
                id, peer: peer, remote: Multiaddr(address, tcp: 4001), direction: direction,
                now: $1)
        }
        return id
    }

    /// A stream that the peer opens.
    mutating func inbound(_ id: ConnectionID, _ name: String) -> StreamAddress {
        let stream = StreamID(nextStream)
        nextStream += 2
        call { $0.streamOpened(id, stream, protocol: name, token: nil, now: $1) }
        return StreamAddress(connection: id, stream: stream)
    }

    /// Grants the latest stream that the host wants for a protocol.
    mutating func grant(_ name: String, on id: ConnectionID) throws -> StreamAddress {
        guard
            let index = opens.lastIndex(where: {
                $0.connection == id && $0.protocols.contains(name)
            })
        else { throw NothingToGrant() }
        let open = opens.remove(at: index)
        let stream = StreamID(nextStream + 1_000_001)
        nextStream += 2
        call { $0.streamOpened(id, stream, protocol: name, token: open.token, now: $1) }
        return StreamAddress(connection: id, stream: stream)
    }

    mutating func send(_ address: StreamAddress, _ bytes: [UInt8]) {
        call { $0.streamData(address.connection, address.stream, bytes, now: $1) }
    }

    mutating func sendRPC(_ address: StreamAddress, _ change: (inout RPC) -> Void) {
        var rpc = RPC()
        change(&rpc)
        for frame in rpc.frames(limit: 1 << 20) { send(address, frame) }
    }

    mutating func end(_ address: StreamAddress) {
        call { $0.streamReadClosed(address.connection, address.stream, now: $1) }
    }

    mutating func advance(_ duration: Duration) {
        let end = now + duration
        while let next = host.nextDeadline, next <= end {
            now = max(next, now)
            call { $0.tick(now: $1) }
        }
        now = end
    }

    /// The messages with their lengths in front that the host wrote to a stream.
    func frames(_ address: StreamAddress) throws -> [[UInt8]] {
        var assembler = FrameAssembler(limit: 1 << 24)
        assembler.append(written[address] ?? [])
        var frames: [[UInt8]] = []
        while let frame = try assembler.next() { frames.append(frame) }
        return frames
    }

    func rpcs(_ address: StreamAddress) throws -> [RPC] {
        try frames(address).map { try RPC(decoding: $0) }
    }

    /// A peer with gossip both ways, subscribed to topics: its writing stream and ours.
    mutating func gossiper(
        _ number: Int, topics: [String], version: String = "/meshsub/1.2.0",
        address: IPAddress = .v4(0x0102_0304)
    ) throws -> (connection: ConnectionID, theirs: StreamAddress, ours: StreamAddress) {
        let id = try connect(number, address: address)
        let ours = try grant(version, on: id)
        let theirs = inbound(id, version)
        sendRPC(theirs) { rpc in
            rpc.subscriptions = topics.map { RPC.Subscription(topic: $0, subscribes: true) }
        }
        return (id, theirs, ours)
    }
}
