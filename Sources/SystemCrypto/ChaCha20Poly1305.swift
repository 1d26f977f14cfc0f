/// The authenticated cipher ChaCha20-Poly1305 (RFC 8439, 12-byte nonce, 16-byte tag).
package enum ChaCha20Poly1305 {
    /// Bytes in a key.
    package static let keyByteCount = 32
    /// Bytes in a nonce.
    package static let nonceByteCount = 12
    /// Bytes in a tag, by which a sealed message is longer than what it seals.
    package static let tagByteCount = 16

    /// Twelve bytes that must not be used twice with one key.
    package struct Nonce: Sendable {
        /// The twelve bytes as three words in memory order.
        private var words: (UInt32, UInt32, UInt32)

        /// Four zero bytes and a little-endian counter: the nonce of the Noise framework.
        package init(counter: UInt64) {
            words = (
                0, UInt32(truncatingIfNeeded: counter).littleEndian,
                UInt32(truncatingIfNeeded: counter >> 32).littleEndian
            )
        }

        /// A nonce from its 12 bytes.
        package init(_ bytes: [UInt8]) throws(CryptoError) {
            guard bytes.count == nonceByteCount else {
                throw .wrongLength(of: .aeadNonce, actual: bytes.count, expected: nonceByteCount)
            }
            words = (0, 0, 0)
            withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
        }

        /// The nonce's 12 bytes.
        package var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

        func withUnsafePointer<Result>(_ body: (UnsafePointer<UInt8>?) -> Result) -> Result {
            withUnsafeBytes(of: words) { body($0.bindMemory(to: UInt8.self).baseAddress) }
        }
    }

    /// A key, checked once, for the forms that work in place.
    package struct Key: Sendable {
        let secret: AEADSecret

        /// A key from its 32 bytes.
        package init(_ bytes: [UInt8]) throws(CryptoError) {
            guard bytes.count == keyByteCount else {
                throw .wrongLength(of: .aeadKey, actual: bytes.count, expected: keyByteCount)
            }
            secret = AEADSecret(bytes)
        }

        /// Encrypts in place and writes the tag behind.
        ///
        /// - Parameters:
        ///   - buffer: The plaintext, then 16 bytes of room for the tag.
        ///   - nonce: Never used before with this key.
        ///   - data: What the tag also covers.
        package func seal(
            inPlace buffer: UnsafeMutableRawBufferPointer, nonce: Nonce,
            authenticating data: UnsafeRawBufferPointer = .init(start: nil, count: 0)
        ) {
            precondition(buffer.count >= tagByteCount, "no room for the tag")
            Backend.aeadSeal(inPlace: buffer, secret: secret, nonce: nonce, data: data)
        }

        /// Checks the tag and decrypts in place.
        ///
        /// - Parameters:
        ///   - buffer: The ciphertext and its tag. After an error its content is unspecified.
        ///   - nonce: The nonce it was sealed with.
        ///   - data: What the tag also covers.
        /// - Returns: The length of the plaintext, which the buffer starts with.
        /// - Throws: ``CryptoError/ciphertextTooShort(actual:)`` or
        ///   ``CryptoError/authenticationFailed``.
        package func open(
            inPlace buffer: UnsafeMutableRawBufferPointer, nonce: Nonce,
            authenticating data: UnsafeRawBufferPointer = .init(start: nil, count: 0)
        ) throws(CryptoError) -> Int {
            guard buffer.count >= tagByteCount else {
                throw .ciphertextTooShort(actual: buffer.count)
            }
            guard Backend.aeadOpen(inPlace: buffer, secret: secret, nonce: nonce, data: data) else {
                throw .authenticationFailed
            }
            return buffer.count - tagByteCount
        }
    }

    /// Seals a message.
    ///
    /// - Parameters:
    ///   - plaintext: The message.
    ///   - key: 32 bytes.
    ///   - nonce: 12 bytes, never used before with this key.
    ///   - data: What the tag also covers.
    /// - Returns: The ciphertext and its 16-byte tag.
    /// - Throws: ``CryptoError/wrongLength(of:actual:expected:)``.
    package static func seal(
        _ plaintext: some Collection<UInt8>, key: [UInt8], nonce: [UInt8],
        authenticating data: [UInt8] = []
    ) throws(CryptoError) -> [UInt8] {
        let key = try Key(key)
        let nonce = try Nonce(nonce)
        var buffer = [UInt8]()
        buffer.reserveCapacity(plaintext.count + tagByteCount)
        buffer.append(contentsOf: plaintext)
        buffer.append(contentsOf: repeatElement(0, count: tagByteCount))
        buffer.withUnsafeMutableBytes { buffer in
            data.withUnsafeBytes { key.seal(inPlace: buffer, nonce: nonce, authenticating: $0) }
        }
        return buffer
    }

    /// Opens a sealed message.
    ///
    /// - Parameters:
    ///   - sealed: The ciphertext and its 16-byte tag.
    ///   - key: 32 bytes.
    ///   - nonce: The 12 bytes it was sealed with.
    ///   - data: What the tag also covers.
    /// - Returns: The message.
    /// - Throws: ``CryptoError``; no byte of a message that fails is returned.
    package static func open(
        _ sealed: some Collection<UInt8>, key: [UInt8], nonce: [UInt8],
        authenticating data: [UInt8] = []
    ) throws(CryptoError) -> [UInt8] {
        let key = try Key(key)
        let nonce = try Nonce(nonce)
        var buffer = Array(sealed)
        let outcome = buffer.withUnsafeMutableBytes { buffer in
            data.withUnsafeBytes { data -> Result<Int, CryptoError> in
                do throws(CryptoError) {
                    return .success(
                        try key.open(inPlace: buffer, nonce: nonce, authenticating: data))
                } catch {
                    return .failure(error)
                }
            }
        }
        let count = try outcome.get()
        buffer.removeLast(buffer.count - count)
        return buffer
    }
}
