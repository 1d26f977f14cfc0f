import SystemCrypto
import Testing

@Suite struct AEADSuite {
    private let key = [UInt8](0x80..<0xa0)
    private let nonce = hex("070000004041424344454647")
    private let data = hex("50515253c0c1c2c3c4c5c6c7")
    private let plaintext = Array(
        ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
            + "future, sunscreen would be it.").utf8)
    private let sealed = hex(
        "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69"
            + "da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad6"
            + "75945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd060"
            + "0691")

    /// RFC 8439 section 2.8.2.
    @Test func vector() throws {
        #expect(
            try ChaCha20Poly1305.seal(plaintext, key: key, nonce: nonce, authenticating: data)
                == sealed)
        #expect(
            try ChaCha20Poly1305.open(sealed, key: key, nonce: nonce, authenticating: data)
                == plaintext)
    }

    @Test func inPlaceFormsAgree() throws {
        let inPlace = try ChaCha20Poly1305.Key(key)
        let nonce = ChaCha20Poly1305.Nonce(counter: 0x0102_0304_0506_0708)
        #expect(nonce.bytes == [0, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1])
        for count in [0, 1, 15, 16, 17, 63, 64, 65, 1000, 65519] {
            let message = SystemRandom.bytes(count)
            var buffer = message + [UInt8](repeating: 0, count: 16)
            buffer.withUnsafeMutableBytes { inPlace.seal(inPlace: $0, nonce: nonce) }
            #expect(
                try buffer == ChaCha20Poly1305.seal(message, key: key, nonce: nonce.bytes))
            let opened = try buffer.withUnsafeMutableBytes {
                try inPlace.open(inPlace: $0, nonce: nonce)
            }
            #expect(opened == count)
            #expect(Array(buffer[..<count]) == message)
        }
    }

    @Test func everyAlteredByteIsRefused() {
        for index in sealed.indices {
            var altered = sealed
            altered[index] ^= 0x01
            #expect(throws: CryptoError.authenticationFailed) {
                try ChaCha20Poly1305.open(altered, key: key, nonce: nonce, authenticating: data)
            }
        }
        #expect(throws: CryptoError.authenticationFailed) {
            try ChaCha20Poly1305.open(sealed, key: key, nonce: nonce)
        }
        #expect(throws: CryptoError.authenticationFailed) {
            try ChaCha20Poly1305.open(
                sealed.dropLast(), key: key, nonce: nonce, authenticating: data)
        }
    }

    @Test func wrongLengthsAreRefused() {
        for count in 0..<16 {
            #expect(throws: CryptoError.ciphertextTooShort(actual: count)) {
                try ChaCha20Poly1305.open(sealed.prefix(count), key: key, nonce: nonce)
            }
        }
        #expect(throws: CryptoError.wrongLength(of: .aeadKey, actual: 31, expected: 32)) {
            try ChaCha20Poly1305.seal([], key: key.dropLast(), nonce: nonce)
        }
        #expect(throws: CryptoError.wrongLength(of: .aeadNonce, actual: 8, expected: 12)) {
            try ChaCha20Poly1305.open(sealed, key: key, nonce: [UInt8](repeating: 0, count: 8))
        }
    }
}
