import BLS12381
public import KZGCommitments

/// The column extension applied to commitments and proofs.
///
/// Both are linear in the row they belong to: the commitment of a sum of rows is the sum of their
/// commitments, and likewise for the proofs of cells in one column. A parity row is a sum of data rows
/// with known factors, so its commitment is that sum of commitments, and its proofs are those sums of
/// proofs down each column. The sums for all parity rows together are a transform over group elements:
/// no blob is committed to and no quotient is computed for a parity row.
public struct ColumnExtension: Sendable {
    /// The size of the matrix.
    public let shape: MatrixShape
    private let transform: GroupTransform

    /// The extension for matrices of one shape. Making one computes tables; keep it.
    public init(shape: MatrixShape) {
        self.shape = shape
        transform = GroupTransform(size: shape.dataRows)
    }

    /// The parity rows' commitments from those of the data rows.
    ///
    /// - Throws: ``KZGError`` if there are not `dataRows` of them, or if one is not a point of G1.
    public func parityCommitments(
        _ commitments: [KZGCommitment]
    ) throws(KZGError) -> [KZGCommitment] {
        guard commitments.count == shape.dataRows else {
            throw .wrongCount(
                of: .commitment, expected: shape.dataRows, actual: commitments.count)
        }
        var points: [G1Affine] = []
        for (index, commitment) in commitments.enumerated() {
            guard let point = G1Affine(checking: commitment.bytes) else {
                throw .invalidPoint(of: .commitment, index: index)
            }
            points.append(point)
        }
        transform.extend(&points)
        return points.map { KZGCommitment(Bytes48(compressing: $0)) }
    }

    /// The parity cells' proofs in one column from those of its data cells.
    ///
    /// - Throws: ``KZGError`` if there are not `dataRows` of them, or if one is not a point of G1.
    public func parityProofs(_ proofs: [KZGProof]) throws(KZGError) -> [KZGProof] {
        guard proofs.count == shape.dataRows else {
            throw .wrongCount(of: .proof, expected: shape.dataRows, actual: proofs.count)
        }
        var points: [G1Affine] = []
        for (index, proof) in proofs.enumerated() {
            guard let point = G1Affine(checking: proof.bytes) else {
                throw .invalidPoint(of: .proof, index: index)
            }
            points.append(point)
        }
        transform.extend(&points)
        return points.map { KZGProof(Bytes48(compressing: $0)) }
    }

    /// The parity rows of a matrix of points from its data rows.
    ///
    /// - Parameters:
    ///   - points: `dataRows` rows of `width` points of the right subgroup.
    ///   - width: The number of columns.
    ///   - threads: How many threads to use.
    /// - Returns: As many.
    func extend(_ points: [G1Affine], width: Int, threads: Int) -> [G1Affine] {
        let rows = shape.dataRows
        let parts = min(max(1, threads), width)
        guard parts > 1 else {
            var points = points
            transform.extendColumns(&points, width: width)
            return points
        }
        var result = points
        result.withUnsafeMutableBufferPointer { result in
            // Each part has columns of its own.
            nonisolated(unsafe) let result = result
            let transform = transform
            let _: Never? = Parallel.forEach(parts, threads: threads, state: { () }) { part, _ in
                let columns = (width * part / parts)..<(width * (part + 1) / parts)
                var slice: [G1Affine] = []
                slice.reserveCapacity(rows * columns.count)
                for row in 0..<rows {
                    slice += columns.map { result[row * width + $0] }
                }
                transform.extendColumns(&slice, width: columns.count)
                for row in 0..<rows {
                    for (place, column) in columns.enumerated() {
                        result[row * width + column] = slice[row * columns.count + place]
                    }
                }
                return nil
            }
        }
        return result
    }
}

extension G1Affine {
    /// The point of the right subgroup that these bytes encode, or nil.
    init?(checking bytes: Bytes48) {
        guard let point = try? bytes.withUnsafeBytes({ try G1Affine(compressed: $0) }) else {
            return nil
        }
        self = point
    }
}

extension Bytes48 {
    /// The compressed form of a point.
    init(compressing point: G1Affine) {
        self = Bytes48(point.compressed) ?? KZGProof.infinity.bytes
    }
}
