import Synchronization

/// Lets so many through at a time, and refuses the rest at once.
final class Gate: Sendable {
    private let limit: Int
    private let what: String
    private let count = Mutex(0)

    /// - Parameters:
    ///   - limit: How many.
    ///   - what: What they are, for the refusal.
    init(limit: Int, of what: String) {
        self.limit = limit
        self.what = what
    }

    /// Takes a place.
    ///
    /// - Throws: `APIError` if none is free.
    func enter() throws -> Place {
        let isFree = count.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
        guard isFree else { throw APIError.busy(what, limit: limit) }
        return Place(self)
    }

    /// A place, given back when the last reference to it goes.
    final class Place: Sendable {
        private let gate: Gate

        fileprivate init(_ gate: Gate) { self.gate = gate }

        deinit { gate.count.withLock { $0 -= 1 } }
    }
}
