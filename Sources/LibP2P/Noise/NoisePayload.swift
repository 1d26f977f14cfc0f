package import SystemCrypto

/// What a host proves itself with in every handshake: its channel key, signed once by its identity
/// key.
package struct NoiseIdentity: Sendable {
    /// The identity that the signature is of.
    package let publicKey: PublicKey
    let staticKey: X25519.PrivateKey
    let signature: [UInt8]

    /// Signs a channel key, which is made for this run of the process and never stored.
    package init(_ identity: IdentityKey, staticKey: X25519.PrivateKey) {
        publicKey = identity.publicKey
        self.staticKey = staticKey
        signature = identity.sign(Self.signedBytes(staticKey.publicKey))
    }

    /// What the identity key signs.
    static func signedBytes(_ staticKey: [UInt8]) -> [UInt8] {
        Array("noise-libp2p-static-key:".utf8) + staticKey
    }
}

/// The message in the second and third handshake messages: who a side is, and which stream
/// multiplexers it has.
package struct NoisePayload: Equatable, Sendable {
    /// The identity key, in libp2p's encoding.
    package var identityKey: [UInt8]
    /// The signature of the channel key.
    package var signature: [UInt8]
    /// The multiplexers, most wanted first; nil if the side named none.
    package var muxers: [String]?

    /// The most multiplexers that are read.
    static let maximumMuxers = 16

    package init(identityKey: [UInt8], signature: [UInt8], muxers: [String]?) {
        self.identityKey = identityKey
        self.signature = signature
        self.muxers = muxers
    }

    /// Decodes a payload, all of whose fields are limited; unknown fields are skipped.
    package init(decoding bytes: [UInt8]) throws(WireError) {
        var identityKey: [UInt8]?
        var signature: [UInt8]?
        var muxers: [String] = []
        var reader = WireReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: identityKey = try field.bytes(limit: PublicKey.maximumByteCount + 8)
            case 2: signature = try field.bytes(limit: 1024)
            case 4:
                var extensions = try field.message(limit: 8192)
                while let field = try extensions.next() {
                    guard field.number == 2 else { continue }
                    guard muxers.count < Self.maximumMuxers else {
                        throw .tooMany(field: 2, limit: Self.maximumMuxers)
                    }
                    muxers.append(try field.string(limit: 256))
                }
            default: break
            }
        }
        guard let identityKey else { throw .missing(field: 1) }
        guard let signature else { throw .missing(field: 2) }
        self.init(
            identityKey: identityKey, signature: signature, muxers: muxers.isEmpty ? nil : muxers)
    }

    /// The payload as it is sent.
    package var encoded: [UInt8] {
        var writer = WireWriter(reservingCapacity: 160)
        writer.bytes(1, identityKey)
        writer.bytes(2, signature)
        if let muxers {
            writer.message(4) { extensions in
                for muxer in muxers { extensions.string(2, muxer) }
            }
        }
        return writer.bytes
    }
}
