import BLS12381
import KZGCommitments
import SystemCrypto

/// Whether complete rows and columns are codewords, many at once.
struct CodewordCheck {
    let codec: LineCodec
    let threads: Int

    private var shape: MatrixShape { codec.shape }

    /// A factor nobody could foresee.
    static func randomFactor() -> Fr { Fr(reducing: SystemRandom.bytes(Fr.byteCount)) }

    /// The sum of rows, each times a power of `factor`: the first times 1.
    ///
    /// - Returns: As many elements as an extended blob has, or the first `count` of them.
    func combination(
        ofRows rows: [Int], factor: Fr, cellsPerRow: Int, _ cells: UnsafeRawBufferPointer
    ) throws(ReconstructionError) -> [Fr] {
        let width = shape.preset.fieldElementsPerCell
        var sum = [Fr](repeating: .zero, count: cellsPerRow * width)
        let powers = Fr.powers(of: factor, count: rows.count)
        let codec = codec
        nonisolated(unsafe) let cells = cells
        let failure = sum.withUnsafeMutableBufferPointer { sum -> ReconstructionError? in
            nonisolated(unsafe) let sum = sum
            return Parallel.forEach(
                cellsPerRow, threads: threads, state: { Scratch(width, Fr.zero) }
            ) { column, scratch -> ReconstructionError? in
                let part = UnsafeMutableBufferPointer(
                    rebasing: sum[(column * width)..<((column + 1) * width)])
                for (row, power) in zip(rows, powers) {
                    do throws(LineError) {
                        try codec.parse(.row(row), column, in: cells, into: scratch.buffer)
                    } catch { return ReconstructionError(error, .row(row)) }
                    Fr.addScaled(UnsafeBufferPointer(scratch.buffer), by: power, to: part)
                }
                return nil
            }
        }
        if let failure { throw failure }
        return sum
    }

    func rowsAreCodewords(
        _ rows: [Int], _ cells: UnsafeRawBufferPointer
    ) throws(ReconstructionError) -> Bool {
        guard !rows.isEmpty else { return true }
        var sum = try combination(
            ofRows: rows, factor: Self.randomFactor(), cellsPerRow: shape.columns, cells)
        return sum.withUnsafeMutableBufferPointer { sum in
            codec.rowDomain.ifftFromBitReversed(sum)
            return sum[(sum.count / 2)...].allSatisfy { $0.isZero }
        }
    }

    func columnsAreCodewords(
        _ columns: [Int], _ cells: UnsafeRawBufferPointer
    ) throws(ReconstructionError) -> Bool {
        guard !columns.isEmpty else { return true }
        let width = shape.preset.fieldElementsPerCell
        let powers = Fr.powers(of: Self.randomFactor(), count: columns.count * width)
        var sums = [Fr](repeating: .zero, count: shape.rows)
        let codec = codec
        nonisolated(unsafe) let cells = cells
        let failure = sums.withUnsafeMutableBufferPointer { sums -> ReconstructionError? in
            nonisolated(unsafe) let sums = sums
            return Parallel.forEach(
                shape.rows, threads: threads, state: { Scratch(width, Fr.zero) }
            ) { row, scratch -> ReconstructionError? in
                powers.withUnsafeBufferPointer { powers -> ReconstructionError? in
                    for (number, column) in columns.enumerated() {
                        do throws(LineError) {
                            try codec.parse(.row(row), column, in: cells, into: scratch.buffer)
                        } catch { return ReconstructionError(error, .row(row)) }
                        sums[row] += Fr.dot(
                            UnsafeBufferPointer(scratch.buffer),
                            UnsafeBufferPointer(
                                rebasing: powers[(number * width)..<((number + 1) * width)]))
                    }
                    return nil
                }
            }
        }
        if let failure { throw failure }
        return codec.isColumnWord(&sums)
    }

    /// All rows and columns that are no codewords, looked at one by one.
    func wrongLines(_ cells: UnsafeRawBufferPointer) throws(ReconstructionError) -> [Line] {
        let lines =
            (0..<shape.rows).map { Line.row($0) } + (0..<shape.columns).map { Line.column($0) }
        let scratch = Scratch(codec.scratchCount, Fr.zero)
        var wrong: [Line] = []
        for line in lines {
            do throws(LineError) {
                if try !codec.isCodeword(line, in: cells, scratch: scratch.buffer) {
                    wrong.append(line)
                }
            } catch { throw ReconstructionError(error, line) }
        }
        return wrong
    }
}
