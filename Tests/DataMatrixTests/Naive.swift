import BLS12381
import DataMatrix
import KZGCommitments

/// The code by its definition: polynomials evaluated point by point, Lagrange's formula, Gaussian
/// elimination. Nothing here is fast, and nothing is shared with what it checks.
enum Naive {
    /// The integer with its lowest bits in reverse.
    static func reversed(_ i: Int, bits: Int) -> Int {
        (0..<bits).reduce(0) { $0 << 1 | (i >> $1 & 1) }
    }

    /// 7^((r - 1) / size), by exponentiation: (r - 1) / 2^32 is written out.
    static func rootOfUnity(_ size: Int) -> Fr {
        // (r - 1) / 2^32, then squared down to the order wanted.
        let exponent: [UInt64] = [
            0xfffe_5bfe_ffff_ffff, 0x09a1_d805_53bd_a402, 0x299d_7d48_3339_d808, 0x73ed_a753,
        ]
        var root = Fr(7).pow(limbs: exponent)
        var order = 1 << 32
        while order > size {
            root = root * root
            order /= 2
        }
        return root
    }

    /// The points of rows (or, with `count` columns, of cells): w^brp(i).
    static func points(_ count: Int) -> [Fr] {
        let bits = count.trailingZeroBitCount
        let root = rootOfUnity(count)
        return (0..<count).map { root.pow(UInt64(reversed($0, bits: bits))) }
    }

    /// The value at `x` of the polynomial of least degree with these values.
    static func interpolate(_ known: [(x: Fr, y: Fr)], at x: Fr) -> Fr {
        var sum = Fr.zero
        for (i, a) in known.enumerated() {
            var term = a.y
            for (j, b) in known.enumerated() where i != j {
                term *= (x - b.x) * (a.x - b.x).inverse()
            }
            sum += term
        }
        return sum
    }

    /// A whole matrix, in row-major order and as elements, from its data rows' blobs.
    static func extend(_ blobs: [[Fr]], _ shape: MatrixShape) -> [[Fr]] {
        let n = shape.preset.fieldElementsPerBlob
        let positions = points(2 * n)
        let rows = blobs.map { blob -> [Fr] in
            let known = zip(positions, blob).map { (x: $0, y: $1) }
            return blob + positions[n...].map { interpolate(known, at: $0) }
        }
        let rowPoints = points(shape.rows)
        let parity = (shape.dataRows..<shape.rows).map { row -> [Fr] in
            (0..<(2 * n)).map { position in
                let known = (0..<shape.dataRows).map { (x: rowPoints[$0], y: rows[$0][position]) }
                return interpolate(known, at: rowPoints[row])
            }
        }
        return rows + parity
    }
}

/// Blobs with random elements.
func randomBlobs(_ shape: MatrixShape, _ random: inout TestRandom) -> [[Fr]] {
    (0..<shape.dataRows).map { _ in
        (0..<shape.preset.fieldElementsPerBlob).map { _ in Fr(reducing: random.bytes(32)) }
    }
}

/// A matrix of which the data quadrant is held.
func dataQuadrant(_ blobs: [[Fr]], _ shape: MatrixShape) throws -> PartialMatrix {
    var matrix = PartialMatrix(shape)
    let size = shape.preset.fieldElementsPerCell
    for (row, blob) in blobs.enumerated() {
        for column in 0..<shape.dataColumns {
            let bytes = blob[(column * size)..<((column + 1) * size)].flatMap(\.bytes)
            try matrix.insert(bytes, at: CellCoordinate(row: row, column: column))
        }
    }
    return matrix
}

/// All cells' bytes, row after row.
func allBytes(_ matrix: PartialMatrix) -> [UInt8] {
    CellSet.all(of: matrix.shape).flatMap { matrix.cell(at: $0) ?? [] }
}
