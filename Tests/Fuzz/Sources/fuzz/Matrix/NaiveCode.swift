import BLS12381
import DataMatrix
import KZGCommitments

/// The code of one shape by its definition, element by element: values of polynomials at the points
/// of `specs/encoding.md`, Lagrange's formula, Gaussian elimination. Slow, for small shapes, and
/// nothing of it is shared with what it checks.
final class NaiveCode {
    let shape: MatrixShape
    /// Elements of a row.
    let width: Int
    private let rowLine: LagrangeLine
    private let columnLine: LagrangeLine

    init(_ shape: MatrixShape) {
        self.shape = shape
        width = 2 * shape.preset.fieldElementsPerBlob
        rowLine = LagrangeLine(points: width)
        columnLine = LagrangeLine(points: shape.rows)
    }

    /// Which cells follow from those held, by looking at every line again until nothing changes.
    static func closure(_ held: CellSet) -> CellSet {
        let shape = held.shape
        var known = (0..<shape.rows).map { row in
            (0..<shape.columns).map { held.contains(row: row, column: $0) }
        }
        var changed = true
        while changed {
            changed = false
            for row in 0..<shape.rows {
                let count = known[row].count { $0 }
                guard count >= shape.dataColumns, count < shape.columns else { continue }
                for column in 0..<shape.columns { known[row][column] = true }
                changed = true
            }
            for column in 0..<shape.columns {
                let count = known.count { $0[column] }
                guard count >= shape.dataRows, count < shape.rows else { continue }
                for row in 0..<shape.rows { known[row][column] = true }
                changed = true
            }
        }
        var cells: [CellCoordinate] = []
        for row in 0..<shape.rows {
            for column in 0..<shape.columns where known[row][column] {
                cells.append(CellCoordinate(row: row, column: column))
            }
        }
        return CellSet(shape, cells)
    }

    /// A codeword: the elements of all rows, from a data quadrant of random elements.
    func codeword(seed: UInt64) -> [[Fr]] {
        var random = FuzzRandom(seed: seed)
        var values = (0..<shape.rows).map { row in
            (0..<width).map { place in
                row < shape.dataRows && place < width / 2
                    ? Fr(reducing: random.bytes(32)) : nil as Fr?
            }
        }
        guard let whole = complete(&values) else { finding("a data quadrant contradicts itself") }
        return whole
    }

    /// The only codeword that has all the given elements; nil if they contradict each other. Rows and
    /// columns in turn must lead to the end.
    func complete(_ values: inout [[Fr?]]) -> [[Fr]]? {
        var changed = true
        while changed {
            changed = false
            for row in 0..<shape.rows where rowLine.canFill(values[row]) {
                values[row] = rowLine.fill(values[row])
                changed = true
            }
            for column in 0..<width {
                let line = (0..<shape.rows).map { values[$0][column] }
                guard columnLine.canFill(line) else { continue }
                for (row, value) in columnLine.fill(line).enumerated() {
                    values[row][column] = value
                }
                changed = true
            }
        }
        let whole = values.map { $0.compactMap { $0 } }
        guard whole.allSatisfy({ $0.count == width }) else {
            finding("rows and columns in turn did not lead to the end")
        }
        for row in whole where !rowLine.isCodeword(row) { return nil }
        for column in 0..<width where !columnLine.isCodeword(whole.map { $0[column] }) {
            return nil
        }
        return whole
    }

    /// All that Gaussian elimination over the equations of all lines together says: the elements
    /// determined, or nil if those given contradict each other.
    func eliminate(_ values: [[Fr?]]) -> [[Fr?]]? {
        var unknown: [Int] = []
        var place = [Int](repeating: -1, count: shape.rows * width)
        for row in 0..<shape.rows {
            for column in 0..<width where values[row][column] == nil {
                place[row * width + column] = unknown.count
                unknown.append(row * width + column)
            }
        }
        var system: [[Fr]] = []
        func add(_ factors: [Fr], _ elements: [(Int, Int)]) {
            var equation = [Fr](repeating: .zero, count: unknown.count + 1)
            for (factor, (row, column)) in zip(factors, elements) {
                if let value = values[row][column] {
                    equation[unknown.count] -= factor * value
                } else {
                    equation[place[row * width + column]] += factor
                }
            }
            system.append(equation)
        }
        for factors in rowLine.equations {
            for row in 0..<shape.rows { add(factors, (0..<width).map { (row, $0) }) }
        }
        for factors in columnLine.equations {
            for column in 0..<width { add(factors, (0..<shape.rows).map { ($0, column) }) }
        }
        var pivots: [Int] = []
        for variable in unknown.indices {
            let rank = pivots.count
            guard
                let found = system.indices[rank...].first(where: { !system[$0][variable].isZero })
            else { continue }
            system.swapAt(rank, found)
            let inverse = system[rank][variable].inverse()
            for i in variable...unknown.count { system[rank][i] *= inverse }
            let pivot = system[rank]
            for other in system.indices where other != rank && !system[other][variable].isZero {
                let factor = system[other][variable]
                for i in variable...unknown.count { system[other][i] -= factor * pivot[i] }
            }
            pivots.append(variable)
        }
        if system[pivots.count...].contains(where: { !$0[unknown.count].isZero }) { return nil }
        var solved = values
        for (rank, variable) in pivots.enumerated() {
            let isFree = unknown.indices.contains { $0 != variable && !system[rank][$0].isZero }
            if isFree { continue }
            let index = unknown[variable]
            solved[index / width][index % width] = system[rank][unknown.count]
        }
        return solved
    }
}

/// A Reed-Solomon line at the roots of unity in bit-reversed order, any half of which is enough.
private final class LagrangeLine {
    private let points: [Fr]
    /// 1 / (x_i - x_j); what stands at i = j is not used.
    private let inverses: [[Fr]]

    init(points count: Int) {
        // (r - 1) / 2^32, then squared down to the order wanted.
        var root = Fr(7).pow(limbs: [
            0xfffe_5bfe_ffff_ffff, 0x09a1_d805_53bd_a402, 0x299d_7d48_3339_d808, 0x73ed_a753,
        ])
        var order = 1 << 32
        while order > count {
            root *= root
            order /= 2
        }
        let bits = count.trailingZeroBitCount
        points = (0..<count).map { place in
            let reversed = (0..<bits).reduce(0) { $0 << 1 | (place >> $1 & 1) }
            return root.pow(UInt64(reversed))
        }
        let points = points
        inverses = points.map { x in
            var differences = points.map { x == $0 ? Fr.one : x - $0 }
            Fr.invertAll(&differences)
            return differences
        }
    }

    private var half: Int { points.count / 2 }

    /// For each symbol of the second half, its factors over the first half, and minus one for itself.
    private(set) lazy var equations: [[Fr]] = (half..<points.count).map { symbol in
        var factors = [Fr](repeating: .zero, count: points.count)
        for (i, factor) in self.factors(base: Array(0..<half), at: symbol).enumerated() {
            factors[i] = factor
        }
        factors[symbol] = -Fr.one
        return factors
    }

    func canFill(_ line: [Fr?]) -> Bool {
        let known = line.count { $0 != nil }
        return known >= half && known < points.count
    }

    func fill(_ line: [Fr?]) -> [Fr?] {
        let base = Array(line.indices.filter { line[$0] != nil }.prefix(half))
        var filled = line
        for symbol in line.indices where line[symbol] == nil {
            filled[symbol] = value(line, base, at: symbol)
        }
        return filled
    }

    func isCodeword(_ line: [Fr]) -> Bool {
        equations.allSatisfy { equation in
            var sum = Fr.zero
            for (factor, value) in zip(equation, line) { sum += factor * value }
            return sum.isZero
        }
    }

    private func value(_ line: [Fr?], _ base: [Int], at symbol: Int) -> Fr {
        var sum = Fr.zero
        for (factor, i) in zip(factors(base: base, at: symbol), base) {
            if let value = line[i] { sum += factor * value }
        }
        return sum
    }

    private struct Key: Hashable {
        let base: [Int]
        let symbol: Int
    }

    private var cache: [Key: [Fr]] = [:]

    private func factors(base: [Int], at symbol: Int) -> [Fr] {
        let key = Key(base: base, symbol: symbol)
        if let known = cache[key] { return known }
        let factors = base.map { i in
            var factor = Fr.one
            for j in base where j != i {
                factor *= (points[symbol] - points[j]) * inverses[i][j]
            }
            return factor
        }
        if cache.count > 20_000 { cache.removeAll() }
        cache[key] = factors
        return factors
    }
}
