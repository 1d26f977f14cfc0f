import DataMatrix

/// Cells that come one by one: what the state names is exactly what has become recoverable, and
/// rebuilding just that gives the codeword. Then lines in any order, of which some have too little.
let incrementalTarget = FuzzTarget(
    name: "incremental", maximumLength: 256,
    seeds: {
        (0..<20).map { number in
            var random = FuzzRandom(seed: UInt64(100 + number))
            return [UInt8(number)] + random.bytes(60)
        }
    },
    run: { bytes in
        var reader = ByteReader(bytes)
        let bench = matrixBenches[reader.below(7)]
        if reader.below(4) == 0 {
            rebuildLines(bench, &reader)
        } else {
            insertOneByOne(bench, &reader)
        }
    })

private func insertOneByOne(_ bench: MatrixBench, _ reader: inout ByteReader) {
    let shape = bench.shape
    let first = reader.bit() ? reader.heldCells(shape) : CellSet(shape)
    var (state, lines) = RebuildState.starting(with: first)
    var matrix = PartialMatrix(shape)
    for place in first { must("insert") { try matrix.insert(bench.cell(place), at: place) } }
    var held = first
    // Rebuilding may lag behind: the lines named are kept in order.
    var pending = lines
    var random = FuzzRandom(seed: UInt64(reader.uint16()))
    var order = Array(CellSet.all(of: shape)).shuffled(using: &random)
    let steps = min(order.count, 8 + reader.below(64))
    order = Array(order.suffix(steps))
    for number in 0...steps {
        let closure = NaiveCode.closure(held)
        require(state.held == held, "held")
        require(state.recoverable == closure, "recoverable")
        require(state.isDecodable == closure.isFull, "isDecodable")
        if reader.below(3) != 0 || number == steps {
            must("rebuild") { try reader.pick(bench.reconstructors).rebuild(pending, of: &matrix) }
            pending = []
            require(matrix.cells == closure, "rebuilt cells are not the recoverable ones")
        }
        guard number < steps else { break }
        // From the order, or any, also one that is held.
        let place = reader.bit() ? reader.place(shape) : order[number]
        lines = state.insert(place)
        let before = closure
        held.insert(place)
        let after = NaiveCode.closure(held)
        for line in lines {
            let cells = (0..<shape.cells(in: line).count).map { line.cell(at: $0) }
            require(cells.allSatisfy { after.contains($0) }, "\(line) can't be rebuilt")
            require(!cells.allSatisfy { before.contains($0) }, "\(line) is named twice")
        }
        pending += lines
        must("insert") { try matrix.insert(bench.cell(place), at: place) }
    }
    check(matrix, bench)
}

private func rebuildLines(_ bench: MatrixBench, _ reader: inout ByteReader) {
    let shape = bench.shape
    let held = reader.heldCells(shape)
    var matrix = PartialMatrix(shape)
    for place in held { must("insert") { try matrix.insert(bench.cell(place), at: place) } }
    var lines: [Line] = []
    for _ in 0..<reader.below(12) {
        lines.append(
            reader.bit() ? .row(reader.below(shape.rows)) : .column(reader.below(shape.columns)))
    }
    var known = held
    var stuck: CellSet?
    for line in lines {
        let (count, needed) = shape.cells(in: line)
        let missing = (0..<count).map { line.cell(at: $0) }.filter { !known.contains($0) }
        if count - missing.count < needed {
            stuck = CellSet(shape, missing)
            break
        }
        for place in missing { known.insert(place) }
    }
    do throws(ReconstructionError) {
        try bench.reconstructors[0].rebuild(lines, of: &matrix)
        require(stuck == nil, "a line with too few cells was rebuilt")
        require(matrix.cells == known, "other cells than those of the lines")
    } catch {
        guard let stuck else { finding("\(error)") }
        require(error == .stuck(stuck), "\(error)")
        require(matrix.cells == held, "other cells after an error")
    }
    check(matrix, bench)
}

private func check(_ matrix: PartialMatrix, _ bench: MatrixBench) {
    for place in matrix.cells {
        require(matrix.cell(at: place) == bench.cell(place), "cell \(place) has other bytes")
    }
}
