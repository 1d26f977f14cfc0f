import LibP2P
import SystemCrypto

/// Two whole connections, handshake included, whose bytes are cut anywhere and sometimes altered,
/// under random commands and a moving clock.
///
/// Unaltered, streams carry what was written, in order, and nobody is accused. A byte altered on the
/// way ends the connection where it arrives, before anything of it is passed on.
let connectionTarget = FuzzTarget(
    name: "connection", maximumLength: 512,
    seeds: {
        (0..<32).map { number in
            var random = FuzzRandom(seed: UInt64(800 + number))
            return [UInt8(number % 4)] + random.bytes(80 + 10 * number)
        }
    },
    run: { bytes in
        var reader = ByteReader(bytes)
        ConnectionTrial(&reader).run(&reader)
    })

private let protocols = ["/echo/1", "/other/1"]

private struct StreamRecord {
    var written: [UInt8] = []
    var received: [UInt8] = []
    var name: String?
    var isFinished = false
    var readClosed = false
    var isOver = false
}

private struct End {
    var connection: SecureConnection
    var streams: [StreamID: StreamRecord] = [:]
    var failure: ConnectionError?
    var isEstablished = false
    var peer: PeerID?
    /// Whether this end closed by itself.
    var isClosed = false

    var live: [StreamID] {
        streams.filter { !$0.value.isOver && $0.value.name != nil }.map(\.key).sorted()
    }

    mutating func take(consuming: Bool) {
        for directive in connection.drain() {
            require(failure == nil, "\(directive) after the end")
            switch directive {
            case .established(let peer, let key):
                require(!isEstablished, "established twice")
                require(key.peerID == peer, "key and id")
                isEstablished = true
                self.peer = peer
            case .streamOpened(let stream, let name, let inbound):
                require(protocols.contains(name), "protocol \(name)")
                require(
                    inbound ? streams[stream] == nil : streams[stream]?.name == nil,
                    "stream \(stream) opened twice")
                streams[stream, default: StreamRecord()].name = name
            case .openFailed(let stream, _):
                require(
                    streams[stream] != nil && streams[stream]?.name == nil, "failed after all")
                streams[stream]?.isOver = true
            case .data(let stream, let bytes):
                guard let record = streams[stream], record.name != nil, !record.isOver,
                    !record.readClosed
                else { finding("data on no stream") }
                streams[stream]?.received += bytes
                if consuming { connection.consumed(stream, bytes.count) }
            case .readClosed(let stream):
                guard let record = streams[stream], !record.readClosed, !record.isOver else {
                    finding("the end of no stream")
                }
                streams[stream]?.readClosed = true
            case .streamClosed(let stream, _):
                guard let record = streams[stream], !record.isOver else {
                    finding("no stream closed")
                }
                streams[stream]?.isOver = true
            case .written(let stream, let count):
                require(streams[stream] != nil && count > 0, "written on no stream")
            case .closed(let error): failure = error
            }
        }
        require((failure != nil || isClosed) == connection.isClosed, "isClosed")
        require(connection.bufferedOutbound <= 40 << 20, "outbound bytes")
    }
}

private struct ConnectionTrial {
    var ends: [End]
    var wires: [[UInt8]] = [[], []]
    var now = Instant.zero
    /// Whether bytes to an end have been altered.
    var isAltered = [false, false]
    /// Whether time has passed that may end connections.
    var isTimed = false
    var serial: UInt8 = 0

    init(_ reader: inout ByteReader) {
        let names = reader.below(4)
        let isWrongPeer = reader.below(16) == 0
        ends = (0..<2).map { side in
            var limits = ConnectionLimits()
            limits.namesMuxerInHandshake = names >> side & 1 == 0
            limits.yamux.maximumQueuedBytesPerStream = 300_000
            let identity = must("identity") {
                try IdentityKey(seed: [UInt8](repeating: UInt8(side + 1), count: 32))
            }
            let channelKey = must("key") {
                try X25519.PrivateKey(bytes: [UInt8](repeating: UInt8(side + 101), count: 32))
            }
            let other = must("identity") {
                try IdentityKey(
                    seed: [UInt8](repeating: isWrongPeer ? 9 : UInt8(2 - side), count: 32))
            }
            return End(
                connection: SecureConnection(
                    role: side == 0 ? .dialer : .listener,
                    identity: NoiseIdentity(identity, staticKey: channelKey),
                    ephemeralSeed: [UInt8(side)] + reader.exactly(3)
                        + [UInt8](repeating: 5, count: 28),
                    expectedPeer: side == 0 ? other.peerID : nil, protocols: protocols,
                    limits: limits, now: .zero))
        }
        isTimed = isWrongPeer
    }

    func run(_ reader: inout ByteReader) {
        var trial = self
        if reader.below(4) != 0 { trial.settle() }
        while !reader.isAtEnd { trial.step(&reader) }
        trial.settle()
        trial.compare()
    }

    private mutating func step(_ reader: inout ByteReader) {
        let side = reader.below(2)
        switch reader.below(16) {
        case 0, 1:
            let wanted = reader.pick([["/echo/1"], ["/none/1"], ["/none/1", "/other/1"]])
            if let stream = ends[side].connection.openStream(wanted, now: now) {
                ends[side].streams[stream] = StreamRecord()
            }
        case 2, 3, 4:
            guard let stream = pick(side, &reader) else { return }
            serial &+= 1
            let count = [1, 100, 1000, 70_000, 200_000][reader.below(5)]
            let bytes = testBytes(count, serial)
            if ends[side].connection.write(stream, bytes) {
                ends[side].streams[stream]?.written += bytes
            }
        case 5:
            guard let stream = pick(side, &reader) else { return }
            ends[side].connection.finish(stream)
            ends[side].streams[stream]?.isFinished = true
        case 6:
            guard reader.below(3) == 0, let stream = pick(side, &reader) else { return }
            ends[side].connection.reset(stream)
            ends[side].streams[stream]?.isOver = true
        case 7:
            let step = [1, 100, 5000, 31_000, 130_000][reader.below(5)]
            if step >= 5000 { isTimed = true }
            now = now + .milliseconds(step)
            for end in 0..<2 {
                ends[end].connection.tick(now: now)
                ends[end].take(consuming: true)
            }
        case 8:
            guard reader.below(16) == 0 else { return }
            ends[side].connection.goAway()
            isTimed = true
        case 9:
            guard reader.below(32) == 0, !ends[side].connection.isClosed else { return }
            ends[side].connection.close()
            ends[side].isClosed = true
            isTimed = true
        case 10:
            guard reader.below(8) == 0, !wires[side].isEmpty else { return }
            let bits = reader.byte()
            wires[side][reader.below(wires[side].count)] ^= bits
            if bits != 0 { isAltered[side] = true }
        case 11:
            guard reader.below(8) == 0 else { return }
            let bytes = reader.take(1 + reader.below(40))
            wires[side] += bytes
            if !bytes.isEmpty { isAltered[side] = true }
        default:
            output(of: side, capacity: [2048, 4000, 65_536][reader.below(3)])
            deliver(to: reader.below(2), at: [1, 3, 100, 5000, 200_000][reader.below(5)])
        }
        ends[side].take(consuming: reader.below(4) != 0)
    }

    private func pick(_ side: Int, _ reader: inout ByteReader) -> StreamID? {
        let live = ends[side].live
        return live.isEmpty ? nil : live[reader.below(live.count)]
    }

    private mutating func output(of side: Int, capacity: Int) {
        let now = now
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = ends[side].connection.output(
                into: UnsafeMutableRawBufferPointer(buffer), now: now)
        }
        wires[1 - side] += bytes
        ends[side].take(consuming: true)
    }

    private mutating func deliver(to side: Int, at most: Int) {
        var bytes = Array(wires[side].prefix(most))
        wires[side].removeFirst(bytes.count)
        let now = now
        bytes.withUnsafeMutableBytes { ends[side].connection.received($0, now: now) }
        ends[side].take(consuming: true)
        if !isAltered.contains(true), !isTimed {
            require(
                ends[side].failure == nil,
                "an honest side is accused: \(String(describing: ends[side].failure))")
        }
    }

    private mutating func settle() {
        for _ in 0..<200 {
            var moved = false
            for side in 0..<2 {
                output(of: side, capacity: 65_536)
                if !wires[side].isEmpty {
                    deliver(to: side, at: 60_000)
                    moved = true
                }
            }
            if !moved, wires.allSatisfy({ $0.isEmpty }) { return }
        }
    }

    private func compare() {
        for side in 0..<2 {
            if let peer = ends[side].peer {
                let key = must("identity") {
                    try IdentityKey(seed: [UInt8](repeating: UInt8(2 - side), count: 32))
                }
                require(peer == key.peerID, "another peer")
            }
            for (stream, record) in ends[side].streams {
                guard let other = ends[1 - side].streams[stream] else { continue }
                require(record.written.starts(with: other.received), "bytes of \(stream) changed")
            }
        }
        guard !isAltered.contains(true), !isTimed else { return }
        require(
            ends.allSatisfy { $0.isEstablished },
            "not established: \(ends.map { $0.failure }), \(wires.map(\.count)) bytes on the way")
    }
}
