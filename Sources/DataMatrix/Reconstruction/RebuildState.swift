/// What cells that arrive one by one make recoverable, said at once.
///
/// The state knows places, not data. Whoever holds the data rebuilds the lines that
/// ``insert(_:)`` names, in that order, now or later, or waits for the cells to arrive.
public struct RebuildState: Sendable {
    /// The cells that are held.
    public private(set) var held: CellSet
    private var closure: ClosureState

    /// The state in which these cells are held, and the lines that can be rebuilt from them.
    public static func starting(with held: CellSet) -> (state: RebuildState, lines: [Line]) {
        var state = RebuildState(held)
        let lines = state.drain()
        return (state, lines)
    }

    private init(_ held: CellSet) {
        self.held = held
        closure = ClosureState(held)
    }

    /// The cells that are held or can be rebuilt.
    public var recoverable: CellSet { closure.cells }

    /// Whether the whole matrix is held or can be rebuilt.
    public var isDecodable: Bool { closure.cells.isFull }

    /// Counts a cell as held.
    ///
    /// - Parameter cell: Inside the matrix; it may be held already.
    /// - Returns: The lines that can be rebuilt now and could not before, each from cells that are
    ///   held or in lines named earlier.
    public mutating func insert(_ cell: CellCoordinate) -> [Line] {
        held.insert(cell)
        guard closure.insert(cell) else { return [] }
        return drain()
    }

    private mutating func drain() -> [Line] {
        var lines: [Line] = []
        while let next = closure.nextLine() { lines.append(next.line) }
        return lines
    }
}
