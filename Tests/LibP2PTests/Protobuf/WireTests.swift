import LibP2P
import Testing

@Suite struct VarintTests {
    @Test(arguments: [
        (UInt64(0), "00"), (1, "01"), (127, "7f"), (128, "8001"), (255, "ff01"), (300, "ac02"),
        (16384, "808001"), (UInt64(1) << 63 - 1, "ffffffffffffffff7f"),
    ])
    func roundTrip(value: UInt64, hex: String) throws {
        var bytes: [UInt8] = []
        Varint.append(value, to: &bytes)
        #expect(bytes.hex == hex)
        #expect(bytes.count == Varint.byteCount(value))
        let read = try Varint.read((bytes + [0x55])[...])
        #expect(read?.value == value)
        #expect(read?.byteCount == bytes.count)
        for cut in 0..<bytes.count {
            let partial = try Varint.read(bytes[..<cut])
            #expect(partial == nil)
        }
    }

    @Test func refusesLongAndPaddedEncodings() {
        #expect(throws: VarintError.notMinimal) { try Varint.read([0x80, 0x00]) }
        #expect(throws: VarintError.notMinimal) { try Varint.read([0xff, 0x80, 0x00]) }
        #expect(throws: VarintError.tooLong(maximumBytes: 9)) {
            try Varint.read(Array(repeating: 0x80, count: 9)[...])
        }
        #expect(throws: VarintError.tooLong(maximumBytes: 2)) {
            try Varint.read([0x80, 0x80], maximumBytes: 2)
        }
        #expect(Varint.byteCount(.max) == 10)
    }
}

@Suite struct WireTests {
    @Test func readsWhatWasWritten() throws {
        var writer = WireWriter()
        writer.uint64(1, 300)
        writer.bool(2, true)
        writer.bytes(3, [1, 2, 3])
        writer.string(4, "häm")
        writer.message(5) { inner in
            inner.string(1, "x")
        }
        #expect(
            writer.bytes.hex == "08ac02" + "1001" + "1a03010203" + "220468c3a46d" + "2a030a0178")

        var reader = WireReader(writer.bytes)
        var seen = 0
        while let field = try reader.next() {
            seen += 1
            switch field.number {
            case 1: #expect(try field.uint64() == 300)
            case 2: #expect(try field.bool())
            case 3: #expect(try field.bytes(limit: 3) == [1, 2, 3])
            case 4: #expect(try field.string(limit: 4) == "häm")
            case 5:
                var inner = try field.message(limit: 10)
                let first = try inner.next()
                #expect(try first?.string(limit: 1) == "x")
                #expect(try inner.next() == nil)
            default: Issue.record("unexpected field")
            }
        }
        #expect(seen == 5)
    }

    @Test func limitsHoldBeforeCopies() throws {
        var reader = WireReader([0x0a, 0x03, 1, 2, 3])
        let field = try #require(try reader.next())
        #expect(throws: WireError.tooLong(field: 1, length: 3, limit: 2)) {
            try field.bytes(limit: 2)
        }
        #expect(throws: WireError.wrongWireType(field: 1)) { try field.uint64() }
    }

    @Test(arguments: [
        ("0a", WireError.truncated(offset: 1)),
        ("0a05aa", .truncated(offset: 1)),
        ("0affffffffffffffffff01", .truncated(offset: 1)),
        ("08ffffffffffffffffff02", .varintTooLong(offset: 1)),
        ("0880808080808080808080808000", .varintTooLong(offset: 1)),
        ("08", .truncated(offset: 1)),
        ("0880", .truncated(offset: 1)),
        ("0001", .invalidFieldNumber(offset: 0)),
        ("808080808001", .invalidFieldNumber(offset: 0)),
        ("0b", .unsupportedWireType(3, field: 1)),
        ("0f", .unsupportedWireType(7, field: 1)),
        ("0d010203", .truncated(offset: 1)),
        ("0901020304050607", .truncated(offset: 1)),
    ])
    func refusesMalformed(hex: String, error: WireError) {
        #expect(throws: error) {
            var reader = WireReader([UInt8](hex: hex))
            while try reader.next() != nil {}
        }
    }

    @Test func acceptsPaddedVarintsAsProtobufDoes() throws {
        var reader = WireReader([UInt8](hex: "088100" + "10ffffffffffffffffff01"))
        #expect(try reader.next()?.uint64() == 1)
        #expect(try reader.next()?.uint64() == .max)
    }

    @Test func refusesBrokenText() throws {
        for hex in ["ff", "c3", "c080", "eda080", "f4908080"] {
            let bytes = [UInt8](hex: hex)
            var reader = WireReader([0x0a, UInt8(bytes.count)] + bytes)
            let field = try #require(try reader.next())
            #expect(throws: WireError.invalidUTF8(field: 1)) { try field.string(limit: 9) }
        }
    }

    @Test func randomBytesNeverTrap() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let count = Int.random(in: 0..<40, using: &random)
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            var reader = WireReader(bytes)
            do {
                while let field = try reader.next() {
                    _ = try? field.string(limit: 8)
                    if var inner = try? field.message(limit: 64) {
                        while (try? inner.next()) != nil {}
                    }
                }
            } catch {}
        }
    }
}

@Suite struct FrameAssemblerTests {
    @Test(arguments: [1, 2, 3, 7, 1000])
    func cutsAnySplit(step: Int) throws {
        let messages: [[UInt8]] = [[], [1], Array(repeating: 7, count: 300), [2, 3]]
        let stream = messages.flatMap(FrameAssembler.frame)
        var assembler = FrameAssembler(limit: 300)
        var received: [[UInt8]] = []
        var at = 0
        while at < stream.count {
            let upTo = min(at + step, stream.count)
            assembler.append(stream[at..<upTo])
            while let message = try assembler.next() { received.append(message) }
            at = upTo
        }
        #expect(received == messages)
        #expect(assembler.isAtBoundary)
    }

    @Test func refusesBeforeTheBody() {
        var assembler = FrameAssembler(limit: 10)
        assembler.append([11])
        #expect(throws: FrameError.tooLong(length: 11, limit: 10)) { try assembler.next() }
        var padded = FrameAssembler(limit: 10)
        padded.append([0x81, 0x00])
        #expect(throws: FrameError.malformedLength(.notMinimal)) { try padded.next() }
        var huge = FrameAssembler(limit: 10)
        huge.append([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])
        #expect(throws: FrameError.tooLong(length: UInt64(Int64.max), limit: 10)) {
            try huge.next()
        }
    }
}
