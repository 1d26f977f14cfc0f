#if canImport(CryptoKit)
    import CryptoKit
    import Darwin

    /// CryptoKit behind the same narrow face. Lengths are checked by the callers, so the `try?` below
    /// cannot fail for a length; a nil then means that the operation itself refused its input.
    enum Backend {
        static func fillRandom(_ buffer: UnsafeMutableRawBufferPointer) {
            guard let start = buffer.baseAddress else { return }
            arc4random_buf(start, buffer.count)
        }

        static func erase(_ buffer: UnsafeMutableRawBufferPointer) {
            guard let start = buffer.baseAddress else { return }
            _ = memset_s(start, buffer.count, 0, buffer.count)
        }

        static func hmacSHA256(key: [UInt8], data: [UInt8]) -> [UInt8] {
            Array(
                HMAC<CryptoKit.SHA256>.authenticationCode(
                    for: data, using: SymmetricKey(data: key)))
        }

        static func chaCha20Keystream(
            key: [UInt8], firstBlock: UInt64, into buffer: UnsafeMutableRawBufferPointer
        ) {
            PortableChaCha20.keystream(key: key, firstBlock: firstBlock, into: buffer)
        }
    }

    // MARK: - Ed25519

    extension Backend {
        private static func signingKey(_ secret: SecretBytes) -> Curve25519.Signing.PrivateKey {
            guard
                let key = try? Curve25519.Signing.PrivateKey(
                    rawRepresentation: secret.bytes.prefix(32))
            else { preconditionFailure("CryptoKit refuses a 32-byte Ed25519 seed") }
            return key
        }

        static func ed25519KeyPair(seed: [UInt8]) -> (secret: SecretBytes, publicKey: [UInt8]) {
            let secret = SecretBytes(seed)
            return (secret, Array(signingKey(secret).publicKey.rawRepresentation))
        }

        /// Any signature that verifies will do; CryptoKit's are randomised.
        static func ed25519Sign(_ message: [UInt8], secret: SecretBytes) -> [UInt8] {
            guard let signature = try? signingKey(secret).signature(for: message) else {
                preconditionFailure("CryptoKit failed to sign")
            }
            return Array(signature)
        }

        static func ed25519Verify(
            signature: [UInt8], message: [UInt8], publicKey: [UInt8]
        ) -> Bool {
            guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else {
                return false
            }
            return key.isValidSignature(signature, for: message)
        }
    }

    // MARK: - X25519

    extension Backend {
        private static func agreementKey(
            _ secret: SecretBytes
        ) -> Curve25519.KeyAgreement.PrivateKey {
            guard
                let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: secret.bytes)
            else { preconditionFailure("CryptoKit refuses a 32-byte X25519 key") }
            return key
        }

        static func x25519PublicKey(secret: SecretBytes) -> [UInt8] {
            Array(agreementKey(secret).publicKey.rawRepresentation)
        }

        static func x25519(secret: SecretBytes, publicKey: [UInt8]) -> [UInt8]? {
            guard
                let peer = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: publicKey),
                let shared = try? agreementKey(secret).sharedSecretFromKeyAgreement(with: peer)
            else { return nil }
            return shared.withUnsafeBytes { Array($0) }
        }
    }

    // MARK: - ChaCha20-Poly1305

    extension Backend {
        static func aeadSeal(
            inPlace buffer: UnsafeMutableRawBufferPointer, secret: AEADSecret,
            nonce: ChaCha20Poly1305.Nonce, data: UnsafeRawBufferPointer
        ) {
            let count = buffer.count - ChaCha20Poly1305.tagByteCount
            guard
                let box = try? ChaChaPoly.seal(
                    Array(buffer[..<count]), using: SymmetricKey(data: secret.bytes),
                    nonce: ChaChaPoly.Nonce(data: nonce.bytes), authenticating: Array(data))
            else { preconditionFailure("CryptoKit failed to seal") }
            buffer.copyBytes(from: Array(box.ciphertext) + Array(box.tag))
        }

        static func aeadOpen(
            inPlace buffer: UnsafeMutableRawBufferPointer, secret: AEADSecret,
            nonce: ChaCha20Poly1305.Nonce, data: UnsafeRawBufferPointer
        ) -> Bool {
            let count = buffer.count - ChaCha20Poly1305.tagByteCount
            guard
                let box = try? ChaChaPoly.SealedBox(
                    nonce: ChaChaPoly.Nonce(data: nonce.bytes),
                    ciphertext: Array(buffer[..<count]), tag: Array(buffer[count...])),
                let message = try? ChaChaPoly.open(
                    box, using: SymmetricKey(data: secret.bytes), authenticating: Array(data))
            else { return false }
            buffer.copyBytes(from: Array(message))
            return true
        }
    }

    // MARK: - SHA-256

    /// A running hash; CryptoKit's is a value already.
    struct SHA256Backend: Sendable {
        private var hash = CryptoKit.SHA256()

        mutating func update(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

        /// Writes the digest and starts anew.
        mutating func finalize(into digest: UnsafeMutableRawBufferPointer) {
            hash.finalize().withUnsafeBytes { digest.copyMemory(from: $0) }
            hash = CryptoKit.SHA256()
        }

        static func hash(
            _ bytes: UnsafeRawBufferPointer, into digest: UnsafeMutableRawBufferPointer
        ) {
            var backend = SHA256Backend()
            backend.update(bytes)
            backend.finalize(into: digest)
        }
    }

    /// A key of ChaCha20-Poly1305; CryptoKit takes the bytes each time.
    typealias AEADSecret = SecretBytes
#endif
