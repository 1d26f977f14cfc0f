import Foundation
import LibP2P
import SwiftProtobuf

/// The hand-written codecs of libp2p's protobuf messages against swift-protobuf.
///
/// Whatever ours reads, swift-protobuf reads too, as the same values; whatever swift-protobuf reads
/// and ours does not is refused for a reason that `WireError` documents: a limit, a known field in
/// another wire type (protobuf skips those), a group, or a number beyond 64 bits. And what ours
/// writes, swift-protobuf reads.
let protobufTarget = FuzzTarget(
    name: "protobuf", maximumLength: 4096,
    seeds: {
        (0..<60).map { number in
            var random = FuzzRandom(seed: UInt64(500 + number))
            return [UInt8(number % 5), UInt8(number % 3)] + random.bytes(30 + 5 * number)
        }
    },
    run: { bytes in
        var reader = ByteReader(bytes)
        switch reader.below(5) {
        case 0, 1: compareRPC(&reader)
        case 2: compareIdentify(&reader)
        case 3: compareNoise(&reader)
        default: compareKeys(&reader)
        }
    })

/// The bytes of a message: those that are left, or a message made from them, altered or not.
private func encoding(
    _ reader: inout ByteReader, _ make: (inout ByteReader) -> any SwiftProtobuf.Message
) -> [UInt8] {
    let choice = reader.below(3)
    if choice == 0 { return reader.rest() }
    let message = make(&reader)
    var bytes: [UInt8] = must("serializing") { try message.serializedBytes(partial: true) }
    guard choice == 1 else { return bytes }
    for _ in 0...reader.below(3) where !bytes.isEmpty {
        let place = reader.below(bytes.count)
        switch reader.below(4) {
        case 0: bytes[place] ^= 1 << UInt8(reader.below(8))
        case 1: bytes[place] = reader.byte()
        case 2: bytes.remove(at: place)
        default: bytes.insert(contentsOf: reader.take(1 + reader.below(6)), at: place)
        }
    }
    return bytes
}

/// Requires that a refusal by us alone has one of the documented reasons.
private func checkReason(_ error: WireError, isReadByReference: Bool) {
    guard isReadByReference else { return }
    switch error {
    case .tooLong, .tooMany, .wrongWireType, .unsupportedWireType, .varintTooLong, .missing: return
    case .truncated, .invalidFieldNumber, .invalidUTF8, .invalidValue:
        finding("swift-protobuf reads what is refused with \(error)")
    }
}

// MARK: - Gossip

extension ByteReader {
    fileprivate mutating func topic() -> String {
        pick(["", "a", "topic", "höhe", String(repeating: "t", count: 255 + below(3))])
    }

    fileprivate mutating func messageID() -> Data {
        Data(exactly(below(4) == 0 ? below(24) : 20))
    }

    fileprivate mutating func peerID() -> Data {
        switch below(4) {
        case 0: Data(take(below(50)))
        case 1: Data([0x12, 0x20] + exactly(32))
        default: Data([0, 36, 8, 1, 18, 32] + exactly(32))
        }
    }

    fileprivate mutating func rpc() -> any SwiftProtobuf.Message {
        var rpc = Libp2p_Reference_RPC()
        for _ in 0..<below(4) {
            var subscription = Libp2p_Reference_RPC.SubOpts()
            if bit() { subscription.subscribe = bit() }
            if bit() { subscription.topicid = topic() }
            rpc.subscriptions.append(subscription)
        }
        for _ in 0..<below(4) {
            var message = Libp2p_Reference_Message()
            if byte() < 240 { message.topic = topic() }
            if byte() < 240 { message.data = Data(take(below(200))) }
            if byte() > 240 { message.from = peerID() }
            if byte() > 240 { message.seqno = Data(take(8)) }
            if byte() > 240 { message.signature = Data(take(below(3))) }
            if byte() > 240 { message.key = Data() }
            rpc.publish.append(message)
        }
        if bit() { rpc.control = control() }
        return rpc
    }

    private mutating func control() -> Libp2p_Reference_ControlMessage {
        typealias Control = Libp2p_Reference_ControlMessage
        var control = Control()
        for _ in 0..<below(4) {
            var part = Control.IHave()
            if bit() { part.topicID = topic() }
            part.messageIds = (0..<below(4)).map { _ in messageID() }
            control.ihave.append(part)
        }
        for _ in 0..<below(3) {
            var part = Control.IWant()
            part.messageIds = (0..<below(4)).map { _ in messageID() }
            control.iwant.append(part)
        }
        for _ in 0..<below(3) {
            var part = Control.Graft()
            if bit() { part.topicID = topic() }
            control.graft.append(part)
        }
        for _ in 0..<below(3) {
            var part = Control.Prune()
            if bit() { part.topicID = topic() }
            if bit() { part.backoff = uint64() }
            for _ in 0..<below(4) {
                var peer = Control.PeerInfo()
                if byte() < 240 { peer.peerID = peerID() }
                if bit() { peer.signedPeerRecord = Data(take(below(100))) }
                part.peers.append(peer)
            }
            control.prune.append(part)
        }
        for _ in 0..<below(3) {
            var part = Control.IDontWant()
            part.messageIds = (0..<below(4)).map { _ in messageID() }
            control.idontwant.append(part)
        }
        return control
    }
}

/// The same values in our terms, with what has no use left out and counted.
private func translated(_ reference: Libp2p_Reference_RPC) -> RPC {
    var rpc = RPC()
    func ids(_ data: [Data]) -> [MessageID] {
        let ids = data.compactMap { MessageID(bytes: $0) }
        rpc.skippedParts += data.count - ids.count
        return ids
    }
    rpc.subscriptions = reference.subscriptions.map {
        RPC.Subscription(topic: $0.topicid, subscribes: $0.subscribe)
    }
    rpc.messages = reference.publish.map {
        RPC.Message(
            topic: $0.topic, data: Array($0.data),
            isSigned: $0.hasFrom || $0.hasSeqno || $0.hasSignature || $0.hasKey)
    }
    let control = reference.control
    rpc.ihave = control.ihave.map { RPC.IHave(topic: $0.topicID, ids: ids($0.messageIds)) }
    rpc.iwant = control.iwant.flatMap { ids($0.messageIds) }
    rpc.graft = control.graft.map(\.topicID)
    rpc.prune = control.prune.map { part in
        let records = part.peers.prefix(RPCLimits().exchangedPeers)
            .compactMap { info -> PeerExchangeRecord? in
                guard let peer = try? PeerID(bytes: info.peerID),
                    info.signedPeerRecord.count <= RPCLimits().signedRecordBytes
                else { return nil }
                let record = Array(info.signedPeerRecord)
                return PeerExchangeRecord(
                    peer: peer, signedRecord: record.isEmpty ? nil : record)
            }
        rpc.skippedParts += part.peers.count - records.count
        return RPC.Prune(
            topic: part.topicID, backoffSeconds: part.hasBackoff ? part.backoff : nil,
            peers: records)
    }
    rpc.idontwant = control.idontwant.flatMap { ids($0.messageIds) }
    rpc.idontwantParts = control.idontwant.count
    return rpc
}

private func compareRPC(_ reader: inout ByteReader) {
    let limit = 256 + 16 * reader.below(64)
    let bytes = encoding(&reader) { $0.rpc() }
    let reference = try? Libp2p_Reference_RPC(serializedBytes: bytes)
    let rpc: RPC
    do throws(WireError) { rpc = try RPC(decoding: bytes) } catch {
        return checkReason(error, isReadByReference: reference != nil)
    }
    guard let reference else { finding("an RPC that swift-protobuf refuses was read") }
    require(rpc == translated(reference), "an RPC was read as \(rpc)")
    // And back, in frames.
    var together = RPC()
    for frame in rpc.frames(limit: limit) {
        var assembler = FrameAssembler(limit: 1 << 20)
        assembler.append(frame)
        let body = must("frame") { try assembler.next() }
        require(assembler.isAtBoundary, "more than one message in a frame")
        let part = translated(must("frame") { try Libp2p_Reference_RPC(serializedBytes: body) })
        require(part.skippedParts == 0, "frames with parts of no use")
        together.subscriptions += part.subscriptions
        together.messages += part.messages
        together.graft += part.graft
        together.prune += part.prune
        together.iwant += part.iwant
        together.idontwant += part.idontwant
        for have in part.ihave {
            if together.ihave.last?.topic == have.topic {
                together.ihave[together.ihave.count - 1].ids += have.ids
            } else {
                together.ihave.append(have)
            }
        }
    }
    var expected = rpc
    for index in expected.messages.indices { expected.messages[index].isSigned = false }
    expected.skippedParts = 0
    expected.idontwantParts = 0
    // Pieces of one list can't be told from lists of one topic that follow one another.
    expected.ihave = rpc.ihave.filter { !$0.ids.isEmpty }.reduce(into: []) { joined, have in
        if joined.last?.topic == have.topic {
            joined[joined.count - 1].ids += have.ids
        } else {
            joined.append(have)
        }
    }
    require(together == expected, "frames say \(together) instead of \(expected)")
}

// MARK: - Identify

extension ByteReader {
    fileprivate mutating func identify() -> any SwiftProtobuf.Message {
        var message = Libp2p_Reference_Identify()
        if bit() { message.publicKey = Data(take(below(80))) }
        for _ in 0..<below(5) { message.listenAddrs.append(address()) }
        if byte() > 250 { message.listenAddrs += (0..<40).map { _ in Data([6, 1, 2]) } }
        for _ in 0..<below(4) { message.protocols.append(topic()) }
        if byte() > 250 { message.protocols += (0..<140).map { "/p/\($0)" } }
        if bit() { message.observedAddr = address() }
        if bit() { message.protocolVersion = topic() }
        if bit() { message.agentVersion = topic() }
        if bit() { message.signedPeerRecord = Data(take(below(80))) }
        return message
    }

    private mutating func address() -> Data {
        switch below(4) {
        case 0: Data(take(below(30)))
        case 1: Data([4] + exactly(4) + [6] + exactly(2))
        case 2: Data([41] + exactly(16) + [6] + exactly(2) + [0xa5, 0x03] + [38] + peerID())
        default: Data([53, 3] + Array("abc".utf8) + [6] + exactly(2))
        }
    }
}

private func translated(_ reference: Libp2p_Reference_Identify) -> IdentifyMessage {
    var message = IdentifyMessage()
    if reference.hasPublicKey { message.publicKey = Array(reference.publicKey) }
    message.listenAddresses = Array(
        reference.listenAddrs.compactMap { try? Multiaddr(bytes: $0) }
            .prefix(IdentifyMessage.maximumAddresses))
    message.protocols = Array(reference.protocols.prefix(IdentifyMessage.maximumProtocols))
    if reference.hasObservedAddr {
        message.observedAddress = try? Multiaddr(bytes: reference.observedAddr)
    }
    if reference.hasProtocolVersion { message.protocolVersion = reference.protocolVersion }
    if reference.hasAgentVersion { message.agentVersion = reference.agentVersion }
    if reference.hasSignedPeerRecord {
        message.signedPeerRecord = Array(reference.signedPeerRecord)
    }
    return message
}

private func compareIdentify(_ reader: inout ByteReader) {
    let limit = reader.below(4096)
    let bytes = encoding(&reader) { $0.identify() }
    let reference = try? Libp2p_Reference_Identify(serializedBytes: bytes)
    let message: IdentifyMessage
    do throws(WireError) { message = try IdentifyMessage(decoding: bytes) } catch {
        return checkReason(error, isReadByReference: reference != nil)
    }
    guard let reference else { finding("an identify that swift-protobuf refuses was read") }
    require(message == translated(reference), "identify was read as \(message)")
    let whole = message.encoded(limit: .max)
    let again = must("identify") { try Libp2p_Reference_Identify(serializedBytes: whole) }
    require(translated(again) == message, "identify is written as another message")
    let short = message.encoded(limit: limit)
    let part = must("identify") { try IdentifyMessage(decoding: short) }
    require(
        message.listenAddresses.starts(with: part.listenAddresses)
            && message.protocols.starts(with: part.protocols), "a shortened identify")
    require(
        short.count <= limit || (part.listenAddresses.isEmpty && part.protocols.isEmpty),
        "\(short.count) bytes of \(limit)")
}

// MARK: - Noise

extension ByteReader {
    fileprivate mutating func noise() -> any SwiftProtobuf.Message {
        var payload = Libp2p_Reference_NoiseHandshakePayload()
        if byte() < 240 { payload.identityKey = Data(take(below(60))) }
        if byte() < 240 { payload.identitySig = Data(take(below(80))) }
        if bit() {
            for _ in 0..<below(3) {
                payload.extensions.webtransportCerthashes.append(Data(take(3)))
            }
            for _ in 0..<below(18) { payload.extensions.streamMuxers.append(topic()) }
        }
        return payload
    }
}

private func translated(_ reference: Libp2p_Reference_NoiseHandshakePayload) -> NoisePayload {
    let muxers = reference.extensions.streamMuxers
    return NoisePayload(
        identityKey: Array(reference.identityKey), signature: Array(reference.identitySig),
        muxers: muxers.isEmpty ? nil : muxers)
}

private func compareNoise(_ reader: inout ByteReader) {
    let bytes = encoding(&reader) { $0.noise() }
    let reference = try? Libp2p_Reference_NoiseHandshakePayload(serializedBytes: bytes)
    let payload: NoisePayload
    do throws(WireError) { payload = try NoisePayload(decoding: bytes) } catch {
        if case .missing(let field) = error, let reference {
            require(
                field == 1 ? !reference.hasIdentityKey : !reference.hasIdentitySig,
                "field \(field) is not missing")
        }
        return checkReason(error, isReadByReference: reference != nil)
    }
    guard let reference else { finding("a payload that swift-protobuf refuses was read") }
    require(reference.hasIdentityKey && reference.hasIdentitySig, "a field is missing")
    require(payload == translated(reference), "a payload was read as \(payload)")
    let again = must("payload") {
        try Libp2p_Reference_NoiseHandshakePayload(serializedBytes: payload.encoded)
    }
    require(translated(again) == payload, "a payload is written as another")
}

// MARK: - Keys

extension ByteReader {
    fileprivate mutating func key() -> any SwiftProtobuf.Message {
        var key = Libp2p_Reference_Key()
        if byte() < 250 { key.type = byte() < 250 ? UInt64(below(5)) : uint64() }
        if byte() < 250 {
            let seed = exactly(32)
            let own = must("key") { try IdentityKey(seed: seed) }.publicKey.data
            switch below(6) {
            case 0: key.data = Data(take(below(100)))
            case 1: key.data = Data(own)
            case 2: key.data = Data(exactly(33))
            case 3: key.data = Data(seed + own)
            case 4: key.data = Data(seed + own + own)
            default: key.data = Data(seed + own + exactly(32))
            }
        }
        return key
    }
}

private func compareKeys(_ reader: inout ByteReader) {
    let bytes = encoding(&reader) { $0.key() }
    let reference = try? Libp2p_Reference_Key(serializedBytes: bytes)
    // Of public keys exactly one encoding is right: that which swift-protobuf writes too.
    let canonical: [UInt8]? = reference.flatMap { try? $0.serializedBytes() }
    let lengths: [UInt64: (Int) -> Bool] = [
        0: { (1...1152).contains($0) }, 1: { $0 == 32 }, 2: { $0 == 33 },
        3: { (1...1152).contains($0) },
    ]
    let isRight =
        canonical == bytes && reference?.unknownFields.data.isEmpty == true
        && reference.map { lengths[$0.type]?($0.data.count) ?? false } == true
    do throws(IdentityError) {
        let key = try PublicKey(encoded: bytes)
        require(isRight, "a public key that is malformed was read")
        require(UInt64(key.type.rawValue) == reference?.type, "another type")
        require(Data(key.data) == reference?.data, "other data")
        require(key.encoded == bytes, "a public key is written as another")
        let id = key.peerID
        require(must("peer id") { try PeerID(bytes: id.bytes) } == id, "peer id")
        if let inner = id.publicKey { require(inner == key, "the key in the peer id is another") }
    } catch { require(!isRight, "a public key was refused: \(error)") }
    do throws(IdentityError) {
        let key = try IdentityKey(encoded: bytes)
        guard let reference else { finding("a private key that swift-protobuf refuses was read") }
        let data = Array(reference.data)
        require(reference.type == 1, "a private key of type \(reference.type)")
        require(
            data == key.seed + key.publicKey.data
                || data == key.seed + key.publicKey.data + key.publicKey.data,
            "a private key was read as another")
        require(must("key") { try IdentityKey(encoded: key.encoded) }.seed == key.seed, "key")
    } catch {
        guard let reference, reference.unknownFields.data.isEmpty, reference.type == 1 else {
            return
        }
        let data = Array(reference.data)
        guard data.count == 64, canonical == bytes else { return }
        let own = must("key") { try IdentityKey(seed: Array(data[..<32])) }.publicKey.data
        require(Array(data[32...]) != own, "a private key was refused: \(error)")
    }
}
