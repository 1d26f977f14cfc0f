extension RPC {
    /// Reads an RPC from its protobuf encoding (without the length in front).
    ///
    /// Limits hold while reading: nothing is kept of a part that is over one. Unknown fields are
    /// skipped.
    ///
    /// - Parameters:
    ///   - bytes: The whole RPC; its length was limited before.
    ///   - limits: How many parts of each kind there may be.
    ///   - topicLimit: Bytes of a topic's name, at most.
    /// - Throws: `WireError`: the sender does not keep to the protocol.
    package init(
        decoding bytes: [UInt8], limits: RPCLimits = RPCLimits(), topicLimit: Int = 256
    ) throws(WireError) {
        self.init()
        var decoder = Decoder(limits: limits, topicLimit: topicLimit)
        var reader = WireReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case RPCField.Top.subscription:
                try decoder.check(subscriptions.count, limits.subscriptions, field)
                subscriptions.append(try decoder.subscription(field))
            case RPCField.Top.message:
                try decoder.check(messages.count, limits.messages, field)
                messages.append(try decoder.message(field))
            case RPCField.Top.control:
                try decoder.control(field, into: &self)
            default:
                break
            }
        }
        skippedParts = decoder.skipped
    }
}

/// Counts while an RPC is read.
private struct Decoder {
    let limits: RPCLimits
    let topicLimit: Int
    var parts = [0, 0, 0, 0, 0, 0]
    var ids = 0
    var skipped = 0

    init(limits: RPCLimits, topicLimit: Int) {
        self.limits = limits
        self.topicLimit = topicLimit
    }

    func check(_ count: Int, _ limit: Int, _ field: WireReader.Field) throws(WireError) {
        guard count < limit else { throw .tooMany(field: field.number, limit: limit) }
    }

    func subscription(_ field: WireReader.Field) throws(WireError) -> RPC.Subscription {
        var topic = ""
        var subscribes = false
        var reader = try field.message(limit: .max)
        while let field = try reader.next() {
            switch field.number {
            case RPCField.Subscription.subscribes: subscribes = try field.bool()
            case RPCField.Subscription.topic: topic = try field.string(limit: topicLimit)
            default: break
            }
        }
        return RPC.Subscription(topic: topic, subscribes: subscribes)
    }

    func message(_ field: WireReader.Field) throws(WireError) -> RPC.Message {
        var topic = ""
        var data: ArraySlice<UInt8> = []
        var isSigned = false
        var reader = try field.message(limit: .max)
        while let field = try reader.next() {
            switch field.number {
            case RPCField.Message.data: data = try field.slice(limit: .max)
            case RPCField.Message.topic: topic = try field.string(limit: topicLimit)
            case RPCField.Message.from, RPCField.Message.sequenceNumber,
                RPCField.Message.signature, RPCField.Message.key:
                _ = try field.slice(limit: .max)
                isSigned = true
            default: break
            }
        }
        return RPC.Message(topic: topic, data: Array(data), isSigned: isSigned)
    }

    mutating func control(_ field: WireReader.Field, into rpc: inout RPC) throws(WireError) {
        var reader = try field.message(limit: .max)
        while let part = try reader.next() {
            guard (1...5).contains(part.number) else { continue }
            try check(parts[part.number], limits.controlParts, part)
            parts[part.number] += 1
            switch part.number {
            case RPCField.Control.ihave:
                let topic = try topic(part)
                let ids = try self.ids(part, number: RPCField.IHave.ids)
                rpc.ihave.append(RPC.IHave(topic: topic, ids: ids))
            case RPCField.Control.iwant:
                rpc.iwant += try ids(part, number: RPCField.ids)
            case RPCField.Control.graft:
                rpc.graft.append(try topic(part))
            case RPCField.Control.prune:
                rpc.prune.append(try prune(part))
            default:
                rpc.idontwant += try ids(part, number: RPCField.ids)
                rpc.idontwantParts += 1
            }
        }
    }

    private func topic(_ part: WireReader.Field) throws(WireError) -> String {
        var topic = ""
        var reader = try part.message(limit: .max)
        while let field = try reader.next() {
            if field.number == RPCField.topic { topic = try field.string(limit: topicLimit) }
        }
        return topic
    }

    private mutating func ids(
        _ part: WireReader.Field, number: Int
    ) throws(WireError) -> [MessageID] {
        var result: [MessageID] = []
        var reader = try part.message(limit: .max)
        while let field = try reader.next() {
            guard field.number == number else { continue }
            guard ids < limits.messageIDs else {
                throw .tooMany(field: field.number, limit: limits.messageIDs)
            }
            ids += 1
            if let id = MessageID(bytes: try field.slice(limit: .max)) {
                result.append(id)
            } else {
                skipped += 1
            }
        }
        return result
    }

    private mutating func prune(_ part: WireReader.Field) throws(WireError) -> RPC.Prune {
        var prune = RPC.Prune(topic: "")
        var seen = 0
        var reader = try part.message(limit: .max)
        while let field = try reader.next() {
            switch field.number {
            case RPCField.topic:
                prune.topic = try field.string(limit: topicLimit)
            case RPCField.Prune.backoff:
                prune.backoffSeconds = try field.uint64()
            case RPCField.Prune.peers:
                seen += 1
                if let record = try exchangedPeer(field), seen <= limits.exchangedPeers {
                    prune.peers.append(record)
                } else {
                    skipped += 1
                }
            default: break
            }
        }
        return prune
    }

    /// Nil for a record that is no use: its id is malformed or its envelope too long.
    private func exchangedPeer(
        _ field: WireReader.Field
    ) throws(WireError) -> PeerExchangeRecord? {
        var peer: PeerID?
        var envelope: ArraySlice<UInt8> = []
        var reader = try field.message(limit: .max)
        while let field = try reader.next() {
            switch field.number {
            case RPCField.Peer.id:
                let bytes = try field.slice(limit: .max)
                peer = try? PeerID(bytes: bytes)
            case RPCField.Peer.signedRecord: envelope = try field.slice(limit: .max)
            default: break
            }
        }
        guard let peer, envelope.count <= limits.signedRecordBytes else { return nil }
        return PeerExchangeRecord(
            peer: peer, signedRecord: envelope.isEmpty ? nil : Array(envelope))
    }
}
