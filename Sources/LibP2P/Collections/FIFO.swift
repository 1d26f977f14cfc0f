/// A queue whose both ends take constant time: a ring that doubles when it is full.
package struct FIFO<Element: Sendable>: Sendable {
    private var ring: [Element?] = []
    private var head = 0
    /// Elements in the queue.
    package private(set) var count = 0

    package init() {}

    /// Whether there are none.
    package var isEmpty: Bool { count == 0 }

    /// The element that was appended first.
    package var first: Element? { count == 0 ? nil : ring[head] }

    /// Appends an element.
    package mutating func append(_ element: Element) {
        if count == ring.count { grow() }
        ring[(head + count) & (ring.count - 1)] = element
        count += 1
    }

    /// Puts an element back in front of all.
    package mutating func prepend(_ element: Element) {
        if count == ring.count { grow() }
        head = (head + ring.count - 1) & (ring.count - 1)
        ring[head] = element
        count += 1
    }

    /// Takes the first element.
    package mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = ring[head]
        ring[head] = nil
        head = (head + 1) & (ring.count - 1)
        count -= 1
        if count == 0, ring.count > 1024 { self = FIFO() }
        return element
    }

    /// Keeps only the elements for which `isIncluded` is true, in order.
    package mutating func filter(_ isIncluded: (Element) -> Bool) {
        var kept = FIFO()
        while let element = popFirst() {
            if isIncluded(element) { kept.append(element) }
        }
        self = kept
    }

    private mutating func grow() {
        var larger: [Element?] = []
        let capacity = Swift.max(8, ring.count * 2)
        larger.reserveCapacity(capacity)
        for offset in 0..<count { larger.append(ring[(head + offset) & (ring.count - 1)]) }
        for _ in count..<capacity { larger.append(nil) }
        ring = larger
        head = 0
    }
}
