/// Names one gossip message from its arrival to the node's verdict. The shell gives it out.
public struct GossipToken: Hashable, Sendable {
    /// Unique among the shell's messages.
    public let rawValue: UInt64

    /// The token with this number.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// Names one request that a peer makes of this node. The shell gives it out.
public struct InboundRequestToken: Hashable, Sendable {
    /// Unique among the shell's inbound requests.
    public let rawValue: UInt64

    /// The token with this number.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// Names one request that this node makes of a peer. The node gives it out, counting up.
public struct OutboundRequestToken: Hashable, Comparable, Sendable {
    /// Unique within the node.
    public let rawValue: UInt64

    /// The token with this number.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Earlier requests first.
    public static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Names one piece of work that the node hands out. The node gives it out, counting up.
public struct WorkToken: Hashable, Comparable, Sendable {
    /// Unique within the node.
    public let rawValue: UInt64

    /// The token with this number.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Earlier work first.
    public static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Which part of the address space a peer's connection comes from: the shell's /16 of an IPv4
/// address or /32 of an IPv6 address. Peers of one group count as possibly one operator.
public struct AddressGroup: Hashable, Comparable, Sendable {
    /// The prefix as the shell encodes it; empty when it is unknown.
    public let bytes: [UInt8]

    /// The group with this prefix.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// No known group.
    public static let unknown = AddressGroup(bytes: [])

    /// In order of the prefixes' bytes.
    public static func < (left: Self, right: Self) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
