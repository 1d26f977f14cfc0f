import KZGCommitments

/// The families of vectors, by the specifications' names.
enum KZGVectorFamily: String, CaseIterable {
    case blobToCommitment = "blob_to_kzg_commitment"
    case computeProof = "compute_kzg_proof"
    case computeBlobProof = "compute_blob_kzg_proof"
    case verifyProof = "verify_kzg_proof"
    case verifyBlobProof = "verify_blob_kzg_proof"
    case verifyBlobProofBatch = "verify_blob_kzg_proof_batch"
    case computeChallenge = "compute_challenge"
    case computeCells = "compute_cells"
    case computeCellsAndProofs = "compute_cells_and_kzg_proofs"
    case verifyCellProofBatch = "verify_cell_kzg_proof_batch"
    case cellBatchChallenge = "compute_verify_cell_kzg_proof_batch_challenge"
    case recoverCellsAndProofs = "recover_cells_and_kzg_proofs"

    /// The output for an input.
    ///
    /// - Throws: `KZGError` or `VectorCaseError.badInput` where the expected output is `null`.
    func run(_ input: VectorInput, prover: KZGProver) throws -> VectorValue {
        let verifier = prover.verifier
        switch self {
        case .blobToCommitment:
            return hex(try prover.commitment(toBlob: input.bytes("blob")).bytes.bytes)
        case .computeProof:
            let (proof, value) = try prover.proof(
                ofBlob: input.bytes("blob"), at: input.bytes("z"))
            return .list([hex(proof.bytes.bytes), hex(value)])
        case .computeBlobProof:
            let proof = try prover.proof(
                ofBlob: input.bytes("blob"), commitment: input.commitment())
            return hex(proof.bytes.bytes)
        case .verifyProof:
            return .bool(
                try verifier.verifyProof(
                    input.proof(), commitment: input.commitment(), point: input.bytes("z"),
                    value: input.bytes("y")))
        case .verifyBlobProof:
            return .bool(
                try verifier.verifyBlobProof(
                    input.proof(), blob: input.bytes("blob"), commitment: input.commitment()))
        case .verifyBlobProofBatch:
            return .bool(
                try verifier.verifyBlobProofs(
                    input.proofs(), blobs: input.byteStrings("blobs"),
                    commitments: input.commitments()))
        case .computeChallenge:
            return hex(
                try verifier.blobChallenge(
                    blob: input.bytes("blob"), commitment: input.commitment()))
        case .computeCells:
            return .list(cells(try prover.cells(ofBlob: input.bytes("blob")), prover.preset))
        case .computeCellsAndProofs:
            let (row, proofs) = try prover.cellsAndProofs(ofBlob: input.bytes("blob"))
            return .list([
                .list(cells(row, prover.preset)), .list(proofs.map { hex($0.bytes.bytes) }),
            ])
        case .verifyCellProofBatch:
            return .bool(
                try verifier.verifyCells(
                    commitments: input.commitments(), columns: input.integers("cell_indices"),
                    cells: input.byteStrings("cells"), proofs: input.proofs()))
        case .cellBatchChallenge:
            return hex(
                try verifier.cellBatchChallenge(
                    commitments: input.commitments(), rows: input.integers("commitment_indices"),
                    columns: input.integers("cell_indices"),
                    cells: input.joinedByteStrings("cosets_evals"), proofs: input.proofs()))
        case .recoverCellsAndProofs:
            let (row, proofs) = try prover.recoverCellsAndProofs(
                columns: input.integers("cell_indices"), cells: input.byteStrings("cells"))
            return .list([
                .list(cells(row, prover.preset)), .list(proofs.map { hex($0.bytes.bytes) }),
            ])
        }
    }

    private func cells(_ row: [UInt8], _ preset: Preset) -> [VectorValue] {
        stride(from: 0, to: row.count, by: preset.bytesPerCell).map {
            hex([UInt8](row[$0..<$0 + preset.bytesPerCell]))
        }
    }

    private func hex(_ bytes: [UInt8]) -> VectorValue {
        let digits = [UInt8]("0123456789abcdef".utf8)
        var text = [UInt8]("0x".utf8)
        text.reserveCapacity(2 + 2 * bytes.count)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return .string(String(decoding: text, as: UTF8.self))
    }
}
