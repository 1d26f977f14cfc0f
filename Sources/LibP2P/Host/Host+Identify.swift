/// Identify, both ways, and push.
extension Host {
    /// What this host says about itself to the peer at the other end of a stream's connection.
    func identifyFrame(for key: StreamKey) -> [UInt8] {
        var message = IdentifyMessage()
        let scope = connections[key.connection]?.remote.scopeOfPeer ?? .world
        message.publicKey = configuration.publicKey.encoded
        message.listenAddresses = addresses(for: scope)
        message.signedPeerRecord = ownRecords[scope]?.envelope
        message.protocols = inboundProtocols
        message.observedAddress = connections[key.connection]?.remote.transport
        message.protocolVersion = configuration.protocolVersion
        message.agentVersion = configuration.agentVersion
        return FrameAssembler.frame(message.encoded(limit: limits.maximumIdentifyBytes))
    }

    /// The addresses that peers of a scope are told of.
    private func addresses(for scope: AddressScope) -> [Multiaddr] {
        listenAddresses.map(\.transport).filter { $0.mayBeTold(to: scope) }
    }

    /// Signs the records of this host's addresses, one for each scope of peers.
    mutating func signRecords() {
        guard let identity = configuration.identity, identity.peerID == localPeer else { return }
        for scope in AddressScope.allCases {
            ownRecords[scope] = SignedPeerRecord(
                identity: identity, sequence: nextRecord, addresses: addresses(for: scope))
        }
        let (next, overflow) = nextRecord.addingReportingOverflow(1)
        nextRecord = overflow ? nextRecord : next
    }

    mutating func receiveIdentify(_ key: StreamKey, _ bytes: [UInt8], now: Instant) {
        guard let stream = streams[key] else { return }
        let isPush: Bool
        var assembler: FrameAssembler
        switch stream.role {
        case .identifyAsk(let held): (isPush, assembler) = (false, held)
        case .pushIn(let held): (isPush, assembler) = (true, held)
        default: return
        }
        assembler.append(bytes)
        do {
            while let frame = try assembler.next() {
                let message = try IdentifyMessage(decoding: frame)
                guard take(message, from: stream.peer, isPush: isPush, now: now) else {
                    closeAll(
                        of: stream.peer, .protocolViolation("identify with another's key"),
                        now: now)
                    return
                }
            }
        } catch {
            reset(key, .reset, now: now)
            violation(of: stream.peer, "malformed identify", now: now)
            return
        }
        streams[key]?.role = isPush ? .pushIn(assembler) : .identifyAsk(assembler)
        credit(key, bytes.count)
        setPartialBytes(key, assembler.bufferedByteCount, now: now)
    }

    /// False if the message is of somebody else.
    private mutating func take(
        _ message: IdentifyMessage, from peer: PeerID, isPush: Bool, now: Instant
    ) -> Bool {
        guard let state = peerStates[peer] else { return true }
        if isPush {
            if state.pushesSince + .seconds(60) <= now || state.pushes == 0 {
                peerStates[peer]?.pushes = 0
                peerStates[peer]?.pushesSince = now
            }
            guard peerStates[peer]?.pushes ?? 0 < limits.maximumPushesPerMinute else {
                return true
            }
            peerStates[peer]?.pushes += 1
        }
        var info = state.identify ?? IdentifyInfo()
        guard info.merge(message, of: peer) else { return false }
        if let envelope = message.signedPeerRecord {
            switch info.take(record: envelope, of: peer) {
            case .taken: gossip?.setRecord(info.peerRecord, of: peer)
            case .ignored: break
            case .forged: violation(of: peer, "peer record that does not hold", now: now)
            }
        }
        guard info != state.identify, peerStates[peer] != nil else { return true }
        peerStates[peer]?.identify = info
        directives.append(.identified(peer, info))
        // A peer that could not be gossiped with before may have learnt it.
        if isPush, info.protocols.contains(where: HostProtocol.gossip.contains) {
            peerStates[peer]?.gossip.failures = 0
            openGossip(peer, now: now)
        }
        return true
    }

    mutating func pushIdentify() {
        for peer in peerOrder.array {
            guard let state = peerStates[peer],
                state.identify?.protocols.contains(HostProtocol.identifyPush) == true
            else { continue }
            open(peer, .push, protocols: [HostProtocol.identifyPush], on: state.primary)
        }
    }
}
