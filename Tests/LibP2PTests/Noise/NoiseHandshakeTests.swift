import LibP2P
import SystemCrypto
import Testing

/// Two sides of a handshake with the vectors' keys.
private struct Pair {
    var dialer: NoiseHandshake
    var listener: NoiseHandshake

    init(
        dialerMuxers: [String]? = NoiseVectors.muxers,
        listenerMuxers: [String]? = NoiseVectors.muxers, expectedPeer: PeerID? = nil
    ) throws {
        dialer = NoiseHandshake(
            role: .dialer,
            identity: NoiseIdentity(
                try IdentityKey(seed: NoiseVectors.initiatorIdentity),
                staticKey: try X25519.PrivateKey(bytes: NoiseVectors.initiatorStatic)),
            ephemeral: try X25519.PrivateKey(bytes: NoiseVectors.initiatorEphemeral),
            muxers: dialerMuxers, expectedPeer: expectedPeer)
        listener = NoiseHandshake(
            role: .listener,
            identity: NoiseIdentity(
                try IdentityKey(seed: NoiseVectors.responderIdentity),
                staticKey: try X25519.PrivateKey(bytes: NoiseVectors.responderStatic)),
            ephemeral: try X25519.PrivateKey(bytes: NoiseVectors.responderEphemeral),
            muxers: listenerMuxers, expectedPeer: nil)
    }

    mutating func run() throws -> (dialer: NoiseSession, listener: NoiseSession) {
        try listener.readMessage(try dialer.writeMessage()[...])
        try dialer.readMessage(try listener.writeMessage()[...])
        try listener.readMessage(try dialer.writeMessage()[...])
        return (try #require(try dialer.session()), try #require(try listener.session()))
    }
}

@Suite struct NoiseHandshakeTests {
    @Test func messagesEqualTheVectors() throws {
        var pair = try Pair()
        #expect(pair.dialer.isWriting && pair.listener.isReading)
        let first = try pair.dialer.writeMessage()
        #expect(first == NoiseVectors.message1)
        try pair.listener.readMessage(first[...])
        let second = try pair.listener.writeMessage()
        #expect(second == NoiseVectors.message2)
        #expect(second.count == 216)
        try pair.dialer.readMessage(second[...])
        let third = try pair.dialer.writeMessage()
        #expect(third == NoiseVectors.message3)
        #expect(third.count == 184)
        #expect(try pair.listener.session() == nil)
        try pair.listener.readMessage(third[...])
        #expect(!pair.listener.isReading && !pair.listener.isWriting)

        let dialer = try #require(try pair.dialer.session())
        let listener = try #require(try pair.listener.session())
        #expect(dialer.handshakeHash == NoiseVectors.handshakeHash)
        #expect(listener.handshakeHash == NoiseVectors.handshakeHash)
        #expect(dialer.peer == (try IdentityKey(seed: NoiseVectors.responderIdentity)).peerID)
        #expect(listener.peer == (try IdentityKey(seed: NoiseVectors.initiatorIdentity)).peerID)
        #expect(dialer.muxer == .agreed("/yamux/1.0.0"))
        #expect(listener.muxer == .agreed("/yamux/1.0.0"))
    }

    @Test func transportFramesEqualTheVectors() throws {
        var pair = try Pair()
        let (dialer, listener) = try pair.run()
        for (frames, sender, receiver) in [
            (NoiseVectors.initiatorFrames, dialer.sending, listener.receiving),
            (NoiseVectors.responderFrames, listener.sending, dialer.receiving),
        ] {
            var (sender, receiver) = (sender, receiver)
            for frame in frames {
                var buffer = frame
                let count = try buffer.withUnsafeMutableBytes { try receiver.open(inPlace: $0) }
                #expect(count == frame.count - 16)
                var again = Array(buffer[..<count]) + [UInt8](repeating: 0, count: 16)
                try again.withUnsafeMutableBytes { try sender.seal(inPlace: $0) }
                #expect(again == frame)
            }
        }
    }

    @Test func payloadsEqualTheVectors() throws {
        for bytes in [NoiseVectors.initiatorPayload, NoiseVectors.responderPayload] {
            let payload = try NoisePayload(decoding: bytes)
            #expect(payload.encoded == bytes)
            #expect(payload.muxers == ["/yamux/1.0.0"])
        }
    }

    @Test func muxerChoice() throws {
        func choice(_ dialer: [String]?, _ listener: [String]?) throws -> MuxerChoice {
            var pair = try Pair(dialerMuxers: dialer, listenerMuxers: listener)
            let sessions = try pair.run()
            #expect(sessions.dialer.muxer == sessions.listener.muxer)
            return sessions.dialer.muxer
        }
        #expect(try choice(["/a", "/b"], ["/b", "/a"]) == .agreed("/a"))
        #expect(try choice(["/c", "/b"], ["/a", "/b"]) == .agreed("/b"))
        #expect(try choice(nil, ["/b"]) == .toBeNegotiated)
        #expect(try choice(["/b"], nil) == .toBeNegotiated)
        #expect(try choice(nil, nil) == .toBeNegotiated)
        #expect(throws: NoiseError.noCommonMuxer) { _ = try choice(["/a"], ["/b"]) }
    }

    @Test func expectedPeerIsChecked() throws {
        let right = try IdentityKey(seed: NoiseVectors.responderIdentity).peerID
        let wrong = try IdentityKey(seed: NoiseVectors.initiatorIdentity).peerID
        var pair = try Pair(expectedPeer: right)
        _ = try pair.run()
        var other = try Pair(expectedPeer: wrong)
        #expect(throws: NoiseError.unexpectedPeer(expected: wrong, actual: right)) {
            _ = try other.run()
        }
    }

    @Test func everyFlippedByteIsNoticed() throws {
        var pair = try Pair()
        try pair.listener.readMessage(try pair.dialer.writeMessage()[...])
        let second = try pair.listener.writeMessage()
        for index in stride(from: 0, to: second.count, by: 3) {
            var broken = second
            broken[index] ^= 0x04
            var dialer = pair.dialer
            #expect(throws: NoiseError.self) { try dialer.readMessage(broken[...]) }
        }
        try pair.dialer.readMessage(second[...])
        let third = try pair.dialer.writeMessage()
        for index in stride(from: 0, to: third.count, by: 3) {
            var broken = third
            broken[index] ^= 0x80
            var listener = pair.listener
            #expect(throws: NoiseError.self) { try listener.readMessage(broken[...]) }
        }
    }

    @Test func lengthsAreChecked() throws {
        let pair = try Pair()
        for count in [0, 1, 31, 33, 64, 65_535] {
            var listener = pair.listener
            #expect(throws: NoiseError.wrongMessageLength(message: 1, byteCount: count)) {
                try listener.readMessage([UInt8](repeating: 9, count: count)[...])
            }
        }
        var dialer = pair.dialer
        _ = try dialer.writeMessage()
        for count in [0, 31, 95] {
            var dialer = dialer
            #expect(throws: NoiseError.wrongMessageLength(message: 2, byteCount: count)) {
                try dialer.readMessage([UInt8](repeating: 9, count: count)[...])
            }
        }
    }

    @Test func pointsOfSmallOrderAreRefused() throws {
        let points = [
            [UInt8](repeating: 0, count: 32), [1] + [UInt8](repeating: 0, count: 31),
            [UInt8](hex: "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
            [UInt8](hex: "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
            [UInt8](hex: "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        ]
        for point in points {
            var listener = try Pair().listener
            try listener.readMessage(point[...])
            #expect(throws: NoiseError.weakKey(message: 2)) { try listener.writeMessage() }
        }
    }

    @Test func signaturesOfOthersAreRefused() throws {
        // A listener that shows a key pair whose identity signed another channel key.
        let identity = try IdentityKey(seed: NoiseVectors.responderIdentity)
        let signed = try X25519.PrivateKey(bytes: NoiseVectors.responderStatic)
        let payload = NoisePayload(
            identityKey: identity.publicKey.encoded,
            signature: identity.sign(
                Array("noise-libp2p-static-key:".utf8) + signed.publicKey.reversed()),
            muxers: nil)
        #expect(throws: NoiseError.invalidIdentitySignature) {
            try Self.dialer(receiving: payload.encoded)
        }
        var unknownKey = payload
        unknownKey.identityKey = [0x08, 0x02, 0x12, 0x21] + [UInt8](repeating: 2, count: 33)
        #expect(throws: NoiseError.identityKey(.unsupportedKeyType(.secp256k1))) {
            try Self.dialer(receiving: unknownKey.encoded)
        }
        var noKey = payload
        noKey.identityKey = []
        #expect(throws: NoiseError.identityKey(.malformedKey)) {
            try Self.dialer(receiving: noKey.encoded)
        }
        #expect(throws: NoiseError.malformedPayload(.missing(field: 1))) {
            try Self.dialer(receiving: [])
        }
        #expect(throws: NoiseError.malformedPayload(.truncated(offset: 1))) {
            try Self.dialer(receiving: [0x0a, 0xff])
        }
        #expect(throws: NoiseError.malformedPayload(.tooMany(field: 2, limit: 16))) {
            var flooded = payload
            flooded.muxers = Array(repeating: "/m", count: 17)
            return try Self.dialer(receiving: flooded.encoded)
        }
    }

    /// Lets a dialer read a correctly encrypted second message with any payload.
    private static func dialer(receiving payload: [UInt8]) throws {
        var pair = try Pair()
        pair.listener.payloadOverride = payload
        try pair.listener.readMessage(try pair.dialer.writeMessage()[...])
        try pair.dialer.readMessage(try pair.listener.writeMessage()[...])
    }
}

@Suite struct NoiseCipherTests {
    @Test func framesInOrderOnly() throws {
        var pair = try Pair()
        var (dialer, listener) = try pair.run()
        var frames: [[UInt8]] = []
        for value in 0..<3 as Range<UInt8> {
            var frame = [UInt8](repeating: value, count: 24)
            try frame.withUnsafeMutableBytes { try dialer.sending.seal(inPlace: $0) }
            frames.append(frame)
        }
        func open(_ frame: [UInt8]) throws -> Int {
            var frame = frame
            return try frame.withUnsafeMutableBytes { try listener.receiving.open(inPlace: $0) }
        }
        #expect(try open(frames[0]) == 8)
        #expect(throws: NoiseError.authenticationFailed(frame: 1)) { try open(frames[2]) }
        #expect(throws: NoiseError.authenticationFailed(frame: 1)) { try open(frames[0]) }
        #expect(try open(frames[1]) == 8)
        #expect(throws: NoiseError.frameTooShort(byteCount: 15)) {
            try open([UInt8](repeating: 0, count: 15))
        }
        #expect(throws: NoiseError.frameTooShort(byteCount: 0)) { try open([]) }
    }
}
