package import LibP2P

/// How many connections a host takes on, in numbers. Loopback is exempt from what counts addresses.
package struct AdmissionLimits: Sendable {
    /// Connections in all, half-open ones included; further ones that come in are refused.
    package var maximumConnections = 2048
    /// Connections that came in and are not secured yet. With more, the oldest of them gives way.
    package var maximumHalfOpen = 128
    /// The same from one address; with more, the new one is refused.
    package var maximumHalfOpenPerAddress = 16
    /// Connections from one address; with more, the new one is refused.
    package var maximumConnectionsPerAddress = 64
    /// Dials under way at the same time; further ones fail at once.
    package var maximumDials = 128

    package init() {}
}

/// Counts connections by address and by how far they have come, and decides which may stay.
///
/// An IPv6 address is counted with all of its /64, which one machine usually has for itself.
package struct AdmissionLedger: Sendable {
    /// What becomes of a connection that came in.
    package enum Decision: Equatable, Sendable {
        case accept
        /// Accept it, and close this one, the oldest that is not secured.
        case acceptInsteadOf(ConnectionID)
        case refuse
    }

    private struct Entry: Sendable {
        let address: IPAddress?
        var isHalfOpen: Bool
    }

    private struct Counts: Sendable {
        var all = 0
        var halfOpen = 0
    }

    private let limits: AdmissionLimits
    private var entries: [ConnectionID: Entry] = [:]
    private var addresses: [IPAddress: Counts] = [:]
    private var halfOpenOrder = FIFO<ConnectionID>()
    /// Connections that came in and are not secured yet.
    package private(set) var halfOpenCount = 0

    package init(limits: AdmissionLimits) {
        self.limits = limits
    }

    /// Connections in all.
    package var count: Int { entries.count }

    /// Counts a connection that came in from `address`, unless it is refused.
    package mutating func admit(_ id: ConnectionID, from address: IPAddress?) -> Decision {
        guard entries.count < limits.maximumConnections else { return .refuse }
        let key = Self.key(address)
        let counts = key.flatMap { addresses[$0] } ?? Counts()
        guard counts.all < limits.maximumConnectionsPerAddress,
            counts.halfOpen < limits.maximumHalfOpenPerAddress
        else { return .refuse }
        let evicted = halfOpenCount >= limits.maximumHalfOpen ? oldestHalfOpen() : nil
        if let evicted { remove(evicted) }
        entries[id] = Entry(address: key, isHalfOpen: true)
        halfOpenOrder.append(id)
        halfOpenCount += 1
        if let key {
            addresses[key, default: Counts()].all += 1
            addresses[key, default: Counts()].halfOpen += 1
        }
        return evicted.map { .acceptInsteadOf($0) } ?? .accept
    }

    /// Counts a connection that this host dialled; false if there is no room for it.
    package mutating func dialled(_ id: ConnectionID) -> Bool {
        guard entries.count < limits.maximumConnections else { return false }
        entries[id] = Entry(address: nil, isHalfOpen: false)
        return true
    }

    /// A connection is secured.
    package mutating func secured(_ id: ConnectionID) {
        guard let entry = entries[id], entry.isHalfOpen else { return }
        entries[id]?.isHalfOpen = false
        endHalfOpen(entry)
    }

    /// A connection is gone.
    package mutating func remove(_ id: ConnectionID) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        if entry.isHalfOpen { endHalfOpen(entry) }
        guard let address = entry.address else { return }
        addresses[address]?.all -= 1
        if addresses[address]?.all == 0 { addresses[address] = nil }
    }

    private mutating func endHalfOpen(_ entry: Entry) {
        halfOpenCount -= 1
        if let address = entry.address { addresses[address]?.halfOpen -= 1 }
        // Most connections leave the middle of the queue; drop what they leave behind now and then.
        if halfOpenOrder.count > 2 * halfOpenCount + 64 {
            let current = entries
            halfOpenOrder.filter { current[$0]?.isHalfOpen == true }
        }
    }

    private mutating func oldestHalfOpen() -> ConnectionID? {
        while let id = halfOpenOrder.popFirst() {
            if entries[id]?.isHalfOpen == true { return id }
        }
        return nil
    }

    /// What an address is counted under; nil if it is not counted.
    private static func key(_ address: IPAddress?) -> IPAddress? {
        guard let address = address?.unmapped, !address.isLoopback else { return nil }
        guard case .v6(let high, _) = address else { return address }
        return .v6(high: high, low: 0)
    }
}
