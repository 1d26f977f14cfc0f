import SystemCrypto

/// The hash, chaining key and cipher key of a handshake in progress (Noise specification, section
/// 5.2) for X25519, ChaCha20-Poly1305 and SHA-256.
struct NoiseSymmetricState: Sendable {
    /// Hash of everything both sides have seen.
    private(set) var hash: [UInt8]
    private var chainingKey: [UInt8]
    private var key: ChaCha20Poly1305.Key?
    private var nonce: UInt64 = 0

    init() {
        // The name has exactly the 32 bytes of a hash, so it is the first hash itself.
        hash = Array("Noise_XX_25519_ChaChaPoly_SHA256".utf8)
        chainingKey = hash
        mixHash([])  // The prologue is empty.
    }

    mutating func mixHash(_ data: some Collection<UInt8>) {
        hash = SHA256.hash(hash + data)
    }

    /// Takes the result of a Diffie-Hellman exchange into both keys.
    mutating func mixKey(_ secret: [UInt8]) {
        let (first, second) = Self.derive(chainingKey, secret)
        chainingKey = first
        key = Self.cipherKey(second)
        nonce = 0
    }

    /// Encrypts (plain text before the first `mixKey`) and takes the result into the hash.
    mutating func encryptAndHash(_ plaintext: [UInt8]) -> [UInt8] {
        guard let key else {
            mixHash(plaintext)
            return plaintext
        }
        let tagByteCount = ChaCha20Poly1305.tagByteCount
        var buffer = plaintext + [UInt8](repeating: 0, count: tagByteCount)
        hash.withUnsafeBytes { hash in
            buffer.withUnsafeMutableBytes {
                key.seal(inPlace: $0, nonce: .init(counter: nonce), authenticating: hash)
            }
        }
        nonce += 1
        mixHash(buffer)
        return buffer
    }

    /// Decrypts and takes the ciphertext into the hash; nil if the tag does not match.
    mutating func decryptAndHash(_ ciphertext: ArraySlice<UInt8>) -> [UInt8]? {
        guard let key else {
            mixHash(ciphertext)
            return Array(ciphertext)
        }
        var buffer = Array(ciphertext)
        let count = hash.withUnsafeBytes { hash in
            buffer.withUnsafeMutableBytes {
                try? key.open(inPlace: $0, nonce: .init(counter: nonce), authenticating: hash)
            }
        }
        guard let count else { return nil }
        nonce += 1
        mixHash(ciphertext)
        buffer.removeLast(buffer.count - count)
        return buffer
    }

    /// The keys of the two directions: of the initiator's messages, and of the responder's.
    func split() -> (initiator: NoiseCipher, responder: NoiseCipher) {
        let (first, second) = Self.derive(chainingKey, [])
        return (NoiseCipher(key: Self.cipherKey(first)), NoiseCipher(key: Self.cipherKey(second)))
    }

    /// HKDF with two outputs.
    private static func derive(_ chainingKey: [UInt8], _ input: [UInt8]) -> ([UInt8], [UInt8]) {
        let temporary = HMACSHA256.authenticate(key: chainingKey, input)
        let first = HMACSHA256.authenticate(key: temporary, [1])
        return (first, HMACSHA256.authenticate(key: temporary, first + [2]))
    }

    private static func cipherKey(_ bytes: [UInt8]) -> ChaCha20Poly1305.Key {
        guard let key = try? ChaCha20Poly1305.Key(bytes) else {
            preconditionFailure("a hash has the length of a key")
        }
        return key
    }
}
