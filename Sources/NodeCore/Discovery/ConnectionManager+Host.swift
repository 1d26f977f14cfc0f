package import LibP2P

/// The manager on a libp2p host.
extension ConnectionManager {
    /// What is left for the shell to do.
    package enum Effect: Sendable, Hashable {
        /// Dial; then call `dialEnded`.
        case dial(Multiaddr)
        /// Take off the peer's score what the offence is worth.
        case penalise(PeerID, Offence)
        /// Announce these addresses beside those that the host listens on.
        case observed([IPAddress])
    }

    /// The peers protocol with its limits, for the host's configuration.
    package static func requestProtocol(named name: String) -> RequestProtocol {
        var rules = RequestProtocol(
            name: name, maximumRequestBytes: 64, maximumChunkBytes: 64 << 10,
            maximumResponseBytes: 64 << 10)
        rules.maximumInboundPerPeer = 1
        rules.maximumInbound = 64
        rules.maximumOutboundPerPeer = 1
        return rules
    }

    /// Takes one of a host's directives to the application.
    ///
    /// - Returns: Whether it is nobody else's business.
    package mutating func handle(
        _ directive: HostDirective, host: inout Host, now: Instant
    ) -> Bool {
        switch directive {
        case .peerConnected(let peer, let remote, let direction):
            connected(peer, at: remote, direction: direction, now: now)
            return false
        case .peerDisconnected(let peer):
            disconnected(peer, now: now)
            return false
        case .identified(let peer, let info):
            identified(peer, info, now: now)
            return true
        case .peerExchange(_, let records, let peer):
            exchanged(records, from: peer, now: now)
            return true
        case .request(let id, let peer, protocolName, let body):
            switch answer(body, from: peer, now: now) {
            case .peers(let bytes):
                host.respond(id, chunk: bytes, now: now)
                host.finish(id, now: now)
            case .overBudget:
                host.fail(id, now: now)
            case .malformed:
                host.fail(id, now: now)
                directives.append(.penalise(peer, .malformed))
            }
            return true
        case .response(let id, let chunk):
            // An answer is one message; whatever else comes is dropped by the host's limits.
            guard let peer = questions.removeValue(forKey: id) else { return false }
            answered(peer, chunk, now: now)
            return true
        case .responseFinished(let id), .responseFailed(let id, _):
            return questions.removeValue(forKey: id) != nil
        default:
            return false
        }
    }

    /// Carries out on a host what can be carried out there.
    package mutating func carryOut(host: inout Host, now: Instant) -> [Effect] {
        var effects: [Effect] = []
        for directive in drain() {
            switch directive {
            case .dial(let address): effects.append(.dial(address))
            case .penalise(let peer, let offence): effects.append(.penalise(peer, offence))
            case .observed(let addresses): effects.append(.observed(addresses))
            case .disconnect(let peer): host.disconnect(peer, now: now)
            case .ask(let peer, let body):
                let id = try? host.request(peer, protocol: protocolName, body: body, now: now)
                if let id { questions[id] = peer }
            }
        }
        return effects
    }
}
