import LibP2P
import Testing

@Suite struct PingTests {
    @Test func roundTripTime() throws {
        var network = try VirtualNetwork(count: 2, seed: 1) { configuration, _ in
            configuration.limits.pingInterval = .seconds(15)
        }
        network.delay = 40...40
        network.dial(0, 1)
        network.run(.seconds(1))
        let peer = network.peer(1)
        network.with(0) { $0.ping(peer, now: $1) }
        network.run(.seconds(1))
        #expect(network.nodes[0].pings == [.milliseconds(80)])
        network.run(.seconds(30))
        #expect(network.nodes[0].pings.count == 3)
        #expect(network.nodes[1].pings.count == 2)
    }

    @Test func echoesWholePingsAndCreditsOnceTheyHaveLeft() throws {
        var bench = try HostBench()
        bench.reportsWritten = false
        let id = try bench.connect(1)
        let stream = bench.inbound(id, HostProtocol.ping)
        let bytes = (0..<100).map { UInt8($0) }
        bench.send(stream, Array(bytes[..<10]))
        #expect(bench.written[stream] == nil)
        bench.send(stream, Array(bytes[10..<40]))
        #expect(bench.written[stream] == Array(bytes[..<32]))
        bench.send(stream, Array(bytes[40...]))
        #expect(bench.written[stream] == Array(bytes[..<96]))
        #expect(bench.credits[stream] == nil)
        bench.call { $0.streamWritten(id, stream.stream, count: 64, now: $1) }
        #expect(bench.credits[stream] == 64)
        bench.call { $0.streamWritten(id, stream.stream, count: 1000, now: $1) }
        #expect(bench.credits[stream] == 96)
    }

    @Test func streamsAndIdlenessAreLimited() throws {
        var bench = try HostBench()
        let id = try bench.connect(1)
        let streams = (0..<3).map { _ in bench.inbound(id, HostProtocol.ping) }
        #expect(bench.resets == [streams[2]])
        bench.advance(.seconds(50))
        bench.send(streams[0], [UInt8](repeating: 1, count: 32))
        bench.advance(.seconds(15))
        #expect(bench.resets == [streams[2], streams[1]])
        let another = bench.inbound(id, HostProtocol.ping)
        #expect(!bench.resets.contains(another))
    }

    @Test func wrongAndMissingEchoes() throws {
        var bench = try HostBench()
        let id = try bench.connect(1)
        let peer = try HostBench.peer(1)
        func failures() -> [PingFailure] {
            bench.application.compactMap {
                if case .pingFailed(peer, let failure) = $0 { failure } else { nil }
            }
        }
        bench.call { $0.ping(peer, now: $1) }
        bench.call { $0.ping(peer, now: $1) }
        let first = try bench.grant(HostProtocol.ping, on: id)
        #expect(!bench.opens.contains { $0.protocols == [HostProtocol.ping] })
        bench.send(first, [UInt8](repeating: 0, count: 40))
        #expect(failures() == [.mismatch])
        bench.call { $0.ping(peer, now: $1) }
        let second = try bench.grant(HostProtocol.ping, on: id)
        bench.advance(.seconds(10))
        #expect(failures() == [.mismatch, .timeout])
        #expect(bench.resets == [second])
        bench.call { $0.ping(peer, now: $1) }
        let token = try #require(bench.opens.last?.token)
        bench.call { $0.openFailed(id, token: token, now: $1) }
        #expect(failures() == [.mismatch, .timeout, .streamRefused])
    }
}
