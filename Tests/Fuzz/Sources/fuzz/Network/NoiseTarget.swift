import LibP2P
import SystemCrypto

/// A handshake between two real parties through hands that alter messages and payloads: it ends with
/// both sure of each other, or it fails where the alteration arrives; and then frames likewise.
let noiseTarget = FuzzTarget(
    name: "noise", maximumLength: 512,
    seeds: {
        (0..<32).map { number in
            var random = FuzzRandom(seed: UInt64(600 + number))
            return [UInt8(number % 8), UInt8(number % 4)] + random.bytes(40)
        }
    },
    run: { NoiseTrial(ByteReader($0)).run() })

private struct Party {
    let identity: IdentityKey
    let channelKey: X25519.PrivateKey
    let noise: NoiseIdentity

    init(_ number: UInt8) {
        identity = must("identity") { try IdentityKey(seed: [UInt8](repeating: number, count: 32)) }
        channelKey = must("key") {
            try X25519.PrivateKey(bytes: [UInt8](repeating: number + 100, count: 32))
        }
        noise = NoiseIdentity(identity, staticKey: channelKey)
    }

    func signature(of key: [UInt8]) -> [UInt8] {
        identity.sign(Array("noise-libp2p-static-key:".utf8) + key)
    }
}

private let parties = (1...3).map { Party(UInt8($0)) }

private struct NoiseTrial {
    var reader: ByteReader
    var sides: [NoiseHandshake] = []
    /// Whether each side must refuse because of what it is sent.
    var mustRefuse = [false, false]
    let muxers: [[String]?]
    let expected: [PeerID?]

    init(_ bytes: ByteReader) {
        var reader = bytes
        let lists: [[String]?] = [nil, ["/yamux/1.0.0"], ["/b", "/yamux/1.0.0"], ["/c"]]
        muxers = [reader.pick(lists), reader.pick(lists)]
        let wanted = [parties[1], parties[0]].map(\.identity.peerID)
        expected = (0..<2).map { side in
            switch reader.below(8) {
            case 0: parties[2].identity.peerID
            case 1..<4: wanted[side]
            default: nil
            }
        }
        for side in 0..<2 {
            let isOther = expected[side] == parties[2].identity.peerID
            let ephemeral = [UInt8(side)] + reader.exactly(4) + [UInt8](repeating: 9, count: 27)
            sides.append(
                NoiseHandshake(
                    role: side == 0 ? .dialer : .listener, identity: parties[side].noise,
                    ephemeral: must("key") { try X25519.PrivateKey(bytes: ephemeral) },
                    muxers: muxers[side], expectedPeer: expected[side]))
            mustRefuse[side] = isOther
        }
        self.reader = reader
        for side in 0..<2 where self.reader.below(4) == 0 { overridePayload(of: side) }
    }

    /// Makes a side claim something that is right or wrong.
    private mutating func overridePayload(of side: Int) {
        let own = parties[side]
        let key = own.channelKey.publicKey
        let payload: NoisePayload
        switch reader.below(5) {
        case 0:
            // Another's identity, whose signature it does not have.
            payload = NoisePayload(
                identityKey: parties[2].identity.publicKey.encoded,
                signature: own.signature(of: key), muxers: nil)
            mustRefuse[1 - side] = true
        case 1:
            // A signature of another channel key.
            payload = NoisePayload(
                identityKey: own.identity.publicKey.encoded,
                signature: own.signature(of: parties[2].channelKey.publicKey), muxers: nil)
            mustRefuse[1 - side] = true
        case 2:
            var signature = own.signature(of: key)
            let place = reader.below(64)
            let bits = reader.byte()
            signature[place] ^= bits
            payload = NoisePayload(
                identityKey: own.identity.publicKey.encoded, signature: signature,
                muxers: muxers[side])
            if bits != 0 { mustRefuse[1 - side] = true }
        case 3:
            payload = NoisePayload(
                identityKey: reader.take(reader.below(60)), signature: own.signature(of: key),
                muxers: nil)
            mustRefuse[1 - side] = true
        default:
            // The right claims, with something that is not known behind them.
            sides[side].payloadOverride =
                NoisePayload(
                    identityKey: own.identity.publicKey.encoded,
                    signature: own.signature(of: key), muxers: muxers[side]
                ).encoded + [0x9a, 0x06, 1, reader.byte()]
            return
        }
        sides[side].payloadOverride = payload.encoded
    }

    func run() {
        var trial = self
        trial.shakeHands()
    }

    private mutating func shakeHands() {
        let alteredMessage = reader.below(8)
        var sent: [[UInt8]] = []
        for number in 0..<3 {
            let (from, to) = number % 2 == 0 ? (0, 1) : (1, 0)
            require(sides[from].isWriting && sides[to].isReading, "turns")
            let message: [UInt8]
            do throws(NoiseError) {
                message = try sides[from].writeMessage()
            } catch {
                // A key of small order is found out when it is used.
                require(
                    error == .weakKey(message: 2) && alteredMessage == 0, "writing: \(error)")
                return
            }
            var arriving = message
            if number == alteredMessage { alter(&arriving, earlier: sent) }
            sent.append(message)
            // An altered first message is found out by its sender, in the answer.
            do throws(NoiseError) {
                try sides[to].readMessage(arriving[...])
            } catch {
                let isExpected =
                    arriving != message || mustRefuse[to]
                    || (to == 0 && alteredMessage == 0)
                require(isExpected, "message \(number) is refused: \(error)")
                require((try? sides[to].session()) == nil || number < 2, "a session after all")
                return
            }
            if number > 0 {
                require(!mustRefuse[to], "side \(to) took what it must refuse")
                require(arriving == message, "message \(number) was altered and taken")
            } else if arriving != message {
                // Whatever is made of it, the dialer must not take the answer.
                mustRefuse[0] = true
            }
        }
        transport()
    }

    private mutating func alter(_ message: inout [UInt8], earlier: [[UInt8]]) {
        switch reader.below(6) {
        case 0: message[reader.below(message.count)] ^= reader.byte()
        case 1: message.removeLast(1 + reader.below(message.count))
        case 2: message += reader.take(1 + reader.below(8))
        case 3: message = reader.take(reader.below(200))
        case 4: if let other = earlier.last { message = other }
        default:
            // A key of small order.
            message.replaceSubrange(0..<32, with: [UInt8](repeating: 0, count: 32))
            message[0] = reader.byte() & 1
        }
    }

    private mutating func transport() {
        let common: String? = muxers[0]?.first { muxers[1]?.contains($0) == true }
        var sessions: [NoiseSession] = []
        for side in 0..<2 {
            do throws(NoiseError) {
                guard let session = try sides[side].session() else { finding("no session") }
                sessions.append(session)
            } catch {
                require(
                    error == .noCommonMuxer && muxers[0] != nil && muxers[1] != nil
                        && common == nil,
                    "no session: \(error)")
                return
            }
        }
        for side in 0..<2 {
            require(
                sessions[side].peer == parties[1 - side].identity.peerID,
                "the peer is \(sessions[side].peer)")
            require(sessions[side].peerKey.peerID == sessions[side].peer, "peer key")
        }
        require(sessions[0].handshakeHash == sessions[1].handshakeHash, "handshake hashes")
        require(sessions[0].muxer == sessions[1].muxer, "multiplexers")
        if case .agreed(let name) = sessions[0].muxer {
            require(name == common, "agreed on \(name)")
        }
        for _ in 0..<reader.below(8) {
            let from = reader.below(2)
            let plaintext = reader.take(reader.below(40))
            var frame = plaintext + [UInt8](repeating: 0, count: 16)
            must("seal") {
                try frame.withUnsafeMutableBytes { try sessions[from].sending.seal(inPlace: $0) }
            }
            let sealed = frame
            if reader.below(4) == 0 {
                switch reader.below(3) {
                case 0: frame[reader.below(frame.count)] ^= reader.byte()
                case 1: frame.removeLast(reader.below(frame.count + 1))
                default: frame += [reader.byte()]
                }
            }
            let arriving = frame
            do throws(NoiseError) {
                let count = try open(&frame, &sessions[1 - from])
                require(
                    Array(frame[..<count]) == plaintext && arriving == sealed,
                    "an altered frame was opened")
            } catch {
                require(arriving != sealed, "a frame was refused")
                return
            }
        }
    }

    private func open(
        _ frame: inout [UInt8], _ session: inout NoiseSession
    ) throws(NoiseError) -> Int {
        let outcome = frame.withUnsafeMutableBytes { bytes in
            Result { () throws(NoiseError) in try session.receiving.open(inPlace: bytes) }
        }
        return try outcome.get()
    }
}
