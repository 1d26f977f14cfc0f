/// From how far away an address can be reached. Addresses are told to peers of the same scope or a narrower
/// one only, and believed from such peers only: no peer of the internet learns of a private network
/// from this host, or makes this host dial into one.
package enum AddressScope: Int, Comparable, Hashable, Sendable, CaseIterable {
    /// This machine: 127.0.0.0/8 and ::1.
    case machine
    /// A private network: RFC 1918, RFC 6598 (carriers' NAT), IPv4 link-local, fc00::/7.
    case site
    /// The internet.
    case world

    package static func < (left: AddressScope, right: AddressScope) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension IPAddress {
    /// How far it reaches; nil for an address that is nobody's: unspecified, multicast, reserved, for
    /// documentation or benchmarks, IPv6 link-local (which means nothing without an interface), and
    /// forms of IPv6 that hide an IPv4 address.
    package var scope: AddressScope? {
        switch unmapped {
        case .v4(let value): Self.scope(ofIPv4: value)
        case .v6(let high, let low): Self.scope(ofIPv6: high, low)
        }
    }

    private static func scope(ofIPv4 value: UInt32) -> AddressScope? {
        func starts(_ network: UInt32, _ bits: UInt32) -> Bool {
            value >> (32 - bits) == network >> (32 - bits)
        }
        if starts(0x7f00_0000, 8) { return .machine }
        let isSite =
            starts(0x0a00_0000, 8) || starts(0xac10_0000, 12) || starts(0xc0a8_0000, 16)
            || starts(0x6440_0000, 10) || starts(0xa9fe_0000, 16)
        if isSite { return .site }
        let isNobodys =
            starts(0, 8) || value >= 0xe000_0000
            || starts(0xc000_0000, 24)  // 192.0.0.0/24, protocol assignments
            || starts(0xc000_0200, 24) || starts(0xc633_6400, 24) || starts(0xcb00_7100, 24)
            || starts(0xc058_6300, 24)  // 192.88.99.0/24, relays of 6to4
            || starts(0xc612_0000, 15)  // 198.18.0.0/15, benchmarks
        return isNobodys ? nil : .world
    }

    private static func scope(ofIPv6 high: UInt64, _ low: UInt64) -> AddressScope? {
        if high == 0, low == 1 { return .machine }
        if high >> 57 == 0xfc >> 1 { return .site }
        guard high >> 61 == 1 else { return nil }  // All others are outside of 2000::/3.
        let isNobodys =
            high >> 32 == 0x2001_0db8 || high >> 44 == 0x3fff0  // documentation
            || high >> 32 == 0x2001_0000  // Teredo
            || high >> 48 == 0x2002  // 6to4
            || high >> 36 == 0x200_1001 || high >> 36 == 0x200_1002  // ORCHIDs, no locators
        return isNobodys ? nil : .world
    }
}

extension Multiaddr {
    /// How far an address reaches that starts with an IP address or a name; names count as the world's. Nil
    /// for all else.
    package var scope: AddressScope? {
        switch components[0] {
        case .ip(let address): address.scope
        case .dns: .world
        default: nil
        }
    }

    /// The scope of a peer that is connected from here. What is nobody's address counts as far away.
    package var scopeOfPeer: AddressScope { scope ?? .world }

    /// Whether a peer of some scope may be told of this address, and may make others dial it.
    package func mayBeTold(to peer: AddressScope) -> Bool {
        scope.map { $0 >= peer } ?? false
    }
}

extension IPAddress {
    /// What limits per address count as one: IPv4 addresses singly, IPv6 by their /64, which one machine
    /// usually has for itself.
    package var unit: IPAddress {
        switch unmapped {
        case .v4(let value): .v4(value)
        case .v6(let high, _): .v6(high: high, low: 0)
        }
    }
}
