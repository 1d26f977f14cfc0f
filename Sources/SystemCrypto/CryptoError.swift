/// Why a cryptographic operation was refused.
///
/// The cases carry lengths and never key material.
package enum CryptoError: Error, Equatable, Sendable {
    /// A key, nonce or seed has the wrong length in bytes.
    case wrongLength(of: Input, actual: Int, expected: Int)
    /// A Diffie-Hellman result was all zero: the other side sent a point of small order.
    case smallOrderPoint
    /// A sealed message is shorter than its 16-byte tag.
    case ciphertextTooShort(actual: Int)
    /// The tag of a sealed message does not match: wrong key, nonce, associated data or bytes.
    case authenticationFailed

    /// What a length in ``CryptoError/wrongLength(of:actual:expected:)`` belongs to.
    package enum Input: String, Sendable {
        /// An Ed25519 seed.
        case ed25519Seed = "Ed25519 seed"
        /// An X25519 private key.
        case x25519PrivateKey = "X25519 private key"
        /// An X25519 public key.
        case x25519PublicKey = "X25519 public key"
        /// A ChaCha20-Poly1305 key.
        case aeadKey = "ChaCha20-Poly1305 key"
        /// A ChaCha20-Poly1305 nonce.
        case aeadNonce = "ChaCha20-Poly1305 nonce"
    }
}

extension CryptoError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .wrongLength(let input, let actual, let expected):
            "\(input.rawValue) has \(actual) bytes, expected \(expected)"
        case .smallOrderPoint:
            "X25519 result is all zero: the peer's public key has small order"
        case .ciphertextTooShort(let actual):
            "sealed message has \(actual) bytes, shorter than its 16-byte tag"
        case .authenticationFailed:
            "authentication tag does not match"
        }
    }
}
