import LibP2P
import SystemCrypto
import Testing

@Suite struct RPCTests {
    private let topic = "/das/1/column/7"
    private let aa = [UInt8](repeating: 0xaa, count: 20)

    private func rpc(_ change: (inout RPC) -> Void) -> RPC {
        var rpc = RPC()
        change(&rpc)
        return rpc
    }

    private func body(_ rpc: RPC) throws -> String {
        let frames = rpc.frames(limit: 16_000)
        #expect(frames.count == 1)
        var assembler = FrameAssembler(limit: 1 << 20)
        assembler.append(frames[0])
        return try #require(try assembler.next()).hex
    }

    @Test func messageOfTheVectors() throws {
        let data = Array("column bytes".utf8)
        let id = MessageID.ofTopicAndData(topic, data)
        #expect(id.description == "4ed17478374dd220f5247a6fc6ad7436d79b4fa7")
        let frame = MessageFrame(id: id, topic: topic, data: data)
        #expect(
            frame.bytes.hex
                == "21121f120c636f6c756d6e206279746573220f2f6461732f312f636f6c756d6e2f37")
        #expect(
            MessageFrame.rpcByteCount(topic: topic, data: data.count) == frame.bytes.count - 1)
        let read = try RPC(decoding: Array(frame.bytes.dropFirst()))
        #expect(read == rpc { $0.messages = [RPC.Message(topic: topic, data: data)] })
    }

    @Test func controlOfTheVectors() throws {
        let id = try #require(MessageID(bytes: aa))
        let cases: [(RPC, String)] = [
            (
                rpc { $0.subscriptions = [RPC.Subscription(topic: topic, subscribes: true)] },
                "0a130801120f2f6461732f312f636f6c756d6e2f37"
            ),
            (rpc { $0.graft = [topic] }, "1a131a110a0f2f6461732f312f636f6c756d6e2f37"),
            (
                rpc { $0.prune = [RPC.Prune(topic: topic, backoffSeconds: 60)] },
                "1a1522130a0f2f6461732f312f636f6c756d6e2f37183c"
            ),
            (
                rpc { $0.ihave = [RPC.IHave(topic: topic, ids: [id])] },
                "1a290a270a0f2f6461732f312f636f6c756d6e2f371214" + aa.hex
            ),
            (rpc { $0.iwant = [id] }, "1a1812160a14" + aa.hex),
            (
                rpc {
                    $0.idontwant = [id]
                    $0.idontwantParts = 1
                }, "1a182a160a14" + aa.hex
            ),
        ]
        for (rpc, hex) in cases {
            #expect(try body(rpc) == hex)
            #expect(try RPC(decoding: [UInt8](hex: hex)) == rpc)
        }
    }

    @Test func signedMessagesAreKnownAsSuch() throws {
        for hex in ["0a00", "1a00", "2a00", "3200", "0a0101", "1a080000000000000001"] {
            let message = [UInt8](hex: hex + "120161" + "220174")
            let read = try RPC(decoding: [0x12, UInt8(message.count)] + message)
            #expect(read.messages == [RPC.Message(topic: "t", data: [0x61], isSigned: true)])
        }
    }

    @Test func unknownFieldsAndRepeatedTopicsAreTolerated() throws {
        // Topic twice: the last counts. Field 9 and 500 are nothing.
        let message = [UInt8](hex: "220161" + "4a0178" + "a21f0178" + "120179" + "220162")
        let read = try RPC(
            decoding: [UInt8](hex: "22017a" + "5001") + [0x12, UInt8(message.count)] + message)
        #expect(read.messages == [RPC.Message(topic: "b", data: [0x79])])
    }

    @Test func controlStaysWithinTheLimit() throws {
        var ids: [MessageID] = []
        for number in 0..<5000 {
            ids.append(.ofTopicAndData("x", withUnsafeBytes(of: number) { Array($0) }))
        }
        let full = rpc {
            $0.ihave = [RPC.IHave(topic: topic, ids: ids)]
            $0.iwant = ids
            $0.idontwant = ids
            $0.graft = (0..<300).map { "/a/long/topic/name/number/\($0)" }
            $0.prune = (0..<300).map { RPC.Prune(topic: "topic \($0)", backoffSeconds: 60) }
            $0.subscriptions = (0..<300).map { RPC.Subscription(topic: "s\($0)", subscribes: true) }
            $0.messages = [RPC.Message(topic: topic, data: [UInt8](repeating: 1, count: 60_000))]
        }
        var read = RPC()
        let frames = full.frames(limit: 16_000)
        for (index, frame) in frames.enumerated() {
            if index < frames.count - 1 { #expect(frame.count <= 16_003) }
            var assembler = FrameAssembler(limit: 65_536)
            assembler.append(frame)
            let part = try RPC(decoding: try #require(try assembler.next()))
            read.subscriptions += part.subscriptions
            read.graft += part.graft
            read.prune += part.prune
            read.iwant += part.iwant
            read.idontwant += part.idontwant
            read.messages += part.messages
            for have in part.ihave {
                #expect(have.topic == topic)
                read.ihave = [
                    RPC.IHave(topic: topic, ids: (read.ihave.first?.ids ?? []) + have.ids)
                ]
            }
        }
        #expect(read == full)
    }

    @Test func tooManyPartsAreRefused() {
        var limits = RPCLimits()
        limits.subscriptions = 3
        limits.messages = 3
        limits.controlParts = 3
        limits.messageIDs = 3
        func refuses(_ bytes: [UInt8], _ field: Int) {
            #expect(throws: WireError.tooMany(field: field, limit: 3)) {
                try RPC(decoding: bytes, limits: limits)
            }
        }
        let many = { (part: String) in [UInt8](hex: String(repeating: part, count: 4)) }
        refuses(many("0a00"), 1)
        refuses(many("1200"), 2)
        for field in 1...5 {
            let part =
                [UInt8](hex: "1a08") + many([UInt8](arrayLiteral: UInt8(field << 3 | 2), 0).hex)
            refuses(part, field)
            refuses(many("1a02" + [UInt8(field << 3 | 2), 0].hex), field)
        }
        // Ids count over all parts, of whatever length they are.
        refuses([UInt8](hex: "1a0a" + "1208" + "0a000a000a000a00"), 1)
    }

    @Test func uselessPartsAreSkipped() throws {
        let peer = try VirtualNetwork.configuration(0).publicKey.peerID
        var prune = WireWriter()
        prune.message(3) { control in
            control.message(4) { part in
                part.string(1, "t")
                part.uint64(3, .max)
                part.message(2) { $0.bytes(1, [1, 2, 3]) }
                part.message(2) { _ in }
                part.message(2) {
                    $0.bytes(1, peer.bytes)
                    $0.bytes(2, [UInt8](repeating: 0, count: 3000))
                }
                for _ in 0..<40 { part.message(2) { $0.bytes(1, peer.bytes) } }
            }
            control.message(2) { part in
                part.bytes(1, [])
                part.bytes(1, [UInt8](repeating: 1, count: 19))
                part.bytes(1, [UInt8](repeating: 1, count: 20))
                part.bytes(1, [UInt8](repeating: 1, count: 21))
            }
        }
        let read = try RPC(decoding: prune.bytes)
        #expect(read.prune.first?.backoffSeconds == .max)
        #expect(read.prune.first?.peers.count == 32 - 3)
        #expect(read.iwant.count == 1)
        #expect(read.skippedParts == 3 + 11 + 3)
    }

    /// Parts that are skipped are read all the same: what is no protobuf is no RPC.
    @Test func skippedPartsAreReadToTheirEnds() throws {
        func prune(_ peers: (inout WireWriter) -> Void) -> [UInt8] {
            var writer = WireWriter()
            writer.message(3) { control in control.message(4) { peers(&$0) } }
            return writer.bytes
        }
        // An over-long record with an unfinished field after it; the same beyond the last peer read.
        let long = prune { part in
            part.message(2) { peer in
                peer.bytes(2, [UInt8](repeating: 0, count: 3000))
                peer.message(1) { _ in }
                peer.uint64(1, 1)
            }
        }
        let many = prune { part in
            for _ in 0..<32 { part.message(2) { _ in } }
            part.message(2) { $0.uint64(2, 1) }
        }
        #expect(throws: WireError.wrongWireType(field: 1)) { try RPC(decoding: long) }
        #expect(throws: WireError.wrongWireType(field: 2)) { try RPC(decoding: many) }
        // An author that is a number.
        var signed = WireWriter()
        signed.message(2) { $0.uint64(1, 7) }
        #expect(throws: WireError.wrongWireType(field: 1)) { try RPC(decoding: signed.bytes) }
    }

    @Test func longAndBrokenTopicsAreRefused() {
        let long = [UInt8](repeating: 0x61, count: 257)
        var writer = WireWriter()
        writer.message(1) { $0.bytes(2, long) }
        #expect(throws: WireError.tooLong(field: 2, length: 257, limit: 256)) {
            try RPC(decoding: writer.bytes)
        }
        #expect(throws: WireError.invalidUTF8(field: 1)) {
            try RPC(decoding: [UInt8](hex: "1a051a030a01ff"))
        }
        #expect(throws: WireError.wrongWireType(field: 2)) {
            try RPC(decoding: [UInt8](hex: "1001"))
        }
    }

    @Test func randomAndDamagedBytesNeverTrap() throws {
        var random = SeededRandom(number: 5)
        let id = MessageID.ofTopicAndData("t", [])
        let whole = rpc {
            $0.subscriptions = [RPC.Subscription(topic: "topic", subscribes: true)]
            $0.ihave = [RPC.IHave(topic: "t", ids: [id, id])]
            $0.iwant = [id]
            $0.graft = ["t"]
            $0.prune = [RPC.Prune(topic: "t", backoffSeconds: 60)]
            $0.idontwant = [id]
        }
        let start = Array(whole.frames(limit: 16_000)[0].dropFirst())
        for round in 0..<30_000 {
            var bytes: [UInt8]
            if round.isMultiple(of: 2) {
                bytes = (0..<random.uniform(below: 60)).map { _ in
                    UInt8(random.uniform(below: 256))
                }
            } else {
                bytes = start
                for _ in 0...random.uniform(below: 3) {
                    bytes[random.uniform(below: bytes.count)] = UInt8(random.uniform(below: 256))
                }
                if random.uniform(below: 4) == 0 {
                    bytes.removeLast(random.uniform(below: bytes.count))
                }
            }
            guard let read = try? RPC(decoding: bytes) else { continue }
            // What was read can be written and read again.
            var again = RPC()
            for frame in read.frames(limit: 16_000) {
                var assembler = FrameAssembler(limit: 1 << 20)
                assembler.append(frame)
                let part = try RPC(decoding: try #require(try assembler.next()))
                again.subscriptions += part.subscriptions
                again.messages += part.messages
                again.iwant += part.iwant
            }
            #expect(again.subscriptions == read.subscriptions)
            #expect(again.messages.map(\.data) == read.messages.map(\.data))
            #expect(again.iwant == read.iwant)
        }
    }
}
