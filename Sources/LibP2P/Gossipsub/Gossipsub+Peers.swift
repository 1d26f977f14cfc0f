/// Peers that come and go, and what they are subscribed to.
extension Gossipsub {
    /// A peer speaks gossip with us: it is told what this host is subscribed to.
    ///
    /// - Parameters:
    ///   - peer: The peer; one that is there already starts afresh.
    ///   - version: What its stream was agreed on.
    ///   - isOutbound: Whether this host dialled.
    ///   - address: Its IP address, to be limited in number (P6); nil if it is exempt.
    ///   - scope: Of whose addresses it may be told with a PRUNE.
    ///   - now: The present moment.
    package mutating func connected(
        _ peer: PeerID, version: Version, isOutbound: Bool, address: IPAddress?,
        scope: AddressScope = .world, now: Instant
    ) {
        if peers[peer] != nil { disconnected(peer, now: now) }
        peers[peer] = Peer(
            version: version, isOutbound: isOutbound, isDirect: directPeers.contains(peer),
            scope: scope)
        peerOrder.insert(peer)
        scores.connected(peer, address: address)
        let joined = subscriptions
        guard !joined.isEmpty else { return }
        send(to: peer) { rpc in
            rpc.subscriptions += joined.map { RPC.Subscription(topic: $0, subscribes: true) }
        }
    }

    /// A peer does not speak gossip with us any more.
    package mutating func disconnected(_ peer: PeerID, now: Instant) {
        guard let gone = peers.removeValue(forKey: peer) else { return }
        peerOrder.remove(peer)
        control[peer] = nil
        controlOrder.removeAll { $0 == peer }
        for topic in gone.topics {
            topics[topic]?.subscribers.remove(peer)
            topics[topic]?.fanout.remove(peer)
            removeFromMesh(peer, topic)
            forgetIfUnused(topic)
        }
        scores.disconnected(peer, now: now)
    }

    /// Makes a peer direct: always sent every message of its topics, never in a mesh, never judged
    /// when receiving. Both sides have to agree on it.
    package mutating func setDirect(_ peer: PeerID, _ isDirect: Bool) {
        if isDirect { directPeers.insert(peer) } else { directPeers.remove(peer) }
        peers[peer]?.isDirect = isDirect
    }

    /// A signed record of a peer's addresses, to recommend it to others with.
    package mutating func setRecord(_ record: SignedPeerRecord?, of peer: PeerID) {
        peers[peer]?.record = record
    }

    /// The version of gossipsub that a peer turned out to speak.
    package mutating func setVersion(_ version: Version, of peer: PeerID) {
        peers[peer]?.version = version
    }

    mutating func forgetIfUnused(_ topic: String) {
        guard let state = topics[topic] else { return }
        if !state.isJoined, state.fanoutUsed == nil, state.backoff.isEmpty {
            activeTopics.remove(topic)
            if state.subscribers.isEmpty { topics[topic] = nil }
        }
    }

    mutating func handleSubscriptions(
        _ subscriptions: [RPC.Subscription], from peer: PeerID, now: Instant
    ) {
        for subscription in subscriptions {
            let topic = subscription.topic
            if subscription.subscribes {
                addSubscription(of: peer, to: topic, now: now)
            } else if peers[peer]?.topics.remove(topic) == true {
                topics[topic]?.subscribers.remove(peer)
                topics[topic]?.fanout.remove(peer)
                removeFromMesh(peer, topic)
                forgetIfUnused(topic)
                directives.append(.subscription(peer, topic: topic, false))
            }
        }
    }

    /// False if the peer's subscription is not taken note of.
    @discardableResult
    mutating func addSubscription(of peer: PeerID, to topic: String, now: Instant) -> Bool {
        guard let known = peers[peer]?.topics else { return false }
        if known.contains(topic) { return true }
        guard known.count < parameters.maximumTopicsPerPeer, !topic.isEmpty,
            parameters.topicFilter.allows(topic) || topics[topic]?.isJoined == true
        else {
            counters.droppedSubscriptions += 1
            return false
        }
        peers[peer]?.topics.insert(topic)
        topics[topic, default: Topic()].subscribers.insert(peer)
        directives.append(.subscription(peer, topic: topic, true))
        if let state = topics[topic], state.isJoined, state.mesh.count < parameters.meshLow,
            mayGraft(peer, topic, minimumScore: 0)
        {
            graft(peer, topic, now: now)
        }
        return true
    }
}
