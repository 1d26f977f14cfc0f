/// Moments at which something is due, the earliest first; among equal ones, the one set first.
package struct DeadlineQueue<Key: Hashable & Sendable>: Sendable {
    private struct Entry: Sendable {
        let deadline: Instant
        let number: UInt64
        let key: Key

        func isBefore(_ other: Entry) -> Bool {
            (deadline, number) < (other.deadline, other.number)
        }
    }

    /// A binary heap. It keeps entries that were replaced or cancelled until they come up.
    private var heap: [Entry] = []
    private var numbers: [Key: UInt64] = [:]
    private var nextNumber: UInt64 = 0

    package init() {}

    /// Deadlines that are set.
    package var count: Int { numbers.count }

    /// The earliest one.
    package var next: Instant? { heap.first?.deadline }

    /// Sets the deadline of `key`, in place of an earlier one.
    package mutating func set(_ key: Key, at deadline: Instant) {
        numbers[key] = nextNumber
        push(Entry(deadline: deadline, number: nextNumber, key: key))
        nextNumber += 1
        if heap.count > 2 * numbers.count + 64 {
            let live = heap.filter { numbers[$0.key] == $0.number }
            heap = live.sorted { $0.isBefore($1) }
        }
        dropStale()
    }

    /// Removes the deadline of `key`.
    package mutating func cancel(_ key: Key) {
        guard numbers.removeValue(forKey: key) != nil else { return }
        dropStale()
    }

    /// Takes the earliest key whose deadline has come.
    package mutating func popDue(now: Instant) -> Key? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        pop()
        numbers[first.key] = nil
        dropStale()
        return first.key
    }

    /// Makes the first entry one that counts, so that `next` is exact.
    private mutating func dropStale() {
        while let first = heap.first, numbers[first.key] != first.number { pop() }
    }

    private mutating func push(_ entry: Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func pop() {
        guard let last = heap.popLast() else { return }
        guard !heap.isEmpty else { return }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].isBefore(heap[least]) { least = child }
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
