import SystemCrypto

/// IHAVE, IWANT and IDONTWANT: who has what, who asks for it, and who needs no copy.
extension Gossipsub {
    mutating func handleIHave(_ haves: [RPC.IHave], from peer: PeerID, now: Instant) {
        guard !haves.isEmpty, let known = peers[peer] else { return }
        guard scores.score(of: peer) >= scores.parameters.gossipThreshold,
            known.ihaveMessages < parameters.maximumIHaveMessages
        else {
            counters.droppedIHave += haves.reduce(0) { $0 + $1.ids.count }
            return
        }
        peers[peer]?.ihaveMessages += 1
        var wanted: [MessageID] = []
        var named: Set<MessageID> = []
        for have in haves where topics[have.topic]?.isJoined == true {
            for id in have.ids where seen[id] == nil && promises.allows(id, peer) {
                if named.insert(id).inserted { wanted.append(id) }
            }
        }
        let room = min(parameters.maximumIWantLength - known.iwantAsked, promises.room)
        let count = max(min(wanted.count, room), 0)
        counters.droppedIHave += wanted.count - count
        guard count > 0 else { return }
        // A random choice, so that who names too much can't direct it.
        shuffle(&wanted)
        wanted.removeLast(wanted.count - count)
        peers[peer]?.iwantAsked += count
        for (index, id) in wanted.enumerated() {
            promises.ask(id, peer, isPromise: index == 0, now: now)
        }
        send(to: peer) { $0.iwant += wanted }
    }

    mutating func handleIWant(_ ids: [MessageID], from peer: PeerID) {
        guard !ids.isEmpty, peers[peer] != nil else { return }
        guard scores.score(of: peer) >= scores.parameters.gossipThreshold else {
            counters.droppedIWant += ids.count
            return
        }
        var answered: Set<MessageID> = []
        for id in ids where answered.insert(id).inserted {
            guard let frame = cache[id]?.frame else { continue }
            guard peers[peer]?.dontWant[id] == nil,
                (peers[peer]?.iwantBytes ?? 0) + frame.bytes.count <= parameters.maximumIWantBytes,
                let times = cache.countRequest(for: id, of: peer),
                times <= parameters.gossipRetransmission
            else {
                counters.droppedIWant += 1
                continue
            }
            peers[peer]?.iwantBytes += frame.bytes.count
            counters.sent += 1
            counters.sentBytes += frame.bytes.count
            flushControl()
            directives.append(.message(frame, to: peer))
        }
    }

    mutating func handleIDontWant(_ ids: [MessageID], parts: Int, from peer: PeerID) {
        guard !ids.isEmpty, let known = peers[peer] else { return }
        guard known.idontwantMessages < parameters.maximumIDontWantMessages else {
            counters.droppedIDontWant += ids.count
            return
        }
        peers[peer]?.idontwantMessages += max(parts, 1)
        let room = max(parameters.maximumIDontWantLength - known.idontwantIDs, 0)
        let taken = ids.prefix(room)
        counters.droppedIDontWant += ids.count - taken.count
        peers[peer]?.idontwantIDs += taken.count
        for id in taken {
            peers[peer]?.dontWant[id] = heartbeat + parameters.idontwantTicks
            cache.addHolder(peer, of: id)
        }
        if !taken.isEmpty { directives.append(.cancel(Array(taken), to: peer)) }
    }

    /// Tells the mesh, but for the sender, that a large message is there: at once, before its validation,
    /// since copies may be on their way already.
    mutating func announceIDontWant(_ id: MessageID, _ topic: String, except sender: PeerID) {
        for peer in topics[topic]?.mesh.array ?? []
        where peer != sender && peers[peer]?.version == .v1_2 {
            send(to: peer) { $0.idontwant.append(id) }
        }
    }

    /// Tells some peers outside of the mesh what the cache has.
    mutating func emitGossip(_ topic: String, except excluded: SortedSet<PeerID>) {
        var ids = cache.gossipIDs(topic: topic)
        guard !ids.isEmpty, let subscribers = topics[topic]?.subscribers.array else { return }
        var receivers = subscribers.filter {
            !excluded.contains($0) && peers[$0]?.isDirect != true
                && scores.score(of: $0) >= scores.parameters.gossipThreshold
        }
        guard !receivers.isEmpty else { return }
        let share = Int(parameters.gossipFactor * Double(receivers.count))
        let target = max(parameters.gossipLazy, share)
        if target < receivers.count {
            shuffle(&receivers)
            receivers.removeLast(receivers.count - target)
        }
        shuffle(&ids)
        for peer in receivers {
            var named = ids
            if named.count > parameters.maximumIHaveLength {
                // Every peer is told of other ones.
                shuffle(&named)
                named.removeLast(named.count - parameters.maximumIHaveLength)
            }
            send(to: peer) { $0.ihave.append(RPC.IHave(topic: topic, ids: named)) }
        }
    }
}
