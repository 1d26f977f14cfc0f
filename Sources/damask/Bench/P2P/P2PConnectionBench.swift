import Foundation
import LibP2P
import LibP2PNIO
import NIOCore

/// What connections cost.
enum P2PConnectionBench {
    /// From the dial to the moment at which both ends have a secured, multiplexed connection to a peer that
    /// has proven its id; processor time of both ends.
    static func connect(_ group: any EventLoopGroup) async throws -> Measurement {
        let opened = Tally()
        let closed = Tally()
        let count: BenchHost.News = { item, _, _ in
            switch item {
            case .peerConnected: opened.add()
            case .peerDisconnected: closed.add()
            default: break
            }
        }
        let listener = try await BenchHost.start(on: group.next(), news: count)
        let dialler = try await BenchHost.start(on: group.next(), news: count)
        var samples: [(cpu: Double, wall: Double)] = []
        for run in 0..<320 {
            let watch = Stopwatch()
            let peer = try await dialler.service.dial(listener.address)
            await opened.reach(2 * run + 2)
            // The first ones find cold caches; a node that runs does not.
            if run >= 20 { samples.append(watch.elapsed) }
            guard peer == listener.peer else {
                throw CommandFailure(.failed, "the wrong peer was reached")
            }
            dialler.service.execute { host, now in host.disconnect(peer, now: now) }
            await closed.reach(2 * run + 2)
        }
        await listener.service.shutDown()
        await dialler.service.shutDown()
        return Measurement(name: "connect", threads: 2, samples)
    }

    /// Memory that a connection costs when nothing happens on it, both ends together: what the process has
    /// more with some hundreds of them (each from a host of its own) than before they were made.
    static func idle(_ group: any EventLoopGroup) async throws -> Measurement {
        let count = 400
        raiseFileLimit(to: 4 * count)
        let identified = Tally()
        let news: BenchHost.News = { item, _, _ in
            if case .identified = item { identified.add() }
        }
        let hub = try await BenchHost.start(on: group.next(), news: news)
        var hosts: [BenchHost] = []
        for _ in 0..<count {
            hosts.append(try await BenchHost.start(on: group.next(), news: news))
        }
        // What the first connections leave behind in the allocator is none of a connection's cost.
        for host in hosts.prefix(8) { try await host.service.dial(hub.address) }
        await identified.reach(16)
        try await Task.sleep(for: .seconds(1))
        let before = try residentBytes()
        let watch = Stopwatch()
        for host in hosts.dropFirst(8) { try await host.service.dial(hub.address) }
        await identified.reach(2 * count)
        let elapsed = watch.elapsed
        // Gossip's greetings and the first heartbeats are over then.
        try await Task.sleep(for: .seconds(3))
        let after = try residentBytes()
        let live = try await hub.service.connectionCount()
        guard live == count else {
            throw CommandFailure(.failed, "\(live) of \(count) connections are left")
        }
        let made = count - 8
        var result = Measurement(name: "idle_connection", threads: 2, [elapsed])
        result.figures = [
            ("connections", Double(made)),
            ("bytes_both_ends", Double(max(after - before, 0)) / Double(made)),
            ("bytes", Double(max(after - before, 0)) / Double(2 * made)),
        ]
        for host in hosts + [hub] { await host.service.shutDown() }
        return result
    }

    /// The process's own memory that is resident: not files, not what is shared.
    static func residentBytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        for line in status.split(separator: "\n") where line.hasPrefix("RssAnon:") {
            let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            if fields.count >= 2, let kibibytes = Int(fields[1]) { return kibibytes * 1024 }
        }
        throw CommandFailure(
            .failed, "the process's memory can't be read here: /proc has no RssAnon")
    }

    private static func raiseFileLimit(to count: Int) {
        var limit = rlimit()
        #if canImport(Glibc)
            let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let kind = RLIMIT_NOFILE
        #endif
        guard getrlimit(kind, &limit) == 0, limit.rlim_cur < rlim_t(count) else { return }
        limit.rlim_cur = min(limit.rlim_max, rlim_t(count))
        setrlimit(kind, &limit)
    }
}
