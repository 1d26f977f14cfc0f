/// Events on virtual time in one total order: by time, and among equal times in the order in which
/// they were scheduled.
///
/// A heap of four branches over small entries; the events themselves stay where they are.
package struct EventQueue<Event> {
    private struct Entry {
        let time: Int64
        let number: UInt64
        let slot: Int32

        @inline(__always)
        func isBefore(_ other: Entry) -> Bool {
            time < other.time || time == other.time && number < other.number
        }
    }

    private var heap: [Entry] = []
    private var slots: [Event?] = []
    private var free: [Int32] = []
    private var scheduled: UInt64 = 0

    /// An empty queue.
    package init() {}

    /// Events that wait.
    package var count: Int { heap.count }

    /// The time of the first event, in nanoseconds; nil if there is none.
    package var nextTime: Int64? { heap.first?.time }

    /// Adds an event.
    package mutating func schedule(_ event: Event, at time: Int64) {
        let slot: Int32
        if let last = free.popLast() {
            slot = last
            slots[Int(slot)] = event
        } else {
            slot = Int32(slots.count)
            slots.append(event)
        }
        heap.append(Entry(time: time, number: scheduled, slot: slot))
        scheduled += 1
        rise(heap.count - 1)
    }

    /// Takes the first event.
    package mutating func pop() -> (time: Int64, event: Event)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        guard let event = slots[Int(first.slot)] else { return nil }
        slots[Int(first.slot)] = nil
        free.append(first.slot)
        return (first.time, event)
    }

    private mutating func rise(_ from: Int) {
        heap.withUnsafeMutableBufferPointer { heap in
            var child = from
            let entry = heap[child]
            while child > 0 {
                let parent = (child - 1) / 4
                guard entry.isBefore(heap[parent]) else { break }
                heap[child] = heap[parent]
                child = parent
            }
            heap[child] = entry
        }
    }

    private mutating func sink() {
        heap.withUnsafeMutableBufferPointer { heap in
            let entry = heap[0]
            var parent = 0
            while true {
                let first = 4 * parent + 1
                guard first < heap.count else { break }
                var least = first
                for child in (first + 1)..<max(first + 1, min(first + 4, heap.count))
                where heap[child].isBefore(heap[least]) {
                    least = child
                }
                guard heap[least].isBefore(entry) else { break }
                heap[parent] = heap[least]
                parent = least
            }
            heap[parent] = entry
        }
    }
}
