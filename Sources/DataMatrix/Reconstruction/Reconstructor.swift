import BLS12381

/// Rebuilds matrices of one shape from any sufficient part, by rows and columns in turn.
///
/// Only lines with something missing are touched. As soon as all data rows can be had, they alone
/// are rebuilt and the rest is extension, which is cheaper; and likewise with data columns.
///
/// Whatever is redundant among the cells is compared: where a line has more cells than it needs,
/// where lines cross that were rebuilt independently, where nothing was missing. A rebuilt matrix is
/// therefore always a codeword that has all the given cells. That it is the one which the commitments
/// commit to follows if the cells' proofs have been verified; else ``BlockCheck`` finds it out.
public struct Reconstructor: Sendable {
    /// The size of the matrices.
    public let shape: MatrixShape

    /// How many threads to use.
    public let threads: Int

    let codec: LineCodec

    /// A reconstructor for matrices of one shape. Making one computes tables; keep it.
    ///
    /// - Parameters:
    ///   - shape: The size of the matrices.
    ///   - threads: How many threads to use, at least 1.
    public init(shape: MatrixShape, threads: Int = 1) {
        self.shape = shape
        self.threads = max(1, threads)
        codec = LineCodec(shape)
    }

    /// Fills in all missing cells. Proofs of rebuilt cells are not computed here.
    ///
    /// - Parameters:
    ///   - matrix: The cells that are held; all cells afterwards. Unchanged if an error is thrown.
    ///   - isVerified: Whether every cell's proof has been verified against the same commitments, so
    ///     that no two can contradict each other. What is left of the comparisons is then free.
    ///   - progress: Called now and then on the calling thread; false ends the work.
    /// - Throws: ``ReconstructionError``.
    public func rebuild(
        _ matrix: inout PartialMatrix, isVerified: Bool = false,
        progress: (RebuildProgress) -> Bool = { _ in true }
    ) throws(ReconstructionError) {
        precondition(matrix.shape == shape, "a matrix of another shape")
        let stuck = Decodability.stuckSet(matrix.cells)
        guard stuck.isEmpty else { throw .stuck(stuck) }
        var run = RebuildRun(codec: codec, threads: threads, held: matrix.cells)
        try matrix.withMutableCells { cells throws(ReconstructionError) in
            try run.fillIn(cells, progress)
            if !isVerified {
                try run.checkRest(UnsafeRawBufferPointer(cells))
            }
        }
        matrix.noteFilled(run.known)
    }

    /// Fills in what is missing of some rows and columns, one after the other. What is redundant
    /// within each is compared.
    ///
    /// - Parameters:
    ///   - lines: The rows and columns, as ``RebuildState`` names them.
    ///   - matrix: The cells that are held; those of the lines too afterwards. Unchanged if an error
    ///     is thrown.
    /// - Throws: ``ReconstructionError``; `stuck` if a line has too few cells when its turn comes.
    public func rebuild(
        _ lines: [Line], of matrix: inout PartialMatrix
    ) throws(ReconstructionError) {
        precondition(matrix.shape == shape, "a matrix of another shape")
        var run = RebuildRun(codec: codec, threads: threads, held: matrix.cells)
        try matrix.withMutableCells { cells throws(ReconstructionError) in
            for line in lines { try run.fillIn(line, in: cells) }
        }
        matrix.noteFilled(run.known)
    }
}

/// One reconstruction on its way.
struct RebuildRun {
    let codec: LineCodec
    let threads: Int
    private let held: CellSet

    /// Cells held or rebuilt so far.
    private(set) var known: CellSet

    /// Lines whose cells have been found to belong together, by having been rebuilt.
    private var soundRows: Set<Int> = []
    private var soundColumns: Set<Int> = []
    private var passes = 0

    private var shape: MatrixShape { codec.shape }

    init(codec: LineCodec, threads: Int, held: CellSet) {
        self.codec = codec
        self.threads = threads
        self.held = held
        known = held
    }

    // MARK: - Filling in

    /// Fills in everything, provided that it can be.
    mutating func fillIn(
        _ cells: UnsafeMutableRawBufferPointer, _ progress: (RebuildProgress) -> Bool
    ) throws(ReconstructionError) {
        while !known.isFull {
            let before = known.count
            try pass(over: rowsToRebuild(), in: cells, progress)
            try pass(over: columnsToRebuild(), in: cells, progress)
            guard known.count > before else { throw .stuck(known.complement) }
        }
    }

    /// Fills in one line.
    mutating func fillIn(
        _ line: Line, in cells: UnsafeMutableRawBufferPointer
    ) throws(ReconstructionError) {
        let (count, needed) = shape.cells(in: line)
        let missing = (0..<count).map { line.cell(at: $0) }.filter { !known.contains($0) }
        guard !missing.isEmpty else { return }
        guard count - missing.count >= needed else { throw .stuck(CellSet(shape, missing)) }
        try pass(over: [line], in: cells) { _ in true }
    }

    private func rowsToRebuild() -> [Line] {
        let counts = (0..<shape.rows).map { known.count(inRow: $0) }
        let ready = counts.indices.filter {
            counts[$0] >= shape.dataColumns && counts[$0] < shape.columns
        }
        let dataColumnsComplete = (0..<shape.dataColumns).allSatisfy {
            known.count(inColumn: $0) == shape.rows
        }
        // If no data row has too little, the others will follow from them by columns.
        let enough =
            !dataColumnsComplete
            && counts[..<shape.dataRows].allSatisfy { $0 >= shape.dataColumns }
        return ready.filter { !enough || $0 < shape.dataRows }.map { .row($0) }
    }

    private func columnsToRebuild() -> [Line] {
        let counts = (0..<shape.columns).map { known.count(inColumn: $0) }
        let ready = counts.indices.filter {
            counts[$0] >= shape.dataRows && counts[$0] < shape.rows
        }
        let dataRowsComplete = (0..<shape.dataRows).allSatisfy {
            known.count(inRow: $0) == shape.columns
        }
        let enough =
            !dataRowsComplete && counts[..<shape.dataColumns].allSatisfy { $0 >= shape.dataRows }
        return ready.filter { !enough || $0 < shape.dataColumns }.map { .column($0) }
    }

    /// Rebuilds lines of one direction, some at a time.
    private mutating func pass(
        over lines: [Line], in cells: UnsafeMutableRawBufferPointer,
        _ progress: (RebuildProgress) -> Bool
    ) throws(ReconstructionError) {
        guard !lines.isEmpty else { return }
        passes += 1
        var patterns: [[Int]: ErasurePattern] = [:]
        for start in stride(from: 0, to: lines.count, by: 16 * threads) {
            let work = lines[start..<min(start + 16 * threads, lines.count)].map { line in
                LineWork(line, known: known, codec: codec, patterns: &patterns)
            }
            try rebuild(work, in: cells)
            for piece in work {
                switch piece.line {
                case .row(let row):
                    known.insert(row: row)
                    soundRows.insert(row)
                case .column(let column):
                    known.insert(column: column)
                    soundColumns.insert(column)
                }
            }
            let state = RebuildProgress(
                rebuilt: known.count - held.count, missing: shape.cellCount - held.count,
                passes: passes)
            guard progress(state) else { throw .cancelled }
        }
    }

    private func rebuild(
        _ work: [LineWork], in cells: UnsafeMutableRawBufferPointer
    ) throws(ReconstructionError) {
        // Pieces of work write to lines of their own.
        nonisolated(unsafe) let cells = cells
        let codec = codec
        let failure = Parallel.forEach(
            work.count, threads: threads, state: { Scratch(codec.scratchCount, Fr.zero) }
        ) { index, scratch -> ReconstructionError? in
            let piece = work[index]
            do throws(LineError) {
                if let pattern = piece.pattern {
                    try codec.rebuild(piece.line, pattern, in: cells, scratch: scratch.buffer)
                } else {
                    try codec.extend(
                        piece.line, known: piece.known, in: cells,
                        scratch: scratch.buffer)
                }
                return nil
            } catch { return ReconstructionError(error, piece.line) }
        }
        if let failure { throw failure }
    }

    // MARK: - Checking

    /// Looks at the lines that have not been rebuilt and so not been compared.
    ///
    /// The matrix is a codeword if all its columns are and k of its rows: the other rows are then
    /// combinations of those. Many lines are checked at once, as a random combination of them; that
    /// one is a codeword if all are, and if one is not, then only by a chance of about 2^-250, the
    /// factors having been drawn after the cells were fixed.
    func checkRest(_ cells: UnsafeRawBufferPointer) throws(ReconstructionError) {
        let rows = (0..<shape.rows).filter { !soundRows.contains($0) }
            .prefix(max(0, shape.dataRows - soundRows.count))
        let columns = (0..<shape.columns).filter { !soundColumns.contains($0) }
        let check = CodewordCheck(codec: codec, threads: threads)
        guard try check.rowsAreCodewords(Array(rows), cells),
            try check.columnsAreCodewords(columns, cells)
        else { throw .contradiction(try check.wrongLines(cells)) }
    }
}

/// A line that is to be rebuilt, and how.
private struct LineWork: Sendable {
    let line: Line
    /// How to rebuild it from any of its cells; nil if all of its first half is known, so that the
    /// second half is its extension.
    let pattern: ErasurePattern?
    /// The known cells of the second half, if it is an extension.
    let known: Set<Int>

    init(
        _ line: Line, known: CellSet, codec: LineCodec, patterns: inout [[Int]: ErasurePattern]
    ) {
        self.line = line
        let count = known.shape.cells(in: line).count
        let missing = (0..<count).filter { !known.contains(line.cell(at: $0)) }
        if let first = missing.first, first >= count / 2 {
            pattern = nil
            self.known = Set(count / 2..<count).subtracting(missing)
        } else {
            let made = patterns[missing] ?? codec.pattern(of: line, missing: missing)
            patterns[missing] = made
            pattern = made
            self.known = []
        }
    }
}

extension ReconstructionError {
    init(_ error: LineError, _ line: Line) {
        switch error {
        case .contradiction: self = .contradiction([line])
        case .notCanonical(let cell, let element): self = .notCanonical(cell, element: element)
        }
    }
}
