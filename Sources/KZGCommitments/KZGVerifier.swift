package import BLS12381
internal import SystemCrypto

/// What checks proofs against commitments: the setup's few points for that, without a prover's tables.
///
/// Everything is derived from data compiled in; loading takes a few milliseconds. Also here is what
/// needs no points at all: extending blobs to cells, and recovering cells.
///
/// All methods are safe to call from several threads at once; each runs on the calling thread.
public final class KZGVerifier: Sendable {
    /// The sizes of blobs and cells.
    public let preset: Preset

    /// The domain of an extended blob, whose parts are the domains of blobs and cells.
    package let domain: EvaluationDomain
    /// The points at which a blob's elements are its polynomial's values, in the blob's order.
    let blobPoints: [Fr]
    /// The inverses of every second of these: of w, where the next one is -w.
    let inversePoints: [Fr]
    /// 1 / n, with n the number of a blob's elements.
    let inverseBlobSize: Fr
    /// 1 / l, with l the number of a cell's elements.
    let inverseCellSize: Fr
    /// For each column the factor h of its coset: the column's elements are the values at h times the
    /// roots of unity of the cell's size.
    let cosetFactors: [Fr]
    /// h to the power of the cell's size, for each column.
    let cosetPowers: [Fr]
    /// A table of [tau^i]G1 for i below a cell's size: they commit to a cell's interpolation polynomial.
    let monomial: FixedBaseTable
    /// G2's generator, and its products with tau and with tau to the power of a cell's size.
    let preparedGenerator: PreparedG2
    let preparedTau: PreparedG2
    let preparedTauToCell: PreparedG2

    /// Loads what verification needs.
    ///
    /// - Parameter preset: The sizes of blobs and cells.
    public init(preset: Preset = .mainnet) {
        self.preset = preset
        let domain = EvaluationDomain(size: preset.fieldElementsPerExtendedBlob)
        let points = domain.bitReversedRoots
        self.domain = domain
        blobPoints = [Fr](points.prefix(preset.fieldElementsPerBlob))
        var inverses = stride(from: 0, to: preset.fieldElementsPerBlob, by: 2).map { points[$0] }
        Fr.invertAll(&inverses)
        inversePoints = inverses
        inverseBlobSize = Fr(UInt64(preset.fieldElementsPerBlob)).inverse()
        inverseCellSize = Fr(UInt64(preset.fieldElementsPerCell)).inverse()
        let cell = preset.fieldElementsPerCell
        let factors = (0..<preset.cellsPerExtendedBlob).map { points[$0 * cell] }
        cosetFactors = factors
        cosetPowers = factors.map { $0.pow(UInt64(cell)) }
        monomial = FixedBaseTable(points: TrustedSetup.monomialG1(cell), window: 8)
        preparedGenerator = PreparedG2(TrustedSetup.monomialG2(0))
        preparedTau = PreparedG2(TrustedSetup.monomialG2(1))
        preparedTauToCell = PreparedG2(TrustedSetup.monomialG2(cell))
    }

    /// A verifier for ``Preset/mainnet``, loaded at its first use and then shared.
    package static let mainnet = KZGVerifier()

    /// Whether e(left, G2) = e(right, [tau]G2).
    func pairingHolds(_ left: G1, _ right: G1) -> Bool {
        let points = G1.normalize([left, -right])
        return Pairing.productIsOne([(points[0], preparedGenerator), (points[1], preparedTau)])
    }

    /// The point that a commitment encodes.
    ///
    /// - Parameters:
    ///   - commitment: Any commitment.
    ///   - index: The position that an error names.
    /// - Returns: The point.
    /// - Throws: ``KZGError/invalidPoint(of:index:)`` if it is not a point of G1.
    package func validatedPoint(
        _ commitment: KZGCommitment, index: Int = 0
    ) throws(KZGError) -> G1Affine {
        try KZGVerifier.point(commitment.bytes, .commitment, index)
    }

    /// The point that a proof encodes.
    ///
    /// - Parameters:
    ///   - proof: Any proof.
    ///   - index: The position that an error names.
    /// - Returns: The point.
    /// - Throws: ``KZGError/invalidPoint(of:index:)`` if it is not a point of G1.
    package func validatedPoint(_ proof: KZGProof, index: Int = 0) throws(KZGError) -> G1Affine {
        try KZGVerifier.point(proof.bytes, .proof, index)
    }

    static func point(
        _ bytes: Bytes48, _ subject: KZGError.Subject, _ index: Int
    ) throws(KZGError) -> G1Affine {
        do {
            return try bytes.withUnsafeBytes { (bytes) throws(PointError) in
                try G1Affine(compressed: bytes)
            }
        } catch {
            throw .invalidPoint(of: subject, index: index)
        }
    }

    /// The points that many encodings stand for. Whether they are all in G1 is checked for many at once,
    /// with factors from a hash of all of them.
    static func points(
        _ encodings: some Collection<Bytes48>, _ subject: KZGError.Subject
    ) throws(KZGError) -> [G1Affine] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Bytes48.count * encodings.count)
        for encoding in encodings { encoding.withUnsafeBytes { bytes += $0 } }
        let isBatch = encodings.count >= SubgroupCheck.worthwhileCount

        var points = [G1Affine](repeating: .infinity, count: encodings.count)
        let failed = points.withUnsafeMutableBufferPointer { points in
            bytes.withBytes { bytes in
                G1Affine.parse(compressed: bytes, into: points, checkingSubgroup: !isBatch)
            }
        }
        if let failed { throw .invalidPoint(of: subject, index: failed.index) }
        guard isBatch else { return points }
        var random = SeededRandom(seed: SHA256.hash(bytes))
        if !SubgroupCheck.allInSubgroup(points, using: &random),
            let index = points.firstIndex(where: { !$0.isInSubgroup })
        {
            throw .invalidPoint(of: subject, index: index)
        }
        return points
    }

    /// The field element that 32 bytes are.
    static func element(
        _ bytes: [UInt8], _ subject: KZGError.Subject
    ) throws(KZGError) -> Fr {
        guard bytes.count == Fr.byteCount else {
            throw .wrongLength(of: subject, index: 0, expected: Fr.byteCount, actual: bytes.count)
        }
        guard let element = Fr(canonical: bytes) else {
            throw .notCanonical(of: subject, index: 0, element: 0)
        }
        return element
    }
}
