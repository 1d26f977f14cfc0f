package import SystemCrypto

/// One direction of a secured channel: a key and the number of the next frame.
package struct NoiseCipher: Sendable {
    /// The most bytes of a Noise message, so that its length fits 16 bits.
    package static let maximumMessageByteCount = 65_535
    /// The most plaintext bytes of one message.
    package static let maximumPlaintextByteCount =
        maximumMessageByteCount - ChaCha20Poly1305.tagByteCount
    /// Bytes that a frame adds to its plaintext: its length in front, its tag behind.
    package static let frameOverhead = 2 + ChaCha20Poly1305.tagByteCount

    private let key: ChaCha20Poly1305.Key
    private var counter: UInt64 = 0

    package init(key: ChaCha20Poly1305.Key) {
        self.key = key
    }

    /// Encrypts a message in place and writes its tag into the last 16 bytes of `buffer`.
    package mutating func seal(
        inPlace buffer: UnsafeMutableRawBufferPointer
    ) throws(NoiseError) {
        // The last nonce is reserved (Noise specification, section 5.1).
        guard counter < .max else { throw .nonceExhausted }
        key.seal(inPlace: buffer, nonce: .init(counter: counter))
        counter += 1
    }

    /// Decrypts a message in place and returns how many bytes of plaintext it starts with then.
    package mutating func open(
        inPlace buffer: UnsafeMutableRawBufferPointer
    ) throws(NoiseError) -> Int {
        guard counter < .max else { throw .nonceExhausted }
        guard buffer.count >= ChaCha20Poly1305.tagByteCount else {
            throw .frameTooShort(byteCount: buffer.count)
        }
        do {
            let count = try key.open(inPlace: buffer, nonce: .init(counter: counter))
            counter += 1
            return count
        } catch {
            throw .authenticationFailed(frame: counter)
        }
    }
}
