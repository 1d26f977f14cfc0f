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
        bench.call { $0.setListenAddresses([Multiaddr(.v4(0x0808_0808), tcp: 8)], now: $1) }
        let ours = try bench.grant(HostProtocol.identifyPush, on: id)
        let told = try IdentifyMessage(decoding: try #require(try bench.frames(ours).first))
        #expect(told.listenAddresses == [Multiaddr(.v4(0x0808_0808), tcp: 8)])
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

@Suite struct PeerRecordExchangeTests {
    private let identity = IdentityKey()

    private func bench() throws -> HostBench {
        try HostBench {
            $0 = HostConfiguration(publicKey: identity.publicKey)
            $0.identity = identity
            $0.firstRecord = 7
            $0.listenAddresses = [
                Multiaddr(.v4(0x7f00_0001), tcp: 1), Multiaddr(.v4(0xc0a8_0001), tcp: 1),
                Multiaddr(.v4(0x0808_0808), tcp: 1),
            ]
        }
    }

    private func answer(
        to address: IPAddress, _ bench: inout HostBench
    ) throws -> IdentifyMessage {
        let id = try bench.connect(Int(bench.host.peers.count) + 1, address: address)
        let stream = bench.inbound(id, HostProtocol.identify)
        return try IdentifyMessage(decoding: try #require(try bench.frames(stream).first))
    }

    @Test func peersLearnOfAddressesOfTheirScopeOnly() throws {
        var bench = try bench()
        for (address, count) in [
            (IPAddress.v4(0x0102_0304), 1), (.v4(0x0a00_0002), 2), (.v4(0x7f00_0001), 3),
            (.v6(high: 0xfe80 << 48, low: 1), 1),
        ] {
            let answer = try answer(to: address, &bench)
            #expect(answer.listenAddresses.count == count, "\(address)")
            let record = try SignedPeerRecord(
                verifying: try #require(answer.signedPeerRecord))
            #expect(record.addresses == answer.listenAddresses)
            #expect(record.peer == identity.peerID)
            #expect(record.sequence == 7)
        }
        // A change makes a new record, which is pushed.
        bench.call { $0.setListenAddresses([Multiaddr(.v4(0x0909_0909), tcp: 5)], now: $1) }
        let answer = try answer(to: .v4(0x0102_0305), &bench)
        #expect(try SignedPeerRecord(verifying: answer.signedPeerRecord ?? []).sequence == 8)
    }

    private func push(
        _ record: [UInt8]?, on id: ConnectionID, _ bench: inout HostBench
    ) {
        var news = IdentifyMessage()
        news.signedPeerRecord = record
        let push = bench.inbound(id, HostProtocol.identifyPush)
        bench.send(push, FrameAssembler.frame(news.encoded(limit: 4096)))
        bench.end(push)
    }

    @Test func recordsAreTakenIfTheyHoldAndAreNew() throws {
        var bench = try bench()
        let other = IdentityKey()
        let id = ConnectionID(1000)
        bench.call {
            $0.connected(
                id, peer: other.peerID, remote: Multiaddr(.v4(0x0102_0304), tcp: 1),
                direction: .inbound, now: $1)
        }
        func record(_ sequence: UInt64, of key: IdentityKey) -> [UInt8]? {
            SignedPeerRecord(
                identity: key, sequence: sequence,
                addresses: [Multiaddr(.v4(0x0808_0404), tcp: UInt16(sequence))])?.envelope
        }
        push(record(5, of: other), on: id, &bench)
        #expect(bench.host.identity(of: other.peerID)?.peerRecord?.sequence == 5)
        // Replays of older ones, or of the same number with another content, change nothing.
        push(record(4, of: other), on: id, &bench)
        push(
            SignedPeerRecord(identity: other, sequence: 5, addresses: [])?.envelope, on: id, &bench)
        #expect(bench.host.identity(of: other.peerID)?.peerRecord?.envelope == record(5, of: other))
        push(record(6, of: other), on: id, &bench)
        #expect(bench.host.identity(of: other.peerID)?.peerRecord?.sequence == 6)
        #expect(bench.host.counters.violations == 0)
        // A record of somebody else, and one that was altered, are offences.
        push(record(9, of: IdentityKey()), on: id, &bench)
        #expect(bench.host.counters.violations == 1)
        var altered = try #require(record(9, of: other))
        altered[altered.count - 1] ^= 1
        push(altered, on: id, &bench)
        #expect(bench.host.counters.violations == 2)
        #expect(bench.host.identity(of: other.peerID)?.peerRecord?.sequence == 6)
        // One of a key type that is not checked here is not.
        var foreign = WireWriter()
        foreign.bytes(1, [0x08, 0x02, 0x12, 0x21] + [UInt8](repeating: 2, count: 33))
        foreign.bytes(2, [3, 1])
        foreign.bytes(3, [])
        foreign.bytes(5, [])
        push(foreign.bytes, on: id, &bench)
        #expect(bench.host.counters.violations == 2)
        push(altered, on: id, &bench)
        #expect(bench.closes[id] != nil)
    }
}
