import DataMatrix
import KZGCommitments
import SystemCrypto

/// The operations of `damask bench matrix` on blocks of one shape, of random bytes made for the run.
struct MatrixBench {
    let shape: MatrixShape
    let threads: Int
    let seconds: Double
    let only: String

    private var rows: Int { shape.dataRows }
    private var blobMebibytes: Double {
        Double(rows * shape.preset.bytesPerBlob) / 1_048_576
    }
    private var matrixBytes: Double {
        Double(shape.cellCount * shape.preset.bytesPerCell)
    }

    private func wants(_ name: String) -> Bool { only.isEmpty || name.hasPrefix(only) }

    /// A payload that fills all data rows.
    private func payload() -> Payload {
        Payload(
            namespace: [0x62],
            bytes: SystemRandom.bytes(
                shape.dataCellCount * PayloadIndex.bytesPerCell(.packed, shape.preset)))
    }

    func run() throws -> [Measurement] {
        let prover = KZGProver.mainnet
        let encoder = BlockEncoder(prover: prover, threads: threads)
        var results: [Measurement] = []
        if wants("extend_\(rows)") { results.append(try extend()) }
        if wants("encode_\(rows)") {
            results.append(
                try measure("encode_\(rows)") {
                    payload()
                } _: { payload in
                    try encoder.encode([payload])
                } check: { block in
                    try require(block.matrix.proven.isFull, "a proof is missing")
                })
        }
        let rebuilds = try patterns().filter { wants($0.name) }
        if !rebuilds.isEmpty {
            let whole = try encoder.encode([payload()], withProofs: false).matrix
            for (name, missing) in rebuilds { results.append(try rebuild(name, whole, missing)) }
        }
        if wants("rebuild_with_proofs_\(rows)") {
            results.append(try rebuildWithProofs(encoder, prover))
        }
        return results
    }

    /// All other cells from those of the data quadrant.
    private func extend() throws -> Measurement {
        let reconstructor = Reconstructor(shape: shape, threads: threads)
        let size = shape.preset.bytesPerCell
        return try measure("extend_\(rows)") { () -> PartialMatrix in
            let cells = try PayloadPacking.cells(of: payload(), shape.preset)
            var quadrant = PartialMatrix(shape)
            for cell in 0..<shape.dataCellCount {
                try quadrant.insert(
                    Array(cells[(cell * size)..<((cell + 1) * size)]),
                    at: shape.coordinate(ofDataCell: cell))
            }
            return quadrant
        } _: { quadrant in
            var matrix = quadrant
            try reconstructor.rebuild(&matrix, isVerified: true)
            return matrix
        } check: { matrix in
            // A second time without that trust: everything is compared.
            var again = matrix
            try reconstructor.rebuild(&again)
        }
    }

    private func patterns() throws -> [(name: String, missing: CellSet)] {
        var random = SeededRandom(seed: SystemRandom.bytes(32))
        var half = CellSet(shape)
        for row in 0..<shape.rows {
            var cells = CellSet(shape)
            cells.insert(row: row)
            for cell in Erasure.random(shape.dataColumns, of: cells, using: &random) {
                half.insert(cell)
            }
        }
        var patterns = [(name: "rebuild_half_\(rows)", missing: half)]
        if rows > 1, var set = Erasure.stoppingSet(of: shape, excluding: [], using: &random) {
            if let one = Array(set).first { set.remove(one) }
            patterns.append((name: "rebuild_stopping_set_\(rows)", missing: set))
            patterns.append(
                (name: "rebuild_staircase_\(rows)", missing: Erasure.staircase(of: shape).missing))
        }
        return patterns
    }

    private func rebuild(
        _ name: String, _ whole: PartialMatrix, _ missing: CellSet
    ) throws -> Measurement {
        let reconstructor = Reconstructor(shape: shape, threads: threads)
        return try measure(name) { () -> PartialMatrix in
            var part = whole
            part.remove(missing)
            return part
        } _: { part in
            var matrix = part
            try reconstructor.rebuild(&matrix, isVerified: true)
            return matrix
        } check: { matrix in
            for place in missing {
                try require(matrix.cell(at: place) == whole.cell(at: place), "cell \(place)")
            }
        }
    }

    /// The parity rows of a block, cells and proofs, from its data rows with theirs.
    private func rebuildWithProofs(
        _ encoder: BlockEncoder, _ prover: KZGProver
    ) throws -> Measurement {
        let whole = try encoder.encode([payload()])
        let reconstructor = Reconstructor(shape: shape, threads: threads)
        var missing = CellSet(shape)
        for row in rows..<shape.rows { missing.insert(row: row) }
        return try measure("rebuild_with_proofs_\(rows)") { () -> ExtendedBlock in
            var part = whole
            part.remove(missing)
            return part
        } _: { part in
            var block = part
            try reconstructor.rebuild(&block, checkedBy: prover, makingProofs: true)
            return block
        } check: { block in
            for place in missing {
                try require(
                    block.matrix.cell(at: place) == whole.matrix.cell(at: place)
                        && block.matrix.proof(at: place) == whole.matrix.proof(at: place),
                    "cell \(place)")
            }
        }
    }

    /// Measures an operation: its time, and in a run of its own the most memory that it had, its input
    /// and output included.
    private func measure<Input, Output>(
        _ name: String, prepare: () throws -> Input,
        _ operation: (consuming Input) throws -> Output, check: (Output) throws -> Void
    ) throws -> Measurement {
        Console.progress("\(name) ...")
        var samples: [(cpu: Double, wall: Double)] = []
        var spent = 0.0
        while samples.isEmpty || spent < seconds * 1000 {
            let slot = Slot(try prepare())
            let watch = Stopwatch()
            let output = try operation(slot.take())
            let elapsed = watch.elapsed
            samples.append(elapsed)
            spent += elapsed.wall
            try check(output)
        }
        var measurement = Measurement(name: name, threads: threads, samples)
        if let memory = MemoryPeak() {
            let slot = Slot(try prepare())
            let output = try operation(slot.take())
            let peak = memory.bytes
            try check(output)
            measurement.figures.append((name: "peak_over_matrix", value: peak / matrixBytes))
        }
        measurement.figures += [
            (
                name: "mib_per_second",
                value: blobMebibytes / (measurement.medianWallMilliseconds / 1000)
            ),
            (
                name: "mib_per_cpu_second",
                value: blobMebibytes / (measurement.medianCPUMilliseconds / 1000)
            ),
        ]
        return measurement
    }

    private func require(_ condition: Bool, _ what: String) throws {
        guard condition else { throw CommandFailure(.failed, "a wrong result: \(what)") }
    }
}

/// A value that is handed over, so that whoever takes it has the only copy.
private final class Slot<Value> {
    private var value: Value?

    init(_ value: consuming Value) { self.value = value }

    func take() -> Value {
        guard let value else { preconditionFailure("taken twice") }
        self.value = nil
        return value
    }
}
