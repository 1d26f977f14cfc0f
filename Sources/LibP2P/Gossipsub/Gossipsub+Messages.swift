/// Messages: published by this host, received, judged and forwarded.
extension Gossipsub {
    // MARK: out

    /// Publishes a message; see `Host.publish`.
    ///
    /// - Parameters:
    ///   - topic: The topic; it need not be joined.
    ///   - data: The content.
    ///   - receivers: Whom to send it to, or nil for the usual ones. Peers that are not connected are
    ///     left out.
    ///   - now: The present moment.
    /// - Returns: The id and whom it goes to.
    /// - Throws: `PublishError` if nothing was sent.
    package mutating func publish(
        _ topic: String, _ data: [UInt8], to receivers: [PeerID]? = nil, now: Instant
    ) throws(PublishError) -> Publication {
        guard (1...parameters.maximumTopicBytes).contains(topic.utf8.count) else {
            throw .topicTooLong(
                byteCount: topic.utf8.count, limit: parameters.maximumTopicBytes)
        }
        let size = MessageFrame.rpcByteCount(topic: topic, data: data.count)
        guard size <= parameters.maximumRPCBytes else {
            throw .tooLarge(byteCount: size, limit: parameters.maximumRPCBytes)
        }
        let id = messageID(topic, data)
        guard seen[id] == nil else { throw .duplicate(id) }
        seen.insert(id, .valid, now: now)
        promises.fulfil(id)
        counters.published += 1
        let frame = MessageFrame(id: id, topic: topic, data: data)
        let chosen = receivers ?? usualReceivers(topic, now: now)
        cache.put(frame, topic: topic, holders: [])
        let sent = send(frame, to: chosen)
        return Publication(id: id, peers: sent)
    }

    /// Sends a cached message to peers that do not have it; see `Host.forward`.
    package mutating func forward(
        _ id: MessageID, to receivers: [PeerID]? = nil, now: Instant
    ) -> [PeerID] {
        guard let entry = cache[id] else { return [] }
        let chosen = receivers ?? usualReceivers(entry.topic, now: now)
        return send(entry.frame, to: chosen.filter { !entry.holders.contains($0) })
    }

    /// Whom own messages of a topic go to: direct peers, and the mesh (filled up if it is small), or the
    /// fanout, or with flood publishing everybody whose score allows it.
    private mutating func usualReceivers(_ topic: String, now: Instant) -> [PeerID] {
        let subscribers = topics[topic]?.subscribers.array ?? []
        let threshold = scores.parameters.publishThreshold
        if parameters.floodPublish {
            return subscribers.filter {
                peers[$0]?.isDirect == true || scores.score(of: $0) >= threshold
            }
        }
        var receivers = SortedSet(subscribers.filter { peers[$0]?.isDirect == true })
        let isJoined = topics[topic]?.isJoined == true
        let core = (isJoined ? topics[topic]?.mesh : topics[topic]?.fanout)?.array ?? []
        for peer in core { receivers.insert(peer) }
        let missing = parameters.meshTarget - core.count
        if missing > 0 {
            var others = subscribers.filter {
                !receivers.contains($0) && scores.score(of: $0) >= threshold
            }
            shuffle(&others)
            for peer in others.prefix(missing) {
                receivers.insert(peer)
                if !isJoined { topics[topic]?.fanout.insert(peer) }
            }
        }
        if !isJoined, topics[topic] != nil {
            topics[topic]?.fanoutUsed = now
            activeTopics.insert(topic)
        }
        return receivers.array
    }

    /// Queues a message for peers that are there and have not said that they do not want it.
    @discardableResult
    private mutating func send(_ frame: MessageFrame, to receivers: [PeerID]) -> [PeerID] {
        flushControl()
        var sent: [PeerID] = []
        for peer in receivers {
            guard let known = peers[peer], !sent.contains(peer) else { continue }
            if known.dontWant[frame.id] != nil {
                counters.savedByIDontWant += 1
                continue
            }
            directives.append(.message(frame, to: peer))
            counters.sent += 1
            counters.sentBytes += frame.bytes.count
            cache.addHolder(peer, of: frame.id)
            sent.append(peer)
        }
        return sent
    }

    // MARK: in

    /// An RPC arrived from a peer.
    package mutating func received(_ rpc: RPC, from peer: PeerID, now: Instant) {
        guard let known = peers[peer],
            known.isDirect || scores.score(of: peer) >= scores.parameters.graylistThreshold
        else {
            counters.droppedGraylisted += 1
            return
        }
        counters.skippedParts += rpc.skippedParts
        handleSubscriptions(rpc.subscriptions, from: peer, now: now)
        for message in rpc.messages { handle(message, from: peer, now: now) }
        handleIHave(rpc.ihave, from: peer, now: now)
        handleIWant(rpc.iwant, from: peer)
        handleGraft(rpc.graft, from: peer, now: now)
        handlePrune(rpc.prune, from: peer, now: now)
        handleIDontWant(rpc.idontwant, parts: rpc.idontwantParts, from: peer)
    }

    /// A peer sent what is no RPC, or one over the limits.
    package mutating func receivedMalformed(from peer: PeerID) {
        scores.misbehaved(peer, count: 3)
    }

    private mutating func handle(_ message: RPC.Message, from peer: PeerID, now: Instant) {
        let topic = message.topic
        guard topics[topic]?.isJoined == true else {
            counters.droppedUnknownTopic += 1
            return
        }
        guard !message.isSigned else {
            counters.droppedSigned += 1
            scores.sentInvalid(peer, topic: topic)
            return
        }
        let id = messageID(topic, message.data)
        promises.fulfil(id)
        if let status = seen[id] {
            handleDuplicate(id, status, topic: topic, from: peer, now: now)
            return
        }
        guard pending.count < parameters.maximumPendingMessages,
            peers[peer]?.pending ?? 0 < parameters.maximumPendingMessagesPerPeer,
            pendingBytes + message.data.count <= parameters.maximumPendingBytes,
            (peers[peer]?.pendingBytes ?? 0) + message.data.count
                <= parameters.maximumPendingBytesPerPeer
        else {
            // Not remembered as seen: it may come again when there is room.
            counters.droppedThrottled += 1
            return
        }
        seen.insert(id, .pending, now: now)
        let delivered = GossipMessage(id: id, topic: topic, data: message.data, from: peer)
        let deadline = now + parameters.verdictLifetime
        pending[id] = Pending(message: delivered, senders: [peer], deadline: deadline)
        pendingOrder.append((id, deadline))
        pendingBytes += message.data.count
        peers[peer]?.pending += 1
        peers[peer]?.pendingBytes += message.data.count
        counters.delivered += 1
        if message.data.count >= parameters.idontwantThreshold {
            announceIDontWant(id, topic, except: peer)
        }
        directives.append(.deliver(delivered))
    }

    private mutating func handleDuplicate(
        _ id: MessageID, _ status: SeenCache.Status, topic: String, from peer: PeerID, now: Instant
    ) {
        counters.duplicates += 1
        switch status {
        case .pending:
            if pending[id]?.senders.contains(peer) == false { pending[id]?.senders.append(peer) }
        case .valid:
            cache.addHolder(peer, of: id)
            guard let copy = recent[id], now <= copy.until, !copy.senders.contains(peer) else {
                return
            }
            recent[id]?.senders.append(peer)
            scores.deliveredInTime(peer, topic: topic)
        case .ignored:
            break
        case .invalid:
            scores.sentInvalid(peer, topic: topic)
        }
    }

    /// The application's verdict on a message; see `Host.validated`.
    package mutating func validated(_ id: MessageID, _ verdict: MessageVerdict, now: Instant) {
        guard let entry = takePending(id) else { return }
        let message = entry.message
        switch verdict {
        case .ignore:
            counters.ignored += 1
            seen.update(id, .ignored)
        case .reject:
            counters.rejected += 1
            seen.update(id, .invalid)
            for peer in entry.senders { scores.sentInvalid(peer, topic: message.topic) }
        case .accept:
            counters.accepted += 1
            seen.update(id, .valid)
            accept(entry, now: now)
        }
    }

    private mutating func accept(_ entry: Pending, now: Instant) {
        let message = entry.message
        scores.deliveredFirst(message.from, topic: message.topic)
        for peer in entry.senders.dropFirst() {
            scores.deliveredInTime(peer, topic: message.topic)
        }
        if let window = meshDeliveriesWindow(message.topic), window > .zero {
            let until = now + window
            recent[message.id] = Recent(
                topic: message.topic, until: until, senders: entry.senders)
            recentOrder.append((message.id, until))
        }
        let frame = MessageFrame(id: message.id, topic: message.topic, data: message.data)
        cache.put(frame, topic: message.topic, holders: entry.senders)
        guard let state = topics[message.topic], state.isJoined else { return }
        var receivers = state.mesh
        for peer in directPeers where state.subscribers.contains(peer) { receivers.insert(peer) }
        send(frame, to: receivers.filter { !entry.senders.contains($0) })
    }

    /// Nil where copies after the first have no effect on scores.
    private func meshDeliveriesWindow(_ topic: String) -> Duration? {
        let rules = scores.parameters.topics[topic] ?? scores.parameters.defaultTopic
        guard let rules, rules.meshDeliveriesWeight != 0 || rules.meshFailureWeight != 0 else {
            return nil
        }
        return rules.meshDeliveriesWindow
    }

    private mutating func takePending(_ id: MessageID) -> Pending? {
        guard let entry = pending.removeValue(forKey: id) else { return nil }
        pendingBytes -= entry.message.data.count
        if let count = peers[entry.message.from]?.pending, count > 0 {
            peers[entry.message.from]?.pending = count - 1
            // Not below 0: a peer that came again since starts from there.
            let bytes = peers[entry.message.from]?.pendingBytes ?? 0
            peers[entry.message.from]?.pendingBytes = max(bytes - entry.message.data.count, 0)
        }
        return entry
    }

    /// Ends the wait for verdicts that did not come, and for copies that count.
    mutating func expireMessages(now: Instant) {
        seen.expire(now: now)
        while let oldest = pendingOrder.first,
            oldest.deadline <= now || pending[oldest.id] == nil
        {
            _ = pendingOrder.popFirst()
            guard takePending(oldest.id) != nil else { continue }
            counters.verdictTimeouts += 1
            seen.update(oldest.id, .ignored)
        }
        while let oldest = recentOrder.first, oldest.until <= now {
            _ = recentOrder.popFirst()
            recent[oldest.id] = nil
        }
    }
}
