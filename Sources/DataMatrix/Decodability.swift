/// What can be rebuilt from which cells, by rows and columns in turn.
///
/// This is a question about places only, so it is answered without touching data: a row with
/// `dataColumns` cells gives all its cells, a column with `dataRows` cells gives all its, and so on
/// until nothing changes. The outcome does not depend on the order. (Joint elimination over rows
/// and columns together solves a few patterns more; no one runs it, and the sampling bound does not
/// need it.)
public enum Decodability {
    /// All cells that can be rebuilt from `held`, those included.
    public static func closure(of held: CellSet) -> CellSet {
        var state = ClosureState(held)
        while state.nextLine() != nil {}
        return state.cells
    }

    /// Whether every cell can be rebuilt from `held`.
    public static func isDecodable(_ held: CellSet) -> Bool {
        // Below this many missing cells no pattern is stuck.
        if held.shape.cellCount - held.count < held.shape.smallestStoppingSet { return true }
        return closure(of: held).isFull
    }

    /// The cells that stay missing: empty if the matrix can be rebuilt.
    ///
    /// Each row and column that has any of them has too few others to be rebuilt.
    public static func stuckSet(_ held: CellSet) -> CellSet { closure(of: held).complement }
}

/// The closure one line at a time: which row or column can be completed next, and what of it was
/// missing.
///
/// Each cell is added once and each line is completed at most once, so the whole closure takes time
/// proportional to the number of cells.
struct ClosureState {
    /// What is held or has been rebuilt so far.
    private(set) var cells: CellSet

    /// Lines that can be completed now, in the order in which they became so.
    private var ready: [Line] = []
    private var nextReady = 0
    private var rowCounts: [Int]
    private var columnCounts: [Int]

    init(_ held: CellSet) {
        let shape = held.shape
        cells = held
        rowCounts = (0..<shape.rows).map { held.count(inRow: $0) }
        columnCounts = [Int](repeating: 0, count: shape.columns)
        for cell in held { columnCounts[cell.column] += 1 }
        for row in 0..<shape.rows where rowCounts[row] >= shape.dataColumns {
            ready.append(.row(row))
        }
        for column in 0..<shape.columns where columnCounts[column] >= shape.dataRows {
            ready.append(.column(column))
        }
    }

    /// Adds a cell that has come by other means, and says whether it is new.
    mutating func insert(_ cell: CellCoordinate) -> Bool {
        guard cells.insert(cell) else { return false }
        note(cell)
        return true
    }

    /// The next line that can be completed and is not complete yet; it is counted as complete from
    /// now on. Nil if there is none.
    mutating func nextLine() -> (line: Line, missing: [Int])? {
        while nextReady < ready.count {
            let line = ready[nextReady]
            nextReady += 1
            let missing = self.missing(in: line)
            if missing.isEmpty { continue }
            for place in missing {
                let cell = line.cell(at: place)
                cells.insert(cell)
                note(cell)
            }
            return (line, missing)
        }
        return nil
    }

    private func missing(in line: Line) -> [Int] {
        switch line {
        case .row(let row):
            rowCounts[row] == cells.shape.columns
                ? [] : (0..<cells.shape.columns).filter { !cells.contains(row: row, column: $0) }
        case .column(let column):
            columnCounts[column] == cells.shape.rows
                ? [] : (0..<cells.shape.rows).filter { !cells.contains(row: $0, column: column) }
        }
    }

    private mutating func note(_ cell: CellCoordinate) {
        rowCounts[cell.row] += 1
        columnCounts[cell.column] += 1
        if rowCounts[cell.row] == cells.shape.dataColumns { ready.append(.row(cell.row)) }
        if columnCounts[cell.column] == cells.shape.dataRows { ready.append(.column(cell.column)) }
    }
}
