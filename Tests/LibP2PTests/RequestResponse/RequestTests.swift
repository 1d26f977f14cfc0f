import LibP2P
import Testing

@Suite struct RequestTests {
    private let echo = "/test/echo/1"

    @Test func streamedAnswers() throws {
        var network = try VirtualNetwork(count: 2, seed: 1)
        network.nodes[1].answer = { _, body in [body, [], body + body] }
        network.dial(0, 1)
        network.run(.seconds(1))
        let peer = network.peer(1)
        let id = try network.with(0) {
            try $0.request(peer, protocol: echo, body: [1, 2, 3], now: $1)
        }
        let empty = try network.with(0) { try $0.request(peer, protocol: echo, body: [], now: $1) }
        network.run(.seconds(1))
        #expect(network.nodes[0].finished == [id, empty])
        #expect(network.nodes[0].responses[id] == [[1, 2, 3], [], [1, 2, 3, 1, 2, 3]])
        #expect(network.nodes[0].responses[empty] == [[], [], []])
        #expect(network.nodes[0].failures.isEmpty)
    }

    @Test func requestsWaitForAFreePlace() throws {
        var network = try VirtualNetwork(count: 2, seed: 2)
        network.dial(0, 1)
        network.run(.seconds(1))
        let peer = network.peer(1)
        var ids: [RequestID] = []
        for number in 0..<20 {
            ids.append(
                try network.with(0) {
                    try $0.request(peer, protocol: echo, body: [UInt8(number)], now: $1)
                })
        }
        network.run(.seconds(5))
        #expect(network.nodes[0].finished == ids)
        #expect(network.nodes[1].host.counters.refusedRequests == 0)
    }

    @Test func failuresAreReported() throws {
        var network = try VirtualNetwork(count: 3, seed: 3) { configuration, index in
            if index == 2 { configuration.protocols = [] }
        }
        network.nodes[1].answer = { _, _ in nil }
        network.dial(0, 1)
        network.dial(0, 2)
        network.run(.seconds(1))
        let (one, two) = (network.peer(1), network.peer(2))
        let refused = try network.with(0) {
            try $0.request(one, protocol: echo, body: [1], now: $1)
        }
        let unknown = try network.with(0) {
            try $0.request(two, protocol: echo, body: [1], now: $1)
        }
        network.run(.seconds(1))
        #expect(network.nodes[0].failures == [refused: .reset, unknown: .streamRefused])
        #expect(throws: RequestError.unknownProtocol("/no")) {
            try network.nodes[0].host.request(one, protocol: "/no", body: [], now: network.now)
        }
        let long = [UInt8](repeating: 0, count: 100_001)
        #expect(throws: RequestError.tooLarge(byteCount: 100_001, limit: 100_000)) {
            try network.nodes[0].host.request(one, protocol: echo, body: long, now: network.now)
        }
    }

    @Test func deadlinesHold() throws {
        var bench = try HostBench()
        let id = try bench.connect(1)
        let peer = try HostBench.peer(1)
        let never = try bench.call { try $0.request(peer, protocol: echo, body: [1], now: $1) }
        let slow = try bench.call { try $0.request(peer, protocol: echo, body: [2], now: $1) }
        let slowStream = try bench.grant(echo, on: id)
        bench.send(slowStream, [5])
        bench.advance(.seconds(10))
        func failure(_ id: RequestID) -> RequestFailure? {
            for case .responseFailed(id, let failure) in bench.application { return failure }
            return nil
        }
        #expect(failure(never) == .firstByteTimeout)
        #expect(failure(slow) == nil)
        bench.advance(.seconds(20))
        #expect(failure(slow) == .timeout)
        #expect(bench.resets.contains(slowStream))
        // The stream that was asked for first comes too late: it is reset.
        let late = try bench.grant(echo, on: id)
        #expect(bench.resets.contains(late))
        let own = try bench.call {
            try $0.request(peer, protocol: echo, body: [1], timeout: .seconds(1), now: $1)
        }
        bench.advance(.seconds(1))
        #expect(failure(own) == .firstByteTimeout)
    }

    @Test func answersAreLimitedBeforeTheyAreHeld() throws {
        for (bytes, expected) in [
            ([0xa1, 0x8d, 0x06], RequestFailure.tooLong(limit: 100_000)),  // 100,001
            ([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], .tooLong(limit: 100_000)),
            ([0x80, 0x00], .malformed),
        ] as [([UInt8], RequestFailure)] {
            var bench = try HostBench()
            let id = try bench.connect(1)
            let peer = try HostBench.peer(1)
            let request = try bench.call { try $0.request(peer, protocol: echo, body: [], now: $1) }
            let stream = try bench.grant(echo, on: id)
            bench.send(stream, bytes)
            #expect(bench.resets.contains(stream))
            let found = bench.application.contains {
                if case .responseFailed(request, expected) = $0 { true } else { false }
            }
            #expect(found)
        }
    }

    @Test func answersAreLimitedInAll() throws {
        var bench = try HostBench {
            $0.protocols[0].maximumChunkBytes = 50
            $0.protocols[0].maximumResponseBytes = 100
        }
        let id = try bench.connect(1)
        let peer = try HostBench.peer(1)
        for chunk in [[UInt8](repeating: 1, count: 50), []] {
            let request = try bench.call { try $0.request(peer, protocol: echo, body: [], now: $1) }
            let stream = try bench.grant(echo, on: id)
            for _ in 0..<101 { bench.send(stream, FrameAssembler.frame(chunk)) }
            let failed = bench.application.contains {
                if case .responseFailed(request, .tooLong(limit: 100)) = $0 { true } else { false }
            }
            #expect(failed)
        }
    }

    @Test func cutOffAnswersAreNoAnswers() throws {
        var bench = try HostBench()
        let id = try bench.connect(1)
        let peer = try HostBench.peer(1)
        let request = try bench.call { try $0.request(peer, protocol: echo, body: [], now: $1) }
        let stream = try bench.grant(echo, on: id)
        #expect(bench.written[stream] == [0])
        #expect(bench.finishes == [stream])
        bench.send(stream, [3, 1, 2])
        bench.end(stream)
        let failed = bench.application.contains {
            if case .responseFailed(request, .malformed) = $0 { true } else { false }
        }
        #expect(failed)
    }

    // MARK: serving

    private func requests(_ bench: HostBench) -> [InboundRequestID] {
        bench.application.compactMap {
            if case .request(let id, _, _, _) = $0 { id } else { nil }
        }
    }

    @Test func requestsAreAnsweredWithoutWaitingForTheirEnd() throws {
        var bench = try HostBench()
        let id = try bench.connect(1)
        let stream = bench.inbound(id, echo)
        bench.send(stream, [3, 7])
        #expect(requests(bench).isEmpty)
        bench.send(stream, [8, 9])
        let request = try #require(requests(bench).first)
        #expect(bench.credits[stream] == 4)
        #expect(bench.call { $0.respond(request, chunk: [7, 8, 9], now: $1) })
        #expect(bench.written[stream] == [3, 7, 8, 9])
        #expect(bench.finishes.isEmpty)
        bench.call { $0.finish(request, now: $1) }
        #expect(bench.finishes == [stream])
        #expect(!bench.call { $0.respond(request, chunk: [1], now: $1) })
        bench.end(stream)
        bench.call { $0.streamClosed(stream.connection, stream.stream, reset: false, now: $1) }
        #expect(bench.resets.isEmpty)
    }

    @Test func malformedRequestsAreResetAndCounted() throws {
        for bytes in [[3, 7, 8, 9, 1], [0x80, 0x00], [0xa1, 0x8d, 0x06]] as [[UInt8]] {
            var bench = try HostBench()
            let id = try bench.connect(1)
            for round in 1...3 {
                let stream = bench.inbound(id, echo)
                bench.send(stream, bytes)
                #expect(bench.resets.last == stream || bench.closes[id] != nil)
                #expect(bench.host.counters.violations == round)
            }
            #expect(bench.closes[id] == .protocolViolation("malformed request"))
            #expect(requests(bench).isEmpty)
        }
    }

    @Test func concurrentRequestsOfAPeerAreLimited() throws {
        var bench = try HostBench {
            $0.protocols[0].maximumInbound = 3
        }
        let first = try bench.connect(1)
        let second = try bench.connect(2)
        let streams = (0..<4).map { _ in bench.inbound(first, echo) }
        #expect(bench.resets == Array(streams[2...]))
        let others = (0..<2).map { _ in bench.inbound(second, echo) }
        #expect(bench.resets.last == others[1])
        #expect(bench.host.counters.refusedRequests == 3)
        // A place gets free with the end of an answer, and with a reset.
        bench.send(streams[0], [0])
        let request = try #require(requests(bench).first)
        bench.call { $0.finish(request, now: $1) }
        let next = bench.inbound(first, echo)
        #expect(!bench.resets.contains(next))
        bench.call { $0.streamClosed(first, streams[1].stream, reset: true, now: $1) }
        let another = bench.inbound(first, echo)
        #expect(!bench.resets.contains(another))
    }

    @Test func slowRequestsAndSlowServiceEnd() throws {
        var bench = try HostBench()
        let id = try bench.connect(1)
        let slow = bench.inbound(id, echo)
        let served = bench.inbound(id, echo)
        bench.send(slow, [100])
        bench.send(served, [0])
        let request = try #require(requests(bench).first)
        bench.advance(.seconds(10))
        #expect(bench.resets == [slow])
        bench.advance(.seconds(20))
        #expect(bench.resets == [slow, served])
        let cancelled = bench.application.contains {
            if case .requestCancelled(request) = $0 { true } else { false }
        }
        #expect(cancelled)
    }

    @Test func answersToSlowReadersAreBounded() throws {
        var bench = try HostBench {
            $0.limits.responseQueueBytes = 300_000
            $0.limits.bytesInFlight = 100_000
        }
        bench.reportsWritten = false
        let id = try bench.connect(1)
        let stream = bench.inbound(id, echo)
        bench.send(stream, [0])
        let request = try #require(requests(bench).first)
        let chunk = [UInt8](repeating: 1, count: 50_000)
        var taken = 0
        while bench.call({ $0.respond(request, chunk: chunk, now: $1) }) { taken += 1 }
        // Two in flight, and what the queue holds.
        #expect(taken == 2 + 5)
        #expect(bench.written[stream]?.count == 2 * 50_003)
        bench.reportsWritten = true
        bench.call { $0.streamWritten(id, stream.stream, count: 100_006, now: $1) }
        #expect(bench.written[stream]?.count == 7 * 50_003)
        let drained = bench.application.contains {
            if case .responseDrained(request) = $0 { true } else { false }
        }
        #expect(drained)
    }
}
