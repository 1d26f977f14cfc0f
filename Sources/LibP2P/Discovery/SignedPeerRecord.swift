/// Where a peer says it can be reached, in a form that others can pass on (libp2p RFC 0003): its addresses
/// with a sequence number, signed with its identity key.
///
/// A value of this type has a valid signature.
package struct SignedPeerRecord: Hashable, Sendable {
    /// The peer that the record is of and that signed it.
    package let peer: PeerID
    /// Of two records of a peer the one with the higher number counts.
    package let sequence: UInt64
    /// Its addresses, without `/p2p/…`, at most `maximumAddresses`.
    package let addresses: [Multiaddr]
    /// The envelope, as it is passed on.
    package let envelope: [UInt8]

    /// Bytes of an envelope, at most.
    package static let maximumBytes = 2048
    /// Addresses that are read; further ones are skipped.
    package static let maximumAddresses = 16

    /// What signatures of peer records hold for.
    private static let domain = "libp2p-peer-record"
    /// The multicodec of peer records, as all implementations write it.
    private static let payloadType: [UInt8] = [0x03, 0x01]

    private enum Field {
        static let peer = 1
        static let sequence = 2
        static let addresses = 3
        static let multiaddr = 1
    }

    /// Signs a record. Nil if it would be longer than `maximumBytes`.
    package init?(identity: IdentityKey, sequence: UInt64, addresses: [Multiaddr]) {
        let addresses = addresses.prefix(Self.maximumAddresses).map(\.transport)
        var payload = WireWriter(reservingCapacity: 256)
        payload.bytes(Field.peer, identity.peerID.bytes)
        if sequence > 0 { payload.uint64(Field.sequence, sequence) }
        for address in addresses {
            payload.message(Field.addresses) { $0.bytes(Field.multiaddr, address.bytes) }
        }
        let envelope = SignedEnvelope(
            domain: Self.domain, payloadType: Self.payloadType, payload: payload.bytes,
            identity: identity
        ).encoded
        guard envelope.count <= Self.maximumBytes else { return nil }
        peer = identity.peerID
        self.sequence = sequence
        self.addresses = addresses
        self.envelope = envelope
    }

    /// Reads an envelope and checks it: cheap checks first, the signature last.
    ///
    /// Addresses that this library does not understand are skipped, and those that end in another
    /// peer's id.
    package init(verifying bytes: [UInt8]) throws(PeerRecordError) {
        let envelope = try SignedEnvelope(decoding: bytes, limit: Self.maximumBytes)
        guard envelope.publicKey.type == .ed25519 else {
            throw .unsupportedKeyType(envelope.publicKey.type)
        }
        guard envelope.payloadType == Self.payloadType else {
            throw .wrongPayloadType(Array(envelope.payloadType.prefix(8)))
        }
        var subject: PeerID?
        var sequence: UInt64 = 0
        var addresses: [Multiaddr] = []
        do {
            var reader = WireReader(envelope.payload)
            while let field = try reader.next() {
                switch field.number {
                case Field.peer:
                    let id = try field.slice(limit: Self.maximumBytes)
                    guard let peer = try? PeerID(bytes: id) else {
                        throw PeerRecordError.malformedPeerID
                    }
                    subject = peer
                case Field.sequence:
                    sequence = try field.uint64()
                case Field.addresses:
                    let address = try Self.address(field)
                    if addresses.count < Self.maximumAddresses, let address {
                        addresses.append(address)
                    }
                default: break
                }
            }
        } catch let error as PeerRecordError {
            throw error
        } catch let error as WireError {
            throw .malformed(error)
        } catch {
            throw .malformedPeerID
        }
        guard let subject else { throw .malformed(.missing(field: Field.peer)) }
        let signer = envelope.publicKey.peerID
        guard subject == signer else { throw .wrongPeer(signer: signer, subject: subject) }
        try envelope.verify(domain: Self.domain)
        peer = subject
        self.sequence = sequence
        self.addresses = addresses.compactMap { address in
            guard let named = address.peerID else { return address }
            return named == subject ? address.transport : nil
        }
        self.envelope = bytes
    }

    private static func address(_ field: WireReader.Field) throws(WireError) -> Multiaddr? {
        var address: Multiaddr?
        var reader = try field.message(limit: maximumBytes)
        while let inner = try reader.next() {
            guard inner.number == Field.multiaddr else { continue }
            address = try? Multiaddr(bytes: try inner.slice(limit: maximumBytes))
        }
        return address
    }

    /// The narrowest scope of its addresses: the record may be given to peers of this scope or a
    /// narrower one. That of a record without addresses is the world.
    package var scope: AddressScope {
        addresses.map { $0.scope ?? .machine }.min() ?? .world
    }
}
