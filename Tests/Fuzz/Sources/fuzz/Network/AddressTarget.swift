import Glibc
import LibP2P

/// Addresses, peer ids and IP addresses, as bytes and as text: what is read is written as the same
/// bytes, both forms name the same value, and the C library reads the same IP addresses.
let addressTarget = FuzzTarget(
    name: "multiaddr", maximumLength: 1024,
    seeds: {
        let texts = [
            "/ip4/192.0.2.7/tcp/4001/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA",
            "/ip6/2001:db8::1/udp/53/quic-v1", "/dns4/example.org/tcp/443/wss/p2p-circuit",
            "/dnsaddr/bootstrap.example/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N",
            "/ip4/1.2.3.4/tcp/1/", "/ip6/::ffff:1.2.3.4/tcp/0", "/p2p/bafzaajaiaejcb",
            "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA",
            "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N",
        ]
        let asText = texts.map { [1] + Array($0.utf8) }
        let asBytes = texts.compactMap { try? Multiaddr($0) }.map { [0] + $0.bytes }
        let ids = texts.map { [3] + Array($0.utf8) }
        let addresses = ["1.2.3.4", "::", "2001:db8::1", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8"]
            .map { [5] + Array($0.utf8) }
        return asText + asBytes + ids + addresses + [[2, 3, 1, 2, 3, 4, 5, 6, 7, 8]]
    },
    run: { bytes in
        var reader = ByteReader(bytes)
        switch reader.below(6) {
        case 0: readBytes(reader.rest())
        case 1: readText(String(decoding: reader.rest(), as: UTF8.self))
        case 2: build(&reader)
        case 3: readPeer(text: String(decoding: reader.rest(), as: UTF8.self))
        case 4: readPeer(bytes: reader.rest())
        default: readIP(String(decoding: reader.rest(), as: UTF8.self))
        }
    })

private func readBytes(_ bytes: [UInt8]) {
    guard let address = try? Multiaddr(bytes: bytes) else { return }
    require(address.bytes == bytes, "\(address) is written as other bytes")
    check(address)
}

private func readText(_ text: String) {
    guard let address = try? Multiaddr(text) else { return }
    check(address)
}

private func check(_ address: Multiaddr) {
    require(!address.components.isEmpty, "no component")
    require(
        address.components.count <= Multiaddr.maximumComponentCount
            && address.bytes.count <= Multiaddr.maximumByteCount, "over the limits")
    require(
        must("bytes of \(address)") { try Multiaddr(bytes: address.bytes) } == address,
        "bytes of \(address)")
    require(
        must("text of \(address)") { try Multiaddr(address.description) } == address,
        "text of \(address)")
    _ = address.tcpEndpoint
    if let ip = address.ipAddress { checkFacts(ip) }
    let transport = address.transport
    require(address.components.starts(with: transport.components), "transport")
    let peer =
        address.peerID
        ?? must("peer") {
            try PeerID(
                bytes: [0x12, 0x20] + address.bytes.prefix(1) + [UInt8](repeating: 1, count: 31))
        }
    let named = address.with(peer)
    require(named.peerID == peer, "with(peer)")
    if named.components.count <= Multiaddr.maximumComponentCount,
        named.bytes.count <= Multiaddr.maximumByteCount
    {
        require(must("named") { try Multiaddr(bytes: named.bytes) } == named, "with(peer)")
    }
}

private func build(_ reader: inout ByteReader) {
    var components: [Multiaddr.Component] = []
    for _ in 0..<reader.below(14) {
        switch reader.below(6) {
        case 0: components.append(.tcp(reader.uint16()))
        case 1: components.append(.udp(reader.uint16()))
        case 2:
            guard let ip = IPAddress(bytes: reader.exactly(reader.bit() ? 4 : 16)) else {
                finding("no address of 4 or 16 bytes")
            }
            components.append(.ip(ip))
        case 3:
            let name = String(decoding: reader.take(reader.below(300)), as: UTF8.self)
            components.append(.dns(reader.pick([.any, .v4, .v6, .multiaddr]), name))
        case 4:
            components.append(
                .p2p(must("peer") { try PeerID(bytes: [0x12, 0x20] + reader.exactly(32)) }))
        default:
            components.append(
                .flag(
                    reader.pick([
                        .p2pCircuit, .tls, .quic, .quicV1, .webTransport, .webSocket,
                        .secureWebSocket,
                    ])))
        }
    }
    if let address = try? Multiaddr(components) { check(address) }
}

private func readPeer(text: String) {
    guard let peer = try? PeerID(text) else { return }
    check(peer)
}

private func readPeer(bytes: [UInt8]) {
    if let key = try? PublicKey(encoded: bytes) {
        require(key.encoded == bytes, "another encoding of a key")
        check(key.peerID)
    }
    guard let peer = try? PeerID(bytes: bytes) else { return }
    require(peer.bytes == bytes, "other bytes")
    check(peer)
}

private func check(_ peer: PeerID) {
    require(must("base58") { try PeerID(peer.description) } == peer, "base58 of \(peer)")
    require(must("cid") { try PeerID(peer.cid) } == peer, "cid of \(peer)")
    if let key = peer.publicKey { require(key.peerID == peer, "the key of \(peer)") }
}

/// The C library reads the same addresses; texts with other than ASCII it can't be asked about.
private func readIP(_ text: String) {
    guard text.utf8.count < 64, text.utf8.allSatisfy({ $0 > 0 && $0 < 128 }) else {
        require(text.utf8.count < 64 || IPAddress(text) == nil, "a long address")
        return
    }
    let family = text.contains(":") ? AF_INET6 : AF_INET
    var reference = [UInt8](repeating: 0, count: family == AF_INET ? 4 : 16)
    let isRead = inet_pton(family, text, &reference) == 1
    let address = IPAddress(text)
    require((address != nil) == isRead, "'\(text)': \(String(describing: address))")
    guard let address else { return }
    require(address.bytes == reference, "'\(text)' is read as \(address)")
    require(IPAddress(address.description) == address, "text of \(address)")
    checkFacts(address)
}

private func checkFacts(_ address: IPAddress) {
    require(IPAddress(bytes: address.bytes) == address, "bytes of \(address)")
    require(IPAddress(address.description) == address, "text of \(address)")
    require(address.unmapped.unmapped == address.unmapped, "unmapped")
    require(address.group.group == address.group, "group of a group")
    require(!address.isLoopback || address.isPrivate, "a public loopback")
}
