import LibP2P
import NIOCore

extension IPAddress {
    /// The IP address of a socket's address; nil for any other kind.
    init?(_ address: SocketAddress) {
        guard let text = address.ipAddress else { return nil }
        // A link-local address may carry the name of its interface.
        self.init(text.prefix { $0 != "%" })
    }

    func socketAddress(port: UInt16) throws -> SocketAddress {
        try SocketAddress(ipAddress: description, port: Int(port))
    }
}

extension Multiaddr {
    /// `/ip4/…/tcp/…` or `/ip6/…/tcp/…` of a socket's address; nil for any other kind.
    init?(_ address: SocketAddress?) {
        guard let address, let ip = IPAddress(address), let port = address.port else {
            return nil
        }
        self.init(ip, tcp: UInt16(clamping: port))
    }
}

/// The addresses under which a socket that listens on `address` can be reached from elsewhere: those of
/// all interfaces if it listens on all.
func reachableAddresses(_ address: Multiaddr) -> [Multiaddr] {
    guard let ip = address.ipAddress, ip.isUnspecified, let port = address.tcpEndpoint?.port else {
        return [address]
    }
    let devices = (try? System.enumerateDevices()) ?? []
    let found = devices.compactMap { $0.address.flatMap { IPAddress($0) } }.filter { candidate in
        switch (ip, candidate) {
        case (.v4, .v4): true
        // Link-local addresses mean nothing without their interface.
        case (.v6, .v6(let high, _)): high >> 54 != 0xfe80 >> 6
        default: false
        }
    }
    return found.isEmpty ? [address] : found.map { Multiaddr($0, tcp: port) }
}
