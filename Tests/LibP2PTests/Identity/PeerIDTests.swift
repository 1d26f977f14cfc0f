import LibP2P
import Testing

/// The key pair of the peer id specification's Ed25519 example.
private let seed = [UInt8](hex: "7e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d")
private let encodedKey = [UInt8](
    hex: "080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e")

@Suite struct PeerIDTests {
    @Test func vectors() throws {
        let identity = try IdentityKey(seed: seed)
        #expect(identity.publicKey.encoded == encodedKey)
        #expect(try PublicKey(encoded: encodedKey) == identity.publicKey)
        let id = identity.peerID
        #expect(id.bytes == [0x00, 0x24] + encodedKey)
        #expect("\(id)" == "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq")
        #expect(id.cid == "bafzaajaiaejcahwr5d5ofrfbis4l5d6uwr57hu5tjodrypfm6yaq6dsc2r2pzyt6")
        #expect(try PeerID(id.cid) == id)
        #expect(try PeerID("\(id)") == id)
        #expect(try PeerID(bytes: id.bytes) == id)
        #expect(id.publicKey == identity.publicKey)

        let example = try PeerID("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA")
        #expect(
            example.bytes.hex
                == "0024080112202ffa35a99d3a3cfbb17bb7c1dc5561b18a8dcca4df38dc613ea859c37eb1336b")
    }

    @Test func hashedIDs() throws {
        let text = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N"
        let id = try PeerID(text)
        #expect(id.bytes.count == 34)
        #expect(id.publicKey == nil)
        #expect("\(id)" == text)
        #expect(try PeerID(id.cid) == id)
        // An RSA key is longer than 42 bytes and so is hashed; a secp256k1 key is not.
        let rsa = try PublicKey(encoded: [0x08, 0x00, 0x12, 0x50] + Array(repeating: 1, count: 80))
        #expect(rsa.peerID.bytes.prefix(2) == [0x12, 0x20])
        let secp = try PublicKey(
            encoded: [0x08, 0x02, 0x12, 0x21, 0x02] + Array(repeating: 1, count: 32))
        #expect(secp.peerID.bytes.prefix(2) == [0x00, 0x25])
        #expect(throws: IdentityError.unsupportedKeyType(.secp256k1)) {
            try secp.isValidSignature([], for: [])
        }
    }

    @Test(arguments: [
        "", "08", "0801", "1220" + String(repeating: "00", count: 32),
        "12200101" + String(repeating: "00", count: 32),  // fields in the wrong order, cut off
        "08811e1220" + String(repeating: "00", count: 32),  // type with a padded or large varint
        "08810012" + "20" + String(repeating: "00", count: 32),
        "080112a000" + String(repeating: "00", count: 32),
        "08011220" + String(repeating: "00", count: 31),
        "08011220" + String(repeating: "00", count: 32) + "1a00",
        "0801" + "08011220" + String(repeating: "00", count: 32),
        "0801121f" + String(repeating: "00", count: 31),
        "08041220" + String(repeating: "00", count: 32),
    ])
    func refusesKeys(hex: String) {
        #expect(throws: IdentityError.self) { try PublicKey(encoded: [UInt8](hex: hex)) }
        let bytes = [UInt8](hex: hex)
        #expect(throws: IdentityError.malformedPeerID) {
            try PeerID(bytes: [0, UInt8(bytes.count)] + bytes)
        }
    }

    @Test func refusesIDs() {
        for bytes in [[], [0], [0x12, 0x20], [0x12, 0x1f], [0x13, 0x20], [0, 0]] as [[UInt8]] {
            #expect(throws: IdentityError.malformedPeerID) { try PeerID(bytes: bytes) }
        }
        #expect(throws: IdentityError.malformedPeerID) {
            try PeerID(bytes: [0x12, 0x20] + Array(repeating: 0, count: 33))
        }
        let id = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq"
        let texts = [
            "", "1", "b", "bafz", "0", "Qm", id + "0", id + "1", "1" + id, "z" + id,
            String(repeating: "1", count: 200), "ü",
        ]
        for text in texts {
            #expect(throws: IdentityError.malformedPeerIDText) { try PeerID(text) }
        }
    }

    @Test func privateKeyForms() throws {
        let identity = try IdentityKey(seed: seed)
        let encoded = identity.encoded
        #expect(encoded.prefix(4) == [0x08, 0x01, 0x12, 0x40])
        #expect(try IdentityKey(encoded: encoded).peerID == identity.peerID)
        let legacy = [0x08, 0x01, 0x12, 0x60] + seed + identity.publicKey.data * 2
        #expect(try IdentityKey(encoded: legacy).peerID == identity.peerID)
        var wrong = legacy
        wrong[wrong.count - 1] ^= 1
        #expect(throws: IdentityError.mismatchedKeyPair) { try IdentityKey(encoded: wrong) }
        #expect(throws: IdentityError.self) { try IdentityKey(seed: [1]) }
        #expect(throws: IdentityError.unsupportedKeyType(.rsa)) {
            try IdentityKey(encoded: [0x08, 0x00, 0x12, 0x01, 0x00])
        }
        let signature = identity.sign([1, 2, 3])
        #expect(try identity.publicKey.isValidSignature(signature, for: [1, 2, 3]))
        #expect(try !identity.publicKey.isValidSignature(signature, for: [1, 2, 4]))
        #expect(try !identity.publicKey.isValidSignature([], for: [1, 2, 3]))
    }
}

private func * (bytes: [UInt8], count: Int) -> [UInt8] {
    (0..<count).flatMap { _ in bytes }
}
