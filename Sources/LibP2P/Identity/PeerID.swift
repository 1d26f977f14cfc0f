import SystemCrypto

/// The name of a peer: a hash of its public key, or the key itself where that is short.
///
/// Text is base58 (`12D3KooW…`, `Qm…`) or a CID in base32 (`bafz…`); both are read, the first is
/// written. Ids are ordered by their bytes.
public struct PeerID: Hashable, Comparable, Sendable {
    /// The longest encoded key that stands in an id unhashed, in bytes.
    private static let maximumInlineKey = 42
    /// Text longer than this can be no peer id; decoding takes quadratic time.
    private static let maximumTextLength = 128

    /// The multihash: `00 length key` or `12 20 sha256`.
    public let bytes: [UInt8]

    /// The id of the peer that has `key`.
    public init(_ key: PublicKey) {
        let encoded = key.encoded
        if encoded.count <= Self.maximumInlineKey {
            bytes = [0x00, UInt8(encoded.count)] + encoded
        } else {
            bytes = [0x12, 0x20] + SHA256.hash(encoded)
        }
    }

    /// An id from its multihash. An unhashed key must be a valid encoding of one.
    public init(bytes: some Collection<UInt8>) throws(IdentityError) {
        let bytes = Array(bytes.prefix(Self.maximumInlineKey + 3))
        guard bytes.count >= 2 else { throw .malformedPeerID }
        switch (bytes[0], bytes[1]) {
        case (0x00, let length) where Int(length) <= Self.maximumInlineKey:
            guard bytes.count == Int(length) + 2,
                (try? PublicKey(encoded: bytes[2...])) != nil
            else { throw .malformedPeerID }
        case (0x12, 0x20):
            guard bytes.count == 34 else { throw .malformedPeerID }
        default:
            throw .malformedPeerID
        }
        self.bytes = bytes
    }

    /// An id from base58 or base32 text.
    public init(_ text: String) throws(IdentityError) {
        let characters = Array(text.utf8.prefix(Self.maximumTextLength + 1))
        guard characters.count <= Self.maximumTextLength else { throw .malformedPeerIDText }
        // A CID's text starts with its base, "b" for lowercase base32, its bytes with the version
        // 1 and the code 0x72 of libp2p keys.
        if characters.first == UInt8(ascii: "b") {
            guard let cid = BaseEncoding.bytes(base32: characters.dropFirst()),
                cid.starts(with: [0x01, 0x72]), let id = try? PeerID(bytes: cid[2...])
            else { throw .malformedPeerIDText }
            self = id
        } else {
            guard let multihash = BaseEncoding.bytes(base58: characters),
                let id = try? PeerID(bytes: multihash)
            else { throw .malformedPeerIDText }
            self = id
        }
    }

    /// The key, if the id contains it: always so for Ed25519.
    public var publicKey: PublicKey? {
        bytes[0] == 0x00 ? try? PublicKey(encoded: bytes[2...]) : nil
    }

    /// The id as a CID in base32, `bafz…`.
    public var cid: String {
        "b" + BaseEncoding.base32([0x01, 0x72] + bytes)
    }

    /// All bytes at once; the array's own way takes them one by one.
    public func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    /// Whether `left`'s bytes come before `right`'s.
    public static func < (left: PeerID, right: PeerID) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension PeerID: CustomStringConvertible {
    /// The id in base58.
    public var description: String { BaseEncoding.base58(bytes) }
}
