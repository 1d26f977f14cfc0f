import BLS12381
import DataMatrix
import KZGCommitments

/// A shape with a codeword to erase and alter, and what is needed to check the outcome.
final class MatrixBench {
    let shape: MatrixShape
    /// The definition; nil for shapes where that is too slow, whose cells are then never altered.
    let code: NaiveCode?
    /// The codeword's cells in row-major order.
    let cells: [[UInt8]]
    let reconstructors: [Reconstructor]

    init(_ preset: Preset, _ dataRows: Int, isSmall: Bool) {
        let shape = must("shape") { try MatrixShape(preset: preset, dataRows: dataRows) }
        self.shape = shape
        reconstructors = [1, 2].map { Reconstructor(shape: shape, threads: $0) }
        if isSmall {
            let code = NaiveCode(shape)
            self.code = code
            cells = Self.cells(code.codeword(seed: 1), shape)
        } else {
            code = nil
            // What the unit tests compare with the definition at this size.
            var random = FuzzRandom(seed: 2)
            var matrix = PartialMatrix(shape)
            for row in 0..<shape.dataRows {
                for column in 0..<shape.dataColumns {
                    let cell = (0..<preset.fieldElementsPerCell).flatMap { _ in
                        Fr(reducing: random.bytes(32)).bytes
                    }
                    must("data") {
                        try matrix.insert(cell, at: CellCoordinate(row: row, column: column))
                    }
                }
            }
            let filled = matrix
            cells = must("extension") {
                var whole = filled
                try Reconstructor(shape: shape).rebuild(&whole)
                return CellSet.all(of: shape).map { whole.cell(at: $0) ?? [] }
            }
        }
    }

    /// Elements as cells in row-major order.
    static func cells(_ elements: [[Fr]], _ shape: MatrixShape) -> [[UInt8]] {
        let size = shape.preset.fieldElementsPerCell
        return elements.flatMap { row in
            (0..<shape.columns).map { column in
                row[(column * size)..<((column + 1) * size)].flatMap(\.bytes)
            }
        }
    }

    func cell(_ place: CellCoordinate) -> [UInt8] { cells[shape.index(of: place)] }

    /// Cells as elements, nil where a cell is not held; nil as a whole if one is not canonical.
    func elements(_ held: [CellCoordinate: [UInt8]]) -> [[Fr?]]? {
        let size = shape.preset.fieldElementsPerCell
        var elements = [[Fr?]](
            repeating: [Fr?](repeating: nil, count: size * shape.columns), count: shape.rows)
        for (place, cell) in held {
            for element in 0..<size {
                let bytes = Array(cell[(32 * element)..<(32 * element + 32)])
                guard let value = Fr(canonical: bytes) else { return nil }
                elements[place.row][place.column * size + element] = value
            }
        }
        return elements
    }
}

/// The benches of the small shapes come first and are chosen most.
let matrixBenches: [MatrixBench] = {
    let medium = must("preset") {
        Preset(name: "medium", fieldElementsPerBlob: 16, fieldElementsPerCell: 2)
    }
    let wide = must("preset") {
        Preset(name: "wide", fieldElementsPerBlob: 64, fieldElementsPerCell: 1)
    }
    return [
        MatrixBench(.minimal, 2, isSmall: true), MatrixBench(.minimal, 1, isSmall: true),
        MatrixBench(.minimal, 4, isSmall: true), MatrixBench(.minimal, 8, isSmall: true),
        MatrixBench(medium, 2, isSmall: true), MatrixBench(wide, 2, isSmall: false),
        MatrixBench(.minimal, 64, isSmall: false), MatrixBench(.mainnet, 1, isSmall: false),
    ]
}()

extension ByteReader {
    mutating func bench() -> MatrixBench {
        let choice = below(40)
        switch choice {
        case 39: return matrixBenches[7]
        case 38: return matrixBenches[6]
        case 36, 37: return matrixBenches[5]
        default: return matrixBenches[choice % 5]
        }
    }

    mutating func place(_ shape: MatrixShape) -> CellCoordinate {
        CellCoordinate(row: below(shape.rows), column: below(shape.columns))
    }

    /// Which cells are held: random ones, or with losses around stopping sets, or as few as suffice.
    mutating func heldCells(_ shape: MatrixShape) -> CellSet {
        var held = CellSet.all(of: shape)
        switch below(7) {
        case 0:
            for place in CellSet.all(of: shape) where place.column % 8 == 0 {
                let bits = byte()
                for offset in 0..<min(8, shape.columns - place.column)
                where bits >> UInt8(offset) & 1 == 1 {
                    held.remove(CellCoordinate(row: place.row, column: place.column + offset))
                }
            }
        case 1: held.subtract(stoppingSet(shape))
        case 2: held.subtract(stoppingSet(shape).union(stoppingSet(shape)))
        case 3: held.subtract(product(shape).union(product(shape)))
        case 4:
            for row in 0..<shape.rows where bit() { held.remove(row: row) }
            for column in 0..<min(16, shape.columns) where bit() { held.remove(column: column) }
        case 5:
            var random = FuzzRandom(seed: uint64())
            let loss = below(256)
            for place in CellSet.all(of: shape) where random.below(256) < loss {
                held.remove(place)
            }
        default: held = sufficientMinimum(shape)
        }
        for _ in 0..<below(5) {
            let place = place(shape)
            if !held.remove(place) { held.insert(place) }
        }
        return held
    }

    /// The crossings of one more row and one more column than may be missing.
    private mutating func stoppingSet(_ shape: MatrixShape) -> CellSet {
        var random = FuzzRandom(seed: UInt64(uint16()))
        let rows = (0..<shape.rows).shuffled(using: &random).prefix(shape.dataRows + 1)
        let columns = (0..<shape.columns).shuffled(using: &random).prefix(shape.dataColumns + 1)
        return CellSet(
            shape, rows.flatMap { row in columns.map { CellCoordinate(row: row, column: $0) } })
    }

    /// The crossings of some rows and some columns.
    private mutating func product(_ shape: MatrixShape) -> CellSet {
        var random = FuzzRandom(seed: UInt64(uint16()))
        let rows = (0..<shape.rows).shuffled(using: &random).prefix(below(shape.rows + 1))
        let columns = (0..<shape.columns).shuffled(using: &random)
            .prefix(below(shape.columns + 1))
        return CellSet(
            shape, rows.flatMap { row in columns.map { CellCoordinate(row: row, column: $0) } })
    }

    /// Cells that suffice and of which none can be spared, which makes for many rounds. (Of larger
    /// shapes, for speed, only some are tried.)
    private mutating func sufficientMinimum(_ shape: MatrixShape) -> CellSet {
        var random = FuzzRandom(seed: UInt64(uint16()))
        var held = CellSet.all(of: shape)
        for place in Array(held).shuffled(using: &random).prefix(80) {
            held.remove(place)
            if !NaiveCode.closure(held).isFull { held.insert(place) }
        }
        return held
    }
}
