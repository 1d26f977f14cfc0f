import BLS12381
import KZGCommitments

/// Rows and columns of cells as codewords.
///
/// **Columns.** With m = log2(k), row r sits at w^brp(r), w being the 2k-th root of unity and brp the
/// reversal of m + 1 bits. So a column's cells are symbols of a code with 2k of them in bit-reversed
/// order, 64 codewords side by side, one to each position in the cell. A data row's number has its top
/// bit clear, so its exponent is even, 2 brp'(r) with the reversal of m bits: the data rows sit at the
/// k-th roots of unity in bit-reversed order. Parity row k + j has the top bit set and the exponent
/// 1 + 2 brp'(j): the parity rows sit at w times the same points, in the same order. Extending a
/// column is therefore one inverse transform of size k from values to coefficients, and one transform
/// of size k to the values at the other half, and nothing is ever permuted.
///
/// **Rows.** A row's 8192 values are those of a polynomial f of degree below 4096 at the roots of
/// unity in bit-reversed order, cut into 128 cells. On cell i, x^64 has one value c_i, and c_i is the
/// i-th of the 128-th roots of unity in bit-reversed order. Write f as the sum of x^j f_j(x^64), with
/// f_j of degree below 64. A transform within the cell turns its values into the remainder of f
/// modulo x^64 - c_i, whose coefficients are f_j(c_i): so transformed, the cells of a row are symbols
/// of a code with 128 of them, 64 codewords side by side. One decoder serves both directions.
///
/// **Elements.** All of this is linear, so cells are parsed and written unscaled: see
/// `Fr.parseUnscaled`. Who combines parsed cells has to write the result in the same way.
struct LineCodec: Sendable {
    let shape: MatrixShape
    let rowDomain: EvaluationDomain
    private let halfRowDomain: EvaluationDomain
    private let rowDecoder: LineDecoder
    private let columnDecoder: LineDecoder
    private let elementScale: Fr

    init(_ shape: MatrixShape) {
        self.shape = shape
        rowDomain = EvaluationDomain(size: shape.preset.fieldElementsPerExtendedBlob)
        halfRowDomain = EvaluationDomain(size: shape.preset.fieldElementsPerBlob)
        rowDecoder = LineDecoder(symbols: shape.columns)
        columnDecoder = LineDecoder(symbols: shape.rows)
        elementScale = Fr(UInt64(shape.preset.fieldElementsPerCell)).inverse()
    }

    /// Field elements of work space that a line needs.
    var scratchCount: Int {
        max(shape.rows, shape.columns) * shape.preset.fieldElementsPerCell
    }

    func pattern(of line: Line, missing: [Int]) -> ErasurePattern {
        ErasurePattern(missing: missing, in: decoder(of: line).domain)
    }

    private func decoder(of line: Line) -> LineDecoder {
        switch line {
        case .row: rowDecoder
        case .column: columnDecoder
        }
    }

    // MARK: - Rebuilding

    /// Fills in the missing cells of a line from the others.
    ///
    /// - Parameters:
    ///   - line: The row or column.
    ///   - pattern: What is missing of it.
    ///   - cells: All cells of the matrix in row-major order; the known ones of the line are read,
    ///     the missing ones written.
    ///   - scratch: `scratchCount` elements.
    /// - Throws: ``LineError`` if the line's known cells do not belong together or are not
    ///   field elements; nothing is written then.
    func rebuild(
        _ line: Line, _ pattern: ErasurePattern, in cells: UnsafeMutableRawBufferPointer,
        scratch: UnsafeMutableBufferPointer<Fr>
    ) throws(LineError) {
        let symbols = Symbols(scratch, width: shape.preset.fieldElementsPerCell)
        let decoder = decoder(of: line)
        var missing = pattern.missing[...]
        for place in 0..<decoder.domain.size {
            if missing.first == place {
                missing.removeFirst()
                continue
            }
            try parse(line, place, in: UnsafeRawBufferPointer(cells), into: symbols[place])
            if case .row = line {
                rowDomain.unscaledIFFTFromBitReversed(symbols[place], block: place)
            }
        }
        guard decoder.decode(symbols.first(decoder.domain.size), width: symbols.width, pattern)
        else { throw .contradiction }
        for place in pattern.missing {
            if case .row = line {
                Fr.scale(symbols[place], by: elementScale)
                rowDomain.fftToBitReversed(symbols[place], block: place)
            }
            Fr.writeUnscaled(
                UnsafeBufferPointer(symbols[place]), to: cell(line.cell(at: place), in: cells))
        }
    }

    /// Fills in the missing cells of the second half of a line whose first half is known, and
    /// compares what is known of the second half with what it must be.
    ///
    /// - Parameters:
    ///   - line: The row or column.
    ///   - known: The cells of the second half that are known.
    ///   - cells: All cells of the matrix in row-major order.
    ///   - scratch: `scratchCount` elements.
    /// - Throws: ``LineError`` if the line's known cells do not belong together or are not
    ///   field elements.
    func extend(
        _ line: Line, known: Set<Int>, in cells: UnsafeMutableRawBufferPointer,
        scratch: UnsafeMutableBufferPointer<Fr>
    ) throws(LineError) {
        let symbols = Symbols(scratch, width: shape.preset.fieldElementsPerCell)
        let half = decoder(of: line).domain.size / 2
        for place in 0..<half {
            try parse(line, place, in: UnsafeRawBufferPointer(cells), into: symbols[place])
        }
        let elements = symbols.first(half)
        switch line {
        case .row:
            halfRowDomain.ifftFromBitReversed(elements)
            rowDomain.fftToBitReversedOddHalf(elements)
        case .column:
            columnDecoder.domain.extendColumns(
                UnsafeBufferPointer(elements), into: elements, stride: symbols.width,
                width: symbols.width)
        }
        for place in 0..<half {
            let target = cell(line.cell(at: half + place), in: cells)
            let symbol = UnsafeBufferPointer(symbols[place])
            guard known.contains(half + place) else {
                Fr.writeUnscaled(symbol, to: target)
                continue
            }
            let agrees = withUnsafeTemporaryAllocation(
                byteCount: target.count, alignment: 8
            ) { bytes in
                Fr.writeUnscaled(symbol, to: bytes)
                return UnsafeRawBufferPointer(bytes).hasSameBytes(
                    as: UnsafeRawBufferPointer(target))
            }
            guard agrees else { throw .contradiction }
        }
    }

    // MARK: - Checking

    /// Whether the cells of a complete line belong together. `cells` are all cells of the matrix in
    /// row-major order, `scratch` has `scratchCount` elements.
    func isCodeword(
        _ line: Line, in cells: UnsafeRawBufferPointer, scratch: UnsafeMutableBufferPointer<Fr>
    ) throws(LineError) -> Bool {
        let symbols = Symbols(scratch, width: shape.preset.fieldElementsPerCell)
        let count = decoder(of: line).domain.size
        for place in 0..<count { try parse(line, place, in: cells, into: symbols[place]) }
        let elements = symbols.first(count)
        switch line {
        case .row: rowDomain.ifftFromBitReversed(elements)
        case .column:
            columnDecoder.domain.ifftColumnsFromBitReversed(
                elements, stride: symbols.width, width: symbols.width)
        }
        return elements[(elements.count / 2)...].allSatisfy { $0.isZero }
    }

    /// Whether a vector with one element to each row is the value of a polynomial of degree below k
    /// at the rows' points.
    func isColumnWord(_ word: inout [Fr]) -> Bool {
        word.withUnsafeMutableBufferPointer { word in
            columnDecoder.domain.ifftFromBitReversed(word)
            return word[(word.count / 2)...].allSatisfy { $0.isZero }
        }
    }

    /// Parses the cell of a line at a place.
    func parse(
        _ line: Line, _ place: Int, in cells: UnsafeRawBufferPointer,
        into elements: UnsafeMutableBufferPointer<Fr>
    ) throws(LineError) {
        let coordinate = line.cell(at: place)
        let size = shape.preset.bytesPerCell
        let start = shape.index(of: coordinate) * size
        let bytes = UnsafeRawBufferPointer(rebasing: cells[start..<(start + size)])
        if let element = Fr.parseUnscaled(bytes, into: elements) {
            throw .notCanonical(coordinate, element: element)
        }
    }

    private func cell(
        _ place: CellCoordinate, in cells: UnsafeMutableRawBufferPointer
    ) -> UnsafeMutableRawBufferPointer {
        let size = shape.preset.bytesPerCell
        let start = shape.index(of: place) * size
        return UnsafeMutableRawBufferPointer(rebasing: cells[start..<(start + size)])
    }
}

/// Work space seen as symbols of `width` elements.
private struct Symbols {
    let elements: UnsafeMutableBufferPointer<Fr>
    let width: Int

    init(_ elements: UnsafeMutableBufferPointer<Fr>, width: Int) {
        self.elements = elements
        self.width = width
    }

    subscript(place: Int) -> UnsafeMutableBufferPointer<Fr> {
        UnsafeMutableBufferPointer(rebasing: elements[(place * width)..<((place + 1) * width)])
    }

    func first(_ count: Int) -> UnsafeMutableBufferPointer<Fr> {
        UnsafeMutableBufferPointer(rebasing: elements[..<(count * width)])
    }
}

/// Why a line could not be rebuilt from enough of its cells.
enum LineError: Error, Hashable {
    /// They are not those of any one line.
    case contradiction
    /// An element of one is not below the field's order.
    case notCanonical(CellCoordinate, element: Int)
}
