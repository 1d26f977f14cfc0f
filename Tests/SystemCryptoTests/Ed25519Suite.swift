import SystemCrypto
import Testing

@Suite struct Ed25519Suite {
    /// RFC 8032 section 7.1, tests 1 to 3.
    @Test(arguments: [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ])
    func vectors(seed: String, key: String, message: String, signature: String) throws {
        let privateKey = try Ed25519.PrivateKey(seed: hex(seed))
        #expect(privateKey.publicKey == hex(key))
        #expect(privateKey.seed == hex(seed))
        #if !canImport(CryptoKit)
            #expect(privateKey.sign(hex(message)) == hex(signature))
        #endif
        #expect(
            Ed25519.isValid(signature: hex(signature), of: hex(message), publicKey: hex(key)))
    }

    @Test(arguments: EdgeCase.all)
    func edges(_ edge: EdgeCase) {
        let signature = hex(edge.signature)
        #expect(signature.count == 64)
        #expect(
            Ed25519.isValid(
                signature: signature, of: Array(edge.message.utf8), publicKey: hex(edge.key))
                == edge.valid)
    }

    @Test func everyFlippedBitIsRefused() {
        let key = Ed25519.PrivateKey()
        let message: [UInt8] = [1, 2, 3]
        let signature = key.sign(message)
        #expect(Ed25519.isValid(signature: signature, of: message, publicKey: key.publicKey))
        for bit in 0..<512 {
            var altered = signature
            altered[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!Ed25519.isValid(signature: altered, of: message, publicKey: key.publicKey))
        }
        for bit in 0..<256 {
            var altered = key.publicKey
            altered[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!Ed25519.isValid(signature: signature, of: message, publicKey: altered))
        }
    }

    @Test func wrongLengthsAreRefused() {
        let key = Ed25519.PrivateKey()
        let signature = key.sign([])
        for count in [0, 1, 31, 32, 63, 65, 128] {
            let cut = Array((signature + signature).prefix(count))
            #expect(!Ed25519.isValid(signature: cut, of: [], publicKey: key.publicKey))
        }
        for count in [0, 31, 33] {
            let cut = Array((key.publicKey + [0]).prefix(count))
            #expect(!Ed25519.isValid(signature: signature, of: [], publicKey: cut))
        }
        #expect(
            throws: CryptoError.wrongLength(of: .ed25519Seed, actual: 31, expected: 32)
        ) {
            try Ed25519.PrivateKey(seed: [UInt8](repeating: 0, count: 31))
        }
    }

    @Test func canonicalScalars() {
        let order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
        #expect(!Ed25519.isCanonical(scalar: order))
        var below = order
        below[0] -= 1
        #expect(Ed25519.isCanonical(scalar: below))
        #expect(Ed25519.isCanonical(scalar: [UInt8](repeating: 0, count: 32)))
        #expect(!Ed25519.isCanonical(scalar: [UInt8](repeating: 0xff, count: 32)))
    }

    /// The y coordinates from 2^255 - 19 on, and zero x with its sign bit set.
    @Test func canonicalPoints() {
        for first in 0xed...0xff as ClosedRange<UInt8> {
            for last in [0x7f, 0xff] as [UInt8] {
                let point = [first] + [UInt8](repeating: 0xff, count: 30) + [last]
                #expect(!Ed25519.isCanonical(point: point))
            }
        }
        let minusOne = [0xec] + [UInt8](repeating: 0xff, count: 30)
        #expect(Ed25519.isCanonical(point: minusOne + [0x7f]))
        #expect(!Ed25519.isCanonical(point: minusOne + [0xff]))
        let one = [1] + [UInt8](repeating: 0, count: 30)
        #expect(Ed25519.isCanonical(point: one + [0]))
        #expect(!Ed25519.isCanonical(point: one + [0x80]))
        #expect(Ed25519.isCanonical(point: [UInt8](repeating: 0, count: 31) + [0x80]))
    }
}
