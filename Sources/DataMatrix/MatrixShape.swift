public import KZGCommitments

/// The size of a block's matrix: `2k` rows of cells, of which the first `k` hold the data.
///
/// The left half of the first `k` rows is the *data quadrant*; all else is extension. A row can be
/// rebuilt from any `dataColumns` of its cells, a column from any `dataRows` of its.
public struct MatrixShape: Sendable, Hashable {
    /// The most data rows that a block can have.
    public static let maximumDataRows = 256

    /// The size of blobs and cells.
    public let preset: Preset

    /// Rows that hold data, `k`: a power of two from 1 to ``maximumDataRows``.
    public let dataRows: Int

    /// The shape with this many data rows.
    ///
    /// - Throws: ``ShapeError`` if `dataRows` is no power of two from 1 to ``maximumDataRows``.
    public init(preset: Preset, dataRows: Int) throws(ShapeError) {
        guard dataRows >= 1, dataRows <= Self.maximumDataRows, dataRows & (dataRows - 1) == 0
        else { throw .dataRows(dataRows) }
        self.preset = preset
        self.dataRows = dataRows
    }

    /// The smallest shape whose data rows hold `rows` blobs.
    ///
    /// - Throws: ``ShapeError`` if there is none.
    public init(preset: Preset, holding rows: Int) throws(ShapeError) {
        guard rows >= 1, rows <= Self.maximumDataRows else { throw .dataRows(rows) }
        var dataRows = 1
        while dataRows < rows { dataRows *= 2 }
        try self.init(preset: preset, dataRows: dataRows)
    }

    /// Rows in all, `2k`.
    public var rows: Int { 2 * dataRows }

    /// Columns in all: the cells of a row.
    public var columns: Int { preset.cellsPerExtendedBlob }

    /// Columns that hold data: the first half.
    public var dataColumns: Int { preset.cellsPerBlob }

    /// Cells in the matrix.
    public var cellCount: Int { rows * columns }

    /// Cells in the data quadrant.
    public var dataCellCount: Int { dataRows * dataColumns }

    /// Bytes of all cells.
    public var byteCount: Int { cellCount * preset.bytesPerCell }

    /// The fewest missing cells that can make the matrix undecodable: one more row than may be
    /// missing from a column, times one more column than may be missing from a row.
    ///
    /// It is also the tensor code's minimum distance, so no decoder does better than rows and
    /// columns in turn below it, and the sampling bound rests on it.
    public var smallestStoppingSet: Int { (dataRows + 1) * (dataColumns + 1) }

    /// Whether the row is one of the extension.
    public func isParity(row: Int) -> Bool { row >= dataRows }

    /// Whether there is such a cell.
    public func contains(_ cell: CellCoordinate) -> Bool {
        cell.row >= 0 && cell.row < rows && cell.column >= 0 && cell.column < columns
    }

    /// The place in row-major order over the whole matrix of a cell that is inside it.
    public func index(of cell: CellCoordinate) -> Int { cell.row * columns + cell.column }

    /// The cell at a place, below `dataCellCount`, in row-major order over the data quadrant, which
    /// is how the payload index counts.
    public func coordinate(ofDataCell dataCell: Int) -> CellCoordinate {
        CellCoordinate(row: dataCell / dataColumns, column: dataCell % dataColumns)
    }
}

/// A shape that does not exist.
public enum ShapeError: Error, Hashable, CustomStringConvertible {
    /// Not a power of two from 1 to 256.
    case dataRows(Int)

    /// What is wrong, with the number.
    public var description: String {
        switch self {
        case .dataRows(let count):
            "\(count) data rows: a matrix has a power of two from 1 to "
                + "\(MatrixShape.maximumDataRows)"
        }
    }
}
