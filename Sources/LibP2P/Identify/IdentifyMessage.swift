/// The message of the identify protocol: what a peer says about itself. All fields are optional, and in a
/// push an absent one means "as before".
package struct IdentifyMessage: Sendable, Equatable {
    package var publicKey: [UInt8]?
    package var listenAddresses: [Multiaddr] = []
    package var protocols: [String] = []
    package var observedAddress: Multiaddr?
    package var protocolVersion: String?
    package var agentVersion: String?
    package var signedPeerRecord: [UInt8]?

    /// Addresses and protocols that are read; further ones are skipped.
    package static let maximumAddresses = 32
    package static let maximumProtocols = 128
    /// Bytes of a protocol's name, and of the two versions.
    package static let maximumTextBytes = 256

    private enum Field {
        static let publicKey = 1
        static let listenAddresses = 2
        static let protocols = 3
        static let observedAddress = 4
        static let protocolVersion = 5
        static let agentVersion = 6
        static let signedPeerRecord = 8
    }

    package init() {}

    /// Reads a message without the length in front. Addresses that this library does not understand are
    /// skipped.
    ///
    /// - Parameter bytes: The whole message; its length was limited before.
    /// - Throws: `WireError` if it is no such message.
    package init(decoding bytes: [UInt8]) throws(WireError) {
        var reader = WireReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case Field.publicKey:
                publicKey = try field.bytes(limit: 2048)
            case Field.listenAddresses:
                let bytes = try field.slice(limit: .max)
                guard listenAddresses.count < Self.maximumAddresses,
                    let address = try? Multiaddr(bytes: bytes)
                else { continue }
                listenAddresses.append(address)
            case Field.protocols:
                let name = try field.string(limit: Self.maximumTextBytes)
                if protocols.count < Self.maximumProtocols { protocols.append(name) }
            case Field.observedAddress:
                let bytes = try field.slice(limit: .max)
                observedAddress = try? Multiaddr(bytes: bytes)
            case Field.protocolVersion:
                protocolVersion = try field.string(limit: Self.maximumTextBytes)
            case Field.agentVersion:
                agentVersion = try field.string(limit: Self.maximumTextBytes)
            case Field.signedPeerRecord:
                signedPeerRecord = try field.bytes(limit: .max)
            default:
                break
            }
        }
    }

    /// The message without the length in front, in at most `limit` bytes: if need be addresses, then
    /// protocols, are left out from the end.
    package func encoded(limit: Int) -> [UInt8] {
        var shortened = self
        while true {
            let bytes = shortened.encoded
            guard bytes.count > limit else { return bytes }
            if shortened.signedPeerRecord != nil {
                shortened.signedPeerRecord = nil
            } else if !shortened.listenAddresses.isEmpty {
                shortened.listenAddresses.removeLast()
            } else if !shortened.protocols.isEmpty {
                shortened.protocols.removeLast()
            } else {
                return bytes
            }
        }
    }

    private var encoded: [UInt8] {
        var writer = WireWriter(reservingCapacity: 512)
        if let publicKey { writer.bytes(Field.publicKey, publicKey) }
        for address in listenAddresses { writer.bytes(Field.listenAddresses, address.bytes) }
        for name in protocols { writer.string(Field.protocols, name) }
        if let observedAddress { writer.bytes(Field.observedAddress, observedAddress.bytes) }
        if let protocolVersion { writer.string(Field.protocolVersion, protocolVersion) }
        if let agentVersion { writer.string(Field.agentVersion, agentVersion) }
        if let signedPeerRecord { writer.bytes(Field.signedPeerRecord, signedPeerRecord) }
        return writer.bytes
    }
}

extension IdentifyInfo {
    /// Takes over what `message` says and keeps what it leaves out.
    ///
    /// - Returns: False, with nothing changed, if the message has a public key that is not that of
    ///   `peer`.
    mutating func merge(_ message: IdentifyMessage, of peer: PeerID) -> Bool {
        if let encoded = message.publicKey {
            guard let key = try? PublicKey(encoded: encoded), key.peerID == peer else {
                return false
            }
            publicKey = key
        }
        if !message.listenAddresses.isEmpty {
            listenAddresses = message.listenAddresses.filter { address in
                address.peerID.map { $0 == peer } ?? true
            }
        }
        if !message.protocols.isEmpty { protocols = message.protocols }
        if let observed = message.observedAddress { observedAddress = observed }
        if let version = message.protocolVersion { protocolVersion = version }
        if let agent = message.agentVersion { agentVersion = agent }
        return true
    }

    /// What becomes of a signed record that a peer sent of itself.
    enum RecordOutcome {
        case taken
        /// As old as the one that is there, or older; or of a kind that can't be checked here.
        case ignored
        /// Of another peer, altered, or no record.
        case forged
    }

    /// Takes a peer's signed record if it holds and is newer than the one before.
    mutating func take(record envelope: [UInt8], of peer: PeerID) -> RecordOutcome {
        guard envelope != peerRecord?.envelope else { return .ignored }
        let record: SignedPeerRecord
        do {
            record = try SignedPeerRecord(verifying: envelope)
        } catch {
            switch error {
            case .unsupportedKeyType, .wrongPayloadType, .tooLong: return .ignored
            default: return .forged
            }
        }
        guard record.peer == peer else { return .forged }
        guard record.sequence > peerRecord?.sequence ?? 0 || peerRecord == nil else {
            return .ignored
        }
        peerRecord = record
        return .taken
    }
}
