/// A message as it goes to every peer: an RPC with nothing else in it, behind its length. Copies share
/// the bytes.
package struct MessageFrame: Sendable, Equatable {
    /// The message.
    package let id: MessageID
    /// Length, then the RPC.
    package let bytes: [UInt8]

    /// The frame of a message without author, sequence number and signature (StrictNoSign).
    package init(id: MessageID, topic: String, data: [UInt8]) {
        self.id = id
        bytes = Self.encode(topic: topic, data: data)
    }

    fileprivate static func encode(topic: String, data: [UInt8]) -> [UInt8] {
        let inner = Self.innerByteCount(topic: topic, data: data.count)
        let rpc = Self.fieldByteCount(inner)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Varint.byteCount(UInt64(rpc)) + rpc)
        Varint.append(UInt64(rpc), to: &bytes)
        Self.appendPrefix(field: RPCField.Top.message, count: inner, to: &bytes)
        Self.appendPrefix(field: RPCField.Message.data, count: data.count, to: &bytes)
        bytes.append(contentsOf: data)
        Self.appendPrefix(field: RPCField.Message.topic, count: topic.utf8.count, to: &bytes)
        bytes.append(contentsOf: topic.utf8)
        return bytes
    }

    /// Bytes of the RPC that holds a message, without the length in front.
    package static func rpcByteCount(topic: String, data: Int) -> Int {
        fieldByteCount(innerByteCount(topic: topic, data: data))
    }

    private static func innerByteCount(topic: String, data: Int) -> Int {
        fieldByteCount(data) + fieldByteCount(topic.utf8.count)
    }

    /// A field of number below 16 that holds `count` bytes.
    private static func fieldByteCount(_ count: Int) -> Int {
        1 + Varint.byteCount(UInt64(count)) + count
    }

    private static func appendPrefix(field: Int, count: Int, to bytes: inout [UInt8]) {
        bytes.append(UInt8(field << 3 | 2))
        Varint.append(UInt64(count), to: &bytes)
    }
}

extension RPC {
    /// The RPC in frames, each of at most `limit` bytes of RPC where its parts allow it (a topic's name
    /// can't be divided): subscriptions first, then control, then one frame for each message.
    ///
    /// rust-libp2p refuses control of over 16 KiB in an RPC, hence many frames for many ids.
    package func frames(limit: Int) -> [[UInt8]] {
        var packer = Packer(limit: limit)
        for subscription in subscriptions {
            var part = WireWriter()
            part.message(RPCField.Top.subscription) { inner in
                inner.bool(RPCField.Subscription.subscribes, subscription.subscribes)
                inner.string(RPCField.Subscription.topic, subscription.topic)
            }
            packer.add(part.bytes)
        }
        for topic in graft {
            packer.addControl(RPCField.Control.graft) { $0.string(RPCField.topic, topic) }
        }
        for prune in prune {
            packer.addControl(RPCField.Control.prune) { prune.write(to: &$0) }
        }
        for chunk in idChunks(iwant, limit: limit) {
            packer.addControl(RPCField.Control.iwant) { $0.ids(RPCField.ids, chunk) }
        }
        for chunk in idChunks(idontwant, limit: limit) {
            packer.addControl(RPCField.Control.idontwant) { $0.ids(RPCField.ids, chunk) }
        }
        for have in ihave {
            for chunk in idChunks(have.ids, limit: limit - have.topic.utf8.count) {
                packer.addControl(RPCField.Control.ihave) { part in
                    part.string(RPCField.topic, have.topic)
                    part.ids(RPCField.IHave.ids, chunk)
                }
            }
        }
        packer.flush()
        for message in messages {
            packer.frames.append(MessageFrame.encode(topic: message.topic, data: message.data))
        }
        return packer.frames
    }

    /// Pieces of a list of ids, each small enough that the RPC around it stays within `limit` bytes.
    private func idChunks(_ ids: [MessageID], limit: Int) -> [ArraySlice<MessageID>] {
        let perChunk = max(1, (limit - 32) / (MessageID.byteCount + 2))
        return stride(from: 0, to: ids.count, by: perChunk).map {
            ids[$0..<min($0 + perChunk, ids.count)]
        }
    }
}

extension RPC.Prune {
    fileprivate func write(to part: inout WireWriter) {
        part.string(RPCField.topic, topic)
        for record in peers {
            part.message(RPCField.Prune.peers) { inner in
                inner.bytes(RPCField.Peer.id, record.peer.bytes)
                if let envelope = record.signedRecord {
                    inner.bytes(RPCField.Peer.signedRecord, envelope)
                }
            }
        }
        if let backoffSeconds { part.uint64(RPCField.Prune.backoff, backoffSeconds) }
    }
}

extension WireWriter {
    fileprivate mutating func ids(_ field: Int, _ ids: ArraySlice<MessageID>) {
        for id in ids { bytes(field, id.bytes) }
    }
}

/// Fills frames up to a limit.
private struct Packer {
    let limit: Int
    var frames: [[UInt8]] = []
    private var top: [UInt8] = []
    private var control: [UInt8] = []

    init(limit: Int) {
        self.limit = limit
    }

    mutating func add(_ part: [UInt8]) {
        makeRoom(part.count)
        top += part
    }

    mutating func addControl(_ field: Int, _ body: (inout WireWriter) -> Void) {
        var part = WireWriter()
        part.message(field) { body(&$0) }
        makeRoom(part.bytes.count)
        control += part.bytes
    }

    private mutating func makeRoom(_ count: Int) {
        // 8 bytes are more than the tag and length around the control parts take.
        if !(top.isEmpty && control.isEmpty), top.count + control.count + count + 8 > limit {
            flush()
        }
    }

    mutating func flush() {
        guard !(top.isEmpty && control.isEmpty) else { return }
        var rpc = WireWriter()
        if !control.isEmpty { rpc.bytes(RPCField.Top.control, control) }
        frames.append(FrameAssembler.frame(top + rpc.bytes))
        top = []
        control = []
    }
}
