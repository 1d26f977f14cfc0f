import DamaskClient
import Foundation
import Testing

@Suite struct ClientValueSuite {
    @Test func hexadecimalGoesBothWays() throws {
        for bytes in [[], [0], [0xff, 0x00, 0xa5], [UInt8](0...255)] {
            let value = HexBytes(bytes)
            #expect(HexBytes(text: value.text) == value)
            #expect(value.text == "0x" + bytes.map { String(format: "%02x", $0) }.joined())
        }
        #expect(HexBytes(text: "A5")?.bytes == [0xa5])
        for text in ["0x1", "1", "0xg0", "0x 1", "zz", "0x0x00", "１２"] {
            #expect(HexBytes(text: text) == nil, "\(text)")
        }
        let encoded = try JSONText.encode(HexBytes([1, 2]))
        #expect(String(decoding: encoded, as: UTF8.self) == "\"0x0102\"")
        #expect(throws: DecodingError.self) {
            try JSONText.decode(HexBytes.self, Data("\"0x012\"".utf8))
        }
    }

    @Test func addressesOfServers() throws {
        #expect(try ServerAddress("127.0.0.1:1").url == "http://127.0.0.1:1")
        #expect(try ServerAddress("http://[::1]:7780/").url == "http://[::1]:7780")
        #expect(try ServerAddress("https://node.example").url == "https://node.example")
        for text in [
            "", "http://", "ftp://a", "http://a/path", "http://u:p@a", "http://a?b=c", "http://a#b",
        ] {
            #expect(throws: ClientError.self, "\(text)") { try ServerAddress(text) }
        }
    }

    @Test func eventStreams() throws {
        let text =
            ": comment\r\nevent: header\r\nid: 4\ndata: {\"a\":\ndata:1}\n\n" + "data: x\r\r"
            + "event: nothing\n\n" + "retry: 10\nunknown\ndata\n\n"
        // However it is cut, the same events come out.
        for size in [1, 2, 3, 7, text.utf8.count] {
            var parser = EventStreamParser(maximumEventBytes: 100)
            var events: [EventStreamParser.Event] = []
            let bytes = Array(text.utf8)
            for start in stride(from: 0, to: bytes.count, by: size) {
                events += try parser.take(bytes[start..<min(start + size, bytes.count)])
            }
            #expect(events.map(\.name) == ["header", "message", "message"])
            #expect(events.map(\.data) == ["{\"a\":\n1}", "x", ""])
            #expect(events.first?.id == "4")
        }
    }

    @Test func eventStreamsHaveALimit() throws {
        var parser = EventStreamParser(maximumEventBytes: 64)
        #expect(throws: EventStreamParser.Failure.tooLong(limit: 64)) {
            _ = try parser.take([UInt8](repeating: 0x61, count: 65))
        }
        // Many short lines of one event count together.
        parser = EventStreamParser(maximumEventBytes: 64)
        #expect(throws: EventStreamParser.Failure.tooLong(limit: 64)) {
            _ = try parser.take(Array(String(repeating: "data: aaaaaaa\n", count: 20).utf8))
        }
        // Events themselves may go on for ever.
        parser = EventStreamParser(maximumEventBytes: 64)
        let many = try parser.take(Array(String(repeating: "data: aaaaaaa\n\n", count: 1000).utf8))
        #expect(many.count == 1000)
    }

    @Test func stagesAreInOrder() {
        #expect(PublicationAnswer.Stage.signed.rank < PublicationAnswer.Stage.available.rank)
        #expect(
            PublicationAnswer.Stage.allCases.map(\.rank)
                == Array(PublicationAnswer.Stage.allCases.indices))
    }
}
