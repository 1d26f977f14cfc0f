import KZGCommitments
import SystemCrypto

/// What the operations are measured on: made for one run of the program, each part at its first use.
final class KZGBenchInputs {
    /// A blob with everything that belongs to it.
    struct Row {
        var blob: [UInt8]
        var commitment: KZGCommitment
        var cells: [[UInt8]]
        var proofs: [KZGProof]
    }

    /// A blob with its commitment and the proof of both.
    struct ProvenBlob {
        var blob: [UInt8]
        var commitment: KZGCommitment
        var proof: KZGProof
    }

    /// Lists as the verification of cells takes them.
    struct CellBatch {
        var commitments: [KZGCommitment] = []
        var columns: [Int] = []
        var cells: [[UInt8]] = []
        var proofs: [KZGProof] = []

        mutating func add(_ row: Row, column: Int) {
            commitments.append(row.commitment)
            columns.append(column)
            cells.append(row.cells[column])
            proofs.append(row.proofs[column])
        }
    }

    let preset = Preset.mainnet
    private(set) lazy var prover = KZGProver(preset: preset)

    private var random: SeededRandom
    private let givenBlobs: [[UInt8]]
    private let givenColumns: [Int]?
    private var blobsMade = 0
    private var rows: [Row] = []
    private var provenBlobs: [ProvenBlob] = []

    /// - Parameters:
    ///   - blobs: Blobs to take in turn; random ones if there are none.
    ///   - columns: The columns to recover rows from; random ones, anew for each run, if nil.
    init(blobs: [[UInt8]], columns: [Int]?) {
        var system = SystemRandomNumberGenerator()
        random = SeededRandom(
            seed: (0..<SeededRandom.seedByteCount).map { _ in
                UInt8.random(in: 0...255, using: &system)
            })
        givenBlobs = blobs
        givenColumns = columns
    }

    /// A blob that was not used before: its elements are random and canonical.
    func nextBlob() -> [UInt8] {
        defer { blobsMade += 1 }
        if !givenBlobs.isEmpty { return givenBlobs[blobsMade % givenBlobs.count] }
        var blob = [UInt8](repeating: 0, count: preset.bytesPerBlob)
        for start in stride(from: 0, to: blob.count, by: 8) {
            let word = random.next()
            for k in 0..<8 { blob[start + k] = UInt8(truncatingIfNeeded: word >> (8 * UInt64(k))) }
        }
        // The modulus begins with 0x73.
        for start in stride(from: 0, to: blob.count, by: Preset.bytesPerFieldElement) {
            blob[start] %= 0x73
        }
        return blob
    }

    /// The columns that a row is to be recovered from: half of them.
    func nextColumns() -> [Int] {
        if let givenColumns { return givenColumns }
        var columns = [Int](0..<preset.cellsPerExtendedBlob)
        columns.shuffle(using: &random)
        return columns[..<preset.cellsPerBlob].sorted()
    }

    /// One of the first `count` rows, chosen at random.
    func anyRow(of count: Int) throws -> Row {
        try firstRows(count)[Int.random(in: 0..<count, using: &random)]
    }

    /// A column, chosen at random.
    func anyColumn() -> Int { Int.random(in: 0..<preset.cellsPerExtendedBlob, using: &random) }

    /// The first rows.
    func firstRows(_ count: Int) throws -> [Row] {
        while rows.count < count {
            let blob = nextBlob()
            let (cells, proofs) = try prover.cellsAndProofs(ofBlob: blob)
            rows.append(
                Row(
                    blob: blob, commitment: try prover.commitment(toBlob: blob),
                    cells: split(cells), proofs: proofs))
        }
        return [Row](rows[..<count])
    }

    /// The first blobs with their proofs.
    func firstProvenBlobs(_ count: Int) throws -> [ProvenBlob] {
        while provenBlobs.count < count {
            let blob = nextBlob()
            let commitment = try prover.commitment(toBlob: blob)
            provenBlobs.append(
                ProvenBlob(
                    blob: blob, commitment: commitment,
                    proof: try prover.proof(ofBlob: blob, commitment: commitment)))
        }
        return [ProvenBlob](provenBlobs[..<count])
    }

    /// The bytes of a row, cell by cell.
    func split(_ row: [UInt8]) -> [[UInt8]] {
        stride(from: 0, to: row.count, by: preset.bytesPerCell).map {
            [UInt8](row[$0..<$0 + preset.bytesPerCell])
        }
    }
}
