import LibP2P
import NodeCore

// Requests and their answers, and what arrives in general.
extension NodeNetwork {
    func ask(_ request: OutboundRequest, by node: SimulatedNode) {
        let failure = NodeEvent.responseFailed(request.token, .disconnected)
        guard let server = number(of: request.peer), let link = node.link(to: server),
            links[link].isOpen
        else {
            queue.schedule(
                .delivery(
                    to: node.index, life: node.life, .event(failure)), at: now)
            return
        }
        nextExchange += 1
        exchanges[nextExchange] = Exchange(
            asker: node.index, askerLife: node.life, token: request.token, server: server,
            protocolName: request.protocolName, body: request.body)
        node.asked[request.token.rawValue] = nextExchange
        requestCounts[request.protocolName, default: 0] += 1
        note(node.index, 10, nextExchange)
        // A stream is opened and negotiated ahead of the request, in one flight with it.
        send(.request(nextExchange), request.body.count + 80, from: node.index, to: server)
        queue.schedule(
            .timeout(node.index, life: node.life, token: request.token.rawValue),
            at: now + Int64(request.timeoutMilliseconds) * 1_000_000)
    }

    func respond(_ node: SimulatedNode, _ id: UInt64, _ bytes: [UInt8]) {
        guard let exchange = exchanges[id], exchange.server == node.index else { return }
        guard let sent = mischief.altered(bytes, of: exchange, by: node, in: self) else { return }
        answer(node, .chunk(id, sent), sent.count, exchange)
    }

    func finish(_ node: SimulatedNode, _ id: UInt64) {
        guard let exchange = exchanges[id], exchange.server == node.index else { return }
        guard mischief.finishes(exchange, by: node) else { return }
        answer(node, .finished(id), 20, exchange)
    }

    func refuse(_ node: SimulatedNode, _ id: UInt64) {
        guard let exchange = exchanges[id], exchange.server == node.index else { return }
        answer(node, .failed(id, .disconnected), 20, exchange)
    }

    private func answer(
        _ node: SimulatedNode, _ content: Content, _ byteCount: Int, _ exchange: Exchange
    ) {
        if node.conduct == .slow {
            queue.schedule(
                .slowAnswer(node.index, life: node.life, content, byteCount, to: exchange.asker),
                at: now + 3_000_000_000)
        } else {
            send(content, byteCount, from: node.index, to: exchange.asker)
        }
    }

    // MARK: arrivals

    func deliver(_ content: Content, to node: SimulatedNode) {
        switch content {
        case .event(let event):
            handle(event, node)
        case .gossip(let message, let from):
            received(message, from: from, by: node)
        case .wanted(let message, let other):
            guard nodes[other].isUp, node.link(to: other) != nil else { return }
            copies.sent += 1
            send(
                .gossip(message, from: node.index), messages[message].data.count,
                from: node.index, to: other)
        case .request(let id):
            guard let exchange = exchanges[id] else { return }
            note(node.index, 11, id)
            handle(
                .request(
                    InboundRequest(
                        token: InboundRequestToken(rawValue: id),
                        from: nodes[exchange.asker].peer, protocolName: exchange.protocolName,
                        body: exchange.body)), node)
        case .chunk(let id, let bytes):
            guard let exchange = exchanges[id], exchange.askerLife == node.life else { return }
            note(node.index, 12, UInt64(bytes.count))
            handle(.responseChunk(exchange.token, bytes), node)
        case .finished(let id):
            guard let exchange = close(id, of: node) else { return }
            handle(.responseFinished(exchange.token), node)
        case .failed(let id, let failure):
            guard let exchange = close(id, of: node) else { return }
            handle(.responseFailed(exchange.token, failure), node)
        }
    }

    private func close(_ id: UInt64, of node: SimulatedNode) -> Exchange? {
        guard let exchange = exchanges.removeValue(forKey: id), exchange.askerLife == node.life
        else { return nil }
        node.asked[exchange.token.rawValue] = nil
        return exchange
    }
}
