#if !canImport(CryptoKit)
    import CLibCrypto
    import CSodium
    import Synchronization

    /// OpenSSL's libcrypto and libsodium behind one narrow face. Lengths are checked by the callers.
    enum Backend {
        /// Set up once per process. libsodium fails to start only where the system has no random
        /// source; nothing can go on from there.
        private static let sodium: Void = {
            precondition(sodium_init() >= 0, "libsodium found no random source")
        }()

        static func fillRandom(_ buffer: UnsafeMutableRawBufferPointer) {
            sodium
            guard let start = buffer.baseAddress else { return }
            randombytes_buf(start, buffer.count)
        }

        static func erase(_ buffer: UnsafeMutableRawBufferPointer) {
            guard let start = buffer.baseAddress else { return }
            sodium_memzero(start, buffer.count)
        }

        static func hmacSHA256(key: [UInt8], data: [UInt8]) -> [UInt8] {
            sodium
            var state = crypto_auth_hmacsha256_state()
            var code = [UInt8](repeating: 0, count: 32)
            crypto_auth_hmacsha256_init(&state, key, key.count)
            crypto_auth_hmacsha256_update(&state, data, UInt64(data.count))
            crypto_auth_hmacsha256_final(&state, &code)
            return code
        }

        static func chaCha20Keystream(
            key: [UInt8], firstBlock: UInt64, into buffer: UnsafeMutableRawBufferPointer
        ) {
            sodium
            let bytes = buffer.bindMemory(to: UInt8.self)
            guard let start = bytes.baseAddress else { return }
            bytes.update(repeating: 0)
            let nonce = [UInt8](repeating: 0, count: 8)
            crypto_stream_chacha20_xor_ic(
                start, start, UInt64(bytes.count), nonce, firstBlock, key)
        }
    }

    // MARK: - Ed25519

    extension Backend {
        /// The secret is libsodium's: the seed, then the public key.
        static func ed25519KeyPair(seed: [UInt8]) -> (secret: SecretBytes, publicKey: [UInt8]) {
            sodium
            var publicKey = [UInt8](repeating: 0, count: 32)
            let secret = SecretBytes(count: 64) { secret in
                _ = crypto_sign_seed_keypair(&publicKey, secret, seed)
            }
            return (secret, publicKey)
        }

        static func ed25519Sign(_ message: [UInt8], secret: SecretBytes) -> [UInt8] {
            var signature = [UInt8](repeating: 0, count: 64)
            secret.withUnsafePointer { secret in
                _ = crypto_sign_detached(
                    &signature, nil, message, UInt64(message.count), secret)
            }
            return signature
        }

        /// OpenSSL's check, since libsodium's leaves out the cofactor in some versions only.
        static func ed25519Verify(
            signature: [UInt8], message: [UInt8], publicKey: [UInt8]
        ) -> Bool {
            guard
                let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, publicKey, 32)
            else { return false }
            defer { EVP_PKEY_free(key) }
            guard let context = EVP_MD_CTX_new() else { return false }
            defer { EVP_MD_CTX_free(context) }
            return EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
                && EVP_DigestVerify(context, signature, 64, message, message.count) == 1
        }
    }

    // MARK: - X25519

    extension Backend {
        static func x25519PublicKey(secret: SecretBytes) -> [UInt8] {
            sodium
            var publicKey = [UInt8](repeating: 0, count: 32)
            secret.withUnsafePointer { secret in
                _ = crypto_scalarmult_curve25519_base(&publicKey, secret)
            }
            return publicKey
        }

        /// Nil if the result is all zero.
        static func x25519(secret: SecretBytes, publicKey: [UInt8]) -> [UInt8]? {
            var shared = [UInt8](repeating: 0, count: 32)
            let status = secret.withUnsafePointer { secret in
                crypto_scalarmult_curve25519(&shared, secret, publicKey)
            }
            return status == 0 ? shared : nil
        }
    }

    // MARK: - ChaCha20-Poly1305

    extension Backend {
        static func aeadSeal(
            inPlace buffer: UnsafeMutableRawBufferPointer, secret: AEADSecret,
            nonce: ChaCha20Poly1305.Nonce, data: UnsafeRawBufferPointer
        ) {
            let bytes = buffer.bindMemory(to: UInt8.self)
            guard let message = bytes.baseAddress else { return }
            let count = bytes.count - ChaCha20Poly1305.tagByteCount
            let isDone = secret.withContext(isSealing: true, nonce) { context in
                process(message, count, data, context) == 1
                    && EVP_CIPHER_CTX_ctrl(
                        context, EVP_CTRL_AEAD_GET_TAG, CInt(ChaCha20Poly1305.tagByteCount),
                        message + count) == 1
            }
            precondition(isDone, "libcrypto could not encrypt")
        }

        /// False if the tag does not match.
        static func aeadOpen(
            inPlace buffer: UnsafeMutableRawBufferPointer, secret: AEADSecret,
            nonce: ChaCha20Poly1305.Nonce, data: UnsafeRawBufferPointer
        ) -> Bool {
            let bytes = buffer.bindMemory(to: UInt8.self)
            guard let message = bytes.baseAddress else { return false }
            let count = bytes.count - ChaCha20Poly1305.tagByteCount
            return secret.withContext(isSealing: false, nonce) { context in
                EVP_CIPHER_CTX_ctrl(
                    context, EVP_CTRL_AEAD_SET_TAG, CInt(ChaCha20Poly1305.tagByteCount),
                    message + count) == 1
                    && process(message, count, data, context) == 1
            }
        }

        /// Authenticates `data`, then encrypts or decrypts in place; 1 if all went well.
        private static func process(
            _ message: UnsafeMutablePointer<UInt8>, _ count: Int, _ data: UnsafeRawBufferPointer,
            _ context: OpaquePointer
        ) -> CInt {
            var written: CInt = 0
            let data = data.bindMemory(to: UInt8.self)
            if data.count > 0 {
                guard
                    EVP_CipherUpdate(
                        context, nil, &written, data.baseAddress, CInt(clamping: data.count)) == 1
                else { return 0 }
            }
            if count > 0 {
                guard
                    EVP_CipherUpdate(context, message, &written, message, CInt(clamping: count))
                        == 1
                else { return 0 }
            }
            return EVP_CipherFinal_ex(context, message + count, &written)
        }
    }

    /// A key in OpenSSL's contexts, which are set up once, when first used, since that costs more than a
    /// short message. The contexts erase the key when they are freed.
    final class AEADSecret: Sendable {
        /// Used by one thread at a time, under the lock.
        private struct Contexts: @unchecked Sendable {
            var sealing: OpaquePointer?
            var opening: OpaquePointer?
        }

        private static let algorithm: Algorithm = Algorithm()
        private let key: SecretBytes
        private let contexts = Mutex(Contexts())

        init(_ bytes: [UInt8]) {
            key = SecretBytes(bytes)
        }

        deinit {
            contexts.withLock { contexts in
                EVP_CIPHER_CTX_free(contexts.sealing)
                EVP_CIPHER_CTX_free(contexts.opening)
            }
        }

        /// Runs `body` with a context that is ready for a message under `nonce`.
        func withContext(
            isSealing: Bool, _ nonce: ChaCha20Poly1305.Nonce, _ body: (OpaquePointer) -> Bool
        ) -> Bool {
            contexts.withLock { contexts in
                let context: OpaquePointer
                if let known = isSealing ? contexts.sealing : contexts.opening {
                    context = known
                } else {
                    context = makeContext(isSealing: isSealing)
                    if isSealing {
                        contexts.sealing = context
                    } else {
                        contexts.opening = context
                    }
                }
                return nonce.withUnsafePointer { nonce in
                    EVP_CipherInit_ex(context, nil, nil, nil, nonce, isSealing ? 1 : 0) == 1
                } && body(context)
            }
        }

        private func makeContext(isSealing: Bool) -> OpaquePointer {
            guard let context = EVP_CIPHER_CTX_new() else {
                preconditionFailure("no memory for a cipher context")
            }
            let status = key.withUnsafePointer { key in
                EVP_CipherInit_ex(
                    context, Self.algorithm.pointer, nil, key, nil, isSealing ? 1 : 0)
            }
            precondition(status == 1, "libcrypto refused a key")
            return context
        }

        /// OpenSSL's description of the cipher: immutable, and made to be shared between threads.
        private struct Algorithm: @unchecked Sendable {
            let pointer: OpaquePointer

            init() {
                guard let pointer = EVP_CIPHER_fetch(nil, "ChaCha20-Poly1305", nil) else {
                    preconditionFailure("libcrypto has no ChaCha20-Poly1305")
                }
                self.pointer = pointer
            }
        }
    }

    // MARK: - SHA-256

    /// A running hash in OpenSSL's context, copied when it is written to while shared.
    struct SHA256Backend: Sendable {
        /// Looked up once: a look-up costs more than hashing a short message.
        private static let algorithm: Algorithm = Algorithm()

        private var context = Context()

        mutating func update(_ bytes: UnsafeRawBufferPointer) {
            makeUnique()
            EVP_DigestUpdate(context.pointer, bytes.baseAddress, bytes.count)
        }

        /// Writes the digest and starts anew.
        mutating func finalize(into digest: UnsafeMutableRawBufferPointer) {
            makeUnique()
            let bytes = digest.bindMemory(to: UInt8.self)
            EVP_DigestFinal_ex(context.pointer, bytes.baseAddress, nil)
            EVP_DigestInit_ex(context.pointer, Self.algorithm.pointer, nil)
        }

        static func hash(
            _ bytes: UnsafeRawBufferPointer, into digest: UnsafeMutableRawBufferPointer
        ) {
            let output = digest.bindMemory(to: UInt8.self).baseAddress
            EVP_Digest(bytes.baseAddress, bytes.count, output, nil, algorithm.pointer, nil)
        }

        private mutating func makeUnique() {
            if !isKnownUniquelyReferenced(&context) { context = Context(copying: context) }
        }

        /// OpenSSL's description of SHA-256: immutable, and made to be shared between threads.
        private struct Algorithm: @unchecked Sendable {
            let pointer: OpaquePointer

            init() {
                guard let pointer = EVP_MD_fetch(nil, "SHA256", nil) else {
                    preconditionFailure("libcrypto has no SHA-256")
                }
                self.pointer = pointer
            }
        }

        /// Owns an `EVP_MD_CTX`. Written to only while uniquely referenced, like the storage of a
        /// standard collection, which is what makes sending it safe.
        private final class Context: @unchecked Sendable {
            let pointer: OpaquePointer

            init() {
                pointer = Self.allocate()
                EVP_DigestInit_ex(pointer, algorithm.pointer, nil)
            }

            init(copying other: Context) {
                pointer = Self.allocate()
                EVP_MD_CTX_copy_ex(pointer, other.pointer)
            }

            deinit { EVP_MD_CTX_free(pointer) }

            private static func allocate() -> OpaquePointer {
                guard let pointer = EVP_MD_CTX_new() else {
                    preconditionFailure("no memory for a hash context")
                }
                return pointer
            }
        }
    }
#endif
