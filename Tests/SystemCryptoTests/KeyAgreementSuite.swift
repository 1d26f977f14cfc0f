import SystemCrypto
import Testing

@Suite struct KeyAgreementSuite {
    /// RFC 7748 section 5.2.
    @Test func scalarMultiplication() throws {
        let key = try X25519.PrivateKey(
            bytes: hex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"))
        let point = hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")
        #expect(
            try key.sharedSecret(with: point)
                == hex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"))
    }

    /// Computed with another library.
    @Test func agreement() throws {
        let key = try X25519.PrivateKey(
            bytes: hex("c63095403fea13cb2c43380599e669ebfb41ab184b04df28a143472e4283aa33"))
        #expect(
            key.publicKey
                == hex("712e68cefc13d0e1778226b7f7aaeb59042225e7a4def3816344da256e031664"))
        let peer = hex("b8540c30e8fb348aed0abc8189cf8025ce09a9c5d74e0681c4e50f8d281da252")
        #expect(
            try key.sharedSecret(with: peer)
                == hex("e6a3b1d2ae10c29b51519a71255af4bd20deee697c6ced1a44eadff428439e13"))
    }

    @Test func bothSidesAgree() throws {
        let a = X25519.PrivateKey()
        let b = try X25519.PrivateKey(bytes: [UInt8](0..<32))
        #expect(b.bytes == [UInt8](0..<32))
        #expect(try a.sharedSecret(with: b.publicKey) == b.sharedSecret(with: a.publicKey))
    }

    /// Points of small order, canonical and not, and their images with the unused top bit set.
    @Test(arguments: [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ])
    func smallOrderIsRefused(point: String) throws {
        let key = X25519.PrivateKey()
        #expect(throws: CryptoError.smallOrderPoint) { try key.sharedSecret(with: hex(point)) }
        var top = hex(point)
        top[31] |= 0x80
        #expect(throws: CryptoError.smallOrderPoint) { try key.sharedSecret(with: top) }
    }

    @Test func wrongLengths() {
        #expect(throws: CryptoError.wrongLength(of: .x25519PrivateKey, actual: 0, expected: 32)) {
            try X25519.PrivateKey(bytes: [])
        }
        #expect(throws: CryptoError.wrongLength(of: .x25519PublicKey, actual: 33, expected: 32)) {
            try X25519.PrivateKey().sharedSecret(with: [UInt8](repeating: 9, count: 33))
        }
    }
}
