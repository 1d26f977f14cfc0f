import SystemCrypto

/// Why bytes are no signed peer record.
package enum PeerRecordError: Error, Equatable, Sendable {
    /// Longer than such a record may be, in bytes.
    case tooLong(byteCount: Int, limit: Int)
    /// No protobuf message, or one without a field that has to be there.
    case malformed(WireError)
    /// The envelope holds the right fields, but not in the one encoding that is accepted: fields in
    /// ascending order, once each, minimal lengths, nothing else.
    case notCanonical
    /// The public key is no key.
    case malformedKey(IdentityError)
    /// A key of a type whose signatures this library does not check.
    case unsupportedKeyType(PublicKey.KeyType)
    /// An envelope around something else than a peer record.
    case wrongPayloadType([UInt8])
    /// The record's peer id is none.
    case malformedPeerID
    /// The record is of another peer than the key that signed it.
    case wrongPeer(signer: PeerID, subject: PeerID)
    /// The signature does not hold.
    case invalidSignature
}

/// A signed envelope (libp2p RFC 0002): a payload with its type, the signer's key, and a signature that
/// holds in one domain only.
package struct SignedEnvelope: Hashable, Sendable {
    /// The signer's key.
    package let publicKey: PublicKey
    /// What the payload is: a multicodec.
    package let payloadType: [UInt8]
    /// The content.
    package let payload: [UInt8]
    /// The signature of `signedBytes`.
    package let signature: [UInt8]

    private enum Field {
        static let publicKey = 1
        static let payloadType = 2
        static let payload = 3
        static let signature = 5
    }

    /// Seals a payload.
    package init(domain: String, payloadType: [UInt8], payload: [UInt8], identity: IdentityKey) {
        publicKey = identity.publicKey
        self.payloadType = payloadType
        self.payload = payload
        signature = identity.sign(
            Self.signedBytes(domain: domain, payloadType: payloadType, payload: payload))
    }

    /// Reads an envelope of at most `limit` bytes. The signature is not checked.
    package init(decoding bytes: [UInt8], limit: Int) throws(PeerRecordError) {
        guard bytes.count <= limit else {
            throw .tooLong(byteCount: bytes.count, limit: limit)
        }
        var key: [UInt8]?
        var type: [UInt8]?
        var payload: [UInt8]?
        var signature: [UInt8]?
        do {
            var reader = WireReader(bytes)
            while let field = try reader.next() {
                switch field.number {
                case Field.publicKey: key = try field.bytes(limit: limit)
                case Field.payloadType: type = try field.bytes(limit: limit)
                case Field.payload: payload = try field.bytes(limit: limit)
                case Field.signature: signature = try field.bytes(limit: limit)
                default: break
                }
            }
        } catch {
            throw .malformed(error)
        }
        guard let key else { throw .malformed(.missing(field: Field.publicKey)) }
        guard let type else { throw .malformed(.missing(field: Field.payloadType)) }
        guard let payload else { throw .malformed(.missing(field: Field.payload)) }
        guard let signature else { throw .malformed(.missing(field: Field.signature)) }
        do {
            publicKey = try PublicKey(encoded: key)
        } catch {
            throw .malformedKey(error)
        }
        payloadType = type
        self.payload = payload
        self.signature = signature
        // Else one record could be passed around in endless forms, all with a valid signature.
        guard encoded == bytes else { throw .notCanonical }
    }

    /// The one encoding.
    package var encoded: [UInt8] {
        var writer = WireWriter(reservingCapacity: payload.count + 128)
        writer.bytes(Field.publicKey, publicKey.encoded)
        writer.bytes(Field.payloadType, payloadType)
        writer.bytes(Field.payload, payload)
        writer.bytes(Field.signature, signature)
        return writer.bytes
    }

    /// Checks the signature under a domain.
    package func verify(domain: String) throws(PeerRecordError) {
        let message = Self.signedBytes(
            domain: domain, payloadType: payloadType, payload: payload)
        let isValid: Bool
        do {
            isValid = try publicKey.isValidSignature(signature, for: message)
        } catch {
            throw .unsupportedKeyType(publicKey.type)
        }
        guard isValid else { throw .invalidSignature }
    }

    /// Domain, type and payload, each with its length in front.
    private static func signedBytes(
        domain: String, payloadType: [UInt8], payload: [UInt8]
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        for part in [Array(domain.utf8), payloadType, payload] {
            Varint.append(UInt64(part.count), to: &bytes)
            bytes += part
        }
        return bytes
    }
}
