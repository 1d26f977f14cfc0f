import SystemCrypto

/// Joining and leaving topics, and the GRAFT and PRUNE that keep their meshes.
extension Gossipsub {
    /// Subscribes to a topic: everybody is told, and a mesh is formed.
    package mutating func subscribe(_ topic: String, now: Instant) {
        guard !topic.isEmpty, topic.utf8.count <= parameters.maximumTopicBytes,
            topics[topic]?.isJoined != true
        else { return }
        topics[topic, default: Topic()].isJoined = true
        activeTopics.insert(topic)
        for peer in peerOrder.array {
            send(to: peer) {
                $0.subscriptions.append(RPC.Subscription(topic: topic, subscribes: true))
            }
        }
        // Peers that were good enough to publish to come first.
        let fanout = topics[topic]?.fanout.array ?? []
        topics[topic]?.fanout.removeAll()
        topics[topic]?.fanoutUsed = nil
        for peer in fanout where mayGraft(peer, topic, minimumScore: 0) {
            graft(peer, topic, now: now)
        }
        let missing = parameters.meshTarget - (topics[topic]?.mesh.count ?? 0)
        for peer in candidates(topic, count: missing, minimumScore: 0) {
            graft(peer, topic, now: now)
        }
    }

    /// Leaves a topic: everybody is told, and the mesh is dissolved.
    package mutating func unsubscribe(_ topic: String, now: Instant) {
        guard topics[topic]?.isJoined == true else { return }
        for peer in peerOrder.array {
            send(to: peer) {
                $0.subscriptions.append(RPC.Subscription(topic: topic, subscribes: false))
            }
        }
        for peer in topics[topic]?.mesh.array ?? [] {
            prune(
                peer, topic, backoff: parameters.unsubscribeBackoff, withPeers: false, now: now)
        }
        topics[topic]?.isJoined = false
        forgetIfUnused(topic)
    }

    // MARK: choosing

    /// Whether a peer may be taken into the mesh of a topic on this host's initiative.
    mutating func mayGraft(_ peer: PeerID, _ topic: String, minimumScore: Double) -> Bool {
        guard let state = topics[topic], let known = peers[peer] else { return false }
        return !known.isDirect && !state.mesh.contains(peer) && state.backoff[peer] == nil
            && scores.score(of: peer) >= minimumScore
    }

    /// Up to `count` peers of a topic, at random, that may be grafted.
    mutating func candidates(
        _ topic: String, count: Int, minimumScore: Double, outboundOnly: Bool = false
    ) -> [PeerID] {
        guard count > 0, let subscribers = topics[topic]?.subscribers.array else { return [] }
        var found: [PeerID] = []
        for peer in subscribers where mayGraft(peer, topic, minimumScore: minimumScore) {
            if outboundOnly, peers[peer]?.isOutbound != true { continue }
            found.append(peer)
        }
        shuffle(&found)
        return Array(found.prefix(count))
    }

    /// Fisher and Yates's shuffle with this router's generator.
    mutating func shuffle<Element>(_ elements: inout [Element]) {
        guard elements.count > 1 else { return }
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, random.uniform(below: last + 1))
        }
    }

    // MARK: grafting and pruning others

    /// Takes a peer into the mesh and tells it.
    mutating func graft(_ peer: PeerID, _ topic: String, now: Instant) {
        addToMesh(peer, topic, now: now)
        counters.grafts += 1
        send(to: peer) { $0.graft.append(topic) }
    }

    private mutating func addToMesh(_ peer: PeerID, _ topic: String, now: Instant) {
        guard topics[topic]?.mesh.insert(peer) == true else { return }
        peers[peer]?.meshes += 1
        scores.grafted(peer, topic: topic, now: now)
    }

    mutating func removeFromMesh(_ peer: PeerID, _ topic: String) {
        guard topics[topic]?.mesh.remove(peer) == true else { return }
        peers[peer]?.meshes -= 1
        scores.pruned(peer, topic: topic)
    }

    /// Takes a peer out of the mesh, tells it, and keeps it out for a time.
    mutating func prune(
        _ peer: PeerID, _ topic: String, backoff: Duration? = nil, withPeers: Bool, now: Instant
    ) {
        removeFromMesh(peer, topic)
        let backoff = backoff ?? parameters.pruneBackoff
        addBackoff(peer, topic, backoff, now: now)
        counters.prunes += 1
        sendPrune(to: peer, topic, backoff: backoff, withPeers: withPeers)
    }

    private mutating func sendPrune(
        to peer: PeerID, _ topic: String, backoff: Duration, withPeers: Bool
    ) {
        var prune = RPC.Prune(
            topic: topic, backoffSeconds: UInt64(max(backoff.components.seconds, 0)))
        if withPeers, scores.score(of: peer) >= 0 {
            prune.peers = recommendedPeers(topic, to: peer)
        }
        send(to: peer) { $0.prune.append(prune) }
    }

    private mutating func recommendedPeers(
        _ topic: String, to receiver: PeerID
    ) -> [PeerExchangeRecord] {
        guard parameters.peerExchangeCount > 0, let scope = peers[receiver]?.scope,
            let subscribers = topics[topic]?.subscribers.array
        else { return [] }
        // Without a signed record nobody can be found, and none may go where its addresses may not.
        var good = subscribers.filter { peer in
            guard peer != receiver, let record = peers[peer]?.record else { return false }
            return !record.addresses.isEmpty && record.scope >= scope
                && scores.score(of: peer) >= 0
        }
        shuffle(&good)
        var room = parameters.maximumControlBytes - 512
        var result: [PeerExchangeRecord] = []
        for peer in good where result.count < parameters.peerExchangeCount {
            guard let record = peers[peer]?.record else { continue }
            room -= record.envelope.count + peer.bytes.count + 16
            guard room >= 0 else { break }
            result.append(PeerExchangeRecord(peer: peer, signedRecord: record.envelope))
        }
        return result
    }

    private mutating func addBackoff(
        _ peer: PeerID, _ topic: String, _ duration: Duration, now: Instant
    ) {
        let expires = now + duration
        guard expires >= topics[topic]?.backoff[peer]?.expires ?? expires else { return }
        topics[topic, default: Topic()].backoff[peer] = Backoff(expires: expires, prunedAt: now)
        activeTopics.insert(topic)
        // Only peers that come under ever new ids reach the limit.
        guard let all = topics[topic]?.backoff, all.count > parameters.maximumBackoffsPerTopic,
            let soonest = all.min(by: {
                ($0.value.expires, $0.key) < ($1.value.expires, $1.key)
            })
        else { return }
        topics[topic]?.backoff[soonest.key] = nil
    }

    /// Forgets backoffs that are over by a heartbeat at least, so that slow clocks are forgiven.
    mutating func expireBackoffs(now: Instant) {
        for topic in activeTopics.array {
            guard let backoffs = topics[topic]?.backoff, !backoffs.isEmpty else { continue }
            let slack = parameters.heartbeatInterval + parameters.heartbeatInterval
            topics[topic]?.backoff = backoffs.filter { $0.value.expires + slack > now }
            forgetIfUnused(topic)
        }
    }

    // MARK: being grafted and pruned

    mutating func handleGraft(_ grafted: [String], from peer: PeerID, now: Instant) {
        // A topic that is named twice counts once, so answers are at most as many as joined topics.
        for topic in SortedSet(grafted) {
            // Unknown topics are not answered: an answer could be made to amplify.
            guard topics[topic]?.isJoined == true else { continue }
            // A graft says that the peer is subscribed, even if that has not arrived.
            guard addSubscription(of: peer, to: topic, now: now) else { continue }
            guard topics[topic]?.mesh.contains(peer) == false else { continue }
            if peers[peer]?.isDirect == true {
                refuseGraft(peer, topic, withPeers: false, now: now)
            } else if let backoff = topics[topic]?.backoff[peer], now < backoff.expires {
                counters.backoffViolations += 1
                let isFlood = now < backoff.prunedAt + parameters.graftFloodThreshold
                scores.misbehaved(peer, count: isFlood ? 2 : 1)
                refuseGraft(peer, topic, withPeers: false, now: now)
            } else if scores.score(of: peer) < 0 {
                refuseGraft(peer, topic, withPeers: false, now: now)
            } else if topics[topic]?.mesh.count ?? 0 >= parameters.meshHigh,
                peers[peer]?.isOutbound != true
            {
                // Without this bound, peers that dial us could fill the mesh as they like.
                refuseGraft(peer, topic, withPeers: true, now: now)
            } else {
                addToMesh(peer, topic, now: now)
            }
        }
    }

    private mutating func refuseGraft(
        _ peer: PeerID, _ topic: String, withPeers: Bool, now: Instant
    ) {
        counters.refusedGrafts += 1
        addBackoff(peer, topic, parameters.pruneBackoff, now: now)
        sendPrune(to: peer, topic, backoff: parameters.pruneBackoff, withPeers: withPeers)
    }

    mutating func handlePrune(_ prunes: [RPC.Prune], from peer: PeerID, now: Instant) {
        var pruned: Set<String> = []
        for prune in prunes {
            guard topics[prune.topic]?.isJoined == true, pruned.insert(prune.topic).inserted else {
                continue
            }
            removeFromMesh(peer, prune.topic)
            addBackoff(peer, prune.topic, askedBackoff(prune), now: now)
            guard !prune.peers.isEmpty,
                scores.score(of: peer) >= scores.parameters.acceptPeerExchangeThreshold
            else { continue }
            let others = prune.peers.filter { $0.peer != peer && peers[$0.peer] == nil }
            guard !others.isEmpty else { continue }
            directives.append(.peerExchange(topic: prune.topic, others, from: peer))
        }
    }

    /// What a peer asks for, within bounds: seconds on the wire can be any number of 64 bits.
    private func askedBackoff(_ prune: RPC.Prune) -> Duration {
        guard let seconds = prune.backoffSeconds, seconds > 0 else {
            return parameters.pruneBackoff
        }
        let limit = max(parameters.maximumBackoff, .zero)
        guard let whole = Int64(exactly: seconds), whole < limit.components.seconds else {
            return limit
        }
        return .seconds(whole)
    }
}
