/// Ed25519 signatures (RFC 8032) with one verification rule on every platform.
///
/// A signature `R || S` of a message by key `A` is valid if and only if
/// - `S` is below the group order `L`;
/// - `R` and `A` are canonical encodings (see ``Ed25519/isCanonical(point:)``) and neither has
///   small order;
/// - `[S]B = R + [SHA-512(R || A || message)]A`, without multiplying by the cofactor.
///
/// Libraries differ, and one library's versions differ, in each of these points. So the encodings
/// are checked here, and the equation by a library that has always left out the cofactor.
package enum Ed25519 {
    /// Bytes in a public key.
    package static let publicKeyByteCount = 32
    /// Bytes in a signature.
    package static let signatureByteCount = 64
    /// Bytes in the seed of a private key.
    package static let seedByteCount = 32

    /// A signing key.
    package struct PrivateKey: Sendable {
        private let secret: SecretBytes
        /// The 32-byte public key.
        package let publicKey: [UInt8]

        /// A new key from the system's random source.
        package init() {
            self.init(checkedSeed: SystemRandom.bytes(Ed25519.seedByteCount))
        }

        /// The key of a 32-byte seed (RFC 8032's private key).
        package init(seed: [UInt8]) throws(CryptoError) {
            guard seed.count == Ed25519.seedByteCount else {
                throw .wrongLength(
                    of: .ed25519Seed, actual: seed.count, expected: Ed25519.seedByteCount)
            }
            self.init(checkedSeed: seed)
        }

        private init(checkedSeed seed: [UInt8]) {
            let pair = Backend.ed25519KeyPair(seed: seed)
            secret = pair.secret
            publicKey = pair.publicKey
        }

        /// The 32-byte seed.
        package var seed: [UInt8] { Array(secret.bytes.prefix(Ed25519.seedByteCount)) }

        /// A 64-byte signature of a message. (CryptoKit's differ from call to call.)
        package func sign(_ message: [UInt8]) -> [UInt8] {
            Backend.ed25519Sign(message, secret: secret)
        }
    }

    /// Whether a signature of a message by a public key is valid under the rule above.
    ///
    /// Input of any length is answered; what has the wrong length is invalid.
    package static func isValid(
        signature: [UInt8], of message: [UInt8], publicKey: [UInt8]
    ) -> Bool {
        guard signature.count == signatureByteCount,
            isAcceptable(publicKey: publicKey),
            isAcceptable(publicKey: Array(signature[..<32])),
            isCanonical(scalar: Array(signature[32...]))
        else { return false }
        return Backend.ed25519Verify(signature: signature, message: message, publicKey: publicKey)
    }

    /// Whether a public key passes the checks that need no group arithmetic: 32 bytes, canonical,
    /// not of small order. (That it lies on the curve is found when a signature is verified.)
    package static func isAcceptable(publicKey: [UInt8]) -> Bool {
        isCanonical(point: publicKey) && !hasSmallOrder(point: publicKey)
    }
}
