/// X25519 key agreement (RFC 7748).
package enum X25519 {
    /// Bytes in a private key, a public key and a shared secret.
    package static let byteCount = 32

    /// A private key.
    package struct PrivateKey: Sendable {
        private let secret: SecretBytes
        /// The 32-byte public key.
        package let publicKey: [UInt8]

        /// A new key from the system's random source.
        package init() {
            self.init(checkedBytes: SystemRandom.bytes(X25519.byteCount))
        }

        /// The key of 32 bytes (clamped when used, as RFC 7748 has it).
        package init(bytes: [UInt8]) throws(CryptoError) {
            guard bytes.count == X25519.byteCount else {
                throw .wrongLength(
                    of: .x25519PrivateKey, actual: bytes.count, expected: X25519.byteCount)
            }
            self.init(checkedBytes: bytes)
        }

        private init(checkedBytes bytes: [UInt8]) {
            secret = SecretBytes(bytes)
            publicKey = Backend.x25519PublicKey(secret: secret)
        }

        /// The key's 32 bytes as they were given.
        package var bytes: [UInt8] { secret.bytes }

        /// The 32-byte secret shared with the owner of `publicKey`.
        ///
        /// - Throws: ``CryptoError/wrongLength(of:actual:expected:)``, or
        ///   ``CryptoError/smallOrderPoint`` if the result would be all zero.
        package func sharedSecret(with publicKey: [UInt8]) throws(CryptoError) -> [UInt8] {
            guard publicKey.count == X25519.byteCount else {
                throw .wrongLength(
                    of: .x25519PublicKey, actual: publicKey.count, expected: X25519.byteCount)
            }
            guard let shared = Backend.x25519(secret: secret, publicKey: publicKey),
                shared.contains(where: { $0 != 0 })
            else { throw .smallOrderPoint }
            return shared
        }
    }
}
