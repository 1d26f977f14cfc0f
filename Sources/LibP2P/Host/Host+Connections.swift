/// Connections that become peers.
extension Host {
    mutating func handleConnected(
        _ id: ConnectionID, peer: PeerID, remote: Multiaddr, direction: ConnectionDirection,
        now: Instant
    ) {
        guard connections[id] == nil else { return }
        if let reason = refusal(of: peer, remote: remote, now: now) {
            counters.refusedConnections += 1
            directives.append(.close(id, reason))
            return
        }
        counters.connections += 1
        connections[id] = HostConnection(
            id: id, peer: peer, remote: remote, direction: direction, since: now)
        guard peerStates[peer] != nil else {
            peerStates[peer] = HostPeer(connections: [id], primary: id)
            peerOrder.insert(peer)
            directives.append(.peerConnected(peer, remote, direction))
            startPeer(peer, now: now)
            return
        }
        peerStates[peer]?.connections.append(id)
        counters.duplicateConnections += 1
        resolveDuplicates(of: peer, newest: id, now: now)
    }

    private func refusal(of peer: PeerID, remote: Multiaddr, now: Instant) -> CloseReason? {
        if peer == localPeer { return .ownPeerID }
        if let until = bans[peer], now < until { return .banned }
        let isLoopback = remote.ipAddress?.isLoopback == true
        if peerStates[peer] == nil, !isLoopback, peerStates.count >= limits.maximumPeers {
            return .tooManyConnections
        }
        return nil
    }

    /// Decides which of several connections to one peer is kept, so that the other side decides alike.
    ///
    /// Opposite directions, close in time: simultaneous dials. The one that the smaller id dialled stays,
    /// which both sides know. Otherwise the newest stays, since the older one is most likely dead without
    /// our knowing (its other end restarted). If both were dialled by the same side, only the listener
    /// closes the older one, because the two ends may have seen them come in different order; the dialler
    /// does it only if the listener has not for a while.
    private mutating func resolveDuplicates(
        of peer: PeerID, newest: ConnectionID, now: Instant
    ) {
        guard let others = peerStates[peer]?.connections.filter({ $0 != newest }),
            let new = connections[newest]
        else { return }
        let keptDirection: ConnectionDirection = localPeer < peer ? .outbound : .inbound
        let isLate = others.contains { id in
            guard let other = connections[id], other.direction != new.direction else {
                return false
            }
            return other.direction == keptDirection
                && now - other.since < limits.simultaneousDialWindow
        }
        guard !isLate else {
            close(newest, .duplicate, now: now)
            return
        }
        setPrimary(of: peer, newest, now: now)
        for old in others {
            guard let other = connections[old] else { continue }
            if other.direction != new.direction || new.direction == .inbound {
                close(old, .duplicate, now: now)
            } else {
                timers.set(.duplicate(old), at: now + .seconds(10))
            }
        }
        while let all = peerStates[peer]?.connections,
            all.count > limits.maximumConnectionsPerPeer, let oldest = all.first
        {
            close(oldest, .tooManyConnections, now: now)
        }
    }

    /// Opens further streams on another connection than before; gossip starts afresh, as the other side
    /// does.
    private mutating func setPrimary(of peer: PeerID, _ id: ConnectionID, now: Instant) {
        guard let state = peerStates[peer], state.primary != id else { return }
        endGossip(with: peer, now: now)
        peerStates[peer]?.primary = id
        startPeer(peer, now: now)
    }

    /// What is done on a peer's (new) primary connection.
    private mutating func startPeer(_ peer: PeerID, now: Instant) {
        guard let primary = peerStates[peer]?.primary else { return }
        open(peer, .identify, protocols: [HostProtocol.identify], on: primary)
        peerStates[peer]?.gossip.failures = 0
        openGossip(peer, now: now)
        if let interval = limits.pingInterval { timers.set(.ping(peer), at: now + interval) }
        if timers.next == nil || peerStates.count == 1 {
            timers.set(.housekeeping, at: now + .seconds(1))
        }
    }

    /// Forgets a connection and tells the shell to close it.
    mutating func close(_ id: ConnectionID, _ reason: CloseReason, now: Instant) {
        guard connections[id] != nil else { return }
        directives.append(.close(id, reason))
        forget(id, now: now)
    }

    /// Closes all connections of a peer.
    mutating func closeAll(of peer: PeerID, _ reason: CloseReason, now: Instant) {
        for id in peerStates[peer]?.connections ?? [] { close(id, reason, now: now) }
    }

    /// A connection is gone: so are its streams, and perhaps the peer.
    mutating func forget(_ id: ConnectionID, now: Instant) {
        guard let connection = connections[id] else { return }
        let peer = connection.peer
        timers.cancel(.duplicate(id))
        for stream in connection.streams.array {
            let key = StreamKey(connection: id, stream: stream)
            endStream(key, .connectionLost, now: now)
        }
        connections[id] = nil
        let lost = openings.filter { $0.value.connection == id }.keys.sorted()
        for token in lost { openingFailed(token, connectionLost: true, now: now) }
        peerStates[peer]?.connections.removeAll { $0 == id }
        guard let state = peerStates[peer] else { return }
        if let next = state.connections.last {
            if state.primary == id { setPrimary(of: peer, next, now: now) }
            return
        }
        // What the router still has to say about the peer comes before its end.
        settle()
        endGossip(with: peer, now: now)
        failWaitingRequests(of: peer, now: now)
        timers.cancel(.ping(peer))
        timers.cancel(.gossip(peer))
        peerStates[peer] = nil
        peerOrder.remove(peer)
        readyOutboxes.remove(peer)
        directives.append(.peerDisconnected(peer))
    }

    /// A peer broke a protocol's rules on one of its streams.
    mutating func violation(of peer: PeerID, _ what: String, now: Instant) {
        counters.violations += 1
        gossip?.receivedMalformed(from: peer)
        guard let count = peerStates[peer]?.violations else { return }
        peerStates[peer]?.violations = count + 1
        if count + 1 >= limits.maximumViolations {
            closeAll(of: peer, .protocolViolation(what), now: now)
        }
    }

    mutating func addBan(of peer: PeerID, until: Instant, now: Instant) {
        counters.bans += 1
        bans[peer] = max(bans[peer] ?? until, until)
        if bans.count > limits.maximumBans {
            bans = bans.filter { $0.value > now }
            if bans.count > limits.maximumBans,
                let soonest = bans.min(by: { ($0.value, $0.key) < ($1.value, $1.key) })
            {
                bans[soonest.key] = nil
            }
        }
        closeAll(of: peer, .banned, now: now)
    }
}
