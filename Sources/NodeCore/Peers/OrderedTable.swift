/// A dictionary that remembers the order of insertion, so that walking it is the same on every
/// machine. Removal is linear: for tables of some hundred entries.
struct OrderedTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private(set) var keys: [Key] = []
    private var values: [Key: Value] = [:]

    var count: Int { keys.count }
    var isEmpty: Bool { keys.isEmpty }

    /// The value for a key. Setting nil removes it; a new key goes to the end.
    subscript(key: Key) -> Value? {
        get { values[key] }
        set {
            guard let newValue else {
                values[key] = nil
                keys.removeAll { $0 == key }
                return
            }
            // A value that was taken out has kept its key.
            if values.updateValue(newValue, forKey: key) == nil, !keys.contains(key) {
                keys.append(key)
            }
        }
    }

    /// Changes a value in place; nil if there is none.
    mutating func modify<Result>(_ key: Key, _ change: (inout Value) -> Result) -> Result? {
        guard let index = values.index(forKey: key) else { return nil }
        return change(&values.values[index])
    }

    /// Takes a value out to be changed without a copy; `put` must follow. Until then the key has no
    /// value, but keeps its place.
    mutating func take(_ key: Key) -> Value? {
        values.removeValue(forKey: key)
    }

    /// Puts a value back that was taken out.
    mutating func put(_ key: Key, _ value: Value) {
        values[key] = value
    }

    /// The entries in order of insertion.
    var entries: [(key: Key, value: Value)] {
        keys.compactMap { key in values[key].map { (key, $0) } }
    }

    /// The oldest entry's key.
    var oldest: Key? { keys.first }
}
