import BLS12381
public import KZGCommitments

extension ColumnExtension {
    /// The data cells' proofs in one column from the proofs of any `dataRows` of its cells.
    ///
    /// Down a column the proofs are the values of a polynomial over the group of degree below
    /// `dataRows`, row `r` at `w^brp(r)`. Each that is missing is a sum of those given, times Lagrange's
    /// factors. For parity rows use ``parityProofs(_:)`` afterwards.
    ///
    /// - Parameters:
    ///   - rows: The rows whose proofs are given: distinct, inside the matrix, exactly `dataRows`.
    ///   - proofs: A proof to each.
    /// - Returns: `dataRows` proofs, those given among them.
    /// - Throws: ``KZGError`` if the counts are wrong, or if a proof is not a point of G1.
    public func dataProofs(
        rows: [Int], proofs: [KZGProof]
    ) throws(KZGError) -> [KZGProof] {
        guard rows.count == shape.dataRows else {
            throw .wrongCount(of: .proof, expected: shape.dataRows, actual: rows.count)
        }
        guard proofs.count == rows.count else {
            throw .wrongCount(of: .proof, expected: rows.count, actual: proofs.count)
        }
        var points: [G1Affine] = []
        for (index, proof) in proofs.enumerated() {
            guard let point = G1Affine(checking: proof.bytes) else {
                throw .invalidPoint(of: .proof, index: index)
            }
            points.append(point)
        }
        let bits = shape.rows.trailingZeroBitCount
        let root = EvaluationDomain(size: shape.rows).root
        let places = (0..<shape.rows).map { root.pow(UInt64(bitReversed($0, bits: bits))) }
        let given = rows.map { places[$0] }
        // 1 / Z'(x_j), with Z the polynomial that vanishes on the given rows.
        var weights = given.indices.map { j in
            given.indices.reduce(Fr.one) { $1 == j ? $0 : $0 * (given[j] - given[$1]) }
        }
        Fr.invertAll(&weights)
        var result = [KZGProof](repeating: .infinity, count: shape.dataRows)
        for (index, row) in rows.enumerated() where row < shape.dataRows {
            result[row] = proofs[index]
        }
        let known = Set(rows)
        for row in 0..<shape.dataRows where !known.contains(row) {
            let x = places[row]
            let vanishing = given.reduce(Fr.one) { $0 * (x - $1) }
            var factors = given.map { x - $0 }
            Fr.invertAll(&factors)
            for j in factors.indices { factors[j] *= vanishing * weights[j] }
            let sum = MultiScalar.sum(points: points, scalars: factors)
            result[row] = KZGProof(Bytes48(compressing: sum.affine))
        }
        return result
    }
}
