import LibP2P
import SystemCrypto
import Testing

@Suite struct IdentifyTests {
    @Test func roundTrip() throws {
        var message = IdentifyMessage()
        message.publicKey = try HostBench.key(1).encoded
        message.listenAddresses = [Multiaddr(.v4(0x7f00_0001), tcp: 4001)]
        message.protocols = ["/a", "/b"]
        message.observedAddress = Multiaddr(.v4(1), tcp: 2)
        message.protocolVersion = "v"
        message.agentVersion = "a"
        message.signedPeerRecord = [1, 2]
        #expect(try IdentifyMessage(decoding: message.encoded(limit: 4096)) == message)
        // Written in the order of the field numbers of the specification.
        var small = IdentifyMessage()
        small.protocols = ["/x"]
        small.agentVersion = "y"
        #expect(small.encoded(limit: 100).hex == "1a022f78" + "320179")
    }

    @Test func lengthIsKept() throws {
        var message = IdentifyMessage()
        message.listenAddresses = (0..<32).map { Multiaddr(.v4(UInt32($0)), tcp: 1) }
        message.protocols = (0..<100).map { "/some/protocol/with/a/long/name/\($0)" }
        message.signedPeerRecord = [UInt8](repeating: 1, count: 2000)
        let bytes = message.encoded(limit: 1000)
        #expect(bytes.count <= 1000)
        let read = try IdentifyMessage(decoding: bytes)
        #expect(read.listenAddresses.isEmpty)
        #expect(read.protocols.count > 20)
    }

    @Test func remoteListsAreCut() throws {
        var writer = WireWriter()
        for number in 0..<200 {
            writer.bytes(2, number.isMultiple(of: 2) ? [0xff, 0x01] : [4, 1, 2, 3, 4])
            writer.string(3, "/p/\(number)")
        }
        writer.bytes(4, [1, 2, 3])
        let read = try IdentifyMessage(decoding: writer.bytes)
        #expect(read.listenAddresses.count == 32)
        #expect(read.protocols.count == 128)
        #expect(read.observedAddress == nil)
    }

    @Test func isAnsweredAndAsked() throws {
        var bench = try HostBench {
            $0.listenAddresses = [Multiaddr(.v4(0x0101_0101), tcp: 9)]
        }
        let id = try bench.connect(1)
        let asked = try bench.grant(HostProtocol.identify, on: id)
        #expect(bench.finishes == [asked])
        let theirs = bench.inbound(id, HostProtocol.identify)
        let answer = try IdentifyMessage(decoding: try #require(try bench.frames(theirs).first))
        #expect(answer.publicKey == bench.host.configuration.publicKey.encoded)
        #expect(answer.observedAddress == Multiaddr(.v4(0x0102_0304), tcp: 4001))
        #expect(answer.listenAddresses == [Multiaddr(.v4(0x0101_0101), tcp: 9)])
        #expect(answer.protocols.contains("/meshsub/1.2.0"))
        #expect(answer.protocols.contains("/test/echo/1"))
        #expect(bench.finishes == [asked, theirs])

        var message = IdentifyMessage()
        message.publicKey = try HostBench.key(1).encoded
        message.protocols = [HostProtocol.identifyPush]
        message.agentVersion = "other"
        let frame = FrameAssembler.frame(message.encoded(limit: 4096))
        for byte in frame { bench.send(asked, [byte]) }
        bench.end(asked)
        let peer = try HostBench.peer(1)
        #expect(bench.host.identity(of: peer)?.agentVersion == "other")

        // A push changes what it says and nothing else.
        let push = bench.inbound(id, HostProtocol.identifyPush)
        var news = IdentifyMessage()
        news.listenAddresses = [Multiaddr(.v4(5), tcp: 5)]
        bench.send(push, FrameAssembler.frame(news.encoded(limit: 4096)))
        bench.end(push)
        #expect(bench.host.identity(of: peer)?.agentVersion == "other")
        #expect(bench.host.identity(of: peer)?.listenAddresses.count == 1)

        // Our own news.
        bench.call { $0.setListenAddresses([Multiaddr(.v4(8), tcp: 8)], now: $1) }
        let ours = try bench.grant(HostProtocol.identifyPush, on: id)
        let told = try IdentifyMessage(decoding: try #require(try bench.frames(ours).first))
        #expect(told.listenAddresses == [Multiaddr(.v4(8), tcp: 8)])
    }

    @Test func anothersKeyEndsTheConnection() throws {
        var bench = try HostBench()
        let id = try bench.connect(1)
        let asked = try bench.grant(HostProtocol.identify, on: id)
        var message = IdentifyMessage()
        message.publicKey = try HostBench.key(2).encoded
        bench.send(asked, FrameAssembler.frame(message.encoded(limit: 4096)))
        #expect(bench.closes[id] == .protocolViolation("identify with another's key"))
        #expect(bench.host.peers.isEmpty)
    }

    @Test func sizeAndTimeAreLimited() throws {
        var bench = try HostBench()
        let id = try bench.connect(1)
        let asked = try bench.grant(HostProtocol.identify, on: id)
        bench.send(asked, [0x81, 0x20])  // 4,097
        #expect(bench.resets == [asked])
        let push = bench.inbound(id, HostProtocol.identifyPush)
        bench.send(push, [0x80])
        bench.advance(.seconds(10))
        #expect(bench.resets == [asked, push])
        let streams = (0..<5).map { _ in bench.inbound(id, HostProtocol.identify) }
        #expect(bench.resets.last == streams[4])
    }

    @Test func pushFloodIsLimited() throws {
        var bench = try HostBench()
        let id = try bench.connect(1)
        for number in 0..<50 {
            let push = bench.inbound(id, HostProtocol.identifyPush)
            var news = IdentifyMessage()
            news.agentVersion = "\(number)"
            bench.send(push, FrameAssembler.frame(news.encoded(limit: 4096)))
            bench.end(push)
        }
        let identified = bench.application.filter {
            if case .identified = $0 { true } else { false }
        }
        #expect(identified.count == 10)
    }

    @Test func randomBytesNeverTrap() {
        var random = SeededRandom(number: 6)
        for _ in 0..<20_000 {
            let bytes = (0..<random.uniform(below: 80)).map { _ in
                UInt8(random.uniform(below: 256))
            }
            _ = try? IdentifyMessage(decoding: bytes)
        }
    }
}
