/// A set of cells of one matrix: a bit to each cell.
///
/// Members are enumerated in row-major order. A coordinate outside the matrix is a programmer's
/// error; whoever has one from elsewhere asks ``MatrixShape/contains(_:)`` first.
public struct CellSet: Sendable, Hashable {
    /// The matrix.
    public let shape: MatrixShape

    /// Row after row, `wordsPerRow` words each; column `c` is bit `c % 64` of word `c / 64`. Bits
    /// past the last column are zero.
    private(set) var words: [UInt64]

    /// How many cells are in the set.
    public private(set) var count: Int

    let wordsPerRow: Int

    /// The empty set.
    public init(_ shape: MatrixShape) {
        self.shape = shape
        wordsPerRow = (shape.columns + 63) / 64
        words = [UInt64](repeating: 0, count: shape.rows * wordsPerRow)
        count = 0
    }

    /// The set of these cells.
    public init(_ shape: MatrixShape, _ cells: some Sequence<CellCoordinate>) {
        self.init(shape)
        for cell in cells { insert(cell) }
    }

    /// The set of all cells.
    public static func all(of shape: MatrixShape) -> CellSet {
        var set = CellSet(shape)
        for row in 0..<shape.rows { set.insert(row: row) }
        return set
    }

    /// Whether no cell is in the set.
    public var isEmpty: Bool { count == 0 }

    /// Whether every cell is in the set.
    public var isFull: Bool { count == shape.cellCount }

    /// Whether the cell is in the set.
    public func contains(_ cell: CellCoordinate) -> Bool {
        contains(row: cell.row, column: cell.column)
    }

    /// Whether the cell in this row and column is in the set.
    public func contains(row: Int, column: Int) -> Bool {
        precondition(column >= 0 && column < shape.columns, "no such column")
        return words[row * wordsPerRow + column / 64] >> UInt64(column % 64) & 1 == 1
    }

    /// Adds the cell, and says whether it is new.
    @discardableResult
    public mutating func insert(_ cell: CellCoordinate) -> Bool {
        precondition(cell.column >= 0 && cell.column < shape.columns, "no such column")
        let bit = UInt64(1) << UInt64(cell.column % 64)
        let word = cell.row * wordsPerRow + cell.column / 64
        guard words[word] & bit == 0 else { return false }
        words[word] |= bit
        count += 1
        return true
    }

    /// Removes the cell, and says whether it was there.
    @discardableResult
    public mutating func remove(_ cell: CellCoordinate) -> Bool {
        precondition(cell.column >= 0 && cell.column < shape.columns, "no such column")
        let bit = UInt64(1) << UInt64(cell.column % 64)
        let word = cell.row * wordsPerRow + cell.column / 64
        guard words[word] & bit != 0 else { return false }
        words[word] &= ~bit
        count -= 1
        return true
    }

    /// Adds all cells of a row.
    public mutating func insert(row: Int) {
        for word in 0..<wordsPerRow { set(row, word, to: fullWord(word)) }
    }

    /// Removes all cells of a row.
    public mutating func remove(row: Int) {
        for word in 0..<wordsPerRow { set(row, word, to: 0) }
    }

    /// Adds all cells of a column.
    public mutating func insert(column: Int) {
        for row in 0..<shape.rows { insert(CellCoordinate(row: row, column: column)) }
    }

    /// Removes all cells of a column.
    public mutating func remove(column: Int) {
        for row in 0..<shape.rows { remove(CellCoordinate(row: row, column: column)) }
    }

    /// How many cells of the row are in the set.
    public func count(inRow row: Int) -> Int {
        var count = 0
        for word in 0..<wordsPerRow { count += words[row * wordsPerRow + word].nonzeroBitCount }
        return count
    }

    /// How many cells of the row, in columns before this one, are in the set.
    func count(inRow row: Int, before column: Int) -> Int {
        var count = 0
        for word in 0..<wordsPerRow where word * 64 < column {
            let bits = Swift.min(64, column - word * 64)
            let mask: UInt64 = bits == 64 ? .max : (1 << UInt64(bits)) - 1
            count += (words[row * wordsPerRow + word] & mask).nonzeroBitCount
        }
        return count
    }

    /// How many cells of the column are in the set.
    public func count(inColumn column: Int) -> Int {
        precondition(column >= 0 && column < shape.columns, "no such column")
        var count = 0
        var word = column / 64
        for _ in 0..<shape.rows {
            count += Int(words[word] >> UInt64(column % 64) & 1)
            word += wordsPerRow
        }
        return count
    }

    /// The columns of a row whose cells are in the set, ascending.
    public func columns(inRow row: Int) -> [Int] {
        var columns: [Int] = []
        for word in 0..<wordsPerRow {
            var bits = words[row * wordsPerRow + word]
            while bits != 0 {
                columns.append(word * 64 + bits.trailingZeroBitCount)
                bits &= bits - 1
            }
        }
        return columns
    }

    /// The rows of a column whose cells are in the set, ascending.
    public func rows(inColumn column: Int) -> [Int] {
        (0..<shape.rows).filter { contains(row: $0, column: column) }
    }

    /// Adds the cells of another set of the same matrix.
    public mutating func formUnion(_ other: CellSet) {
        combine(other) { $0 | $1 }
    }

    /// Keeps the cells that another set of the same matrix has too.
    public mutating func formIntersection(_ other: CellSet) {
        combine(other) { $0 & $1 }
    }

    /// Removes the cells of another set of the same matrix.
    public mutating func subtract(_ other: CellSet) {
        combine(other) { $0 & ~$1 }
    }

    /// The cells of either set.
    public func union(_ other: CellSet) -> CellSet {
        var result = self
        result.formUnion(other)
        return result
    }

    /// The cells of both sets.
    public func intersection(_ other: CellSet) -> CellSet {
        var result = self
        result.formIntersection(other)
        return result
    }

    /// The cells that the other set does not have.
    public func subtracting(_ other: CellSet) -> CellSet {
        var result = self
        result.subtract(other)
        return result
    }

    /// The cells that are not in the set.
    public var complement: CellSet { CellSet.all(of: shape).subtracting(self) }

    /// Whether every cell is in the other set too.
    public func isSubset(of other: CellSet) -> Bool {
        precondition(shape == other.shape, "sets of different matrices")
        return zip(words, other.words).allSatisfy { $0 & ~$1 == 0 }
    }

    /// Whether no cell is in both sets.
    public func isDisjoint(with other: CellSet) -> Bool {
        precondition(shape == other.shape, "sets of different matrices")
        return zip(words, other.words).allSatisfy { $0 & $1 == 0 }
    }

    private func fullWord(_ word: Int) -> UInt64 {
        let bits = Swift.min(64, shape.columns - 64 * word)
        return bits == 64 ? .max : (1 << UInt64(bits)) - 1
    }

    private mutating func set(_ row: Int, _ word: Int, to bits: UInt64) {
        let index = row * wordsPerRow + word
        count += bits.nonzeroBitCount - words[index].nonzeroBitCount
        words[index] = bits
    }

    private mutating func combine(_ other: CellSet, _ operation: (UInt64, UInt64) -> UInt64) {
        precondition(shape == other.shape, "sets of different matrices")
        count = 0
        for index in words.indices {
            words[index] = operation(words[index], other.words[index])
            count += words[index].nonzeroBitCount
        }
    }
}

// MARK: - Enumeration

extension CellSet: Sequence {
    /// Goes through the cells of a set in row-major order.
    public struct Iterator: IteratorProtocol {
        private let set: CellSet
        private var word = -1
        private var bits: UInt64 = 0

        init(_ set: CellSet) { self.set = set }

        /// The next cell, or nil after the last.
        public mutating func next() -> CellCoordinate? {
            while bits == 0 {
                guard word + 1 < set.words.count else { return nil }
                word += 1
                bits = set.words[word]
            }
            defer { bits &= bits - 1 }
            let (row, part) = word.quotientAndRemainder(dividingBy: set.wordsPerRow)
            return CellCoordinate(row: row, column: part * 64 + bits.trailingZeroBitCount)
        }
    }

    /// An iterator over the cells in row-major order.
    public func makeIterator() -> Iterator { Iterator(self) }

    /// The number of cells, so that arrays of them are allocated once.
    public var underestimatedCount: Int { count }
}

// MARK: - Bytes

extension CellSet {
    /// Bytes of one row in ``bytes``.
    public static func bytesPerRow(_ shape: MatrixShape) -> Int { (shape.columns + 7) / 8 }

    /// The set as bytes: row after row, column `c` being bit `c % 8` of the row's byte `c / 8`. For
    /// the mainnet preset this is also the SSZ form of a `Bitvector[rows * columns]`.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(shape.rows * Self.bytesPerRow(shape))
        for row in 0..<shape.rows { bytes.append(contentsOf: self.bytes(ofRow: row)) }
        return bytes
    }

    /// One row of ``bytes``.
    public func bytes(ofRow row: Int) -> [UInt8] {
        (0..<Self.bytesPerRow(shape)).map { byte in
            UInt8(truncatingIfNeeded: words[row * wordsPerRow + byte / 8] >> UInt64(byte % 8 * 8))
        }
    }

    /// The set with these bytes, as ``bytes`` gives them; nil if their number is wrong or a bit past
    /// the last column is set.
    public init?(_ shape: MatrixShape, bytes: some Collection<UInt8>) {
        let perRow = Self.bytesPerRow(shape)
        guard bytes.count == shape.rows * perRow else { return nil }
        self.init(shape)
        for (index, byte) in bytes.enumerated() {
            let (row, place) = index.quotientAndRemainder(dividingBy: perRow)
            let word = place / 8
            let bits = words[row * wordsPerRow + word] | UInt64(byte) << UInt64(place % 8 * 8)
            guard bits & ~fullWord(word) == 0 else { return nil }
            set(row, word, to: bits)
        }
    }
}

extension CellSet: CustomStringConvertible {
    /// `12 of 16 cells`.
    public var description: String { "\(count) of \(shape.cellCount) cells" }
}
