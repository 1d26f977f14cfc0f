import BLS12381
import DataMatrix
import KZGCommitments

let matrixTargets = [
    reconstructionTarget, incrementalTarget, verificationTarget, packingTarget, blockFileTarget,
    sszTarget,
]

/// Erasures and alterations of a codeword. Whether it can be rebuilt, the closure by its definition
/// says; to what, Lagrange's formula, and for the smallest shapes Gaussian elimination.
private let reconstructionTarget = FuzzTarget(
    name: "reconstruction", maximumLength: 256,
    seeds: {
        (0..<40).map { number in
            var random = FuzzRandom(seed: UInt64(number))
            return [UInt8(number), UInt8(number % 7)] + random.bytes(24)
        }
    }, run: { ReconstructionTrial(ByteReader($0)).run() })

private struct ReconstructionTrial {
    var reader: ByteReader
    let bench: MatrixBench
    let held: CellSet
    var inserted: [CellCoordinate: [UInt8]] = [:]

    init(_ reader: ByteReader) {
        self.reader = reader
        bench = self.reader.bench()
        held = self.reader.heldCells(bench.shape)
    }

    private var shape: MatrixShape { bench.shape }

    func run() {
        var trial = self
        trial.check()
    }

    private mutating func check() {
        let closure = NaiveCode.closure(held)
        checkDecodability(closure)
        var matrix = insert()
        let isAltered = inserted.contains { $0.value != bench.cell($0.key) }
        let cancelAfter = reader.below(8) == 0 ? reader.below(4) : Int.max
        let reconstructor = reader.pick(bench.reconstructors)
        var calls = 0
        var isCancelled = false
        let failure: ReconstructionError?
        do throws(ReconstructionError) {
            try reconstructor.rebuild(
                &matrix, isVerified: !isAltered && reader.bit()
            ) { progress in
                require(
                    progress.rebuilt <= progress.missing
                        && progress.missing == shape.cellCount - held.count, "progress \(progress)")
                calls += 1
                isCancelled = calls > cancelAfter
                return !isCancelled
            }
            failure = nil
        } catch { failure = error }
        guard closure.isFull else {
            require(
                failure == .stuck(closure.complement), "stuck set: \(String(describing: failure))")
            return checkUnchanged(matrix)
        }
        if isCancelled {
            require(failure == .cancelled, "cancelled: \(String(describing: failure))")
            return checkUnchanged(matrix)
        }
        let expected = isAltered ? codeword() : bench.cells
        guard let expected else {
            guard let failure else { finding("cells that contradict each other were taken") }
            checkBlame(failure)
            return checkUnchanged(matrix)
        }
        if let failure { finding("cells that belong together were refused: \(failure)") }
        require(matrix.isComplete, "not complete")
        for (place, cell) in zip(CellSet.all(of: shape), expected) {
            require(matrix.cell(at: place) == cell, "cell \(place) has other bytes")
        }
        checkElimination(expected)
    }

    private func checkDecodability(_ closure: CellSet) {
        require(Decodability.closure(of: held) == closure, "closure")
        require(Decodability.isDecodable(held) == closure.isFull, "isDecodable")
        let stuck = Decodability.stuckSet(held)
        require(stuck == closure.complement, "stuck set")
        require(
            stuck.isEmpty || stuck.count >= shape.smallestStoppingSet, "\(stuck.count) are stuck")
    }

    /// Takes the held cells in, some of them altered, some from other places, some twice.
    private mutating func insert() -> PartialMatrix {
        var matrix = PartialMatrix(shape)
        let places = Array(held)
        for place in places { inserted[place] = bench.cell(place) }
        if bench.code != nil, !places.isEmpty {
            for _ in 0..<max(0, reader.below(8) - 4) { alter(reader.pick(places)) }
        }
        for place in places {
            let isNew = must("insert") { try matrix.insert(inserted[place] ?? [], at: place) }
            require(isNew, "cell \(place) is not new")
        }
        if let place = places.first {
            let cell = inserted[place] ?? []
            require(must("again") { try !matrix.insert(cell, at: place) }, "twice new")
            var other = cell
            other[reader.below(other.count)] ^= reader.byte() | 1
            require(refusal(&matrix, other, place) == .contradiction(place), "contradiction")
        }
        let size = shape.preset.bytesPerCell
        let outside = CellCoordinate(
            row: Int(reader.byte()) - 100, column: Int(reader.byte()) - 100)
        if !shape.contains(outside) {
            require(
                refusal(&matrix, [UInt8](repeating: 0, count: size), outside) == .outside(outside),
                "outside")
        }
        require(
            refusal(&matrix, [0], CellCoordinate(row: 0, column: 0))
                == .wrongLength(CellCoordinate(row: 0, column: 0), expected: size, actual: 1),
            "length")
        require(matrix.cells == held, "held cells")
        return matrix
    }

    private func refusal(
        _ matrix: inout PartialMatrix, _ cell: [UInt8], _ place: CellCoordinate
    ) -> CellError? {
        do throws(CellError) {
            try matrix.insert(cell, at: place)
            return nil
        } catch { return error }
    }

    private mutating func alter(_ place: CellCoordinate) {
        guard var cell = inserted[place] else { return }
        switch reader.below(4) {
        case 0: cell[reader.below(cell.count)] ^= reader.byte()
        case 1: cell = bench.cell(reader.place(shape))
        case 2:
            let start = 32 * reader.below(cell.count / 32)
            cell.replaceSubrange(start..<(start + 32), with: [UInt8](repeating: 0xff, count: 32))
        default: cell = [UInt8](repeating: 0, count: cell.count)
        }
        inserted[place] = cell
    }

    /// The cells of the codeword that has the cells taken in; nil if there is none.
    private func codeword() -> [[UInt8]]? {
        guard let code = bench.code, var elements = bench.elements(inserted) else { return nil }
        return code.complete(&elements).map { MatrixBench.cells($0, shape) }
    }

    private func checkBlame(_ failure: ReconstructionError) {
        switch failure {
        case .contradiction(let lines):
            require(!lines.isEmpty, "no line named")
        case .notCanonical(let place, let element):
            guard let cell = inserted[place], element < cell.count / 32 else {
                finding("cell \(place) is blamed and was not held")
            }
            let bytes = Array(cell[(32 * element)..<(32 * element + 32)])
            require(Fr(canonical: bytes) == nil, "a canonical element is blamed")
        default: finding("unexpected: \(failure)")
        }
    }

    private func checkUnchanged(_ matrix: PartialMatrix) {
        require(matrix.cells == held, "other cells after an error")
        for (place, cell) in inserted {
            require(matrix.cell(at: place) == cell, "cell \(place) changed by an error")
        }
    }

    private mutating func checkElimination(_ expected: [[UInt8]]) {
        guard shape.cellCount <= 16, reader.below(8) == 0, let code = bench.code else { return }
        guard let elements = bench.elements(inserted), let solved = code.eliminate(elements) else {
            finding("elimination finds a contradiction")
        }
        let rows = solved.map { $0.compactMap { $0 } }
        require(rows.allSatisfy { $0.count == code.width }, "elimination leaves something open")
        require(MatrixBench.cells(rows, shape) == expected, "elimination gives other values")
    }
}
