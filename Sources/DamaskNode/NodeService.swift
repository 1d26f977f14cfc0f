import Availability
package import LibP2P
package import LibP2PNIO
package import NIOCore
package import NodeCore
package import SSZ
import SystemCrypto

/// A node on the network: a `NodeMachine` on a libp2p host with sockets.
///
/// The machine runs on its host's event loop, one event after the other; its work runs on the worker
/// pool and comes back to the loop. Operators' orders and questions go through `submit`.
package final class NodeService<Machine: NodeMachine>: Sendable {
    /// The host underneath.
    package let host: HostService
    private let loop: NIOLoopBound<NodeLoop<Machine>>

    /// Bytes of a gossip RPC, at most: a message of at most 64 KiB goes alone, and control is shorter.
    private static var maximumRPCBytes: Int { 128 << 10 }

    private init(host: HostService, loop: NIOLoopBound<NodeLoop<Machine>>) {
        self.host = host
        self.loop = loop
    }

    /// Starts a node: it listens and looks for peers when this returns.
    ///
    /// - Parameters:
    ///   - machine: The node's logic, not started.
    ///   - configuration: The host's; the machine's protocols are added to it, and its gossip is
    ///     confined to the network's topics and the size of its messages.
    ///   - networkID: The network.
    ///   - peers: Addresses of bootstrap nodes, each with its peer id.
    ///   - discovery: How it finds others.
    ///   - eventLoop: Where it runs.
    ///   - workers: What runs its work.
    ///   - report: Called on the loop with what the node reports. It must not block.
    /// - Returns: The running node, to be ended with `shutDown`.
    /// - Throws: `ListenError` if it can't listen on one of its addresses.
    package static func start(
        _ machine: Machine, configuration: HostServiceConfiguration, networkID: Bytes32,
        peers: [Multiaddr], discovery: DiscoveryConfiguration = DiscoveryConfiguration(),
        on eventLoop: any EventLoop, workers: WorkerPool,
        report: @escaping @Sendable (NodeReport) -> Void = { _ in }
    ) async throws -> NodeService {
        let names = NetworkNames(networkID: networkID)
        var configuration = configuration
        configuration.host.protocols += machine.protocols.map(RequestProtocol.init(ofNode:))
        configuration.host.protocols.append(
            ConnectionManager.requestProtocol(named: names.peersProtocol))
        configuration.host.gossip?.parameters.topicFilter = .prefix(names.prefix + "/")
        configuration.host.gossip?.parameters.maximumRPCBytes = maximumRPCBytes
        let manager = ConnectionManager(
            local: configuration.identity.peerID, names: names, networkID: networkID,
            settings: discovery.settings, seed: SystemRandom.bytes(32), now: .current)
        let announcesObserved = configuration.announcedAddresses.isEmpty
        let remembered = await NodeLoop<Machine>.remembered(discovery)
        let loop = try await eventLoop.submit {
            NIOLoopBound(
                NodeLoop(
                    machine, connections: manager, bootstraps: peers, remembered: remembered,
                    discovery: discovery, announcesObserved: announcesObserved, on: eventLoop,
                    workers: workers, report: report), eventLoop: eventLoop)
        }.get()
        let host = try await HostService.start(configuration, on: eventLoop) { news, host, now in
            loop.value.handle(news, &host, now)
        }
        _ = try await host.submit { inner, now in
            loop.value.start(host, &inner, now)
        }
        return NodeService(host: host, loop: loop)
    }

    /// Runs an order or a question on the machine, on its loop.
    package func submit<Result: Sendable>(
        _ order: @escaping @Sendable (inout Machine, NodeTime) throws -> Result
    ) async throws -> Result {
        try await host.submit { [loop] host, now in
            try loop.value.command(&host, now, order)
        }
    }

    /// Adds bootstrap nodes.
    package func add(peers: [Multiaddr]) {
        host.execute { [loop] host, now in loop.value.add(peers, &host, now) }
    }

    /// Asks the connection manager something, on its loop.
    package func connections<Result: Sendable>(
        _ question: @escaping @Sendable (ConnectionManager) -> Result
    ) async throws -> Result {
        try await host.submit { [loop] _, _ in question(loop.value.connections) }
    }

    /// Closes everything, and writes down the peers that are remembered. Work under way is let go.
    package func shutDown() async {
        let save = try? await host.submit { [loop] _, now in loop.value.saving(now) }
        await host.shutDown()
        _ = try? await host.eventLoop.submit { [loop] in loop.value.stop() }.get()
        if let save { await Task.detached { save() }.value }
    }
}

extension RequestProtocol {
    /// A node's protocol: small requests, answers of messages of at most 64 KiB.
    fileprivate init(ofNode name: String) {
        self.init(
            name: name, maximumRequestBytes: 64 << 10, maximumChunkBytes: 64 << 10,
            maximumResponseBytes: 16 << 20)
        // The node has budgets of its own, for each peer; a repair asks one peer for much.
        maximumInboundPerPeer = 8
        maximumOutboundPerPeer = 4
    }
}
