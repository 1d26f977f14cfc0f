import LibP2P

// Streams on links: what hosts ask for, and what arrives.
extension SessionNetwork {
    // MARK: what hosts want

    mutating func carryOut(_ directive: HostDirective, _ node: Int) {
        switch directive {
        case .openStream(let connection, let protocols, let token):
            let (link, side) = place(connection)
            guard links[link].ends[side].isOpen else { return }
            let stream = StreamID(links[link].ends[side].nextStream)
            links[link].ends[side].nextStream += 2
            send(link, side, .open(stream, protocols: protocols, token: token))
        case .write(let connection, let stream, let bytes):
            let (link, side) = place(connection)
            send(link, side, .data(stream, bytes))
        case .finish(let connection, let stream):
            let (link, side) = place(connection)
            links[link].streams[stream]? |= 1 << UInt8(side)
            send(link, side, .finish(stream))
        case .reset(let connection, let stream):
            let (link, side) = place(connection)
            links[link].streams[stream] = nil
            send(link, side, .reset(stream))
        case .consumed:
            break  // Windows are not modelled.
        case .close(let connection, _):
            let (link, side) = place(connection)
            send(link, side, .close)
            links[link].ends[side].isOpen = false
            forgetLink(link, of: node)
        default:
            tell(.host(node, directive))
        }
    }

    private func place(_ id: ConnectionID) -> (link: Int, side: Int) {
        (Int(id.rawValue) / 2, Int(id.rawValue) % 2)
    }

    // MARK: what arrives

    mutating func connected(_ link: Int) {
        let ends = links[link].ends
        guard ends.allSatisfy({ $0.isOpen && nodes[$0.node].life == $0.life }) else {
            // One of them ended meanwhile; the other hears of it.
            return
        }
        note(ends[0].node, 3, UInt64(ends[1].node))
        for side in [1, 0] where links[link].ends[side].isOpen {
            let other = ends[1 - side].node
            guard let peer = nodes[other].host?.localPeer else { continue }
            let id = id(link, side)
            let address = Self.address(of: other)
            callHost(ends[side].node) { host, now in
                host.connected(
                    id, peer: peer, remote: address,
                    direction: side == 0 ? .outbound : .inbound, now: now)
            }
        }
    }

    /// The address of a node: each is in a group (/16) with 15 others.
    static func address(of node: Int) -> Multiaddr {
        let group = UInt32(truncatingIfNeeded: node / 16)
        let address = 0x2000_0000 | group << 16 | UInt32(truncatingIfNeeded: node % 16 + 1)
        return Multiaddr(.v4(address), tcp: 4001)
    }

    mutating func lose(_ link: Int, _ side: Int) {
        guard links[link].ends[side].isOpen else { return }
        links[link].ends[side].isOpen = false
        let node = links[link].ends[side].node
        forgetLink(link, of: node)
        note(node, 4, UInt64(link))
        let id = id(link, side)
        callHost(node) { $0.disconnected(id, now: $1) }
    }

    mutating func deliver(_ link: Int, _ side: Int, _ packet: Packet) {
        let end = links[link].ends[side]
        guard end.isOpen, nodes[end.node].life == end.life else { return }
        let id = id(link, side)
        let node = end.node
        switch packet {
        case .open(let stream, let protocols, let token):
            let spoken = nodes[node].host?.inboundProtocols ?? []
            guard let name = protocols.first(where: spoken.contains) else {
                send(link, side, .refused(token: token))
                return
            }
            note(node, 5, UInt64(stream.rawValue))
            links[link].streams[stream] = 0
            send(link, side, .accepted(stream, name: name, token: token))
            callHost(node) { $0.streamOpened(id, stream, protocol: name, token: nil, now: $1) }
        case .accepted(let stream, let name, let token):
            if name.hasPrefix("/meshsub/") { links[link].ends[side].gossipStream = stream }
            callHost(node) { $0.streamOpened(id, stream, protocol: name, token: token, now: $1) }
        case .refused(let token):
            callHost(node) { $0.openFailed(id, token: token, now: $1) }
        case .data(let stream, let bytes):
            note(node, 6 | UInt64(stream.rawValue) << 8, UInt64(bytes.count))
            guard links[link].streams[stream] != nil else { return }
            callHost(node) { $0.streamData(id, stream, bytes, now: $1) }
        case .finish(let stream):
            guard links[link].streams[stream] != nil else { return }
            callHost(node) { $0.streamReadClosed(id, stream, now: $1) }
            links[link].streams[stream]? |= 4 << UInt8(side)
            guard links[link].streams[stream] == 15 else { return }
            links[link].streams[stream] = nil
            for side in 0...1 where links[link].ends[side].isOpen {
                let id = self.id(link, side)
                callHost(links[link].ends[side].node) {
                    $0.streamClosed(id, stream, reset: false, now: $1)
                }
            }
        case .reset(let stream):
            note(node, 7, UInt64(stream.rawValue))
            links[link].streams[stream] = nil
            if links[link].ends[side].gossipStream == stream {
                links[link].ends[side].gossipStream = nil
            }
            callHost(node) { $0.streamClosed(id, stream, reset: true, now: $1) }
        case .close:
            lose(link, side)
        }
    }
}
