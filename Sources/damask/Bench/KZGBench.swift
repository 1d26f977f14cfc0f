import BLS12381
import KZGCommitments

/// The operations that `damask bench kzg` measures, by their names. specs/benchmarks.md says what
/// each of them does.
enum KZGOperation: String, CaseIterable {
    case commitment = "blob_to_kzg_commitment"
    case blobProof = "compute_blob_kzg_proof"
    case verifyBlob = "verify_blob_kzg_proof"
    case verifyBlobs64 = "verify_blob_kzg_proof_batch_64"
    case cells = "compute_cells"
    case cellsAndProofs = "compute_cells_and_kzg_proofs"
    case recoverCells = "recover_cells"
    case recoverCellsAndProofs = "recover_cells_and_kzg_proofs"
    case verifyCells1 = "verify_cell_kzg_proof_batch_1"
    case verifyCells64 = "verify_cell_kzg_proof_batch_64"
    case verifyCells128 = "verify_cell_kzg_proof_batch_128"
    case verifyCells8192 = "verify_cell_kzg_proof_batch_8192"
    case loadVerifier = "load_verifier"
    case loadProver = "load_prover"
}

/// Measures operations on inputs, and checks what comes out.
struct KZGBench {
    let inputs: KZGBenchInputs
    let threads: Int

    private var prover: KZGProver { inputs.prover }

    /// Which kernels do the work, for people.
    static var kernels: String {
        switch Lanes.kind {
        case .off: "kernels: portable, one element at a time"
        case .avx512: "kernels: AVX-512 IFMA, eight elements at a time"
        case .emulated: "kernels: the emulation of AVX-512 for tests; its times mean nothing"
        }
    }

    func measure(_ operation: KZGOperation) throws -> Measurement {
        switch operation {
        case .commitment, .blobProof: try proving(operation)
        case .verifyBlob: try verifyingBlobs(operation, count: 1)
        case .verifyBlobs64: try verifyingBlobs(operation, count: 64)
        case .cells, .cellsAndProofs: try computingCells(operation)
        case .recoverCells, .recoverCellsAndProofs: try recovering(operation)
        case .verifyCells1: try verifyingCells(operation) { $0.add(try row(), column: column()) }
        case .verifyCells64:
            try verifyingCells(operation) { batch in
                let column = column()
                for row in try inputs.firstRows(64) { batch.add(row, column: column) }
            }
        case .verifyCells128:
            try verifyingCells(operation) { batch in
                let row = try row()
                for column in row.cells.indices { batch.add(row, column: column) }
            }
        case .verifyCells8192:
            try verifyingCells(operation) { batch in
                for row in try inputs.firstRows(64) {
                    for column in row.cells.indices { batch.add(row, column: column) }
                }
            }
        case .loadVerifier, .loadProver: try loading(operation)
        }
    }

    private func row() throws -> KZGBenchInputs.Row { try inputs.anyRow(of: 4) }
    private func column() -> Int { inputs.anyColumn() }

    private func require(_ holds: Bool, _ operation: KZGOperation, _ reason: String) throws {
        if !holds { throw CommandFailure(.failed, "\(operation.rawValue): \(reason)") }
    }

    // MARK: Blobs

    /// Checked by the pairing: what was computed must be verified.
    private func proving(_ operation: KZGOperation) throws -> Measurement {
        let prover = prover
        if operation == .commitment {
            return try Measurement.median(
                of: operation.rawValue, threads: 1, minimumRuns: 9, seconds: 1.5,
                prepare: inputs.nextBlob, operation: { try prover.commitment(toBlob: $0) },
                check: { blob, commitment in
                    try prover.verifier.verifyBlobProof(
                        try prover.proof(ofBlob: blob, commitment: commitment), blob: blob,
                        commitment: commitment)
                })
        }
        return try Measurement.median(
            of: operation.rawValue, threads: 1, minimumRuns: 9, seconds: 1.5,
            prepare: {
                let blob = inputs.nextBlob()
                return (blob: blob, commitment: try prover.commitment(toBlob: blob))
            },
            operation: { try prover.proof(ofBlob: $0.blob, commitment: $0.commitment) },
            check: { input, proof in
                try prover.verifier.verifyBlobProof(
                    proof, blob: input.blob, commitment: input.commitment)
            })
    }

    private func verifyingBlobs(_ operation: KZGOperation, count: Int) throws -> Measurement {
        let verifier = prover.verifier
        let proven = try inputs.firstProvenBlobs(max(count, 2))
        func verify(_ items: [KZGBenchInputs.ProvenBlob]) throws -> Bool {
            if operation == .verifyBlob {
                return try verifier.verifyBlobProof(
                    items[0].proof, blob: items[0].blob, commitment: items[0].commitment)
            }
            return try verifier.verifyBlobProofs(
                items.map(\.proof), blobs: items.map(\.blob),
                commitments: items.map(\.commitment))
        }
        var wrong = [KZGBenchInputs.ProvenBlob](proven[..<count])
        wrong[count - 1].proof = proven[count == 1 ? 1 : 0].proof
        try require(!(try verify(wrong)), operation, "a wrong proof was accepted")
        var run = 0
        return try Measurement.median(
            of: operation.rawValue, threads: 1, minimumRuns: 9, seconds: 1.5,
            prepare: { () -> [KZGBenchInputs.ProvenBlob] in
                defer { run += 1 }
                return count == 1 ? [proven[run % proven.count]] : proven
            }, operation: verify, check: { $1 })
    }

    // MARK: Cells

    /// The first half must be the blob, and the second half must give the whole row again; proofs must
    /// be verified.
    private func computingCells(_ operation: KZGOperation) throws -> Measurement {
        let prover = prover
        func isRow(_ row: [UInt8], of blob: [UInt8]) throws -> Bool {
            let cells = inputs.split(row)
            let second = [Int](cells.count / 2..<cells.count)
            let recovered = try prover.verifier.recoverCells(
                columns: second, cells: second.map { cells[$0] })
            return row.starts(with: blob) && recovered == row
        }
        if operation == .cells {
            return try Measurement.median(
                of: operation.rawValue, threads: 1, minimumRuns: 9, seconds: 1,
                prepare: inputs.nextBlob, operation: { try prover.cells(ofBlob: $0) },
                check: { try isRow($1, of: $0) })
        }
        return try Measurement.median(
            of: operation.rawValue, threads: threads, minimumRuns: 7, seconds: 2,
            prepare: inputs.nextBlob,
            operation: { try prover.cellsAndProofs(ofBlob: $0, threads: threads) },
            check: { blob, result in
                try isRow(result.cells, of: blob)
                    && proofsHold(result.proofs, row: result.cells, blob: blob)
            })
    }

    private func proofsHold(_ proofs: [KZGProof], row: [UInt8], blob: [UInt8]) throws -> Bool {
        let cells = inputs.split(row)
        let commitment = try prover.commitment(toBlob: blob)
        return try prover.verifier.verifyCells(
            commitments: cells.map { _ in commitment }, columns: [Int](cells.indices),
            cells: cells, proofs: proofs)
    }

    /// What comes out must be the row that half of the cells were taken from.
    private func recovering(_ operation: KZGOperation) throws -> Measurement {
        let prover = prover
        struct Part {
            var row: KZGBenchInputs.Row
            var columns: [Int]
            var cells: [[UInt8]]
        }
        func part() throws -> Part {
            let row = try row()
            let columns = inputs.nextColumns()
            return Part(row: row, columns: columns, cells: columns.map { row.cells[$0] })
        }
        if operation == .recoverCells {
            return try Measurement.median(
                of: operation.rawValue, threads: 1, minimumRuns: 9, seconds: 1, prepare: part,
                operation: { try prover.recoverCells(columns: $0.columns, cells: $0.cells) },
                check: { $1.elementsEqual($0.row.cells.joined()) })
        }
        return try Measurement.median(
            of: operation.rawValue, threads: threads, minimumRuns: 7, seconds: 2, prepare: part,
            operation: {
                try prover.recoverCellsAndProofs(
                    columns: $0.columns, cells: $0.cells, threads: threads)
            },
            check: { part, result in
                result.cells.elementsEqual(part.row.cells.joined())
                    && result.proofs == part.row.proofs
            })
    }

    private func verifyingCells(
        _ operation: KZGOperation, _ fill: (inout KZGBenchInputs.CellBatch) throws -> Void
    ) throws -> Measurement {
        let verifier = prover.verifier
        func batch() throws -> KZGBenchInputs.CellBatch {
            var batch = KZGBenchInputs.CellBatch()
            try fill(&batch)
            return batch
        }
        func verify(_ batch: KZGBenchInputs.CellBatch) throws -> Bool {
            try verifier.verifyCells(
                commitments: batch.commitments, columns: batch.columns, cells: batch.cells,
                proofs: batch.proofs)
        }
        // One bit of one cell is wrong.
        var wrong = try batch()
        let last = wrong.cells.count - 1
        wrong.cells[last][inputs.preset.bytesPerCell - 1] ^= 1
        try require(!(try verify(wrong)), operation, "a wrong cell was accepted")
        return try Measurement.median(
            of: operation.rawValue, threads: 1, minimumRuns: 5, seconds: 1.5, prepare: batch,
            operation: verify, check: { $1 })
    }

    // MARK: Setups

    /// A new setup each time, kept by nobody; it must do its work.
    private func loading(_ operation: KZGOperation) throws -> Measurement {
        let row = try row()
        if operation == .loadVerifier {
            return try Measurement.median(
                of: operation.rawValue, threads: 1, minimumRuns: 9, seconds: 0.5, prepare: {},
                operation: { KZGVerifier(preset: inputs.preset) },
                check: { _, verifier in
                    try verifier.verifyCells(
                        commitments: [row.commitment], columns: [0], cells: [row.cells[0]],
                        proofs: [row.proofs[0]])
                })
        }
        return try Measurement.median(
            of: operation.rawValue, threads: 1, minimumRuns: 5, seconds: 2, prepare: {},
            operation: { KZGProver(preset: inputs.preset) },
            check: { _, prover in
                try prover.commitment(toBlob: row.blob) == row.commitment
                    && prover.cellsAndProofs(ofBlob: row.blob).proofs == row.proofs
            })
    }
}
