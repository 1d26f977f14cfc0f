import LibP2P
import NodeCore
import SystemCrypto

// The model of gossip: meshes, copies that wait for the uplink, news of messages at heartbeats.
extension NodeNetwork {
    private static let heartbeat: Int64 = 1_000_000_000
    /// Bytes of gossip that are given to the uplink ahead of time.
    private static let ahead = 64 << 10
    /// From this many bytes on, who has a message tells its mesh so.
    private static let largeMessage = 1024
    /// Heartbeats for which others are told of a message.
    private static let heartbeatsGossiped = 3

    func number(ofTopic name: String) -> Int {
        if let number = topicNumbers[name] { return number }
        topicNumbers[name] = topicNames.count
        topicNames.append(name)
        return topicNames.count - 1
    }

    func subscribe(_ node: SimulatedNode, _ topic: String) {
        let number = number(ofTopic: topic)
        node.reserve(topics: topicNames.count)
        node.topics[number] = true
        // It starts before it has peers, so nobody needs to be told.
        if !node.neighbours.isEmpty { mend(node) }
    }

    // MARK: meshes

    /// Fills the meshes of a node up.
    func mend(_ node: SimulatedNode) {
        for topic in node.topics.indices where node.topics[topic] {
            guard node.mesh[topic].count < conditions.mesh.low else { continue }
            var others = node.neighbours.filter { other in
                let peer = nodes[other]
                return peer.isSubscribed(topic) && !node.mesh[topic].contains(other)
                    && peer.mesh[topic].count < conditions.mesh.high
            }
            random.shuffle(&others)
            for other in others.prefix(conditions.mesh.target - node.mesh[topic].count) {
                node.mesh[topic].append(other)
                nodes[other].mesh[topic].append(node.index)
            }
        }
    }

    // MARK: messages

    func number(of publication: NodeCore.Publication) -> Int {
        let id = MessageID.ofTopicAndData(publication.topic, publication.data)
        if let number = messageNumbers[id] { return number }
        messageNumbers[id] = messages.count
        messages.append(
            Message(
                topic: number(ofTopic: publication.topic), data: publication.data,
                seenAt: [Int64](repeating: .max, count: nodes.count)))
        return messages.count - 1
    }

    func publish(_ publication: NodeCore.Publication, by node: SimulatedNode) {
        guard mischief.allows(publication, by: node, in: self) else { return }
        let message = number(of: publication)
        note(node.index, 8, UInt64(message))
        saw(message, node.index)
        switch publication.reach {
        case .everyone:
            forward(message, by: node, except: nil)
        case .firstCopy(let peer):
            guard let other = number(of: peer), node.link(to: other) != nil else {
                forward(message, by: node, except: nil)
                return
            }
            enqueue(message, by: node, to: other)
        case .remaining(let peer):
            forward(message, by: node, except: number(of: peer))
        }
        remember(message, node)
    }

    private func saw(_ message: Int, _ index: Int) {
        while messages[message].seenAt.count <= index { messages[message].seenAt.append(.max) }
        messages[message].seenAt[index] = min(messages[message].seenAt[index], now)
    }

    private func hasSeen(_ message: Int, _ index: Int) -> Bool {
        index < messages[message].seenAt.count && messages[message].seenAt[index] != .max
    }

    /// Sends a message to the mesh, or to some subscribers if the node is not one itself.
    private func forward(_ message: Int, by node: SimulatedNode, except: Int?) {
        let topic = messages[message].topic
        node.reserve(topics: topicNames.count)
        var receivers = node.mesh[topic]
        if !node.topics[topic] || receivers.count < conditions.mesh.low {
            // The fanout, kept like a mesh; or a mesh that is filled up for own messages.
            var others = node.neighbours.filter {
                nodes[$0].isSubscribed(topic) && !receivers.contains($0)
            }
            random.shuffle(&others)
            let chosen = others.prefix(max(0, conditions.mesh.target - receivers.count))
            receivers += chosen
            if !node.topics[topic] { node.mesh[topic] = receivers }
        }
        for other in receivers where other != except { enqueue(message, by: node, to: other) }
    }

    private func enqueue(_ message: Int, by node: SimulatedNode, to other: Int) {
        guard nodes[other].isSubscribed(messages[message].topic) else { return }
        node.outbox.append((other, message))
        pump(node)
    }

    /// Gives copies to the uplink until enough is under way.
    func pump(_ node: SimulatedNode) {
        guard !node.isPumping else { return }
        while node.outboxStart < node.outbox.count {
            let backlog = node.access.backlog(now: now)
            guard backlog < Self.ahead else {
                node.isPumping = true
                let wait = Double(backlog - Self.ahead / 2) / node.access.upBytesPerSecond
                queue.schedule(.pump(node.index, life: node.life), at: now + Int64(wait * 1e9))
                return
            }
            let (other, message) = node.outbox[node.outboxStart]
            node.outboxStart += 1
            if isKnown(message, to: node, of: other) {
                copies.saved += 1
            } else {
                copies.sent += 1
                send(
                    .gossip(message, from: node.index), messages[message].data.count,
                    from: node.index, to: other)
            }
        }
        node.outbox.removeAll(keepingCapacity: node.outbox.count < 1024)
        node.outboxStart = 0
    }

    /// Whether a node knows that a peer has a message: it sent it, or said so, and that has arrived.
    private func isKnown(_ message: Int, to node: SimulatedNode, of other: Int) -> Bool {
        guard other < messages[message].seenAt.count,
            let link = node.link(to: other)
        else { return false }
        let seenAt = messages[message].seenAt[other]
        guard seenAt != .max, messages[message].data.count >= Self.largeMessage else {
            return false
        }
        return seenAt + links[link].delay <= now
    }

    func received(_ message: Int, from: Int, by node: SimulatedNode) {
        guard node.isSubscribed(messages[message].topic) else { return }
        guard !hasSeen(message, node.index) else {
            copies.repeated += 1
            return
        }
        saw(message, node.index)
        note(node.index, 9, UInt64(message))
        nextToken += 1
        node.undecided[nextToken] = (message, from)
        handle(
            .message(
                GossipDelivery(
                    token: GossipToken(rawValue: nextToken),
                    topic: topicNames[messages[message].topic], data: messages[message].data,
                    from: nodes[from].peer)), node)
    }

    func decided(_ node: SimulatedNode, _ token: GossipToken, _ verdict: GossipVerdict) {
        guard let (message, from) = node.undecided.removeValue(forKey: token.rawValue) else {
            return
        }
        switch verdict {
        case .accept:
            forward(message, by: node, except: from)
            remember(message, node)
            mischief.accepted(message, by: node, in: self)
        case .ignore: break
        case .reject(let offence): penalties.append((node.index, from, offence))
        }
    }

    // MARK: heartbeats

    private func remember(_ message: Int, _ node: SimulatedNode) {
        node.recent.append((message, Self.heartbeatsGossiped))
        guard !node.isBeating else { return }
        node.isBeating = true
        let phase = Int64(node.index) &* 7_919_317 % Self.heartbeat
        let next = (now - phase) / Self.heartbeat * Self.heartbeat + phase + Self.heartbeat
        queue.schedule(.heartbeat(node.index, life: node.life), at: next)
    }

    /// Tells some peers outside of the mesh of recent messages; those that lack one fetch it.
    func beat(_ node: SimulatedNode) {
        var told: [Int: [Int]] = [:]
        for index in node.recent.indices {
            let message = node.recent[index].message
            node.recent[index].heartbeats -= 1
            let topic = messages[message].topic
            if told[topic] == nil {
                var others = node.neighbours.filter {
                    nodes[$0].isSubscribed(topic) && !node.members(topic).contains($0)
                }
                random.shuffle(&others)
                let share = max(conditions.lazy, others.count / 4)
                told[topic] = Array(others.prefix(share))
            }
            for other in told[topic] ?? [] where !hasSeen(message, other) {
                // News, question and answer are three ways; the first two are short.
                guard let link = node.link(to: other) else { continue }
                let answered = now + 2 * links[link].delay
                queue.schedule(
                    .arrival(
                        to: node.index, life: node.life, link: link, byteCount: 40, span: 0,
                        .wanted(message, by: other)), at: answered)
            }
        }
        node.recent.removeAll { $0.heartbeats <= 0 }
        node.isBeating = !node.recent.isEmpty
        if node.isBeating {
            queue.schedule(
                .heartbeat(node.index, life: node.life), at: now + Self.heartbeat)
        }
    }
}
