import Availability
import DamaskClient
import DamaskNode
import DataMatrix
import Foundation
import KZGCommitments
import LibP2P
import LibP2PNIO
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NodeCore
import SSZ

/// A light node for the time of one command.
final class SampleSession: Sendable {
    private struct Heard {
        var headers: [BlockRoot: HeaderReport] = [:]
        var peers: [PeerID: NodeRole] = [:]
        var sampling: [BlockRoot: SamplingReport] = [:]
    }

    private let parameters: NetworkParameters
    private let service: NodeService<LightNode>
    private let workers: WorkerPool
    private let heard: NIOLockedValueBox<Heard>

    private init(
        parameters: NetworkParameters, service: NodeService<LightNode>,
        workers: WorkerPool, heard: NIOLockedValueBox<Heard>
    ) {
        self.parameters = parameters
        self.service = service
        self.workers = workers
        self.heard = heard
    }

    /// Starts the node; it looks for the peers when this returns.
    static func start(
        parameters: NetworkParameters, peers: [Multiaddr]
    ) async throws -> SampleSession {
        let key = IdentityKey()
        let heard = NIOLockedValueBox(Heard())
        var settings = NodeSettings()
        settings.samplePauseMilliseconds = 200...2000
        let verifier = KZGVerifier(preset: parameters.preset)
        let machine = LightNode(
            parameters: parameters, identity: try NodeIdentity(key), settings: settings,
            arithmetic: BlockArithmetic(verifier: verifier, prover: nil),
            store: MemoryCellStore(maximumBytes: 32 << 20), random: SystemRandomNumberGenerator())
        let workers = WorkerPool(threads: 1)
        let service = try await NodeService.start(
            machine, configuration: HostServiceConfiguration(identity: key),
            networkID: parameters.networkID, peers: peers,
            on: MultiThreadedEventLoopGroup.singleton.next(), workers: workers
        ) { report in
            heard.withLockedValue { heard in
                switch report {
                case .header(let header): heard.headers[header.root] = header
                case .sampling(let root, let sampling): heard.sampling[root] = sampling
                case .peer(let peer, let role, _): heard.peers[peer] = role
                default: break
                }
            }
        }
        return SampleSession(
            parameters: parameters, service: service, workers: workers, heard: heard)
    }

    /// Samples a block.
    ///
    /// - Parameters:
    ///   - root: Which; nil for the newest that is heard of once the peers have told theirs.
    ///   - seconds: How long to try.
    /// - Returns: What came of it, complete or not.
    /// - Throws: `CommandFailure`: no peer, or no such block.
    func sample(_ root: BlockRoot?, seconds: Double) async throws -> SampleFinding {
        let begun = ContinuousClock.now
        let deadline = begun + .seconds(seconds)
        var chosen: HeaderReport?
        while ContinuousClock.now < deadline {
            let heard = heard.withLockedValue { $0 }
            if chosen == nil { chosen = Self.choose(root, heard, since: begun) }
            if let chosen, heard.sampling[chosen.root]?.isComplete == true { break }
            Console.progress(Self.words(chosen, heard))
            try await Task.sleep(for: .milliseconds(20))
        }
        Console.clearProgress()
        let heard = heard.withLockedValue { $0 }
        guard !heard.peers.isEmpty else {
            throw CommandFailure(.unreachable, "no peer of this network answered")
        }
        guard let chosen = chosen ?? Self.choose(root, heard, since: nil) else {
            throw CommandFailure(
                .unavailable,
                root.map { "\(heard.peers.count) peers answered, none gave the header \($0)" }
                    ?? "\(heard.peers.count) peers answered, none has a block")
        }
        let elapsed = ContinuousClock.now - begun
        return try await finding(chosen, heard, seconds: elapsed / .seconds(1))
    }

    /// The newest header of the greatest slot. It is chosen only once headers have had a moment to
    /// come, so that it is not the first of a range.
    private static func choose(
        _ root: BlockRoot?, _ heard: Heard, since begun: ContinuousClock.Instant?
    ) -> HeaderReport? {
        if let root { return heard.headers[root] }
        if let begun, ContinuousClock.now - begun < .milliseconds(1000) { return nil }
        return heard.headers.values.max { ($0.slot, $0.root) < ($1.slot, $1.root) }
    }

    private static func words(_ chosen: HeaderReport?, _ heard: Heard) -> String {
        guard let chosen else {
            return "\(heard.peers.count) peers, \(heard.headers.count) headers ..."
        }
        let sampling = heard.sampling[chosen.root]
        return "height \(chosen.height): \(sampling?.succeeded ?? 0) of "
            + "\(sampling?.drawn ?? 0) samples ..."
    }

    private func finding(
        _ chosen: HeaderReport, _ heard: Heard, seconds: Double
    ) async throws -> SampleFinding {
        let root = chosen.root
        let state = try await service.submit { node, _ in
            (node.header(root), node.sampling(of: root))
        }
        guard let header = state.0, let sampling = state.1,
            let shape = try? header.header.shape(preset: parameters.preset)
        else {
            throw CommandFailure(.unavailable, "block \(root) is not being sampled")
        }
        let plan = SamplingPlan(
            header: header.header, shape: shape, target: Int(parameters.samplingTarget))
        let bound = plan.missProbability(samples: min(sampling.succeeded, plan.cellCount))
        let floor = HealingFloor(plan: plan, samples: max(1, plan.samples() ?? 1))
        let lights = heard.peers.values.count { $0 == .light } + 1
        return SampleFinding(
            root: HexBytes(root.bytes), sequencer: HexBytes(chosen.sequencer.ed25519),
            height: chosen.height, slot: chosen.slot, dataRows: chosen.dataRows,
            drawn: sampling.drawn, verified: sampling.succeeded, failed: sampling.failed,
            complete: sampling.isComplete, missProbability: bound,
            healingFloor: floor.guaranteed, typicalFloor: floor.typical, lightNodesKnown: lights,
            peersAsked: sampling.peersAsked, groupsAsked: sampling.groupsAsked,
            mostAskedOfOnePeer: sampling.mostAskedOfOnePeer,
            safe: sampling.isComplete && lights >= floor.guaranteed && sampling.groupsAsked > 1,
            seconds: seconds)
    }

    /// Ends it.
    func stop() async {
        await service.shutDown()
        await workers.shutDown()
    }
}
