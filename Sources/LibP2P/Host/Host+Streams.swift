/// Streams: opened for a purpose, routed by protocol, ended with all that hangs on them.
extension Host {
    /// Asks the shell for a stream.
    mutating func open(
        _ peer: PeerID, _ purpose: StreamPurpose, protocols: [String], on connection: ConnectionID
    ) {
        let token = nextToken
        nextToken += 1
        openings[token] = Opening(peer: peer, connection: connection, purpose: purpose)
        directives.append(.openStream(connection, protocols: protocols, token: token))
    }

    mutating func handleOpened(
        _ key: StreamKey, protocol name: String, token: UInt64?, now: Instant
    ) {
        guard let connection = connections[key.connection], streams[key] == nil else {
            // The connection was given up meanwhile; the shell closes its streams with it.
            if let token { openings[token] = nil }
            return
        }
        guard let token else {
            acceptInbound(key, protocol: name, of: connection, now: now)
            return
        }
        guard let opening = openings.removeValue(forKey: token),
            opening.connection == key.connection
        else {
            directives.append(.reset(key.connection, key.stream))
            return
        }
        startOutbound(key, protocol: name, opening, now: now)
    }

    private mutating func add(_ key: StreamKey, _ peer: PeerID, inbound: Bool, _ role: StreamRole) {
        let carriesRPCs = if case .gossipIn = role { true } else { false }
        streams[key] = HostStream(
            peer: peer, isInbound: inbound, role: role, carriesRPCs: carriesRPCs)
        connections[key.connection]?.streams.insert(key.stream)
        if inbound { connections[key.connection]?.inboundStreams += 1 }
    }

    private mutating func startOutbound(
        _ key: StreamKey, protocol name: String, _ opening: Opening, now: Instant
    ) {
        let peer = opening.peer
        switch opening.purpose {
        case .gossip:
            add(key, peer, inbound: false, .gossipOut)
            gossipStreamOpened(key, peer, protocol: name, now: now)
        case .identify:
            let assembler = FrameAssembler(limit: limits.maximumIdentifyBytes)
            add(key, peer, inbound: false, .identifyAsk(assembler))
            directives.append(.finish(key.connection, key.stream))
            timers.set(.stream(key), at: now + limits.identifyTimeout)
        case .push:
            add(key, peer, inbound: false, .pushOut)
            directives.append(.write(key.connection, key.stream, identifyFrame(for: key)))
            directives.append(.finish(key.connection, key.stream))
            timers.set(.stream(key), at: now + limits.identifyTimeout)
        case .ping:
            startPing(key, peer, now: now)
        case .request(let id):
            guard requests[id] != nil else {
                directives.append(.reset(key.connection, key.stream))
                return
            }
            add(key, peer, inbound: false, .requestOut(id))
            requestStreamOpened(id, key)
        }
    }

    private mutating func startPing(_ key: StreamKey, _ peer: PeerID, now: Instant) {
        var probe = PingProbe(peer: peer, payload: randomBytes(PingEcho.byteCount))
        probe.sentAt = now
        directives.append(.write(key.connection, key.stream, probe.payload))
        add(key, peer, inbound: false, .pingOut(probe))
        timers.set(.stream(key), at: now + limits.pingTimeout)
    }

    private mutating func acceptInbound(
        _ key: StreamKey, protocol name: String, of connection: HostConnection, now: Instant
    ) {
        let peer = connection.peer
        guard connection.inboundStreams < limits.maximumInboundStreams,
            let state = peerStates[peer]
        else {
            refuse(key)
            return
        }
        switch name {
        case HostProtocol.identify where state.identifyStreams < limits.maximumIdentifyStreams:
            add(key, peer, inbound: true, .identifyAnswer)
            peerStates[peer]?.identifyStreams += 1
            directives.append(.write(key.connection, key.stream, identifyFrame(for: key)))
            directives.append(.finish(key.connection, key.stream))
            timers.set(.stream(key), at: now + limits.identifyTimeout)
        case HostProtocol.identifyPush where state.identifyStreams < limits.maximumIdentifyStreams:
            let assembler = FrameAssembler(limit: limits.maximumIdentifyBytes)
            add(key, peer, inbound: true, .pushIn(assembler))
            peerStates[peer]?.identifyStreams += 1
            timers.set(.stream(key), at: now + limits.identifyTimeout)
        case HostProtocol.ping where state.pingStreams < limits.maximumPingStreams:
            add(key, peer, inbound: true, .pingIn(PingEcho()))
            peerStates[peer]?.pingStreams += 1
            timers.set(.stream(key), at: now + limits.pingIdleTimeout)
        case _
        where gossip != nil && HostProtocol.gossip.contains(name)
            && state.gossip.failures < Self.gossipAttempts:
            let assembler = FrameAssembler(limit: gossip?.parameters.maximumRPCBytes ?? 0)
            add(key, peer, inbound: true, .gossipIn(assembler))
            gossipStreamAccepted(key, peer, protocol: name, now: now)
        default:
            guard let rules = protocols[name], let id = acceptRequest(key, peer, rules, now: now)
            else {
                refuse(key)
                return
            }
            add(key, peer, inbound: true, .requestIn(id))
        }
    }

    private mutating func refuse(_ key: StreamKey) {
        counters.refusedStreams += 1
        directives.append(.reset(key.connection, key.stream))
    }

    /// There will be no stream for a token.
    mutating func openingFailed(_ token: UInt64, connectionLost: Bool, now: Instant) {
        guard let opening = openings.removeValue(forKey: token) else { return }
        let peer = opening.peer
        switch opening.purpose {
        case .gossip:
            gossipOpenFailed(peer, now: now)
        case .identify, .push:
            break
        case .ping:
            peerStates[peer]?.isPinging = false
            directives.append(
                .pingFailed(peer, connectionLost ? .connectionLost : .streamRefused))
        case .request(let id):
            failRequest(id, connectionLost ? .connectionLost : .streamRefused, now: now)
        }
    }

    // MARK: bytes

    mutating func handleData(_ key: StreamKey, _ bytes: [UInt8], now: Instant) {
        guard let peer = streams[key]?.peer, !bytes.isEmpty else { return }
        // A copy of the role would make appending to what it holds copy all of that.
        if streams[key]?.carriesRPCs == true {
            receiveGossip(key, bytes, now: now)
            return
        }
        guard let role = streams[key]?.role else { return }
        switch role {
        case .gossipIn: break
        case .identifyAsk, .pushIn:
            receiveIdentify(key, bytes, now: now)
        case .pingIn(var echo):
            let back = echo.received(bytes)
            streams[key]?.role = .pingIn(echo)
            guard !back.isEmpty else { return }
            directives.append(.write(key.connection, key.stream, back))
            timers.set(.stream(key), at: now + limits.pingIdleTimeout)
        case .pingOut(var probe):
            let result = probe.received(bytes)
            streams[key]?.role = .pingOut(probe)
            credit(key, bytes.count)
            guard let isSame = result else { return }
            if isSame {
                directives.append(.pinged(peer, now - (probe.sentAt ?? now)))
            } else {
                directives.append(.pingFailed(peer, .mismatch))
            }
            peerStates[peer]?.isPinging = false
            directives.append(.finish(key.connection, key.stream))
            removeStream(key)
        case .requestOut(let id):
            receiveResponse(id, key, bytes, now: now)
        case .requestIn(let id):
            receiveRequest(id, key, bytes, now: now)
        case .gossipOut, .identifyAnswer, .pushOut:
            // Nothing is expected there; what comes is not credited, so it stays within a window.
            break
        }
    }

    /// Lets the peer send as many bytes more, if the stream is still there.
    mutating func credit(_ key: StreamKey, _ count: Int) {
        guard streams[key] != nil, count > 0 else { return }
        directives.append(.consumed(key.connection, key.stream, count))
    }

    /// Notes how many bytes of half-received messages a stream holds. If all together hold too many, the
    /// stream that holds most is given up.
    mutating func setPartialBytes(_ key: StreamKey, _ count: Int, now: Instant) {
        guard let before = streams[key]?.partialBytes else { return }
        streams[key]?.partialBytes = count
        partialBytes += count - before
        guard partialBytes > limits.partialBytesInAll else { return }
        let largest = streams.max {
            ($0.value.partialBytes, $0.key) < ($1.value.partialBytes, $1.key)
        }
        guard let largest else { return }
        counters.droppedPartials += 1
        reset(largest.key, .reset, now: now)
    }

    mutating func handleReadClosed(_ key: StreamKey, now: Instant) {
        guard let role = streams[key]?.role, let peer = streams[key]?.peer else { return }
        switch role {
        case .gossipIn(let assembler):
            if !assembler.isAtBoundary { violation(of: peer, "RPC cut off", now: now) }
            finishAndRemove(key)
        case .identifyAsk, .pushIn:
            finishAndRemove(key)
        case .pingIn:
            finishAndRemove(key)
        case .pingOut:
            directives.append(.pingFailed(peer, .streamRefused))
            peerStates[peer]?.isPinging = false
            reset(key, .reset, now: now)
        case .requestOut(let id):
            responseEnded(id, key, now: now)
        case .requestIn(let id):
            if inboundRequests[id]?.reader != nil { reset(key, .reset, now: now) }
        case .gossipOut, .identifyAnswer, .pushOut:
            break
        }
    }

    private mutating func finishAndRemove(_ key: StreamKey) {
        guard let stream = streams[key] else { return }
        if case .identifyAsk = stream.role {
            // This side was finished when it was opened.
        } else {
            directives.append(.finish(key.connection, key.stream))
        }
        removeStream(key)
    }

    mutating func handleWritten(_ key: StreamKey, count: Int, now: Instant) {
        guard let role = streams[key]?.role, let peer = streams[key]?.peer, count > 0 else {
            return
        }
        switch role {
        case .gossipOut:
            peerStates[peer]?.gossip.outbox.written(count, now: now)
            readyOutboxes.insert(peer)
            if !withheld.isEmpty {
                withholding.written += count
                releaseIfUncongested(now: now)
            }
        case .pingIn(var echo):
            let allowed = echo.written(count)
            streams[key]?.role = .pingIn(echo)
            credit(key, allowed)
        case .requestIn(let id):
            responseWritten(id, count: count, now: now)
        default:
            break
        }
    }

    // MARK: ends

    /// Resets a stream from this side.
    mutating func reset(_ key: StreamKey, _ failure: RequestFailure, now: Instant) {
        guard streams[key] != nil else { return }
        directives.append(.reset(key.connection, key.stream))
        endStream(key, failure, now: now)
    }

    /// A stream has ended; what hung on it ends with it.
    mutating func endStream(_ key: StreamKey, _ failure: RequestFailure, now: Instant) {
        guard let stream = streams[key] else { return }
        removeStream(key)
        switch stream.role {
        case .gossipIn, .identifyAsk, .identifyAnswer, .pushIn, .pushOut, .pingIn:
            break
        case .gossipOut:
            gossipStreamLost(stream.peer, key, now: now)
        case .pingOut:
            guard peerStates[stream.peer]?.isPinging == true else { break }
            peerStates[stream.peer]?.isPinging = false
            directives.append(.pingFailed(stream.peer, pingFailure(failure)))
        case .requestOut(let id):
            failRequest(id, failure, now: now)
        case .requestIn(let id):
            requestStreamEnded(id)
        }
    }

    private func pingFailure(_ failure: RequestFailure) -> PingFailure {
        switch failure {
        case .connectionLost: .connectionLost
        case .timeout: .timeout
        default: .streamRefused
        }
    }

    /// Forgets a stream, and nothing but the stream.
    mutating func removeStream(_ key: StreamKey) {
        guard let stream = streams.removeValue(forKey: key) else { return }
        partialBytes -= stream.partialBytes
        withheld[key] = nil
        timers.cancel(.stream(key))
        connections[key.connection]?.streams.remove(key.stream)
        guard stream.isInbound else { return }
        connections[key.connection]?.inboundStreams -= 1
        switch stream.role {
        case .identifyAnswer, .pushIn: peerStates[stream.peer]?.identifyStreams -= 1
        case .pingIn: peerStates[stream.peer]?.pingStreams -= 1
        case .gossipIn:
            if peerStates[stream.peer]?.gossip.inbound == key {
                peerStates[stream.peer]?.gossip.inbound = nil
            }
        default: break
        }
    }
}
