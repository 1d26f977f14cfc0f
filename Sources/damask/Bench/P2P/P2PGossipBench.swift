import LibP2P
import LibP2PNIO
import NIOConcurrencyHelpers
import NIOCore

/// Messages through one node to its mesh.
enum P2PGossipBench {
    static let peerCount = 8
    static let messageBytes = 60 << 10

    /// Messages of 60 KiB from eight peers in turn, through one node that has them as its mesh, each to the
    /// seven others. A publisher waits only while some of its messages have not reached the node; what the
    /// node can't forward at once it has to queue, or make publishers wait for. Throughput counts the
    /// bytes of messages that came into the node and those that it sent.
    static func gossip(
        _ group: any EventLoopGroup, messages: Int
    ) async throws -> Measurement {
        let topic = "bench"
        let arrived = Tally()
        let delivered = Tally()
        let subscribed = Tally()
        let node = try await BenchHost.start(on: group.next()) { item, _, _ in
            switch item {
            case .message: arrived.add()
            case .peerSubscribed: subscribed.add()
            default: break
            }
        }
        var peers: [BenchHost] = []
        // The node has one thread for itself and its peers share the other.
        let loop = group.next()
        for _ in 0..<peerCount {
            let peer = try await BenchHost.start(on: loop) { item, _, _ in
                guard case .message(let message) = item else { return }
                if message.data.count == messageBytes { delivered.add() }
            }
            try await peer.service.dial(node.address)
            peers.append(peer)
        }
        for host in peers + [node] {
            host.service.execute { host, now in host.subscribe(topic, now: now) }
        }
        await subscribed.reach(peerCount)
        for _ in 0..<100 {
            let mesh = try await node.service.submit { host, _ in host.mesh(of: topic).count }
            if mesh == peerCount { break }
            try await Task.sleep(for: .milliseconds(100))
        }

        let watch = Stopwatch()
        let template = [UInt8](repeating: 0x77, count: messageBytes - 8)
        for number in 0..<messages {
            // At most 32 messages on their way to the node.
            await arrived.reach(number - 31)
            peers[number % peerCount].service.execute { host, now in
                let data = BenchHost.downloadBody(number) + template
                _ = try? host.publish(topic, data, now: now)
            }
        }
        let expected = messages * (peerCount - 1)
        let isComplete = await reach(expected, delivered)
        let elapsed = watch.elapsed
        let lost = expected - delivered.count
        let dropped = try await node.service.submit { host, _ in host.counters.droppedMessages }
        let withheld = try await node.service.submit { host, _ in host.counters.withheldCredits }
        for host in peers + [node] { await host.service.shutDown() }
        guard isComplete || lost > 0 else {
            throw CommandFailure(.failed, "messages were counted wrong")
        }
        var result = Measurement(name: "gossip", threads: 2, [elapsed])
        let bytes = Double(arrived.count + delivered.count) * Double(messageBytes)
        result.figures = [
            ("messages", Double(messages)),
            ("delivered", Double(delivered.count)),
            ("lost", Double(lost)),
            ("dropped_by_node", Double(dropped)),
            ("late_credits", Double(withheld)),
            ("mb_per_second", bytes / 1000 / elapsed.wall),
        ]
        return result
    }

    /// Waits for a count; false if nothing comes any more.
    private static func reach(_ count: Int, _ tally: Tally) async -> Bool {
        var last = -1
        while tally.count < count {
            if tally.count == last { return false }
            last = tally.count
            // Looks often at first, for the end's time to be exact; gives up after three seconds.
            for _ in 0..<3000 where tally.count < count {
                try? await Task.sleep(for: .milliseconds(1))
            }
        }
        return true
    }
}
