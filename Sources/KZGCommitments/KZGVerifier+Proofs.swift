internal import BLS12381

// EIP-4844: proofs about whole blobs.
extension KZGVerifier {
    /// Whether the polynomial behind a commitment has a certain value at a point. `verify_kzg_proof`.
    ///
    /// - Parameters:
    ///   - proof: The proof.
    ///   - commitment: The commitment.
    ///   - point: z: 32 bytes, big-endian, a canonical field element.
    ///   - value: y: likewise.
    /// - Returns: Whether it has.
    /// - Throws: ``KZGError`` if an input is not a field element or a point of G1.
    public func verifyProof(
        _ proof: KZGProof, commitment: KZGCommitment, point: [UInt8], value: [UInt8]
    ) throws(KZGError) -> Bool {
        let z = try KZGVerifier.element(point, .point)
        let y = try KZGVerifier.element(value, .value)
        return holds(
            commitment: try validatedPoint(commitment), z: z, y: y,
            proof: try validatedPoint(proof))
    }

    /// Whether a blob belongs to a commitment. `verify_blob_kzg_proof`.
    ///
    /// - Throws: ``KZGError`` if an input has the wrong length, or is not made of field elements or
    ///   points of G1.
    public func verifyBlobProof(
        _ proof: KZGProof, blob: UnsafeRawBufferPointer, commitment: KZGCommitment
    ) throws(KZGError) -> Bool {
        let polynomial = try BlobPolynomial(blob, preset: preset)
        let commitmentPoint = try validatedPoint(commitment)
        let proofPoint = try validatedPoint(proof)
        let z = Challenges.blob(blob, commitment: commitment, preset: preset)
        return holds(
            commitment: commitmentPoint, z: z, y: polynomial.value(at: z, verifier: self),
            proof: proofPoint)
    }

    /// Whether a blob belongs to a commitment. `verify_blob_kzg_proof`.
    ///
    /// - Throws: ``KZGError`` if an input has the wrong length, or is not made of field elements or
    ///   points of G1.
    public func verifyBlobProof(
        _ proof: KZGProof, blob: [UInt8], commitment: KZGCommitment
    ) throws(KZGError) -> Bool {
        try blob.withBytes { (bytes) throws(KZGError) in
            try verifyBlobProof(proof, blob: bytes, commitment: commitment)
        }
    }

    /// Whether each blob belongs to the commitment at its index; true if there is none.
    /// `verify_blob_kzg_proof_batch`.
    ///
    /// - Throws: ``KZGError`` if the lists differ in length, or an input has the wrong length, or is
    ///   not made of field elements or points of G1.
    public func verifyBlobProofs(
        _ proofs: [KZGProof], blobs: [[UInt8]], commitments: [KZGCommitment]
    ) throws(KZGError) -> Bool {
        let count = blobs.count
        guard commitments.count == count else {
            throw .wrongCount(of: .commitment, expected: count, actual: commitments.count)
        }
        guard proofs.count == count else {
            throw .wrongCount(of: .proof, expected: count, actual: proofs.count)
        }
        guard count > 0 else { return true }
        var points: [Fr] = []
        var values: [Fr] = []
        let commitmentPoints = try KZGVerifier.points(commitments.lazy.map(\.bytes), .commitment)
        let proofPoints = try KZGVerifier.points(proofs.lazy.map(\.bytes), .proof)
        for i in 0..<count {
            try blobs[i].withBytes { (bytes) throws(KZGError) in
                let polynomial = try BlobPolynomial(bytes, preset: preset, index: i)
                let z = Challenges.blob(bytes, commitment: commitments[i], preset: preset)
                points.append(z)
                values.append(polynomial.value(at: z, verifier: self))
            }
        }
        let r = Challenges.blobBatch(
            commitments: commitments, points: points, values: values, proofs: proofs,
            preset: preset)
        // Weighed with the powers of r, the equations e(C - y G1 + z P, G2) = e(P, [tau]G2) add up.
        let weights = Fr.powers(of: r, count: count)
        var weighedPoints = weights
        var weighedValue = Fr.zero
        for i in 0..<count {
            weighedPoints[i] *= points[i]
            weighedValue += weights[i] * values[i]
        }
        let left = MultiScalar.sum(
            points: commitmentPoints + proofPoints + [.generator],
            scalars: weights + weighedPoints + [-weighedValue])
        return pairingHolds(left, MultiScalar.sum(points: proofPoints, scalars: weights))
    }

    /// The point at which a blob's proof opens it, 32 bytes. `compute_challenge`.
    ///
    /// - Throws: ``KZGError`` if the blob has the wrong length.
    public func blobChallenge(
        blob: [UInt8], commitment: KZGCommitment
    ) throws(KZGError) -> [UInt8] {
        guard blob.count == preset.bytesPerBlob else {
            throw .wrongLength(
                of: .blob, index: 0, expected: preset.bytesPerBlob, actual: blob.count)
        }
        return blob.withBytes {
            Challenges.blob($0, commitment: commitment, preset: preset).bytes
        }
    }

    /// e(C - y G1 + z P, G2) = e(P, [tau]G2): the multiplication by z is done in G1, where it is
    /// cheap, so that both points of G2 are fixed.
    private func holds(commitment: G1Affine, z: Fr, y: Fr, proof: G1Affine) -> Bool {
        let proof = G1(proof)
        let left = G1(commitment) - G1(.generator) * y + proof * z
        return pairingHolds(left, proof)
    }
}
