/// What is done once in every heartbeat, in go-libp2p-pubsub's order.
extension Gossipsub {
    mutating func runHeartbeat(now: Instant) {
        heartbeat += 1
        expireBackoffs(now: now)
        clearCounters()
        for peer in promises.expire(now: now) {
            counters.brokenPromises += 1
            scores.misbehaved(peer)
        }
        expireMessages(now: now)
        for topic in activeTopics.array {
            guard let state = topics[topic] else { continue }
            if state.isJoined {
                maintainMesh(topic, now: now)
                emitGossip(topic, except: topics[topic]?.mesh ?? SortedSet())
            } else if state.fanoutUsed != nil {
                maintainFanout(topic, now: now)
                emitGossip(topic, except: topics[topic]?.fanout ?? SortedSet())
            }
        }
        flushControl()
        cache.shift()
    }

    private mutating func clearCounters() {
        for peer in peerOrder.array {
            guard var known = peers.removeValue(forKey: peer) else { continue }
            known.ihaveMessages = 0
            known.iwantAsked = 0
            known.iwantBytes = 0
            known.idontwantMessages = 0
            known.idontwantIDs = 0
            if !known.dontWant.isEmpty {
                known.dontWant = known.dontWant.filter { $0.value > heartbeat }
            }
            peers[peer] = known
        }
    }

    private mutating func maintainMesh(_ topic: String, now: Instant) {
        pruneNegative(topic, now: now)
        if meshCount(topic) < parameters.meshLow {
            let missing = parameters.meshTarget - meshCount(topic)
            for peer in candidates(topic, count: missing, minimumScore: 0) {
                graft(peer, topic, now: now)
            }
        }
        if meshCount(topic) > parameters.meshHigh { pruneExcess(topic, now: now) }
        if meshCount(topic) >= parameters.meshLow {
            let missing = parameters.meshOutbound - outboundCount(topics[topic]?.mesh.array ?? [])
            let more = candidates(topic, count: missing, minimumScore: 0, outboundOnly: true)
            for peer in more { graft(peer, topic, now: now) }
        }
        if parameters.opportunisticGraftTicks > 0,
            heartbeat % parameters.opportunisticGraftTicks == 0
        {
            graftOpportunistically(topic, now: now)
        }
    }

    private func meshCount(_ topic: String) -> Int { topics[topic]?.mesh.count ?? 0 }

    private func outboundCount(_ chosen: some Sequence<PeerID>) -> Int {
        chosen.reduce(0) { $0 + (peers[$1]?.isOutbound == true ? 1 : 0) }
    }

    private mutating func pruneNegative(_ topic: String, now: Instant) {
        for peer in topics[topic]?.mesh.array ?? [] where scores.score(of: peer) < 0 {
            prune(peer, topic, withPeers: false, now: now)
        }
    }

    /// Prunes down to the target: the best by score stay, then enough that this host dialled (which an
    /// attacker can't arrange), then whom chance picks.
    private mutating func pruneExcess(_ topic: String, now: Instant) {
        var members = topics[topic]?.mesh.array ?? []
        shuffle(&members)
        var scored = members.map { (peer: $0, score: scores.score(of: $0)) }
        // The standard library's sort is stable, so that the shuffle decides between equals.
        scored.sort { $0.score > $1.score }
        var best = scored.map(\.peer)
        var rest = Array(best.dropFirst(parameters.meshByScore))
        best.removeLast(rest.count)
        shuffle(&rest)
        let target = parameters.meshTarget
        var outboundMissing = parameters.meshOutbound - outboundCount(best)
        // Outbound peers of the rest move to the front, as many as are missing.
        var front: [PeerID] = []
        var back: [PeerID] = []
        for peer in rest {
            if outboundMissing > 0, peers[peer]?.isOutbound == true {
                front.append(peer)
                outboundMissing -= 1
            } else {
                back.append(peer)
            }
        }
        let ordered = best + front + back
        for peer in ordered.dropFirst(target) { prune(peer, topic, withPeers: true, now: now) }
    }

    /// Grafts peers better than the median if the mesh as a whole scores low: a mesh full of peers that do
    /// nothing wrong and nothing useful would otherwise last.
    private mutating func graftOpportunistically(_ topic: String, now: Instant) {
        let members = topics[topic]?.mesh.array ?? []
        guard members.count > 1 else { return }
        var values = members.map { scores.score(of: $0) }
        values.sort()
        let median = values[values.count / 2]
        guard median < scores.parameters.opportunisticGraftThreshold else { return }
        var better = topics[topic]?.subscribers.array ?? []
        better = better.filter {
            mayGraft($0, topic, minimumScore: 0) && scores.score(of: $0) > median
        }
        shuffle(&better)
        for peer in better.prefix(parameters.opportunisticGraftPeers) {
            graft(peer, topic, now: now)
        }
    }

    private mutating func maintainFanout(_ topic: String, now: Instant) {
        guard let used = topics[topic]?.fanoutUsed else { return }
        guard used + parameters.fanoutLifetime > now else {
            topics[topic]?.fanout.removeAll()
            topics[topic]?.fanoutUsed = nil
            forgetIfUnused(topic)
            return
        }
        let threshold = scores.parameters.publishThreshold
        for peer in topics[topic]?.fanout.array ?? [] where scores.score(of: peer) < threshold {
            topics[topic]?.fanout.remove(peer)
        }
        guard let state = topics[topic] else { return }
        let missing = parameters.meshTarget - state.fanout.count
        guard missing > 0 else { return }
        var others = state.subscribers.filter {
            !state.fanout.contains($0) && peers[$0]?.isDirect != true
                && scores.score(of: $0) >= threshold
        }
        shuffle(&others)
        for peer in others.prefix(missing) { topics[topic]?.fanout.insert(peer) }
    }
}
