/// Requests that peers make of this host.
extension Host {
    /// Takes a request's stream, unless the peer or all peers together have too many.
    mutating func acceptRequest(
        _ key: StreamKey, _ peer: PeerID, _ rules: RequestProtocol, now: Instant
    ) -> InboundRequestID? {
        guard peerStates[peer]?.serving[rules.name] ?? 0 < rules.maximumInboundPerPeer,
            serving[rules.name] ?? 0 < rules.maximumInbound
        else {
            counters.refusedRequests += 1
            return nil
        }
        let id = InboundRequestID(rawValue: nextInboundRequest)
        nextInboundRequest += 1
        inboundRequests[id] = InboundRequest(
            peer: peer, stream: key, rules: rules,
            reader: RequestReader(limit: rules.maximumRequestBytes))
        peerStates[peer]?.serving[rules.name, default: 0] += 1
        serving[rules.name, default: 0] += 1
        timers.set(.inbound(id), at: now + rules.requestTimeout)
        return id
    }

    mutating func receiveRequest(
        _ id: InboundRequestID, _ key: StreamKey, _ bytes: [UInt8], now: Instant
    ) {
        // The request itself is not copied: appending to what it holds would copy all of that.
        guard let peer = inboundRequests[id]?.peer, let rules = inboundRequests[id]?.rules else {
            return
        }
        let body: [UInt8]?
        do {
            guard inboundRequests[id]?.reader != nil else { throw ExchangeError.malformed }
            body = try inboundRequests[id]?.reader?.received(bytes)
        } catch {
            reset(key, .malformed, now: now)
            violation(of: peer, "malformed request", now: now)
            return
        }
        credit(key, bytes.count)
        guard let body else {
            let held = inboundRequests[id]?.reader?.bufferedByteCount ?? 0
            setPartialBytes(key, held, now: now)
            return
        }
        setPartialBytes(key, 0, now: now)
        inboundRequests[id]?.reader = nil
        counters.served += 1
        timers.set(.inbound(id), at: now + rules.serviceTimeout)
        directives.append(.request(id, from: peer, protocol: rules.name, body: body))
    }

    mutating func queueResponse(
        _ id: InboundRequestID, chunk: [UInt8], now: Instant
    ) -> Bool {
        guard let rules = inboundRequests[id]?.rules, inboundRequests[id]?.reader == nil,
            inboundRequests[id]?.writer.isEnding == false,
            let sent = inboundRequests[id]?.writer.chunkBytes,
            let before = inboundRequests[id]?.writer.queuedBytes,
            chunk.count <= rules.maximumChunkBytes,
            sent + chunk.count <= rules.maximumResponseBytes
        else { return false }
        guard
            before == 0
                || before + chunk.count <= limits.responseQueueBytes
                    && queuedResponseBytes + chunk.count <= limits.responseQueueBytesInAll
        else {
            inboundRequests[id]?.owesDrained = true
            return false
        }
        inboundRequests[id]?.writer.append(chunk: chunk)
        queuedResponseBytes += (inboundRequests[id]?.writer.queuedBytes ?? before) - before
        inboundRequests[id]?.owesDrained = true
        flushResponse(id)
        return true
    }

    mutating func endResponse(_ id: InboundRequestID) {
        guard inboundRequests[id]?.reader == nil, inboundRequests[id] != nil else { return }
        inboundRequests[id]?.writer.isEnding = true
        flushResponse(id)
    }

    mutating func responseWritten(_ id: InboundRequestID, count: Int, now: Instant) {
        inboundRequests[id]?.writer.written(count)
        flushResponse(id)
    }

    private mutating func flushResponse(_ id: InboundRequestID) {
        guard let key = inboundRequests[id]?.stream else { return }
        let limit = limits.bytesInFlight
        let before = inboundRequests[id]?.writer.queuedBytes ?? 0
        while let bytes = inboundRequests[id]?.writer.next(limit: limit) {
            directives.append(.write(key.connection, key.stream, bytes))
        }
        queuedResponseBytes -= before - (inboundRequests[id]?.writer.queuedBytes ?? 0)
        guard let writer = inboundRequests[id]?.writer else { return }
        if writer.isEnding, writer.queuedBytes == 0, !writer.isFinished {
            inboundRequests[id]?.writer.isFinished = true
            directives.append(.finish(key.connection, key.stream))
        }
        guard writer.isIdle else { return }
        if writer.isEnding {
            removeInboundRequest(id)
            removeStream(key)
        } else if inboundRequests[id]?.owesDrained == true {
            inboundRequests[id]?.owesDrained = false
            directives.append(.responseDrained(id))
        }
    }

    /// The stream ended before the answer did.
    mutating func requestStreamEnded(_ id: InboundRequestID) {
        guard let request = inboundRequests[id] else { return }
        removeInboundRequest(id)
        if request.reader == nil, !request.writer.isEnding {
            directives.append(.requestCancelled(id))
        }
    }

    private mutating func removeInboundRequest(_ id: InboundRequestID) {
        guard let request = inboundRequests.removeValue(forKey: id) else { return }
        timers.cancel(.inbound(id))
        queuedResponseBytes -= request.writer.queuedBytes
        let name = request.rules.name
        let left = (serving[name] ?? 1) - 1
        serving[name] = left > 0 ? left : nil
        if let count = peerStates[request.peer]?.serving[name] {
            peerStates[request.peer]?.serving[name] = count > 1 ? count - 1 : nil
        }
    }
}
