package import SystemCrypto

/// Which side of a connection a party is.
package enum ConnectionRole: Hashable, Sendable {
    /// It opened the connection.
    case dialer
    /// It accepted the connection.
    case listener
}

/// How the stream multiplexer is found after a handshake.
package enum MuxerChoice: Equatable, Sendable {
    /// Both sides listed theirs within the handshake: the first of the dialer's that the listener has.
    case agreed(String)
    /// A side listed none: it is negotiated over the secured channel.
    case toBeNegotiated
}

/// What a finished handshake leaves.
package struct NoiseSession: Sendable {
    /// For what this side sends.
    package var sending: NoiseCipher
    /// For what this side receives.
    package var receiving: NoiseCipher
    /// The other side's proven identity.
    package let peerKey: PublicKey
    /// The other side's peer id.
    package let peer: PeerID
    /// The multiplexer, if the handshake settled it.
    package let muxer: MuxerChoice
    /// The hash of the whole handshake, the same on both sides.
    package let handshakeHash: [UInt8]
}

/// The Noise XX handshake of libp2p: three messages, after which both sides know each other's
/// identity key.
///
/// The dialer writes, reads, writes; the listener reads, writes, reads. Lengths in front of the
/// messages are the caller's. After an error nothing can be done but close the connection.
package struct NoiseHandshake: Sendable {
    private static let keyByteCount = 32
    private static let tagByteCount = ChaCha20Poly1305.tagByteCount

    private let role: ConnectionRole
    private let identity: NoiseIdentity
    private let ephemeral: X25519.PrivateKey
    private let muxers: [String]?
    private let expectedPeer: PeerID?
    private var symmetric = NoiseSymmetricState()
    /// Messages written and read so far, 0 to 3.
    private var messageCount = 0
    private var remoteEphemeral: [UInt8] = []
    private var remoteStatic: [UInt8] = []
    private var peer: (key: PublicKey, muxers: [String]?)?
    /// Sent instead of this side's own payload: for tests of what the other side refuses.
    package var payloadOverride: [UInt8]?

    /// - Parameters:
    ///   - role: Who starts: the dialer.
    ///   - identity: This side's.
    ///   - ephemeral: A key made for this connection alone.
    ///   - muxers: Multiplexers to name in the handshake, most wanted first; nil to name none.
    ///   - expectedPeer: The only peer to accept, if there is one.
    package init(
        role: ConnectionRole, identity: NoiseIdentity, ephemeral: X25519.PrivateKey,
        muxers: [String]?, expectedPeer: PeerID?
    ) {
        self.role = role
        self.identity = identity
        self.ephemeral = ephemeral
        self.muxers = muxers
        self.expectedPeer = expectedPeer
    }

    /// Whether the next step is to write a message.
    package var isWriting: Bool {
        messageCount < 3 && (messageCount % 2 == 0) == (role == .dialer)
    }

    /// Whether the next step is to read a message.
    package var isReading: Bool { messageCount < 3 && !isWriting }

    /// The next message to send. To be called when `isWriting`.
    package mutating func writeMessage() throws(NoiseError) -> [UInt8] {
        precondition(isWriting, "it is the other side's turn")
        messageCount += 1
        switch messageCount {
        case 1:
            symmetric.mixHash(ephemeral.publicKey)
            return ephemeral.publicKey + symmetric.encryptAndHash([])
        case 2:
            symmetric.mixHash(ephemeral.publicKey)
            try mixKey(ephemeral, remoteEphemeral)
            let key = symmetric.encryptAndHash(identity.staticKey.publicKey)
            try mixKey(identity.staticKey, remoteEphemeral)
            return ephemeral.publicKey + key + symmetric.encryptAndHash(payload)
        default:
            let key = symmetric.encryptAndHash(identity.staticKey.publicKey)
            try mixKey(identity.staticKey, remoteEphemeral)
            return key + symmetric.encryptAndHash(payload)
        }
    }

    /// Takes a message of the other side. To be called when `isReading`.
    package mutating func readMessage(_ message: ArraySlice<UInt8>) throws(NoiseError) {
        precondition(isReading, "it is this side's turn")
        messageCount += 1
        let keyEnd = message.startIndex + Self.keyByteCount
        switch messageCount {
        case 1:
            // No payload, so exactly a key.
            try requireLength(message.count == Self.keyByteCount, message.count)
            remoteEphemeral = Array(message)
            symmetric.mixHash(remoteEphemeral)
            symmetric.mixHash([])
        case 2:
            try requireLength(
                message.count >= 2 * Self.keyByteCount + 2 * Self.tagByteCount, message.count)
            remoteEphemeral = Array(message[..<keyEnd])
            symmetric.mixHash(remoteEphemeral)
            try mixKey(ephemeral, remoteEphemeral)
            let staticEnd = keyEnd + Self.keyByteCount + Self.tagByteCount
            remoteStatic = try decrypt(message[keyEnd..<staticEnd])
            try mixKey(ephemeral, remoteStatic)
            try readPayload(try decrypt(message[staticEnd...]))
        default:
            try requireLength(
                message.count >= Self.keyByteCount + 2 * Self.tagByteCount, message.count)
            let staticEnd = keyEnd + Self.tagByteCount
            remoteStatic = try decrypt(message[..<staticEnd])
            try mixKey(ephemeral, remoteStatic)
            try readPayload(try decrypt(message[staticEnd...]))
        }
    }

    /// The session, once three messages were exchanged; nil before.
    package func session() throws(NoiseError) -> NoiseSession? {
        guard messageCount == 3, let peer else { return nil }
        let (initiator, responder) = symmetric.split()
        return NoiseSession(
            sending: role == .dialer ? initiator : responder,
            receiving: role == .dialer ? responder : initiator,
            peerKey: peer.key, peer: peer.key.peerID,
            muxer: try chooseMuxer(peer.muxers), handshakeHash: symmetric.hash)
    }

    private var payload: [UInt8] {
        payloadOverride
            ?? NoisePayload(
                identityKey: identity.publicKey.encoded, signature: identity.signature,
                muxers: muxers
            ).encoded
    }

    private mutating func readPayload(_ bytes: [UInt8]) throws(NoiseError) {
        let payload: NoisePayload
        do throws(WireError) {
            payload = try NoisePayload(decoding: bytes)
        } catch {
            throw .malformedPayload(error)
        }
        let isSigned: Bool
        let key: PublicKey
        do throws(IdentityError) {
            key = try PublicKey(encoded: payload.identityKey)
            isSigned = try key.isValidSignature(
                payload.signature, for: NoiseIdentity.signedBytes(remoteStatic))
        } catch {
            throw .identityKey(error)
        }
        guard isSigned else { throw .invalidIdentitySignature }
        if let expectedPeer, expectedPeer != key.peerID {
            throw .unexpectedPeer(expected: expectedPeer, actual: key.peerID)
        }
        peer = (key, payload.muxers)
    }

    private func chooseMuxer(_ theirs: [String]?) throws(NoiseError) -> MuxerChoice {
        guard let ours = muxers, let theirs else { return .toBeNegotiated }
        let (dialer, listener) = role == .dialer ? (ours, theirs) : (theirs, ours)
        guard let muxer = dialer.first(where: listener.contains) else { throw .noCommonMuxer }
        return .agreed(muxer)
    }

    private mutating func mixKey(
        _ mine: X25519.PrivateKey, _ theirs: [UInt8]
    ) throws(NoiseError) {
        guard let secret = try? mine.sharedSecret(with: theirs) else {
            throw .weakKey(message: messageCount)
        }
        symmetric.mixKey(secret)
    }

    private mutating func decrypt(_ bytes: ArraySlice<UInt8>) throws(NoiseError) -> [UInt8] {
        guard let plaintext = symmetric.decryptAndHash(bytes) else {
            throw .handshakeAuthenticationFailed(message: messageCount)
        }
        return plaintext
    }

    private func requireLength(_ holds: Bool, _ count: Int) throws(NoiseError) {
        guard holds else { throw .wrongMessageLength(message: messageCount, byteCount: count) }
    }
}
