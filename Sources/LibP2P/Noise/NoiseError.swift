/// Why a Noise handshake or channel failed. All of these end the connection.
package enum NoiseError: Error, Equatable, Sendable {
    /// A handshake message of a length that its place in the pattern can't have, in bytes.
    case wrongMessageLength(message: Int, byteCount: Int)
    /// A public key of small order, so that the shared secret would be known to everyone.
    case weakKey(message: Int)
    /// A handshake message whose tag does not match.
    case handshakeAuthenticationFailed(message: Int)
    /// The peer's handshake payload is no valid protobuf, or over a limit.
    case malformedPayload(WireError)
    /// The peer's identity key is malformed or of a type that can't be checked.
    case identityKey(IdentityError)
    /// The peer's signature is not its identity key's over its channel key.
    case invalidIdentitySignature
    /// The other side proved to be another peer than the one that was dialled.
    case unexpectedPeer(expected: PeerID, actual: PeerID)
    /// Both sides listed their multiplexers, and none is in both lists.
    case noCommonMuxer
    /// A transport frame shorter than its tag.
    case frameTooShort(byteCount: Int)
    /// A transport frame whose tag does not match, by its number in its direction.
    case authenticationFailed(frame: UInt64)
    /// All nonces of a key are used up.
    case nonceExhausted
}
