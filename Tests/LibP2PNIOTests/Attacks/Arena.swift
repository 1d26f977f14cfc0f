import Foundation
import LibP2P
import LibP2PNIO
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Attacks of libp2p-level peers on a running host, one family to a file. One at a time: memory and the
/// time of pings are measured.
@Suite(.serialized, .timeLimit(.minutes(5))) struct Attacks {}

/// What becomes of an offender.
enum Outcome: Sendable {
    /// Its connection is closed.
    case cutOff
    /// Its connection lives on, but costs no more than any other.
    case contained
}

/// A host under attack, with two honest peers: one that pings it without a pause, one that gets what the
/// other publishes.
struct Arena {
    static let topic = "t"

    let host: TestHost
    let pinger: TestHost
    let reader: TestHost
    private let memoryBefore: Int
    /// Times and memory are not the product's under a sanitizer: scripts/sanitize says so.
    private let isMeasured = ProcessInfo.processInfo.environment["DAMASK_SANITIZER"] == nil

    static func open(
        _ change: (inout HostServiceConfiguration) -> Void = { _ in }
    ) async throws -> Arena {
        let host = try await TestHost.start(change)
        let pinger = try await TestHost.start()
        let reader = try await TestHost.start()
        for each in [host, pinger, reader] {
            each.service.execute { $0.subscribe(topic, now: $1) }
        }
        for each in [pinger, reader] { try await each.service.dial(host.address) }
        for each in [pinger, reader] {
            let peer = each.peer
            await host.wait {
                if case .peerSubscribed(peer, topic, true) = $0 { true } else { false }
            }
        }
        releaseFreeMemory()
        return Arena(host, pinger, reader, memoryBefore: try residentBytes())
    }

    private init(_ host: TestHost, _ pinger: TestHost, _ reader: TestHost, memoryBefore: Int) {
        self.host = host
        self.pinger = pinger
        self.reader = reader
        self.memoryBefore = memoryBefore
    }

    /// Runs an attack, while the honest peer pings, and checks what must hold whatever the attack is. What
    /// is expected becomes of the offender that the attack returns (nil if there is none to look at):
    /// it is cut off within so many seconds, or contained and watched for as long. What else must
    /// hold is checked once it is gone.
    func run(
        expecting expected: Outcome?, within seconds: Double = 5,
        _ attack: () async throws -> RawPeer?,
        afterwards check: () async throws -> Void = {}
    ) async throws {
        let pings = Task { try await keepPinging() }
        let offender: RawPeer?
        do {
            offender = try await attack()
        } catch {
            pings.cancel()
            throw error
        }
        if let offender, let expected {
            let isCutOff = await offender.isClosed(within: .milliseconds(Int64(seconds * 1000)))
            #expect(isCutOff == (expected == .cutOff))
        }
        try await Task.sleep(for: .milliseconds(200))
        pings.cancel()
        let watched = try await pings.value
        // At least some answers, all but one in twenty of them soon, however busy the machine is.
        let times = watched.times.sorted()
        try #require(times.count >= 5)
        #expect(watched.failures == 0)
        if isMeasured {
            let late = times[times.count * 19 / 20 - (times.count < 20 ? 1 : 0)]
            #expect(late < .milliseconds(100))
            #expect(watched.memory - memoryBefore < 64 << 20, "memory during the attack")
        }
        try await checkHonestPeers()
        await offender?.close()
        for _ in 0..<50 where try await host.service.connectionCount() > 2 {
            try await Task.sleep(for: .milliseconds(100))
        }
        try await check()
        try await checkMemoryComesBack()
        for each in [reader, pinger, host] { await each.service.shutDown() }
    }

    /// Pings one after the other until it is cancelled.
    private func keepPinging() async throws -> (times: [Duration], failures: Int, memory: Int) {
        var times: [Duration] = []
        var failures = 0
        var memory = 0
        let peer = host.peer
        while !Task.isCancelled {
            let before = pinger.news.count
            pinger.service.execute { host, now in host.ping(peer, now: now) }
            await pinger.wait(from: before) { news in
                switch news {
                case .pinged(peer, _), .pingFailed(peer, _): true
                default: false
                }
            }
            for item in pinger.news.dropFirst(before) {
                if case .pinged(peer, let time) = item { times.append(time) }
                if case .pingFailed(peer, _) = item { failures += 1 }
            }
            memory = max(memory, try Self.residentBytes())
            try? await Task.sleep(for: .milliseconds(10))
        }
        return (times, failures, memory)
    }

    /// The honest peers still get what is published, and answers to what they ask.
    private func checkHonestPeers() async throws {
        let data = SystemRandomNumberGenerator.bytes(50_000)
        pinger.service.execute { host, now in _ = try? host.publish(Self.topic, data, now: now) }
        await reader.wait {
            if case .message(let message) = $0 { message.data == data } else { false }
        }
        let peer = host.peer
        let id = try await reader.service.submit { host, now in
            try host.request(peer, protocol: "/echo/1", body: data, now: now)
        }
        await reader.wait {
            switch $0 {
            case .responseFinished(id), .responseFailed(id, _): true
            default: false
            }
        }
        #expect(reader.news.contains { if case .responseFinished(id) = $0 { true } else { false } })
    }

    private func checkMemoryComesBack() async throws {
        guard isMeasured else { return }
        for each in [host, pinger, reader] { each.forgetNews() }
        var growth = Int.max
        // The allocator keeps what was freed until it is asked for it; gossip's caches keep messages for
        // some heartbeats.
        for _ in 0..<120 {
            releaseFreeMemory()
            growth = try Self.residentBytes() - memoryBefore
            if growth < 16 << 20 { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("\(growth >> 10) KiB more memory than before the attack")
    }

    /// Memory of this process that is resident and no file's.
    static func residentBytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") })
        let digits = line.filter { $0.isNumber }
        return try #require(Int(digits)) * 1024
    }

}

/// Makes the allocator give back what was freed, where it can be asked to: glibc keeps it.
private func releaseFreeMemory() {
    #if canImport(Glibc)
        typealias Trim = @convention(c) (Int) -> CInt
        guard let symbol = dlsym(nil, "malloc_trim") else { return }
        _ = unsafeBitCast(symbol, to: Trim.self)(0)
    #endif
}

extension SystemRandomNumberGenerator {
    static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in generator.next() }
    }
}

extension Array where Element == UInt8 {
    /// The bytes so many times over.
    func repeated(_ count: Int) -> [UInt8] {
        var all: [UInt8] = []
        all.reserveCapacity(self.count * count)
        for _ in 0..<count { all += self }
        return all
    }
}
