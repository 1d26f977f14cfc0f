/// Why bytes or text are no address that this library understands.
public enum MultiaddrError: Error, Equatable, Sendable {
    /// Longer than an address may be, in bytes.
    case tooLong(byteCount: Int, limit: Int)
    /// More components than an address may have.
    case tooManyComponents(limit: Int)
    /// Nothing at all.
    case empty
    /// The bytes end inside of a component, or have a malformed number.
    case truncated
    /// A protocol that this library does not know, by its code.
    case unknownProtocolCode(UInt64)
    /// A protocol that this library does not know, by its name.
    case unknownProtocolName(String)
    /// A value that its protocol can't have.
    case invalidValue(protocol: String)
    /// Text that does not start with a slash.
    case missingSlash
}

/// A network address that describes itself, such as `/ip4/192.0.2.7/tcp/4001/p2p/12D3KooW…`.
public struct Multiaddr: Hashable, Sendable {
    /// One layer of an address.
    public enum Component: Hashable, Sendable {
        /// `/ip4/…` or `/ip6/…`
        case ip(IPAddress)
        /// `/dns/…`, `/dns4/…`, `/dns6/…` or `/dnsaddr/…`
        case dns(DNSKind, String)
        /// `/tcp/…`
        case tcp(UInt16)
        /// `/udp/…`
        case udp(UInt16)
        /// `/p2p/…`
        case p2p(PeerID)
        /// A protocol without a value.
        case flag(Flag)
    }

    /// Which addresses a DNS name stands for; raw values are protocol codes.
    public enum DNSKind: UInt64, Sendable {
        /// IPv4 and IPv6.
        case any = 53
        /// IPv4 only.
        case v4 = 54
        /// IPv6 only.
        case v6 = 55
        /// Whole multiaddrs in TXT records.
        case multiaddr = 56
    }

    /// Protocols without a value; raw values are protocol codes.
    public enum Flag: UInt64, Sendable {
        /// A relayed connection.
        case p2pCircuit = 290
        /// TLS.
        case tls = 448
        /// QUIC of draft 29.
        case quic = 460
        /// QUIC version 1.
        case quicV1 = 461
        /// WebTransport.
        case webTransport = 465
        /// WebSocket.
        case webSocket = 477
        /// WebSocket over TLS.
        case secureWebSocket = 478
    }

    /// The longest address that is accepted, in bytes of its binary form.
    public static let maximumByteCount = 512
    /// The most components of an address.
    public static let maximumComponentCount = 12

    /// The layers, outermost first. Never empty.
    public let components: [Component]

    /// An address of the given layers.
    public init(_ components: [Component]) throws(MultiaddrError) {
        guard !components.isEmpty else { throw .empty }
        guard components.count <= Self.maximumComponentCount else {
            throw .tooManyComponents(limit: Self.maximumComponentCount)
        }
        for case .dns(let kind, let name) in components {
            guard Self.isValidName(name) else { throw .invalidValue(protocol: kind.name) }
        }
        self.components = components
        let count = bytes.count
        guard count <= Self.maximumByteCount else {
            throw .tooLong(byteCount: count, limit: Self.maximumByteCount)
        }
    }

    private init(unchecked components: [Component]) {
        self.components = components
    }

    /// `/ip4/…/tcp/…` or `/ip6/…/tcp/…`
    public init(_ address: IPAddress, tcp port: UInt16) {
        self.init(unchecked: [.ip(address), .tcp(port)])
    }

    /// The peer at the end, if the address names one.
    public var peerID: PeerID? {
        guard case .p2p(let id)? = components.last else { return nil }
        return id
    }

    /// The same address with `/p2p/…` at its end.
    public func with(_ peer: PeerID) -> Multiaddr {
        Multiaddr(unchecked: withoutPeer + [.p2p(peer)])
    }

    /// The layers without a peer at their end; can be empty.
    private var withoutPeer: [Component] {
        peerID == nil ? components : Array(components.dropLast())
    }

    /// The same address without a peer at its end; itself if it is nothing but a peer.
    public var transport: Multiaddr {
        withoutPeer.isEmpty ? self : Multiaddr(unchecked: withoutPeer)
    }

    /// The IP address that it starts with.
    public var ipAddress: IPAddress? {
        guard case .ip(let address) = components[0] else { return nil }
        return address
    }

    /// The host and port if this is plain TCP, with or without a peer: what this library can dial
    /// and listen on.
    public var tcpEndpoint: (host: Component, port: UInt16)? {
        let layers = withoutPeer
        guard layers.count == 2, case .tcp(let port) = layers[1] else { return nil }
        switch layers[0] {
        case .ip, .dns(.any, _), .dns(.v4, _), .dns(.v6, _): return (layers[0], port)
        default: return nil
        }
    }

    /// Visible ASCII but slash and percent sign; at most 253 characters, the longest DNS name.
    private static func isValidName(_ name: String) -> Bool {
        (1...253).contains(name.utf8.count)
            && name.utf8.allSatisfy { character in
                (0x21...0x7e).contains(character) && character != UInt8(ascii: "/")
                    && character != UInt8(ascii: "%")
            }
    }
}
