extension Multiaddr.DNSKind {
    var name: String {
        switch self {
        case .any: "dns"
        case .v4: "dns4"
        case .v6: "dns6"
        case .multiaddr: "dnsaddr"
        }
    }

    fileprivate static let all: [Self] = [.any, .v4, .v6, .multiaddr]
}

extension Multiaddr.Flag {
    fileprivate var name: String {
        switch self {
        case .p2pCircuit: "p2p-circuit"
        case .tls: "tls"
        case .quic: "quic"
        case .quicV1: "quic-v1"
        case .webTransport: "webtransport"
        case .webSocket: "ws"
        case .secureWebSocket: "wss"
        }
    }

    fileprivate static let all: [Self] = [
        .p2pCircuit, .tls, .quic, .quicV1, .webTransport, .webSocket, .secureWebSocket,
    ]
}

/// Codes of the protocols with a value (multiformats' table).
private enum Code {
    static let ip4: UInt64 = 4
    static let tcp: UInt64 = 6
    static let ip6: UInt64 = 41
    static let udp: UInt64 = 273
    static let p2p: UInt64 = 421
}

// MARK: Binary form

extension Multiaddr {
    /// The binary form: for each component its code as a varint and its value.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        func port(_ code: UInt64, _ value: UInt16) {
            Varint.append(code, to: &bytes)
            bytes.append(UInt8(value >> 8))
            bytes.append(UInt8(value & 0xff))
        }
        func counted(_ code: UInt64, _ value: [UInt8]) {
            Varint.append(code, to: &bytes)
            Varint.append(UInt64(value.count), to: &bytes)
            bytes += value
        }
        for component in components {
            switch component {
            case .ip(let address):
                let value = address.bytes
                Varint.append(value.count == 4 ? Code.ip4 : Code.ip6, to: &bytes)
                bytes += value
            case .dns(let kind, let name): counted(kind.rawValue, Array(name.utf8))
            case .tcp(let value): port(Code.tcp, value)
            case .udp(let value): port(Code.udp, value)
            case .p2p(let id): counted(Code.p2p, id.bytes)
            case .flag(let flag): Varint.append(flag.rawValue, to: &bytes)
            }
        }
        return bytes
    }

    /// An address from its binary form. An address with a protocol that is not known is refused as
    /// a whole: where its value ends can't be known.
    public init(bytes: some Collection<UInt8>) throws(MultiaddrError) {
        guard bytes.count <= Self.maximumByteCount else {
            throw .tooLong(byteCount: bytes.count, limit: Self.maximumByteCount)
        }
        var rest = Array(bytes)[...]
        func number() throws(MultiaddrError) -> UInt64 {
            guard let read = try? Varint.read(rest) else { throw .truncated }
            rest = rest.dropFirst(read.byteCount)
            return read.value
        }
        func take(_ count: Int) throws(MultiaddrError) -> ArraySlice<UInt8> {
            guard count <= rest.count else { throw .truncated }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
        func counted() throws(MultiaddrError) -> ArraySlice<UInt8> {
            let count = try number()
            guard count <= UInt64(rest.count) else { throw .truncated }
            return try take(Int(count))
        }
        func port() throws(MultiaddrError) -> UInt16 {
            try take(2).reduce(0) { $0 << 8 | UInt16($1) }
        }
        var components: [Component] = []
        while !rest.isEmpty {
            guard components.count < Self.maximumComponentCount else {
                throw .tooManyComponents(limit: Self.maximumComponentCount)
            }
            let code = try number()
            if code == Code.ip4 || code == Code.ip6 {
                guard let address = IPAddress(bytes: try take(code == Code.ip4 ? 4 : 16)) else {
                    throw .truncated
                }
                components.append(.ip(address))
            } else if code == Code.tcp {
                components.append(.tcp(try port()))
            } else if code == Code.udp {
                components.append(.udp(try port()))
            } else if code == Code.p2p {
                guard let id = try? PeerID(bytes: try counted()) else {
                    throw .invalidValue(protocol: "p2p")
                }
                components.append(.p2p(id))
            } else if let kind = DNSKind(rawValue: code) {
                let value = try counted()
                let name = String(decoding: value, as: UTF8.self)
                guard name.utf8.elementsEqual(value) else {
                    throw .invalidValue(protocol: kind.name)
                }
                components.append(.dns(kind, name))
            } else if let flag = Flag(rawValue: code) {
                components.append(.flag(flag))
            } else {
                throw .unknownProtocolCode(code)
            }
        }
        try self.init(components)
    }
}

// MARK: Text form

extension Multiaddr: CustomStringConvertible {
    /// The text form, `/ip4/127.0.0.1/tcp/4001`.
    public var description: String {
        components.map { component in
            switch component {
            case .ip(.v4(let value)): "/ip4/\(IPAddress.v4(value))"
            case .ip(let address): "/ip6/\(address)"
            case .dns(let kind, let name): "/\(kind.name)/\(name)"
            case .tcp(let port): "/tcp/\(port)"
            case .udp(let port): "/udp/\(port)"
            case .p2p(let id): "/p2p/\(id)"
            case .flag(let flag): "/\(flag.name)"
            }
        }.joined()
    }

    /// An address from its text form. `ipfs` is read as the old name of `p2p`.
    public init(_ text: String) throws(MultiaddrError) {
        let limit = 4 * Self.maximumByteCount
        guard text.utf8.count <= limit else {
            throw .tooLong(byteCount: text.utf8.count, limit: limit)
        }
        guard text.utf8.first == UInt8(ascii: "/") else { throw .missingSlash }
        var parts = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)[...]
        if parts.last?.isEmpty == true { parts = parts.dropLast() }
        func value<T>(_ name: Substring, _ parse: (Substring) -> T?) throws(MultiaddrError) -> T {
            guard let text = parts.popFirst(), let value = parse(text) else {
                throw .invalidValue(protocol: String(name.prefix(64)))
            }
            return value
        }
        func port(_ text: Substring) -> UInt16? {
            text.first?.isNumber == true ? UInt16(text) : nil
        }
        var components: [Component] = []
        while let name = parts.popFirst() {
            switch name {
            case "ip4":
                let address = try value(name) { $0.contains(":") ? nil : IPAddress($0) }
                components.append(.ip(address))
            case "ip6":
                let address = try value(name) { $0.contains(":") ? IPAddress($0) : nil }
                components.append(.ip(address))
            case "tcp": components.append(.tcp(try value(name, port)))
            case "udp": components.append(.udp(try value(name, port)))
            case "p2p", "ipfs":
                components.append(.p2p(try value(name) { try? PeerID(String($0)) }))
            default:
                if let kind = DNSKind.all.first(where: { $0.name == name }) {
                    components.append(.dns(kind, try value(name) { String($0) }))
                } else if let flag = Flag.all.first(where: { $0.name == name }) {
                    components.append(.flag(flag))
                } else {
                    throw .unknownProtocolName(String(name.prefix(64)))
                }
            }
        }
        try self.init(components)
    }
}
