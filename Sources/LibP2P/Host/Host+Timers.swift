/// What is due when.
extension Host {
    mutating func runTimers(now: Instant) {
        while let key = timers.popDue(now: now) {
            switch key {
            case .stream(let key):
                reset(key, .timeout, now: now)
            case .requestFirstByte(let id):
                guard requests[id]?.hasFirstByte == false else { break }
                failRequest(id, .firstByteTimeout, now: now)
            case .request(let id):
                failRequest(id, .timeout, now: now)
            case .inbound(let id):
                guard let request = inboundRequests[id] else { break }
                counters.serviceTimeouts += 1
                reset(request.stream, .timeout, now: now)
            case .ping(let peer):
                startPing(of: peer)
                if let interval = limits.pingInterval, peerStates[peer] != nil {
                    timers.set(.ping(peer), at: now + interval)
                }
            case .gossip(let peer):
                openGossip(peer, now: now)
            case .withheld:
                withheldForLong(now: now)
            case .duplicate(let id):
                guard let peer = connections[id]?.peer,
                    peerStates[peer]?.connections.count ?? 0 > 1
                else { break }
                close(id, .duplicate, now: now)
            case .housekeeping:
                judgePeers(now: now)
                if !bans.isEmpty { bans = bans.filter { $0.value > now } }
                if !peerStates.isEmpty || !bans.isEmpty {
                    timers.set(.housekeeping, at: now + .seconds(1))
                }
            }
        }
    }

    mutating func startPing(of peer: PeerID) {
        guard let state = peerStates[peer] else {
            directives.append(.pingFailed(peer, .connectionLost))
            return
        }
        guard !state.isPinging else { return }
        peerStates[peer]?.isPinging = true
        open(peer, .ping, protocols: [HostProtocol.ping], on: state.primary)
    }
}
