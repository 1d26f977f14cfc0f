/// Requests that this host makes.
extension Host {
    mutating func makeRequest(
        _ peer: PeerID, protocol name: String, body: [UInt8], timeout: Duration?, now: Instant
    ) throws(RequestError) -> RequestID {
        guard let rules = protocols[name] else { throw .unknownProtocol(name) }
        guard body.count <= rules.maximumRequestBytes else {
            throw .tooLarge(byteCount: body.count, limit: rules.maximumRequestBytes)
        }
        guard let state = peerStates[peer] else { throw .notConnected(peer) }
        guard state.waitingRequests < limits.maximumQueuedRequestsPerPeer else {
            throw .tooManyQueued(limit: limits.maximumQueuedRequestsPerPeer)
        }
        let id = RequestID(rawValue: nextRequest)
        nextRequest += 1
        let completeBy = now + (timeout ?? rules.responseTimeout)
        let firstByteBy = min(now + rules.firstByteTimeout, completeBy)
        requests[id] = OutboundRequest(
            peer: peer, rules: rules, body: body,
            reader: ResponseReader(
                maximumChunkBytes: rules.maximumChunkBytes,
                maximumResponseBytes: rules.maximumResponseBytes),
            firstByteBy: firstByteBy, completeBy: completeBy)
        counters.requests += 1
        timers.set(.requestFirstByte(id), at: firstByteBy)
        timers.set(.request(id), at: completeBy)
        peerStates[peer]?.waitingRequests += 1
        peerStates[peer]?.lanes[name, default: OutboundLane()].waiting.append(id)
        startRequests(peer, name)
        return id
    }

    /// Opens streams for waiting requests while there are free places.
    private mutating func startRequests(_ peer: PeerID, _ name: String) {
        guard let rules = protocols[name] else { return }
        while let state = peerStates[peer], let lane = state.lanes[name],
            lane.active < max(rules.maximumOutboundPerPeer, 1),
            let id = peerStates[peer]?.lanes[name]?.waiting.popFirst()
        {
            // Requests that failed while they waited are still in line.
            guard requests[id]?.isWaiting == true else { continue }
            requests[id]?.isWaiting = false
            peerStates[peer]?.waitingRequests -= 1
            peerStates[peer]?.lanes[name]?.active += 1
            open(peer, .request(id), protocols: [name], on: state.primary)
        }
    }

    mutating func requestStreamOpened(_ id: RequestID, _ key: StreamKey) {
        guard let body = requests[id]?.body else { return }
        requests[id]?.body = nil
        requests[id]?.stream = key
        directives.append(.write(key.connection, key.stream, FrameAssembler.frame(body)))
        directives.append(.finish(key.connection, key.stream))
    }

    mutating func receiveResponse(
        _ id: RequestID, _ key: StreamKey, _ bytes: [UInt8], now: Instant
    ) {
        guard requests[id] != nil else { return }
        if requests[id]?.hasFirstByte == false {
            requests[id]?.hasFirstByte = true
            timers.cancel(.requestFirstByte(id))
        }
        do {
            let chunks = try requests[id]?.reader.received(bytes) ?? []
            for chunk in chunks { directives.append(.response(id, chunk: chunk)) }
        } catch {
            let peer = requests[id]?.peer
            switch error {
            case .malformed: reset(key, .malformed, now: now)
            case .tooLong(let limit): reset(key, .tooLong(limit: limit), now: now)
            }
            if let peer { violation(of: peer, "malformed answer", now: now) }
            return
        }
        credit(key, bytes.count)
        setPartialBytes(key, requests[id]?.reader.bufferedByteCount ?? 0, now: now)
    }

    mutating func responseEnded(_ id: RequestID, _ key: StreamKey, now: Instant) {
        guard let request = requests[id] else { return }
        guard request.reader.isAtBoundary else {
            reset(key, .malformed, now: now)
            return
        }
        removeStream(key)
        counters.requestsAnswered += 1
        removeRequest(id)
        directives.append(.responseFinished(id))
    }

    /// A request has come to nothing.
    mutating func failRequest(_ id: RequestID, _ failure: RequestFailure, now: Instant) {
        guard let request = requests[id] else { return }
        removeRequest(id)
        counters.requestsFailed += 1
        if let key = request.stream, streams[key] != nil {
            directives.append(.reset(key.connection, key.stream))
            removeStream(key)
        }
        directives.append(.responseFailed(id, failure))
    }

    private mutating func removeRequest(_ id: RequestID) {
        guard let request = requests.removeValue(forKey: id) else { return }
        timers.cancel(.requestFirstByte(id))
        timers.cancel(.request(id))
        if request.isWaiting {
            peerStates[request.peer]?.waitingRequests -= 1
        } else {
            peerStates[request.peer]?.lanes[request.rules.name]?.active -= 1
            startRequests(request.peer, request.rules.name)
        }
    }

    /// The peer is gone, and so are its connections: nothing that waits for it can start.
    mutating func failWaitingRequests(of peer: PeerID, now: Instant) {
        let failed = requests.filter { $0.value.peer == peer }.keys.sorted()
        for id in failed {
            requests[id]?.isWaiting = true
            failRequest(id, .connectionLost, now: now)
        }
    }
}
