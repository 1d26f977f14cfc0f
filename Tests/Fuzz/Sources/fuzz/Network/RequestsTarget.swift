import LibP2P
import SystemCrypto

/// Two hosts that ask each other over one connection, which delays, cuts and stalls.
///
/// Every request has exactly one outcome; an answer that ends is what the other side said, to the
/// last byte; one that fails is the beginning of it; and where nothing was cut, cancelled, refused or
/// late, nothing fails.
let requestsTarget = FuzzTarget(
    name: "requests", maximumLength: 512,
    seeds: {
        (0..<32).map { number in
            var random = FuzzRandom(seed: UInt64(1400 + number))
            return random.bytes(100 + 12 * number)
        }
    }, run: { HostPair($0).run() })

private enum PairEvent {
    case opened(StreamID, String, UInt64?)
    case openFailed(UInt64)
    case data(StreamID, [UInt8])
    case readClosed(StreamID)
    case closed(StreamID, reset: Bool)
    case written(StreamID, Int)
}

/// What was asked, said and heard under one number.
private struct Exchange {
    var said: [[UInt8]] = []
    var heard: [[UInt8]] = []
    var isEnded = false
    var outcome: String?
}

private struct HostPair {
    var reader: ByteReader
    var hosts: [Host]
    var now = Instant.zero
    var queues: [[PairEvent]] = [[], []]
    var connection: ConnectionID?
    var nextConnection: UInt64 = 1
    var nextStream: [UInt32] = [1, 2]
    /// Streams that live, with the sides that know the other's end.
    var live: [StreamID: Set<Int>] = [:]
    var exchanges: [UInt64: Exchange] = [:]
    var serial: UInt64 = 0
    var asked: [[RequestID: UInt64]] = [[:], [:]]
    var owed: [[(id: InboundRequestID, serial: UInt64)]] = [[], []]
    /// Whether nothing has happened that may make a request fail.
    var isPlain = true

    init(_ bytes: [UInt8]) {
        reader = ByteReader(bytes)
        hosts = (0..<2).map { side in
            Host(configuration: fuzzHost(side), seed: SHA256.hash([UInt8(side)]), now: .zero)
        }
    }

    func run() {
        var pair = self
        pair.connect()
        while !pair.reader.isAtEnd { pair.step() }
        pair.finish()
    }

    private mutating func connect() {
        guard connection == nil else { return }
        let id = ConnectionID(nextConnection)
        nextConnection += 1
        connection = id
        for side in 0..<2 {
            hosts[side].connected(
                id, peer: hosts[1 - side].localPeer, remote: Multiaddr(.v4(0x0a00_0001), tcp: 1),
                direction: side == 0 ? .outbound : .inbound, now: now)
            collect(side)
        }
    }

    private mutating func cut() {
        guard let id = connection else { return }
        connection = nil
        queues = [[], []]
        live = [:]
        isPlain = false
        for side in 0..<2 {
            hosts[side].disconnected(id, now: now)
            collect(side)
        }
    }

    private mutating func step() {
        let side = reader.below(2)
        switch reader.below(12) {
        case 0, 1: ask(side)
        case 2, 3: answer(side)
        case 4:
            guard reader.below(12) == 0 else { return }
            reader.bit() ? cut() : connect()
        case 5:
            let step = [1, 50, 1000, 11_000][reader.below(4)]
            if step > 50 { isPlain = false }
            now = now + .milliseconds(step)
            for side in 0..<2 {
                hosts[side].tick(now: now)
                collect(side)
            }
        case 6:
            guard reader.below(4) == 0, let id = asked[side].keys.min() else { return }
            isPlain = false
            hosts[side].cancel(id, now: now)
        default: for _ in 0...reader.below(6) { deliver(reader.below(2)) }
        }
        collect(side)
    }

    private mutating func ask(_ side: Int) {
        serial += 1
        let body =
            (0..<8).map { UInt8(truncatingIfNeeded: serial >> (8 * UInt64($0))) }
            + [UInt8](repeating: 1, count: [0, 700, 2900][reader.below(3)])
        do throws(RequestError) {
            let id = try hosts[side].request(
                hosts[1 - side].localPeer, protocol: echoProtocol, body: body, now: now)
            require(asked[side].updateValue(serial, forKey: id) == nil, "an old number")
            exchanges[serial] = Exchange()
        } catch {
            switch error {
            case .notConnected: require(connection == nil, "connected after all")
            case .tooManyQueued: break
            default: finding("\(error)")
            }
        }
    }

    private mutating func answer(_ side: Int) {
        guard !owed[side].isEmpty else { return }
        let place = reader.below(owed[side].count)
        let (id, serial) = owed[side][place]
        switch reader.below(6) {
        case 0, 1:
            owed[side].remove(at: place)
            exchanges[serial]?.isEnded = true
            hosts[side].finish(id, now: now)
        case 2:
            guard reader.below(4) == 0 else { return }
            owed[side].remove(at: place)
            isPlain = false
            hosts[side].fail(id, now: now)
        default:
            let said = exchanges[serial]?.said.reduce(0) { $0 + $1.count } ?? 0
            let count = min([1, 300, 1900][reader.below(3)], 9000 - said)
            guard count > 0 else { return }
            let chunk = testBytes(count, reader.byte())
            if hosts[side].respond(id, chunk: chunk, now: now) {
                exchanges[serial]?.said.append(chunk)
            }
        }
    }

    private mutating func deliver(_ side: Int) {
        guard let id = connection, !queues[side].isEmpty else { return }
        let event = queues[side].removeFirst()
        switch event {
        case .opened(let stream, let name, let token):
            hosts[side].streamOpened(id, stream, protocol: name, token: token, now: now)
        case .openFailed(let token): hosts[side].openFailed(id, token: token, now: now)
        case .data(let stream, let bytes):
            guard live[stream] != nil else { return }
            hosts[side].streamData(id, stream, bytes, now: now)
        case .readClosed(let stream):
            guard live[stream] != nil else { return }
            hosts[side].streamReadClosed(id, stream, now: now)
            live[stream]?.insert(side)
            if live[stream]?.count == 2 {
                live[stream] = nil
                for side in 0..<2 { queues[side].append(.closed(stream, reset: false)) }
            }
        case .closed(let stream, let reset):
            hosts[side].streamClosed(id, stream, reset: reset, now: now)
        case .written(let stream, let count):
            hosts[side].streamWritten(id, stream, count: count, now: now)
        }
        collect(side)
    }

    private mutating func finish() {
        for _ in 0..<4000 where queues.contains(where: { !$0.isEmpty }) {
            for side in 0..<2 { deliver(side) }
        }
        for side in 0..<2 {
            while let (id, serial) = owed[side].popLast() {
                exchanges[serial]?.isEnded = true
                hosts[side].finish(id, now: now)
                collect(side)
                for _ in 0..<4000 where queues.contains(where: { !$0.isEmpty }) {
                    for side in 0..<2 { deliver(side) }
                }
            }
        }
        // Requests that waited for others are served now.
        for _ in 0..<200 where isPlain && owed.contains(where: { !$0.isEmpty }) {
            for side in 0..<2 {
                while let (id, serial) = owed[side].popLast() {
                    exchanges[serial]?.isEnded = true
                    hosts[side].finish(id, now: now)
                    collect(side)
                }
            }
            for _ in 0..<4000 where queues.contains(where: { !$0.isEmpty }) {
                for side in 0..<2 { deliver(side) }
            }
        }
        if isPlain {
            for (serial, exchange) in exchanges {
                require(
                    exchange.outcome == "finished" || exchange.outcome == "reset",
                    "\(serial): \(exchange.outcome ?? "nothing")")
            }
        }
        for _ in 0..<4 {
            now = now + .seconds(40)
            for side in 0..<2 {
                hosts[side].tick(now: now)
                collect(side)
            }
        }
        require(asked.allSatisfy { $0.isEmpty }, "requests without an outcome")
    }

    // MARK: what comes out

    private mutating func collect(_ side: Int) {
        var directives = hosts[side].drain()
        while !directives.isEmpty {
            for directive in directives { take(directive, side) }
            directives = hosts[side].drain()
        }
    }

    private mutating func take(_ directive: HostDirective, _ side: Int) {
        switch directive {
        case .openStream(_, let protocols, let token):
            guard connection != nil else { return }
            let spoken = hosts[1 - side].inboundProtocols
            guard let name = protocols.first(where: spoken.contains) else {
                queues[side].append(.openFailed(token))
                return
            }
            let stream = StreamID(nextStream[side])
            nextStream[side] += 2
            live[stream] = []
            queues[1 - side].append(.opened(stream, name, nil))
            queues[side].append(.opened(stream, name, token))
        case .write(_, let stream, let bytes):
            queues[side].append(.written(stream, bytes.count))
            queues[1 - side].append(.data(stream, bytes))
        case .finish(_, let stream): queues[1 - side].append(.readClosed(stream))
        case .reset(_, let stream):
            live[stream] = nil
            queues[1 - side].append(.closed(stream, reset: true))
        case .close: cut()
        case .request(let id, let peer, let name, let body):
            require(
                peer == hosts[1 - side].localPeer && name == echoProtocol && body.count >= 8,
                "a request nobody made")
            let serial = body.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            require(exchanges[serial]?.said.isEmpty == true, "a request that was made before")
            owed[side].append((id, serial))
        case .requestCancelled(let id): owed[side].removeAll { $0.id == id }
        case .response(let id, let chunk):
            guard let serial = asked[side][id], let exchange = exchanges[serial] else {
                finding("an answer to nothing")
            }
            let place = exchange.heard.count
            require(
                place < exchange.said.count && exchange.said[place] == chunk,
                "chunk \(place) is not what was said")
            exchanges[serial]?.heard.append(chunk)
        case .responseFinished(let id):
            guard let serial = asked[side].removeValue(forKey: id) else {
                finding("the end of no answer")
            }
            let exchange = exchanges[serial]
            require(
                exchange?.isEnded == true && exchange?.heard == exchange?.said,
                "an answer that is not whole")
            exchanges[serial]?.outcome = "finished"
        case .responseFailed(let id, let why):
            guard let serial = asked[side].removeValue(forKey: id) else {
                finding("the failure of no answer")
            }
            // More than the other side serves at once is reset.
            exchanges[serial]?.outcome = why == .reset ? "reset" : "\(why)"
        default: break
        }
    }
}
