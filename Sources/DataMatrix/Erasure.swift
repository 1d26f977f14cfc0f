package import SystemCrypto

/// Patterns of missing cells, for tests, tools and experiments.
///
/// All randomness is `SeededRandom`, drawn as `specs/encoding.md` says, so that a pattern is named
/// by its kind and seed for good.
package enum Erasure {
    /// Exactly so many of these cells, each choice equally likely.
    ///
    /// A partial Fisher-Yates shuffle of the cells in row-major order: for i = 0, 1, ... cell i
    /// changes places with one drawn from those at i and after it; the first `count` are the choice.
    ///
    /// - Parameters:
    ///   - count: At most the number of cells.
    ///   - cells: What to choose from.
    ///   - random: The generator.
    /// - Returns: The choice.
    package static func random(
        _ count: Int, of cells: CellSet, using random: inout SeededRandom
    ) -> CellSet {
        let order = Array(cells)
        return CellSet(cells.shape, choose(count, of: order, using: &random))
    }

    /// All cells of so many rows.
    package static func rows(
        _ count: Int, of shape: MatrixShape, using random: inout SeededRandom
    ) -> CellSet {
        var cells = CellSet(shape)
        for row in choose(count, of: Array(0..<shape.rows), using: &random) {
            cells.insert(row: row)
        }
        return cells
    }

    /// All cells of so many columns.
    package static func columns(
        _ count: Int, of shape: MatrixShape, using random: inout SeededRandom
    ) -> CellSet {
        var cells = CellSet(shape)
        for column in choose(count, of: Array(0..<shape.columns), using: &random) {
            cells.insert(column: column)
        }
        return cells
    }

    /// A smallest stopping set: the crossings of `k + 1` rows with `dataColumns + 1` columns.
    ///
    /// - Parameters:
    ///   - shape: The size of the matrix.
    ///   - excluded: Rows that can't be among them, since they are known to all. At most `k - 1`.
    ///   - random: The generator: rows are drawn first, then columns.
    /// - Returns: The crossings; nil if too few rows are left.
    package static func stoppingSet(
        of shape: MatrixShape, excluding excluded: [Int], using random: inout SeededRandom
    ) -> CellSet? {
        let rows = Array(0..<shape.rows).filter { !excluded.contains($0) }
        guard rows.count > shape.dataRows else { return nil }
        let chosenRows = choose(shape.dataRows + 1, of: rows, using: &random)
        let chosenColumns = choose(
            shape.dataColumns + 1, of: Array(0..<shape.columns), using: &random)
        var cells = CellSet(shape)
        for row in chosenRows {
            for column in chosenColumns { cells.insert(CellCoordinate(row: row, column: column)) }
        }
        return cells
    }

    /// A pattern that takes as many rounds of rows and columns in turn as there can be: each line that
    /// is rebuilt enables exactly one other.
    ///
    /// `n = min(dataColumns, k) - 1` rows and as many columns are stairs: row i can be rebuilt once
    /// columns 0 to i - 1 are, column i once rows 0 to i are. So all crossings of stairs are missing, and
    /// each stair has further missing cells until at its turn exactly as many are missing as can be
    /// rebuilt. Those lie in a smallest stopping set of other rows and columns, less one cell; the
    /// stairs' cells in that cell's row and column are among them, so that it is last.
    ///
    /// - Parameter shape: The size of the matrix, with at least 2 data rows.
    /// - Returns: The missing cells, and the number of lines that are stairs.
    package static func staircase(of shape: MatrixShape) -> (missing: CellSet, stairs: Int) {
        let (k, d) = (shape.dataRows, shape.dataColumns)
        let n = min(d, k) - 1
        var missing = CellSet(shape)
        // The stopping set has the rows n to n + k and the columns n to n + d.
        for row in n...(n + k) {
            for column in n...(n + d) where row > n || column > n {
                missing.insert(CellCoordinate(row: row, column: column))
            }
        }
        for stair in 0..<n {
            for other in 0..<n {
                missing.insert(CellCoordinate(row: stair, column: other))
            }
            for place in 0..<(d - (n - stair)) {
                missing.insert(CellCoordinate(row: stair, column: n + place))
            }
            for place in 0..<(k - (n - 1 - stair)) {
                missing.insert(CellCoordinate(row: n + place, column: stair))
            }
        }
        return (missing, 2 * n)
    }

    private static func choose<T>(
        _ count: Int, of items: [T], using random: inout SeededRandom
    ) -> ArraySlice<T> {
        precondition(count >= 0 && count <= items.count, "more than there are")
        var items = items
        for i in 0..<count {
            items.swapAt(i, i + random.uniform(below: items.count - i))
        }
        return items[..<count]
    }
}

/// A fraction from 0 to 1 given in decimals, kept exactly, so that `floor(0.29 x 100)` is 29.
package struct DecimalFraction: Sendable, Hashable {
    private let numerator: UInt64
    private let denominator: UInt64

    /// The fraction that the text spells: `0.55`, `.5`, `1`, `1.00`; nil for anything else, for more
    /// than nine decimals, or above 1.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let decimals = parts.count == 2 ? parts[1] : ""
        guard parts[0].count <= 9, decimals.count <= 9, !(parts[0].isEmpty && decimals.isEmpty)
        else { return nil }
        var numerator: UInt64 = 0
        var denominator: UInt64 = 1
        for digit in Array(parts[0].utf8) + Array(decimals.utf8) {
            guard digit >= 0x30, digit <= 0x39 else { return nil }
            numerator = numerator * 10 + UInt64(digit - 0x30)
        }
        for _ in 0..<decimals.utf8.count { denominator *= 10 }
        guard numerator <= denominator else { return nil }
        self.numerator = numerator
        self.denominator = denominator
    }

    /// One half.
    package static let half = DecimalFraction(numerator: 1, denominator: 2)

    private init(numerator: UInt64, denominator: UInt64) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// The largest integer that is not above the fraction times `count`.
    package func floor(times count: Int) -> Int {
        let product = numerator.multipliedFullWidth(by: UInt64(count))
        return Int(denominator.dividingFullWidth(product).quotient)
    }
}
