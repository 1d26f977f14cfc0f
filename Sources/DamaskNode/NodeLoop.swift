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
    private var connections: ConnectionManager
    private let eventLoop: any EventLoop
    private let workers: WorkerPool
    private let report: (NodeReport) -> Void
    private var service: HostService?
    private var timer: Scheduled<Void>?
    private var timerDue: Int64?

    init(
        _ machine: Machine, local: PeerID, peers: [Multiaddr], on eventLoop: any EventLoop,
        workers: WorkerPool, report: @escaping (NodeReport) -> Void
    ) {
        bridge = NodeBridge(machine: machine)
        connections = ConnectionManager(local: local, addresses: peers)
        self.eventLoop = eventLoop
        self.workers = workers
        self.report = report
    }

    func start(_ service: HostService, _ host: inout Host, _ now: Instant) {
        self.service = service
        carryOut(bridge.start(host: &host, at: Self.moment(now)), now)
    }

    func stop() {
        timer?.cancel()
        timer = nil
        service = nil
    }

    func handle(_ news: [HostDirective], _ host: inout Host, _ now: Instant) {
        let moment = Self.moment(now)
        for directive in news {
            carryOut(bridge.handle(directive, host: &host, at: moment), now)
        }
    }

    func command<Result>(
        _ host: inout Host, _ now: Instant, _ order: (inout Machine, NodeTime) throws -> Result
    ) rethrows -> Result {
        let moment = Self.moment(now)
        let (result, effects) = try bridge.command(host: &host, at: moment) {
            try order(&$0, moment.node)
        }
        carryOut(effects, now)
        return result
    }

    func add(_ peers: [Multiaddr], _ host: inout Host, _ now: Instant) {
        connections.add(peers)
        carryOut([], now)
    }

    private func tick(_ host: inout Host, _ now: Instant) {
        carryOut(bridge.tick(host: &host, at: Self.moment(now)), now)
    }

    // MARK: effects

    private func carryOut(_ effects: [NodeBridge<Machine>.Effect], _ now: Instant) {
        for effect in effects {
            switch effect {
            case .run(let token, let work):
                run(token, work)
            case .wish(let wishes):
                connections.target = wishes.peers
            case .report(let news):
                report(news)
            case .peers(let peers):
                connections.connected(peers)
            }
        }
        dial(now)
        arm(now)
    }

    private func run(_ token: WorkToken, _ work: Work) {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        guard let service else { return }
        workers.run {
            let result = work.run()
            service.execute { host, now in
                let loop = bound.value
                loop.carryOut(
                    loop.bridge.workFinished(token, result, host: &host, at: Self.moment(now)), now)
            }
        }
    }

    private func dial(_ now: Instant) {
        guard let service else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        for address in connections.dials(now: now) {
            Task {
                let peer = try? await service.dial(address)
                service.execute { _, now in
                    bound.value.connections.ended(address, reached: peer != nil, now: now)
                    bound.value.carryOut([], now)
                }
            }
        }
    }

    private func arm(_ now: Instant) {
        guard service != nil else { return }
        let due = [bridge.machine.nextDeadline, connections.nextDial?.nanoseconds]
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
