package import LibP2P
package import NodeCore

/// One node machine on one libp2p host: translates the host's directives into the machine's events
/// and the machine's directives into calls of the host.
///
/// A value without I/O of its own, confined to whoever drives the host. What neither of the two can
/// do by itself comes out as `Effect`s.
package struct NodeBridge<Machine: NodeMachine> {
    /// What is left for the shell to do.
    package enum Effect: Sendable {
        /// Run this off the event loop and hand the result to `workFinished`.
        case run(WorkToken, Work)
        /// Look for such peers.
        case wish(ConnectionWishes)
        /// Tell the operator.
        case report(NodeReport)
    }

    /// The node's logic.
    package private(set) var machine: Machine
    private var messages: [GossipToken: MessageID] = [:]
    private var nextMessage: UInt64 = 0
    private var requests: [RequestID: OutboundRequestToken] = [:]
    private var requestsByToken: [OutboundRequestToken: RequestID] = [:]
    private var answers: [InboundRequestID: PendingAnswer] = [:]
    private var askers: [InboundRequestToken: InboundRequestID] = [:]
    private var effects: [Effect] = []

    /// Chunks of an answer that the host had no room for yet, and whether more will come.
    private struct PendingAnswer {
        var chunks: [[UInt8]] = []
        var next = 0
        var isFinished = false
    }

    /// A bridge to a machine that has not been started.
    package init(machine: Machine) {
        self.machine = machine
    }

    /// Begins.
    package mutating func start(host: inout Host, at moment: Moment) -> [Effect] {
        machine.start(now: moment.node)
        return carryOut(&host, at: moment)
    }

    /// Changes the machine (an order of the operator) and carries out what it wants done.
    package mutating func command<Result>(
        host: inout Host, at moment: Moment, _ order: (inout Machine) throws -> Result
    ) rethrows -> (Result, [Effect]) {
        let result = try order(&machine)
        return (result, carryOut(&host, at: moment))
    }

    /// Takes the result of work that was handed out.
    package mutating func workFinished(
        _ token: WorkToken, _ result: WorkResult, host: inout Host, at moment: Moment
    ) -> [Effect] {
        machine.handle(.workFinished(token, result), now: moment.node)
        return carryOut(&host, at: moment)
    }

    /// Does what is due.
    package mutating func tick(host: inout Host, at moment: Moment) -> [Effect] {
        machine.tick(now: moment.node)
        return carryOut(&host, at: moment)
    }

    /// Takes one of the host's directives to the application.
    package mutating func handle(
        _ directive: HostDirective, host: inout Host, at moment: Moment
    ) -> [Effect] {
        switch directive {
        case .peerConnected(let peer, let address, let direction):
            machine.handle(
                .peerConnected(
                    PeerConnection(
                        peer: peer, isOutbound: direction == .outbound,
                        addressGroup: AddressGroup(of: address))), now: moment.node)
        case .peerDisconnected(let peer):
            machine.handle(.peerDisconnected(peer), now: moment.node)
        case .message(let message):
            nextMessage += 1
            let token = GossipToken(rawValue: nextMessage)
            messages[token] = message.id
            machine.handle(
                .message(
                    GossipDelivery(
                        token: token, topic: message.topic, data: message.data, from: message.from)),
                now: moment.node)
        case .request(let id, let peer, let name, let body):
            let token = InboundRequestToken(rawValue: id.rawValue)
            askers[token] = id
            answers[id] = PendingAnswer()
            machine.handle(
                .request(
                    InboundRequest(
                        token: token, from: peer,
                        protocolName: name, body: body)), now: moment.node)
        case .requestCancelled(let id):
            forgetAsker(id)
        case .responseDrained(let id):
            sendChunks(of: id, host: &host, at: moment)
        case .response(let id, let chunk):
            guard let token = requests[id] else { break }
            machine.handle(.responseChunk(token, chunk), now: moment.node)
        case .responseFinished(let id):
            guard let token = forget(id) else { break }
            machine.handle(.responseFinished(token), now: moment.node)
        case .responseFailed(let id, let failure):
            guard let token = forget(id) else { break }
            machine.handle(.responseFailed(token, failure.asSeenByNode), now: moment.node)
        case .identified, .peerSubscribed, .peerExchange, .pinged, .pingFailed:
            break
        case .openStream, .write, .finish, .reset, .consumed, .close:
            break  // The transport's.
        }
        return carryOut(&host, at: moment)
    }

    private mutating func forget(_ id: RequestID) -> OutboundRequestToken? {
        guard let token = requests.removeValue(forKey: id) else { return nil }
        requestsByToken[token] = nil
        return token
    }

    private mutating func forgetAsker(_ id: InboundRequestID) {
        answers[id] = nil
        askers[InboundRequestToken(rawValue: id.rawValue)] = nil
    }

    // MARK: the machine's directives

    private mutating func carryOut(_ host: inout Host, at moment: Moment) -> [Effect] {
        // A request that can't even be sent fails at once, which may make the machine ask another
        // peer: until nothing is left, and the machine's own limits bound how often.
        while true {
            let directives = machine.drain()
            guard !directives.isEmpty else { break }
            for directive in directives { carryOut(directive, host: &host, at: moment) }
        }
        defer { effects = [] }
        return effects
    }

    private mutating func carryOut(
        _ directive: NodeDirective, host: inout Host, at moment: Moment
    ) {
        let now = moment.host
        switch directive {
        case .subscribe(let topic):
            host.subscribe(topic, now: now)
        case .unsubscribe(let topic):
            host.unsubscribe(topic, now: now)
        case .verdict(let token, let verdict):
            guard let id = messages.removeValue(forKey: token) else { break }
            host.validated(id, verdict.asSeenByHost, now: now)
        case .publish(let publication):
            publish(publication, host: &host, now: now)
        case .request(let request):
            send(request, host: &host, at: moment)
        case .cancelRequest(let token):
            guard let id = requestsByToken.removeValue(forKey: token) else { break }
            requests[id] = nil
            host.cancel(id, now: now)
        case .respond(let token, let chunk):
            guard let id = askers[token] else { break }
            answers[id]?.chunks.append(chunk)
            sendChunks(of: id, host: &host, at: moment)
        case .finishResponse(let token):
            guard let id = askers[token] else { break }
            answers[id]?.isFinished = true
            sendChunks(of: id, host: &host, at: moment)
        case .failResponse(let token, _):
            guard let id = askers[token] else { break }
            forgetAsker(id)
            host.fail(id, now: now)
        case .run(let token, let work):
            effects.append(.run(token, work))
        case .penalise(let peer, let offence):
            host.penalise(peer, points: offence.points, now: now)
        case .disconnect(let peer, _):
            host.disconnect(peer, now: now)
        case .wish(let wishes):
            effects.append(.wish(wishes))
        case .report(let report):
            effects.append(.report(report))
        }
    }

    private mutating func send(
        _ request: OutboundRequest, host: inout Host, at moment: Moment
    ) {
        do {
            let id = try host.request(
                request.peer, protocol: request.protocolName, body: request.body,
                timeout: .milliseconds(Int64(clamping: request.timeoutMilliseconds)),
                now: moment.host)
            requests[id] = request.token
            requestsByToken[request.token] = id
        } catch {
            let failure: NodeCore.RequestFailure =
                switch error {
                case .unknownProtocol: .unsupported
                case .tooLarge: .malformed
                case .notConnected, .tooManyQueued: .disconnected
                }
            machine.handle(.responseFailed(request.token, failure), now: moment.node)
        }
    }

    private mutating func sendChunks(
        of id: InboundRequestID, host: inout Host, at moment: Moment
    ) {
        guard var answer = answers[id] else { return }
        while answer.next < answer.chunks.count {
            guard host.respond(id, chunk: answer.chunks[answer.next], now: moment.host) else {
                break
            }
            answer.chunks[answer.next] = []
            answer.next += 1
        }
        if answer.next == answer.chunks.count {
            answer.chunks = []
            answer.next = 0
            if answer.isFinished {
                forgetAsker(id)
                host.finish(id, now: moment.host)
                return
            }
        }
        answers[id] = answer
    }

    private mutating func publish(
        _ publication: NodeCore.Publication, host: inout Host, now: Instant
    ) {
        switch publication.reach {
        case .everyone:
            _ = try? host.publish(publication.topic, publication.data, now: now)
        case .firstCopy(let peer):
            let isSubscribed = host.subscribers(of: publication.topic).contains(peer)
            _ = try? host.publish(
                publication.topic, publication.data, to: isSubscribed ? [peer] : nil, now: now)
        case .remaining:
            host.forward(
                MessageID.ofTopicAndData(publication.topic, publication.data), now: now)
        }
    }
}

/// A moment on the clocks of a host and of a node.
package struct Moment: Sendable {
    package var host: Instant
    package var node: NodeTime

    package init(host: Instant, node: NodeTime) {
        self.host = host
        self.node = node
    }
}
