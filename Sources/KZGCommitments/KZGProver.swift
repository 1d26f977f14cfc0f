package import BLS12381

/// What makes commitments and proofs: tables of the setup's points, about 32 MiB for
/// ``Preset/mainnet``.
///
/// All methods are safe to call from several threads at once. Each runs on the calling thread, unless a
/// parameter asks for more.
public final class KZGProver: Sendable {
    /// What checks what this makes.
    public let verifier: KZGVerifier
    /// The commitments to the Lagrange polynomials, in a blob's order.
    private let lagrange: FixedBaseTable
    private let fk20: FK20

    /// The sizes of blobs and cells.
    public var preset: Preset { verifier.preset }

    /// Builds the tables.
    ///
    /// - Parameter preset: The sizes of blobs and cells.
    public init(preset: Preset = .mainnet) {
        verifier = KZGVerifier(preset: preset)
        let count = preset.fieldElementsPerBlob
        let isMainnet = preset == .mainnet
        let monomial = isMainnet ? [] : TrustedSetup.monomialG1(count)
        var points =
            isMainnet ? TrustedSetup.lagrangeG1() : KZGProver.lagrangePoints(monomial: monomial)
        bitReversePermute(&points)
        lagrange = FixedBaseTable(points: points, window: KZGProver.window(points: count))
        fk20 = FK20(
            preset: preset,
            points: isMainnet
                ? TrustedSetup.fk20() : FK20.points(monomial: monomial, preset: preset))
    }

    /// A prover for ``Preset/mainnet``, built at its first use and then shared.
    package static let mainnet = KZGProver()

    /// The width of digits that suits a sum of so many points.
    private static func window(points: Int) -> Int {
        max(4, min(13, points.bitWidth - points.leadingZeroBitCount))
    }

    /// [L_i(tau)]G1 in natural order: L_i is 1 / n times the sum of w^(-ij) X^j.
    package static func lagrangePoints(monomial: [G1Affine]) -> [G1Affine] {
        let domain = EvaluationDomain(size: monomial.count)
        let roots = domain.roots
        let scale = Fr(UInt64(monomial.count)).inverse()
        return G1.normalize(
            monomial.indices.map { i in
                MultiScalar.sum(
                    points: monomial,
                    scalars: monomial.indices.map { j in
                        scale * roots[(monomial.count - i * j % monomial.count) % monomial.count]
                    })
            })
    }

    // MARK: EIP-4844

    /// The commitment to a blob. `blob_to_kzg_commitment`.
    ///
    /// - Throws: ``KZGError`` if the blob has the wrong length or an element that is not canonical.
    public func commitment(toBlob blob: UnsafeRawBufferPointer) throws(KZGError) -> KZGCommitment {
        KZGCommitment(commit(try BlobPolynomial(blob, preset: preset).values))
    }

    /// The commitment to a blob. `blob_to_kzg_commitment`.
    ///
    /// - Throws: ``KZGError`` if the blob has the wrong length or an element that is not canonical.
    public func commitment(toBlob blob: [UInt8]) throws(KZGError) -> KZGCommitment {
        try blob.withBytes { (bytes) throws(KZGError) in try commitment(toBlob: bytes) }
    }

    /// The value of a blob's polynomial at a point, and the proof of it. `compute_kzg_proof`.
    ///
    /// - Parameters:
    ///   - blob: The blob.
    ///   - point: z: 32 bytes, big-endian, a canonical field element.
    /// - Returns: The proof, and the value as 32 bytes.
    /// - Throws: ``KZGError`` if the blob has the wrong length, or an element is not canonical.
    public func proof(
        ofBlob blob: [UInt8], at point: [UInt8]
    ) throws(KZGError) -> (proof: KZGProof, value: [UInt8]) {
        let z = try KZGVerifier.element(point, .point)
        return try blob.withBytes { (bytes) throws(KZGError) in
            let polynomial = try BlobPolynomial(bytes, preset: preset)
            let (value, quotient) = polynomial.quotient(at: z, verifier: verifier)
            return (KZGProof(commit(quotient)), value.bytes)
        }
    }

    /// The proof that a blob belongs to its commitment. `compute_blob_kzg_proof`.
    ///
    /// - Parameters:
    ///   - blob: The blob.
    ///   - commitment: Its commitment. That it is the blob's own is not checked.
    /// - Returns: The proof.
    /// - Throws: ``KZGError`` if the blob has the wrong length or an element that is not canonical, or if
    ///   the commitment is not a point of G1.
    public func proof(
        ofBlob blob: [UInt8], commitment: KZGCommitment
    ) throws(KZGError) -> KZGProof {
        _ = try verifier.validatedPoint(commitment)
        return try blob.withBytes { (bytes) throws(KZGError) in
            let polynomial = try BlobPolynomial(bytes, preset: preset)
            let z = Challenges.blob(bytes, commitment: commitment, preset: preset)
            return KZGProof(commit(polynomial.quotient(at: z, verifier: verifier).quotient))
        }
    }

    private func commit(_ values: [Fr]) -> Bytes48 {
        Bytes48(lagrange.sum(scalars: values).affine)
    }

    // MARK: EIP-7594

    /// All cells of a blob, one after the other, without proofs. `compute_cells`.
    ///
    /// - Throws: ``KZGError`` if the blob has the wrong length or an element that is not canonical.
    public func cells(ofBlob blob: [UInt8]) throws(KZGError) -> [UInt8] {
        try verifier.cells(ofBlob: blob)
    }

    /// The proofs of a blob's cells as points, for whoever goes on calculating with them.
    ///
    /// - Throws: ``KZGError`` if the blob has the wrong length or an element that is not canonical.
    package func proofPoints(ofBlob blob: UnsafeRawBufferPointer) throws(KZGError) -> [G1Affine] {
        let polynomial = try BlobPolynomial(blob, preset: preset)
        return fk20.proofs(coefficients: polynomial.coefficients(verifier: verifier))
    }

    /// All cells of a blob, one after the other, and their proofs. `compute_cells_and_kzg_proofs`.
    ///
    /// - Parameters:
    ///   - blob: The blob.
    ///   - threads: How many threads share the proofs' sums.
    /// - Returns: The cells, as many bytes as the preset has in an extended blob, and a proof for each.
    /// - Throws: ``KZGError`` if the blob has the wrong length or an element that is not canonical.
    public func cellsAndProofs(
        ofBlob blob: UnsafeRawBufferPointer, threads: Int = 1
    ) throws(KZGError) -> (cells: [UInt8], proofs: [KZGProof]) {
        let polynomial = try BlobPolynomial(blob, preset: preset)
        let coefficients = polynomial.coefficients(verifier: verifier)
        return (
            verifier.extended(blob, coefficients: coefficients),
            proofs(coefficients: coefficients, threads: threads)
        )
    }

    /// All cells of a blob, one after the other, and their proofs. `compute_cells_and_kzg_proofs`.
    ///
    /// - Parameters:
    ///   - blob: The blob.
    ///   - threads: How many threads share the proofs' sums.
    /// - Returns: The cells, as many bytes as the preset has in an extended blob, and a proof for each.
    /// - Throws: ``KZGError`` if the blob has the wrong length or an element that is not canonical.
    public func cellsAndProofs(
        ofBlob blob: [UInt8], threads: Int = 1
    ) throws(KZGError) -> (cells: [UInt8], proofs: [KZGProof]) {
        try blob.withBytes { (bytes) throws(KZGError) in
            try cellsAndProofs(ofBlob: bytes, threads: threads)
        }
    }

    /// All cells of a row from enough of them, one after the other, without proofs.
    ///
    /// - Parameters:
    ///   - columns: The given cells' columns, ascending.
    ///   - cells: The given cells, as many as there are columns: at least half a row.
    /// - Returns: As many bytes as the preset has in an extended blob.
    /// - Throws: As ``KZGVerifier/recoverCells(columns:cells:)``.
    public func recoverCells(columns: [Int], cells: [[UInt8]]) throws(KZGError) -> [UInt8] {
        try verifier.recoverCells(columns: columns, cells: cells)
    }

    /// All cells of a row from enough of them, one after the other, and their proofs.
    /// `recover_cells_and_kzg_proofs`.
    ///
    /// - Parameters:
    ///   - columns: The given cells' columns, ascending.
    ///   - cells: The given cells, as many as there are columns: at least half a row.
    ///   - threads: How many threads share the proofs' sums.
    /// - Returns: The cells, as many bytes as the preset has in an extended blob, and a proof for each.
    /// - Throws: As ``KZGVerifier/recoverCells(columns:cells:)``.
    public func recoverCellsAndProofs(
        columns: [Int], cells: [[UInt8]], threads: Int = 1
    ) throws(KZGError) -> (cells: [UInt8], proofs: [KZGProof]) {
        let row = try verifier.recoverCells(columns: columns, cells: cells)
        let polynomial = try row[..<preset.bytesPerBlob].withBytes { (bytes) throws(KZGError) in
            try BlobPolynomial(bytes, preset: preset)
        }
        return (
            row,
            proofs(coefficients: polynomial.coefficients(verifier: verifier), threads: threads)
        )
    }

    private func proofs(coefficients: [Fr], threads: Int) -> [KZGProof] {
        let points = fk20.proofs(coefficients: coefficients, threads: threads)
        var bytes = [UInt8](repeating: 0, count: Bytes48.count * points.count)
        points.withUnsafeBufferPointer { points in
            bytes.withUnsafeMutableBytes { G1Affine.writeCompressed(points, to: $0) }
        }
        return points.indices.map { index in
            let start = Bytes48.count * index
            return KZGProof(Bytes48(bytes[start..<start + Bytes48.count]) ?? .infinity)
        }
    }
}

extension Bytes48 {
    /// The compressed form of a point.
    init(_ point: G1Affine) {
        self = Bytes48(point.compressed) ?? .infinity
    }
}
