internal import BLS12381
internal import SystemCrypto

/// The transcripts whose hashes are the protocols' challenges: see `specs/commitments.md`. Everything
/// that a challenge must bind goes into the hash.
enum Challenges {
    /// `FIAT_SHAMIR_PROTOCOL_DOMAIN`.
    private static let blobDomain = [UInt8]("FSBLOBVERIFY_V1_".utf8)
    /// `RANDOM_CHALLENGE_KZG_BATCH_DOMAIN`.
    private static let blobBatchDomain = [UInt8]("RCKZGBATCH___V1_".utf8)
    /// `RANDOM_CHALLENGE_KZG_CELL_BATCH_DOMAIN`.
    private static let cellBatchDomain = [UInt8]("RCKZGCBATCH__V1_".utf8)

    /// The point at which a blob's proof opens it. `compute_challenge`. The blob must have as many bytes
    /// as the preset says.
    static func blob(
        _ blob: UnsafeRawBufferPointer, commitment: KZGCommitment, preset: Preset
    ) -> Fr {
        var hash = SHA256()
        hash.update(blobDomain)
        hash.update(sixteenBytes(preset.fieldElementsPerBlob))
        hash.update(blob)
        commitment.bytes.withUnsafeBytes { hash.update($0) }
        return Fr(reducing: hash.finalize())
    }

    /// The factor r whose powers weigh the proofs of a batch of blobs. The lists must have one length.
    static func blobBatch(
        commitments: [KZGCommitment], points: [Fr], values: [Fr], proofs: [KZGProof],
        preset: Preset
    ) -> Fr {
        var hash = SHA256()
        hash.update(blobBatchDomain)
        hash.update(eightBytes(preset.fieldElementsPerBlob))
        hash.update(eightBytes(commitments.count))
        for i in commitments.indices {
            commitments[i].bytes.withUnsafeBytes { hash.update($0) }
            hash.update(points[i].bytes)
            hash.update(values[i].bytes)
            proofs[i].bytes.withUnsafeBytes { hash.update($0) }
        }
        return Fr(reducing: hash.finalize())
    }

    /// The factor r whose powers weigh the cells of a batch.
    /// `compute_verify_cell_kzg_proof_batch_challenge`. The entries' rows must be indices into
    /// `commitments`, which are without repetitions.
    static func cellBatch(
        commitments: [KZGCommitment], entries: [CellEquation.Entry], preset: Preset
    ) -> Fr {
        var hash = SHA256()
        hash.update(cellBatchDomain)
        hash.update(eightBytes(preset.fieldElementsPerBlob))
        hash.update(eightBytes(preset.fieldElementsPerCell))
        hash.update(eightBytes(commitments.count))
        hash.update(eightBytes(entries.count))
        for commitment in commitments {
            commitment.bytes.withUnsafeBytes { hash.update($0) }
        }
        for entry in entries {
            hash.update(eightBytes(entry.row))
            hash.update(eightBytes(entry.column))
            hash.update(entry.cell)
            entry.proof.bytes.withUnsafeBytes { hash.update($0) }
        }
        return Fr(reducing: hash.finalize())
    }

    /// A count as eight bytes, big-endian.
    private static func eightBytes(_ value: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt64(value).bigEndian) { [UInt8]($0) }
    }

    /// A count as sixteen bytes, big-endian.
    private static func sixteenBytes(_ value: Int) -> [UInt8] {
        [UInt8](repeating: 0, count: 8) + eightBytes(value)
    }
}
