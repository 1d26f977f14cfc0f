/// Gossip between the router, which speaks in RPCs, and the streams, which carry bytes.
extension Host {
    // MARK: the two streams

    /// How often in a row our stream may fail before the peer is taken for one that does not gossip.
    static let gossipAttempts = 4

    /// Opens our stream to a peer unless it is there or on its way.
    mutating func openGossip(_ peer: PeerID, now: Instant) {
        guard gossip != nil, let state = peerStates[peer], state.gossip.outbound == nil,
            !state.gossip.isOpening, state.gossip.failures < Self.gossipAttempts
        else { return }
        peerStates[peer]?.gossip.isOpening = true
        open(peer, .gossip, protocols: HostProtocol.gossip, on: state.primary)
    }

    mutating func gossipStreamOpened(
        _ key: StreamKey, _ peer: PeerID, protocol name: String, now: Instant
    ) {
        guard let state = peerStates[peer] else { return }
        peerStates[peer]?.gossip.isOpening = false
        guard state.gossip.outbound == nil, key.connection == state.primary else {
            directives.append(.reset(key.connection, key.stream))
            removeStream(key)
            return
        }
        peerStates[peer]?.gossip.outbound = key
        peerStates[peer]?.gossip.failures = 0
        peerStates[peer]?.gossip.outbox.opened(now: now)
        let version = Gossipsub.Version(protocolName: name) ?? .v1_1
        activateGossip(peer, version, now: now)
        gossip?.setVersion(version, of: peer)
        readyOutboxes.insert(peer)
    }

    /// The peer opened its stream: it counts from now on, and an older one no more.
    mutating func gossipStreamAccepted(
        _ key: StreamKey, _ peer: PeerID, protocol name: String, now: Instant
    ) {
        if let old = peerStates[peer]?.gossip.inbound, old != key { reset(old, .reset, now: now) }
        peerStates[peer]?.gossip.inbound = key
        activateGossip(peer, Gossipsub.Version(protocolName: name) ?? .v1_1, now: now)
        openGossip(peer, now: now)
    }

    /// Tells the router of a peer, as soon as one of the two streams is there: the peer's hello may come
    /// before our stream is agreed on.
    private mutating func activateGossip(
        _ peer: PeerID, _ version: Gossipsub.Version, now: Instant
    ) {
        guard let state = peerStates[peer], !state.gossip.isActive,
            let connection = connections[state.primary]
        else { return }
        peerStates[peer]?.gossip.isActive = true
        let address = connection.remote.ipAddress
        gossip?.connected(
            peer, version: version, isOutbound: connection.direction == .outbound,
            address: address?.isLoopback == true ? nil : address,
            scope: connection.remote.scopeOfPeer, now: now)
        gossip?.setRecord(state.identify?.peerRecord, of: peer)
    }

    mutating func gossipOpenFailed(_ peer: PeerID, now: Instant) {
        guard let state = peerStates[peer] else { return }
        peerStates[peer]?.gossip.isOpening = false
        retryGossip(peer, after: state.gossip.failures, now: now)
    }

    mutating func gossipStreamLost(_ peer: PeerID, _ key: StreamKey, now: Instant) {
        guard let state = peerStates[peer], state.gossip.outbound == key else { return }
        let failures = state.gossip.failures
        endGossip(with: peer, now: now)
        retryGossip(peer, after: failures, now: now)
    }

    private mutating func retryGossip(_ peer: PeerID, after failures: Int, now: Instant) {
        peerStates[peer]?.gossip.failures = failures + 1
        guard failures + 1 < Self.gossipAttempts else {
            endGossip(with: peer, now: now)
            return
        }
        timers.set(.gossip(peer), at: now + .seconds(1 << (2 * failures)))
    }

    /// Gossip with a peer ends: its streams are reset, its queue is dropped, the router forgets it.
    mutating func endGossip(with peer: PeerID, now: Instant) {
        guard let session = peerStates[peer]?.gossip else { return }
        let failures = session.failures
        while let frame = peerStates[peer]?.gossip.outbox.dropOldestMessage() {
            queuedMessages.remove(frame)
        }
        peerStates[peer]?.gossip = GossipSession()
        peerStates[peer]?.gossip.failures = failures
        readyOutboxes.remove(peer)
        timers.cancel(.gossip(peer))
        if session.isActive { gossip?.disconnected(peer, now: now) }
        for key in [session.outbound, session.inbound] {
            guard let key, streams[key] != nil else { continue }
            directives.append(.reset(key.connection, key.stream))
            removeStream(key)
        }
    }

    // MARK: in

    mutating func receiveGossip(_ key: StreamKey, _ bytes: [UInt8], now: Instant) {
        guard let peer = streams[key]?.peer, var assembler = takeAssembler(key) else { return }
        assembler.append(bytes)
        do {
            while let frame = try assembler.next() {
                guard let parameters = gossip?.parameters else { return }
                let rpc = try RPC(
                    decoding: frame, limits: parameters.rpcLimits,
                    topicLimit: parameters.maximumTopicBytes)
                gossip?.received(rpc, from: peer, now: now)
            }
        } catch {
            streams[key]?.role = .gossipIn(FrameAssembler(limit: 0))
            reset(key, .reset, now: now)
            violation(of: peer, "malformed RPC", now: now)
            return
        }
        streams[key]?.role = .gossipIn(assembler)
        creditGossip(key, bytes.count, from: peer, now: now)
        setPartialBytes(key, assembler.bufferedByteCount, now: now)
    }

    /// Moves the assembler out, so that appending to it does not copy what it holds.
    private mutating func takeAssembler(_ key: StreamKey) -> FrameAssembler? {
        guard case .gossipIn(let assembler)? = streams[key]?.role else { return nil }
        streams[key]?.role = .gossipIn(FrameAssembler(limit: 0))
        return assembler
    }

    // MARK: out

    /// Carries out what the router wants and writes what can be written.
    mutating func settle() {
        guard gossip != nil else { return }
        // Disconnecting a peer while settling can make the router want more.
        while let wanted = gossip?.drain(), !wanted.isEmpty {
            for directive in wanted { carryOut(directive) }
            flushOutboxes()
        }
        flushOutboxes()
    }

    private mutating func carryOut(_ directive: GossipsubDirective) {
        switch directive {
        case .control(let rpc, let peer):
            enqueue(rpc, to: peer)
        case .message(let frame, let peer):
            enqueue(frame, to: peer)
        case .cancel(let ids, let peer):
            for frame in peerStates[peer]?.gossip.outbox.cancel(ids) ?? [] {
                queuedMessages.remove(frame)
                counters.cancelledBytes += frame.bytes.count
            }
        case .deliver(let message):
            directives.append(.message(message))
        case .subscription(let peer, let topic, let subscribes):
            directives.append(.peerSubscribed(peer, topic: topic, subscribes))
        case .peerExchange(let topic, let records, let peer):
            directives.append(.peerExchange(topic: topic, records, from: peer))
        }
    }

    private mutating func enqueue(_ rpc: RPC, to peer: PeerID) {
        guard peerStates[peer]?.gossip.isActive == true,
            let frameLimit = gossip?.parameters.maximumControlBytes
        else { return }
        var rpc = rpc
        let waiting = peerStates[peer]?.gossip.outbox.controlBytes ?? 0
        if waiting > limits.controlQueueBytes / 2 {
            counters.droppedGossip += 1
            rpc.removeGossip()
        }
        for frame in rpc.frames(limit: frameLimit) {
            peerStates[peer]?.gossip.outbox.append(control: frame, now: lastEvent)
        }
        readyOutboxes.insert(peer)
    }

    private mutating func enqueue(_ frame: MessageFrame, to peer: PeerID) {
        guard peerStates[peer]?.gossip.isActive == true else { return }
        peerStates[peer]?.gossip.outbox.append(frame, now: lastEvent)
        queuedMessages.add(frame)
        readyOutboxes.insert(peer)
        while peerStates[peer]?.gossip.outbox.messageBytes ?? 0 > limits.gossipQueueBytes {
            guard dropOldestMessage(of: peer) else { break }
        }
        while queuedMessages.byteCount > limits.gossipQueueBytesInAll {
            guard let slowest = slowestPeer(), dropOldestMessage(of: slowest) else { break }
        }
    }

    private mutating func dropOldestMessage(of peer: PeerID) -> Bool {
        guard let frame = peerStates[peer]?.gossip.outbox.dropOldestMessage() else { return false }
        queuedMessages.remove(frame)
        counters.droppedMessages += 1
        counters.droppedMessageBytes += frame.bytes.count
        return true
    }

    /// The peer with the most message bytes waiting; among equals the first.
    private func slowestPeer() -> PeerID? {
        var found: (peer: PeerID, bytes: Int)?
        for peer in peerOrder {
            let bytes = peerStates[peer]?.gossip.outbox.messageBytes ?? 0
            if bytes > found?.bytes ?? 0 { found = (peer, bytes) }
        }
        return found?.peer
    }

    private mutating func flushOutboxes() {
        guard !readyOutboxes.isEmpty else { return }
        let ready = readyOutboxes.array
        readyOutboxes.removeAll()
        for peer in ready { flushOutbox(of: peer) }
    }

    private mutating func flushOutbox(of peer: PeerID) {
        guard let key = peerStates[peer]?.gossip.outbound else { return }
        let limit = limits.bytesInFlight
        while let bytes = peerStates[peer]?.gossip.outbox.nextControl(limit: limit) {
            directives.append(.write(key.connection, key.stream, bytes))
        }
        while let frame = peerStates[peer]?.gossip.outbox.nextMessage(limit: limit) {
            queuedMessages.remove(frame)
            directives.append(.write(key.connection, key.stream, frame.bytes))
        }
    }

    /// Disconnects peers that take nothing, and those whose score is too low.
    mutating func judgePeers(now: Instant) {
        for peer in peerOrder.array {
            guard let outbox = peerStates[peer]?.gossip.outbox else { continue }
            let isStalled =
                peerStates[peer]?.gossip.outbound != nil && !outbox.isIdle
                && now - outbox.lastProgress > limits.stallTimeout
            if isStalled || outbox.controlBytes > limits.controlQueueBytes {
                counters.slowReaders += 1
                closeAll(of: peer, .slowReader, now: now)
                continue
            }
            banIfDue(peer, now: now)
        }
    }

    mutating func banIfDue(_ peer: PeerID, now: Instant) {
        guard let threshold = limits.banThreshold, let conduct = gossip?.conduct(of: peer),
            conduct < threshold, peerStates[peer] != nil
        else { return }
        addBan(of: peer, until: now + limits.banDuration, now: now)
    }
}
