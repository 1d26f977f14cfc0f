import SystemCrypto

/// Why bytes or text are no identity: no public key, no private key or no peer id.
public enum IdentityError: Error, Equatable, Sendable {
    /// The bytes are not the one encoding that libp2p allows for a key (a protobuf with the two
    /// fields type and data, in this order, minimal, and nothing else).
    case malformedKey
    /// The key's data have a length that its type does not have.
    case wrongKeyLength(type: PublicKey.KeyType, byteCount: Int)
    /// A key of a type whose signatures this library does not check.
    case unsupportedKeyType(PublicKey.KeyType)
    /// A private key that carries a public key which is not its own.
    case mismatchedKeyPair
    /// The bytes are neither of the two multihashes that a peer id can be.
    case malformedPeerID
    /// The text is neither base58 nor base32 of a peer id.
    case malformedPeerIDText
}

/// A peer's public key, of any type that libp2p knows. Signatures are checked for Ed25519 only.
public struct PublicKey: Hashable, Sendable {
    /// The algorithm that a key belongs to; raw values are those of libp2p's encoding.
    public enum KeyType: UInt8, Sendable {
        /// RSA, as a DER encoded PKIX key.
        case rsa = 0
        /// Ed25519, 32 bytes.
        case ed25519 = 1
        /// ECDSA over secp256k1, a compressed point of 33 bytes.
        case secp256k1 = 2
        /// ECDSA over another curve, as a DER encoded PKIX key.
        case ecdsa = 3
    }

    /// The longest key data that are accepted, in bytes: room for an RSA key of 8192 bits.
    static let maximumByteCount = 1152

    /// The algorithm.
    public let type: KeyType
    /// The key in its type's own form.
    public let data: [UInt8]

    private init(type: KeyType, data: [UInt8]) {
        self.type = type
        self.data = data
    }

    /// An Ed25519 key from its 32 bytes. They are not checked to be a point: no signature is valid
    /// under a key that is none.
    public init(ed25519 data: [UInt8]) throws(IdentityError) {
        guard data.count == 32 else {
            throw .wrongKeyLength(type: .ed25519, byteCount: data.count)
        }
        self.init(type: .ed25519, data: data)
    }

    /// A key from libp2p's encoding, of which there is exactly one for each key.
    public init(encoded bytes: some Collection<UInt8>) throws(IdentityError) {
        let bytes = Array(bytes)
        var type: KeyType?
        var data: [UInt8]?
        do {
            var reader = WireReader(bytes)
            while let field = try reader.next() {
                switch field.number {
                case 1: type = KeyType(rawValue: UInt8(clamping: try field.uint64()))
                case 2: data = try field.bytes(limit: Self.maximumByteCount)
                default: throw IdentityError.malformedKey
                }
            }
        } catch {
            throw .malformedKey
        }
        guard let type, let data else { throw .malformedKey }
        switch type {
        case .ed25519 where data.count != 32, .secp256k1 where data.count != 33,
            .rsa where data.isEmpty, .ecdsa where data.isEmpty:
            throw .wrongKeyLength(type: type, byteCount: data.count)
        default: break
        }
        self.init(type: type, data: data)
        guard encoded == bytes else { throw .malformedKey }
    }

    /// libp2p's encoding: a protobuf of type and data.
    public var encoded: [UInt8] {
        var writer = WireWriter(reservingCapacity: data.count + 6)
        writer.uint64(1, UInt64(type.rawValue))
        writer.bytes(2, data)
        return writer.bytes
    }

    /// The id of the peer that has this key.
    public var peerID: PeerID { PeerID(self) }

    /// Whether `signature` is this key's for `message`. Ed25519 signatures are checked strictly:
    /// canonical key, R and S, no key of small order.
    ///
    /// Throws `unsupportedKeyType` for all other types.
    public func isValidSignature(
        _ signature: [UInt8], for message: [UInt8]
    ) throws(IdentityError) -> Bool {
        guard type == .ed25519 else { throw .unsupportedKeyType(type) }
        return Ed25519.isValid(signature: signature, of: message, publicKey: data)
    }
}
