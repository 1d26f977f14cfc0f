import Foundation
import LibP2P
import Testing

@Suite struct ThroughputTests {
    private func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Messages of 60 KiB through a host with eight mesh peers: each goes to all others, once, without a
    /// loss, and all eight writes share its bytes.
    @Test func largeMessagesThroughTheMesh() throws {
        var bench = try HostBench { $0.gossip?.scoring.defaultTopic = nil }
        bench.call { $0.subscribe("t", now: $1) }
        var peers: [(theirs: HostBench.StreamAddress, ours: HostBench.StreamAddress)] = []
        for number in 1...9 {
            let peer = try bench.gossiper(
                number, topics: ["t"], address: .v4(UInt32(number) << 8))
            bench.sendRPC(peer.theirs) { $0.graft = ["t"] }
            peers.append((peer.theirs, peer.ours))
        }
        #expect(bench.host.mesh(of: "t").count == 9)
        let count = 1000
        var copies = 0
        var bytesOut = 0
        var spent = 0.0
        for number in 0..<count {
            var data = [UInt8](repeating: UInt8(number & 255), count: 60 << 10)
            data[0] = UInt8(number >> 8)
            let frame = MessageFrame(
                id: .ofTopicAndData("t", data), topic: "t", data: data)
            let from = peers[number % 9].theirs
            let start = processorSeconds()
            do {
                var position = 0
                while position < frame.bytes.count {
                    let end = min(position + 16_384, frame.bytes.count)
                    bench.host.streamData(
                        from.connection, from.stream, Array(frame.bytes[position..<end]),
                        now: bench.now)
                    position = end
                }
                var directives = bench.host.drain()
                while !directives.isEmpty {
                    for directive in directives {
                        switch directive {
                        case .message(let message):
                            bench.host.validated(message.id, .accept, now: bench.now)
                        case .write(let id, let stream, let bytes):
                            if bytes.count > 60 << 10 { copies += 1 }
                            bytesOut += bytes.count
                            bench.host.streamWritten(
                                id, stream, count: bytes.count, now: bench.now)
                        default: break
                        }
                    }
                    directives = bench.host.drain()
                }
            }
            spent += processorSeconds() - start
            if number.isMultiple(of: 100) { bench.advance(.milliseconds(100)) }
        }
        #expect(copies == count * 8)
        #expect(bench.host.counters.droppedMessages == 0)
        let megabytes = Double(bytesOut + count * 61_465) / 1e6
        print(
            "gossip without encryption: \(Int(megabytes / spent)) MB in and out for each second of CPU"
        )
    }
}
