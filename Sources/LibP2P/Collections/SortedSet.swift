/// A small set that is iterated in ascending order, whatever the order of insertion: unlike `Set`, it
/// makes no run differ from another. Insertion and removal move elements; it is meant for some hundreds.
package struct SortedSet<Element: Comparable & Sendable>: Sendable {
    private var elements: [Element] = []

    package init() {}

    /// A set of the elements of `sequence`; repeated ones count once.
    package init(_ sequence: some Sequence<Element>) {
        for element in sequence.sorted() where elements.last.map({ $0 < element }) ?? true {
            elements.append(element)
        }
    }

    /// The first position whose element is not before `element`.
    private func position(of element: Element) -> Int {
        var low = 0
        var high = elements.count
        while low < high {
            let middle = (low + high) / 2
            if elements[middle] < element { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Whether `element` is in the set.
    package func contains(_ element: Element) -> Bool {
        let at = position(of: element)
        return at < elements.count && elements[at] == element
    }

    /// Adds `element`; false if it was there.
    @discardableResult
    package mutating func insert(_ element: Element) -> Bool {
        let at = position(of: element)
        if at < elements.count, elements[at] == element { return false }
        elements.insert(element, at: at)
        return true
    }

    /// Removes `element`; false if it was not there.
    @discardableResult
    package mutating func remove(_ element: Element) -> Bool {
        let at = position(of: element)
        guard at < elements.count, elements[at] == element else { return false }
        elements.remove(at: at)
        return true
    }

    /// Removes everything.
    package mutating func removeAll() {
        elements.removeAll()
    }

    /// The elements in ascending order.
    package var array: [Element] { elements }
}

extension SortedSet: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { elements.count }
    package subscript(position: Int) -> Element { elements[position] }
}

extension SortedSet: Equatable {}
