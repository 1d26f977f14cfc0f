import SystemCrypto

/// A peer's private key (Ed25519).
///
/// It has no textual description, so that none ends up in a log.
public struct IdentityKey: Sendable {
    private let key: Ed25519.PrivateKey
    /// The public half.
    public let publicKey: PublicKey
    /// The id of the peer that this key makes.
    public let peerID: PeerID

    /// A new key from the system's random numbers.
    public init() {
        self.init(Ed25519.PrivateKey())
    }

    /// The key that belongs to a seed of 32 bytes (RFC 8032's private key).
    public init(seed: [UInt8]) throws(IdentityError) {
        guard let key = try? Ed25519.PrivateKey(seed: seed) else {
            throw .wrongKeyLength(type: .ed25519, byteCount: seed.count)
        }
        self.init(key)
    }

    private init(_ key: Ed25519.PrivateKey) {
        self.key = key
        guard let publicKey = try? PublicKey(ed25519: key.publicKey) else {
            preconditionFailure("an Ed25519 public key has 32 bytes")
        }
        self.publicKey = publicKey
        peerID = publicKey.peerID
    }

    /// A key from libp2p's encoding of private keys: type and data, the data being seed and public
    /// key, or in an old form seed, public key and public key again.
    public init(encoded bytes: [UInt8]) throws(IdentityError) {
        var type: UInt64?
        var data: [UInt8]?
        do {
            var reader = WireReader(bytes)
            while let field = try reader.next() {
                switch field.number {
                case 1: type = try field.uint64()
                case 2: data = try field.bytes(limit: PublicKey.maximumByteCount * 5)
                default: throw IdentityError.malformedKey
                }
            }
        } catch {
            throw .malformedKey
        }
        guard let type, let data,
            let keyType = PublicKey.KeyType(rawValue: UInt8(clamping: type))
        else { throw .malformedKey }
        guard keyType == .ed25519 else { throw .unsupportedKeyType(keyType) }
        guard data.count == 64 || data.count == 96 else {
            throw .wrongKeyLength(type: .ed25519, byteCount: data.count)
        }
        try self.init(seed: Array(data[..<32]))
        for copy in stride(from: 32, to: data.count, by: 32) {
            guard Array(data[copy..<copy + 32]) == publicKey.data else {
                throw .mismatchedKeyPair
            }
        }
    }

    /// The seed of 32 bytes that the key comes from: a secret.
    public var seed: [UInt8] { key.seed }

    /// libp2p's encoding of private keys (68 bytes): a secret.
    public var encoded: [UInt8] {
        var writer = WireWriter(reservingCapacity: 68)
        writer.uint64(1, UInt64(PublicKey.KeyType.ed25519.rawValue))
        writer.bytes(2, key.seed + publicKey.data)
        return writer.bytes
    }

    /// The signature of 64 bytes for `message`.
    public func sign(_ message: [UInt8]) -> [UInt8] {
        key.sign(message)
    }
}
