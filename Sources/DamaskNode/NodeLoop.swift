import Availability
import LibP2P
import LibP2PNIO
import NIOCore
import NodeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A node's machine with what drives it. Everything here runs on the host's event loop.
final class NodeLoop<Machine: NodeMachine> {
    private var bridge: NodeBridge<Machine>
    private(set) var connections: ConnectionManager
    private let discovery: DiscoveryConfiguration
    private let bootstraps: [Multiaddr]
    private let remembered: [UInt8]?
    private var rememberedAt: Instant?
    /// Whether what others see of this host's addresses is announced.
    private let announcesObserved: Bool
    /// Where the host said that it listens when it started.
    private var listening: [Multiaddr] = []
    private let eventLoop: any EventLoop
    private let workers: WorkerPool
    private let report: (NodeReport) -> Void
    private var service: HostService?
    private var timer: Scheduled<Void>?
    private var timerDue: Int64?

    init(
        _ machine: Machine, connections: ConnectionManager, bootstraps: [Multiaddr],
        remembered: [UInt8]?, discovery: DiscoveryConfiguration, announcesObserved: Bool,
        on eventLoop: any EventLoop, workers: WorkerPool, report: @escaping (NodeReport) -> Void
    ) {
        bridge = NodeBridge(machine: machine)
        self.connections = connections
        self.bootstraps = bootstraps
        self.remembered = remembered
        self.discovery = discovery
        self.announcesObserved = announcesObserved
        self.eventLoop = eventLoop
        self.workers = workers
        self.report = report
    }

    func start(_ service: HostService, _ host: inout Host, _ now: Instant) {
        self.service = service
        listening = host.listenAddresses
        rememberedAt = now
        if let remembered {
            do {
                try connections.restore(
                    remembered, now: now,
                    unixSeconds: Self.moment(now).node.unixMilliseconds / 1000)
            } catch {
                discovery.warn("the file of remembered peers is not used: \(error)")
            }
        }
        connections.add(bootstraps: bootstraps, now: now)
        carryOut(bridge.start(host: &host, at: Self.moment(now)), &host, now)
    }

    func stop() {
        timer?.cancel()
        timer = nil
        service = nil
    }

    func handle(_ news: [HostDirective], _ host: inout Host, _ now: Instant) {
        let moment = Self.moment(now)
        for directive in news where !connections.handle(directive, host: &host, now: now) {
            take(bridge.handle(directive, host: &host, at: moment), now)
        }
        carryOut([], &host, now)
    }

    func command<Result>(
        _ host: inout Host, _ now: Instant, _ order: (inout Machine, NodeTime) throws -> Result
    ) rethrows -> Result {
        let moment = Self.moment(now)
        let (result, effects) = try bridge.command(host: &host, at: moment) {
            try order(&$0, moment.node)
        }
        carryOut(effects, &host, now)
        return result
    }

    func add(_ peers: [Multiaddr], _ host: inout Host, _ now: Instant) {
        connections.add(bootstraps: peers, now: now)
        carryOut([], &host, now)
    }

    private func tick(_ host: inout Host, _ now: Instant) {
        connections.tick(now: now) { host.score(of: $0) }
        carryOut(bridge.tick(host: &host, at: Self.moment(now)), &host, now)
        rememberIfDue(now)
    }

    // MARK: effects

    /// Carries out what the machine and the connection manager want.
    private func carryOut(
        _ effects: [NodeBridge<Machine>.Effect], _ host: inout Host, _ now: Instant
    ) {
        take(effects, now)
        for effect in connections.carryOut(host: &host, now: now) {
            switch effect {
            case .dial(let address): dial(address)
            case .penalise(let peer, let offence):
                host.penalise(peer, points: offence.points, now: now)
            case .observed(let addresses): announce(addresses, &host, now)
            }
        }
        arm()
    }

    private func take(_ effects: [NodeBridge<Machine>.Effect], _ now: Instant) {
        for effect in effects {
            switch effect {
            case .run(let token, let work):
                run(token, work)
            case .wish(let wishes):
                connections.wish(wishes, now: now)
            case .report(let news):
                switch news {
                case .peer(let peer, _, let groups):
                    connections.told(peer, groups: groups, custody: nil, now: now)
                case .custody(let peer, let record):
                    connections.told(peer, groups: record.groups, custody: record, now: now)
                default: break
                }
                report(news)
            }
        }
    }

    private func run(_ token: WorkToken, _ work: Work) {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        guard let service else { return }
        workers.run {
            let result = work.run()
            service.execute { host, now in
                let loop = bound.value
                loop.carryOut(
                    loop.bridge.workFinished(token, result, host: &host, at: Self.moment(now)),
                    &host, now)
            }
        }
    }

    private func dial(_ address: Multiaddr) {
        guard let service else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        Task {
            let outcome: DialOutcome
            do {
                try await service.dial(address)
                outcome = .reached
            } catch {
                outcome = DialOutcome(error)
            }
            service.execute { host, now in
                bound.value.connections.dialEnded(address, outcome, now: now)
                bound.value.carryOut([], &host, now)
            }
        }
    }

    /// Announces the addresses that others see this host under, with the ports that it listens on,
    /// unless it listens on an address of the internet anyway.
    private func announce(_ addresses: [IPAddress], _ host: inout Host, _ now: Instant) {
        guard announcesObserved else { return }
        var all = listening
        for address in addresses {
            let family = listening.filter { own in
                switch (own.ipAddress?.unmapped, address) {
                case (.v4, .v4), (.v6, .v6): true
                default: false
                }
            }
            guard !family.contains(where: { $0.scope == .world }) else { continue }
            for port in family.compactMap({ $0.tcpEndpoint?.port }) {
                let seen = Multiaddr(address, tcp: port)
                if !all.contains(seen) { all.append(seen) }
            }
        }
        host.setListenAddresses(all, now: now)
    }

    // MARK: remembered peers

    /// What the file of remembered peers holds, read away from event loops.
    static func remembered(_ discovery: DiscoveryConfiguration) async -> [UInt8]? {
        guard let path = discovery.rememberedPeers else { return nil }
        let outcome = await Task.detached {
            Result { () throws(RememberedPeersFile.Failure) in
                try RememberedPeersFile(path: path).read()
            }
        }.value
        switch outcome {
        case .success(let bytes): return bytes
        case .failure(let failure):
            discovery.warn("\(failure)")
            return nil
        }
    }

    /// What writes the remembered peers down as they are now; nil if they are not kept.
    func saving(_ now: Instant) -> (@Sendable () -> Void)? {
        guard let path = discovery.rememberedPeers else { return nil }
        let bytes = connections.book.saved(
            now: now, unixSeconds: Self.moment(now).node.unixMilliseconds / 1000)
        let warn = discovery.warn
        return {
            do {
                try RememberedPeersFile(path: path).write(bytes)
            } catch {
                warn("\(error)")
            }
        }
    }

    private func rememberIfDue(_ now: Instant) {
        guard let last = rememberedAt, now - last >= discovery.rememberInterval else { return }
        rememberedAt = now
        if let save = saving(now) { workers.run(save) }
    }

    // MARK: time

    private func arm() {
        guard service != nil else { return }
        let due = [bridge.machine.nextDeadline, connections.nextDeadline.nanoseconds]
            .compactMap { $0 }.min()
        guard let due else { return }
        if let timerDue, timerDue <= due, timer != nil { return }
        timer?.cancel()
        timerDue = due
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        timer = eventLoop.scheduleTask(
            deadline: .uptimeNanoseconds(UInt64(max(0, due)))
        ) {
            let loop = bound.value
            loop.timer = nil
            loop.timerDue = nil
            loop.service?.execute { host, now in bound.value.tick(&host, now) }
        }
    }

    /// The host's moment with the wall clock's.
    private static func moment(_ now: Instant) -> Moment {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let milliseconds = Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        return Moment(
            host: now,
            node: NodeTime(
                monotonic: now.nanoseconds, unixMilliseconds: UInt64(clamping: milliseconds)))
    }
}
