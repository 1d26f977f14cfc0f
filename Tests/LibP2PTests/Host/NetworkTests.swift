import LibP2P
import SystemCrypto
import Testing

@Suite struct NetworkTests {
    /// Every node dials the next three: a ring that is connected in several ways.
    private func ring(_ count: Int, seed: UInt64) throws -> VirtualNetwork {
        var network = try VirtualNetwork(count: count, seed: seed)
        network.delay = 20...120
        for node in 0..<count {
            for step in [1, 2, 5] { network.dial(node, (node + step) % count) }
            network.with(node) { $0.subscribe("/t/all", now: $1) }
        }
        return network
    }

    @Test func everyNodeGetsEveryMessage() throws {
        var network = try ring(40, seed: 1)
        network.run(.seconds(5))
        var ids: [MessageID] = []
        for number in 0..<20 {
            let data = [UInt8](
                repeating: UInt8(number), count: number.isMultiple(of: 2) ? 50 : 5000)
            ids.append(
                try network.with(number) {
                    try $0.publish("/t/all", data, now: $1).id
                })
            network.run(.milliseconds(100))
        }
        network.run(.seconds(5))
        for (index, node) in network.nodes.enumerated() {
            for (number, id) in ids.enumerated() where number != index {
                #expect(node.receivedAt[id] != nil, "node \(index) misses message \(number)")
            }
            #expect(Set(node.messages.map(\.id)).count == node.messages.count)
            #expect(node.host.peers.count == 6)
            #expect(node.identified.count == 6)
            #expect(node.closes.isEmpty)
        }
    }

    @Test func survivesTheLossOfSessions() throws {
        var network = try ring(30, seed: 2)
        for node in network.nodes.indices {
            network.nodes[node].redials = [1, 2, 5].map { (node + $0) % 30 }
        }
        network.run(.seconds(5))
        var ids: [MessageID] = []
        for number in 0..<60 {
            for _ in 0..<3 { network.cut(link: network.random.uniform(below: network.links.count)) }
            ids.append(
                try network.with(number % 30) {
                    try $0.publish("/t/all", Array("message \(number)".utf8), now: $1).id
                })
            network.run(.milliseconds(200))
        }
        network.run(.seconds(8))
        var missing = 0
        for (index, node) in network.nodes.enumerated() {
            for (number, id) in ids.enumerated() where number % 30 != index {
                if node.receivedAt[id] == nil { missing += 1 }
            }
            #expect(node.disconnected.count > 0)
        }
        #expect(missing == 0, "of \(60 * 29)")
    }

    @Test func sameSeedSameTrace() throws {
        func digest(_ seed: UInt64) throws -> ([UInt8], Int) {
            var network = try ring(20, seed: seed)
            for node in network.nodes.indices { network.nodes[node].redials = [(node + 1) % 20] }
            network.run(.seconds(3))
            for number in 0..<20 {
                network.cut(link: network.random.uniform(below: network.links.count))
                try network.with(number) {
                    _ = try $0.publish(
                        "/t/all", [UInt8](repeating: UInt8(number), count: 2000), now: $1)
                }
                network.run(.milliseconds(150))
            }
            network.run(.seconds(5))
            return (network.trace.finalize(), network.eventCount)
        }
        let first = try digest(7)
        let again = try digest(7)
        let other = try digest(8)
        #expect(first == again)
        #expect(first.0 != other.0)
        #expect(first.1 > 5000)
    }

    @Test func ignoredAndRejectedMessagesGoNoFurther() throws {
        for verdict in [MessageVerdict.ignore, .reject] {
            var network = try VirtualNetwork(count: 3, seed: 3)
            for node in 0..<3 { network.with(node) { $0.subscribe("t", now: $1) } }
            network.nodes[1].verdict = { _ in verdict }
            network.dial(0, 1)
            network.dial(1, 2)
            network.run(.seconds(3))
            try network.with(0) { _ = try $0.publish("t", [1, 2, 3], now: $1) }
            network.run(.seconds(5))
            #expect(network.nodes[1].messages.count == 1)
            #expect(network.nodes[2].messages.isEmpty)
            let sender = network.peer(0)
            let score = network.with(1) { host, _ in host.score(of: sender) }
            #expect(verdict == .reject ? score < 0 : score >= 0)
        }
    }
}
