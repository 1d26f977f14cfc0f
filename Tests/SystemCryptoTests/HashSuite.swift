import SystemCrypto
import Testing

/// Vectors of FIPS 180-4's examples and RFC 4231.
@Suite struct HashSuite {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func sha256(message: String, digest: String) {
        #expect(SHA256.hash(Array(message.utf8)) == hex(digest))
        var hash = SHA256()
        for byte in message.utf8 { hash.update([byte]) }
        #expect(hash.finalize() == hex(digest))
    }

    @Test func sha256OfAMillion() {
        let message = [UInt8](repeating: 0x61, count: 1_000_000)
        let digest = hex("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
        #expect(SHA256.hash(message) == digest)
        var hash = SHA256()
        hash.update(message[..<333_333])
        hash.update(message[333_333...])
        #expect(hash.finalize() == digest)
    }

    @Test func copiesAreIndependent() {
        var a = SHA256()
        a.update(Array("ab".utf8))
        var b = a
        a.update(Array("c".utf8))
        b.update(Array("d".utf8))
        #expect(a.finalize() == SHA256.hash(Array("abc".utf8)))
        #expect(b.finalize() == SHA256.hash(Array("abd".utf8)))
    }

    @Test func isNewAfterFinalize() {
        var hash = SHA256()
        hash.update([1, 2, 3])
        let copy = hash
        _ = hash.finalize()
        #expect(hash.finalize() == SHA256.hash([]))
        var again = copy
        #expect(again.finalize() == SHA256.hash([1, 2, 3]))
    }

    @Test func writesIntoTheBufferItHashed() {
        var buffer = [UInt8](0..<64)
        let expected = SHA256.hash(buffer)
        buffer.withUnsafeMutableBytes { SHA256.hash(UnsafeRawBufferPointer($0), into: $0) }
        #expect(Array(buffer[..<32]) == expected)
        #expect(Array(buffer[32...]) == [UInt8](32..<64))
    }

    @Test func littleEndianIntegers() {
        var hash = SHA256()
        hash.update(littleEndian: UInt32(0x0403_0201))
        #expect(hash.finalize() == SHA256.hash([1, 2, 3, 4]))
    }

    @Test func hmac() {
        #expect(
            HMACSHA256.authenticate(
                key: [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8))
                == hex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"))
        #expect(
            HMACSHA256.authenticate(
                key: [UInt8](repeating: 0xaa, count: 131),
                Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8))
                == hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"))
        #expect(
            HMACSHA256.authenticate(key: [], [])
                == hex("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"))
    }

    @Test func constantTimeComparison() {
        #expect(ConstantTime.equal([], []))
        #expect(ConstantTime.equal([1, 2], [1, 2]))
        #expect(!ConstantTime.equal([1, 2], [1, 3]))
        #expect(!ConstantTime.equal([1, 2], [1, 2, 0]))
    }
}
