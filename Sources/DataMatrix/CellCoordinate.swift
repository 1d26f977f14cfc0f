/// The place of a cell in the matrix. Coordinates are ordered row by row.
public struct CellCoordinate: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The row, from 0.
    public let row: Int

    /// The column, from 0.
    public let column: Int

    /// The place in this row and column.
    public init(row: Int, column: Int) {
        self.row = row
        self.column = column
    }

    /// Whether `a` comes before `b` in row-major order.
    public static func < (a: CellCoordinate, b: CellCoordinate) -> Bool {
        (a.row, a.column) < (b.row, b.column)
    }

    /// `row:column`, as messages name a cell.
    public var description: String { "\(row):\(column)" }
}

/// A row or a column of the matrix.
public enum Line: Sendable, Hashable, CustomStringConvertible {
    /// The row with this number.
    case row(Int)
    /// The column with this number.
    case column(Int)

    /// `row 3`, as messages name a line.
    public var description: String {
        switch self {
        case .row(let row): "row \(row)"
        case .column(let column): "column \(column)"
        }
    }
}

extension Line {
    /// The cell of this row in that column, or of this column in that row.
    public func cell(at place: Int) -> CellCoordinate {
        switch self {
        case .row(let row): CellCoordinate(row: row, column: place)
        case .column(let column): CellCoordinate(row: place, column: column)
        }
    }
}

extension MatrixShape {
    /// How many cells a line has, and how many of them are enough to rebuild it.
    public func cells(in line: Line) -> (count: Int, needed: Int) {
        switch line {
        case .row: (columns, dataColumns)
        case .column: (rows, dataRows)
        }
    }
}
