package import LibP2P

/// What a host service is made of.
package struct HostServiceConfiguration: Sendable {
    /// The host's key. Its public half must be that of `host`.
    package var identity: IdentityKey
    /// What the host speaks, and its limits.
    package var host: HostConfiguration
    /// The limits of each connection.
    package var connections = ConnectionLimits()
    /// How many connections there may be.
    package var admission = AdmissionLimits()
    /// Addresses to listen on; port 0 takes a free one. Empty for a host that only dials.
    package var listenAddresses: [Multiaddr] = []
    /// Where peers are told that the host can be reached: what a router or proxy in front of it passes
    /// on. Empty for the addresses that it listens on.
    package var announcedAddresses: [Multiaddr] = []
    /// The time that the transport may take to connect.
    package var connectTimeout: Duration = .seconds(10)
    /// The time for which a transport may take nothing of what waits to be sent.
    package var stallTimeout: Duration = .seconds(30)
    /// Bytes handed to the transport and not yet taken by the system: above the second number no
    /// more are, until they are fewer than the first.
    package var transportBuffer = (low: 32_768, high: 131_072)
    /// Which address limits per address and the host's scores see instead of the real one: for tests
    /// of those limits, which loopback is exempt from.
    package var addressForLimits: @Sendable (IPAddress) -> IPAddress = { $0 }

    /// A configuration with defaults for all but the identity.
    package init(identity: IdentityKey) {
        self.identity = identity
        host = HostConfiguration(publicKey: identity.publicKey)
    }
}

/// Why a host can't listen on an address.
package enum ListenError: Error, Equatable, Sendable {
    /// Another program, or another host of this one, listens there.
    case addressInUse(Multiaddr)
    /// No interface of this machine has the address.
    case addressNotAvailable(Multiaddr)
    /// A port that needs more rights.
    case permissionDenied(Multiaddr)
    /// Not TCP over an IP address.
    case unsupportedAddress(Multiaddr)
    /// Anything else that the system says.
    case failed(Multiaddr, reason: String)
}

extension ListenError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .addressInUse(let address):
            "can't listen on \(address): the port is in use"
        case .addressNotAvailable(let address):
            "can't listen on \(address): no interface has this address"
        case .permissionDenied(let address):
            "can't listen on \(address): permission denied"
        case .unsupportedAddress(let address):
            "can't listen on \(address): only /ip4/…/tcp/… and /ip6/…/tcp/… are supported"
        case .failed(let address, let reason):
            "can't listen on \(address): \(reason)"
        }
    }
}

/// Why a peer could not be reached.
package enum DialError: Error, Equatable, Sendable {
    /// Not TCP over an IP address or a DNS name.
    case unsupportedAddress(Multiaddr)
    /// As many dials, or connections, as there may be are under way.
    case tooMany
    /// The transport could not be connected.
    case unreachable(Multiaddr, reason: String)
    /// The transport was lost before the peer was proven.
    case connectionLost(Multiaddr)
    /// The connection could not be secured.
    case connection(Multiaddr, ConnectionError)
    /// The host closed the connection as soon as it was secured.
    case refused(Multiaddr, CloseReason)
    /// The service is shut down.
    case shutDown
}

extension DialError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unsupportedAddress(let address):
            "can't dial \(address): only TCP over IP or DNS is supported"
        case .tooMany:
            "too many connections"
        case .unreachable(let address, let reason):
            "can't reach \(address): \(reason)"
        case .connectionLost(let address):
            "\(address) closed the connection before it was secured"
        case .connection(let address, let error):
            "the connection to \(address) could not be secured: \(error)"
        case .refused(let address, let reason):
            "the connection to \(address) was given up: \(reason)"
        case .shutDown:
            "the host is shut down"
        }
    }
}
