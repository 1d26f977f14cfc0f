import BLS12381
public import KZGCommitments

extension Reconstructor {
    /// Fills in all missing cells of a block, and checks that the whole is what its commitments
    /// commit to.
    ///
    /// The check is one commitment to a random combination of the data rows, whatever their number:
    /// with the comparisons of ``rebuild(_:isVerified:progress:)`` it settles every cell. If cells turn
    /// out to be wrong and have proofs, the proofs tell which.
    ///
    /// - Parameters:
    ///   - block: The block; complete afterwards. Unchanged if an error is thrown.
    ///   - prover: For the commitment, and for proofs.
    ///   - makingProofs: Whether to make all missing proofs too.
    ///   - progress: Called now and then on the calling thread; false ends the work.
    /// - Throws: ``ReconstructionError``.
    public func rebuild(
        _ block: inout ExtendedBlock, checkedBy prover: KZGProver, makingProofs: Bool = false,
        progress: (RebuildProgress) -> Bool = { _ in true }
    ) throws(ReconstructionError) {
        precondition(prover.preset == shape.preset, "a prover of another preset")
        let held = block.matrix.cells
        do throws(ReconstructionError) {
            try block.withMatrix { matrix throws(ReconstructionError) in
                try rebuild(&matrix, progress: progress)
            }
            try checkCommitments(block, prover)
            if makingProofs {
                let proofs = try missingProofs(of: block, prover)
                block.withMatrix { $0.setProofs(proofs) }
            }
        } catch {
            block.withMatrix { $0.remove(held.complement) }
            throw naming(error, in: block, prover.verifier)
        }
    }

    private func missingProofs(
        of block: ExtendedBlock, _ prover: KZGProver
    ) throws(ReconstructionError) -> [PlacedProof] {
        let matrix = block.matrix
        // Proofs of rows that have them all are not made anew, and parity proofs are made from them.
        var given = CellSet(shape)
        if !matrix.proven.isFull {
            for row in 0..<shape.dataRows where matrix.proven.count(inRow: row) == shape.columns {
                given.insert(row: row)
            }
        }
        given.subtract(block.description.zeroCells)
        if !given.isEmpty {
            let check: MatrixVerifier
            do throws(KZGError) {
                check = try MatrixVerifier(
                    verifier: prover.verifier, description: block.description)
            } catch { throw .invalidCells(given) }
            let wrong = check.invalidCells(of: matrix, given, threads: threads)
            guard wrong.isEmpty else { throw .invalidCells(wrong) }
        }
        do throws(ProofError) {
            return try ProofBuilder(shape: shape, prover: prover, threads: threads)
                .missingProofs(of: matrix)
        } catch {
            switch error {
            case .wrongProofs(let cells): throw .invalidCells(cells)
            case .malformedRow(let row, _): throw .contradiction([.row(row)])
            }
        }
    }

    /// Checks the data rows of a complete matrix, which is a codeword, against the commitments.
    private func checkCommitments(
        _ block: ExtendedBlock, _ prover: KZGProver
    ) throws(ReconstructionError) {
        var points: [G1Affine] = []
        for (row, commitment) in block.description.commitments.enumerated() {
            guard let point = G1Affine(checking: commitment.bytes) else {
                throw .invalidCommitment(row: row)
            }
            points.append(point)
        }
        let factor = CodewordCheck.randomFactor()
        let check = CodewordCheck(codec: codec, threads: threads)
        let sum = try block.matrix.withCells { cells throws(ReconstructionError) in
            try check.combination(
                ofRows: Array(0..<shape.dataRows), factor: factor, cellsPerRow: shape.dataColumns,
                cells)
        }
        let expected = MultiScalar.sum(
            points: points, scalars: Fr.powers(of: factor, count: shape.dataRows))
        let blob = [UInt8](unsafeUninitializedCapacity: shape.preset.bytesPerBlob) { bytes, count in
            sum.withUnsafeBufferPointer {
                Fr.writeUnscaled(
                    $0,
                    to: UnsafeMutableRawBufferPointer(
                        rebasing: UnsafeMutableRawBufferPointer(bytes)[..<shape.preset.bytesPerBlob]
                    ))
            }
            count = shape.preset.bytesPerBlob
        }
        if commitment(toBlob: blob, prover) == KZGCommitment(Bytes48(compressing: expected.affine))
        {
            return
        }
        throw .commitmentMismatch(
            rows: (0..<shape.dataRows).filter { row in
                block.matrix.withBlob(row: row) { commitment(toBlob: Array($0), prover) }
                    != block.description.commitments[row]
            })
    }

    private func commitment(toBlob blob: [UInt8], _ prover: KZGProver) -> KZGCommitment? {
        try? prover.commitment(toBlob: blob)
    }

    /// If an error comes from wrong cells, and their proofs tell which, the error that names them.
    private func naming(
        _ error: ReconstructionError, in block: ExtendedBlock, _ verifier: KZGVerifier
    ) -> ReconstructionError {
        switch error {
        case .contradiction, .commitmentMismatch, .notCanonical:
            guard
                let check = try? MatrixVerifier(verifier: verifier, description: block.description)
            else { return error }
            let bad = check.invalidCells(
                of: block.matrix, block.matrix.cells, threads: threads)
            return bad.isEmpty ? error : .invalidCells(bad)
        case .stuck, .invalidCells, .invalidCommitment, .cancelled: return error
        }
    }
}
