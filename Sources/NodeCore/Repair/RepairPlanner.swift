package import DataMatrix

/// What a repair is to achieve.
public enum RepairGoal: Sendable, Hashable, Comparable {
    /// Every cell of these columns can be rebuilt.
    case custody
    /// Every cell of the block can be rebuilt.
    case wholeBlock
}

/// Chooses which cells to fetch so that the goal can be reached.
///
/// The columns of the custody come first, each by itself: half of a column's cells with their proofs
/// give all of its proofs, whereas proofs of cells that are rebuilt across rows cost a multiproof
/// of every data row. A column that has not enough on offer is left to the second step.
///
/// That is the closure by rows and columns played through before anything is fetched: a line that is
/// short of cells takes as few as it needs from those that others are said to hold, then counts as
/// complete. Since a completed line is at least what the closure of everything on offer would have
/// of it, the play reaches the goal exactly when that closure does.
package struct RepairPlanner: Sendable {
    private let shape: MatrixShape
    private let offered: CellSet
    private var present: CellSet
    private var fetch: CellSet
    private var rowCounts: [Int]
    private var columnCounts: [Int]

    /// The cells to fetch, possibly none; nil if the goal cannot be reached.
    ///
    /// - Parameters:
    ///   - held: What this node has, rows that are known to be zero included.
    ///   - offered: What others say that they have.
    ///   - custody: The columns that must come with proofs.
    ///   - goal: Whether they are all that is wanted.
    /// - Returns: Cells on offer that are not held.
    package static func plan(
        held: CellSet, offered: CellSet, custody: [Int], goal: RepairGoal
    ) -> CellSet? {
        let shape = held.shape
        var fetch = CellSet(shape)
        for column in custody {
            let missing = shape.dataRows - held.count(inColumn: column)
            guard missing > 0 else { continue }
            // Data rows come first: from all of them the parity rows follow most cheaply.
            let offers = (0..<shape.rows).filter {
                offered.contains(row: $0, column: column)
                    && !held.contains(row: $0, column: column)
            }
            guard offers.count >= missing else { continue }
            for row in offers.prefix(missing) {
                fetch.insert(CellCoordinate(row: row, column: column))
            }
        }
        var planner = RepairPlanner(
            present: Decodability.closure(of: held.union(fetch)), offered: offered, fetch: fetch)
        let columns = goal == .custody ? custody : nil
        return planner.isReached(columns) || planner.completeAll(columns: columns)
            ? planner.fetch : nil
    }

    private init(present: CellSet, offered: CellSet, fetch: CellSet) {
        shape = present.shape
        self.present = present
        self.offered = offered.subtracting(present)
        self.fetch = fetch
        rowCounts = (0..<shape.rows).map { present.count(inRow: $0) }
        columnCounts = [Int](repeating: 0, count: shape.columns)
        for cell in present { columnCounts[cell.column] += 1 }
    }

    /// Rows and columns in turn until the goal is reached or nothing moves.
    private mutating func completeAll(columns: [Int]?) -> Bool {
        while true {
            var moved = false
            // Data rows first: their left half needs no arithmetic at all. When `dataRows` rows are
            // complete, every column can be completed without fetching anything.
            for row in 0..<shape.rows where completeRows < shape.dataRows {
                if rowCounts[row] < shape.columns, complete(row: row) { moved = true }
            }
            let ready = (0..<shape.columns).filter { column in
                columnCounts[column] < shape.rows && columnCounts[column] >= shape.dataRows
            }
            for column in ready where complete(column: column) { moved = true }
            if isReached(columns) { return true }
            if !moved {
                // Rows are stuck: let columns take what they need.
                for column in 0..<shape.columns where columnCounts[column] < shape.rows {
                    if complete(column: column) { moved = true }
                }
                if isReached(columns) { return true }
            }
            guard moved else { return false }
        }
    }

    private var completeRows: Int {
        rowCounts.reduce(0) { $0 + ($1 == shape.columns ? 1 : 0) }
    }

    private func isReached(_ columns: [Int]?) -> Bool {
        guard let columns else { return present.isFull }
        return columns.allSatisfy { columnCounts[$0] == shape.rows }
    }

    private mutating func complete(row: Int) -> Bool {
        let missing = shape.dataColumns - rowCounts[row]
        if missing > 0 {
            let offers = (0..<shape.columns).filter { offered.contains(row: row, column: $0) }
                .filter { !present.contains(row: row, column: $0) }
            guard offers.count >= missing else { return false }
            for column in offers.prefix(missing) {
                fetch.insert(CellCoordinate(row: row, column: column))
            }
        }
        for column in 0..<shape.columns { add(CellCoordinate(row: row, column: column)) }
        return true
    }

    private mutating func complete(column: Int) -> Bool {
        guard columnCounts[column] < shape.rows else { return true }
        let missing = shape.dataRows - columnCounts[column]
        if missing > 0 {
            let offers = (0..<shape.rows).filter { offered.contains(row: $0, column: column) }
                .filter { !present.contains(row: $0, column: column) }
            guard offers.count >= missing else { return false }
            for row in offers.prefix(missing) {
                fetch.insert(CellCoordinate(row: row, column: column))
            }
        }
        for row in 0..<shape.rows { add(CellCoordinate(row: row, column: column)) }
        return true
    }

    private mutating func add(_ cell: CellCoordinate) {
        guard present.insert(cell) else { return }
        rowCounts[cell.row] += 1
        columnCounts[cell.column] += 1
    }
}
