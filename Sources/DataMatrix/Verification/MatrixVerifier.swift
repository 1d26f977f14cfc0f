import BLS12381
public import KZGCommitments
import SystemCrypto

/// Checks cells of any rows and columns, parity included, against the data rows' commitments.
///
/// Parity rows have no commitments of their own here: the commitment of a parity row is the column
/// extension of the data rows' commitments, a sum of them with known factors, so a weight on a parity
/// row is the same as weights on data rows. Spreading the weights is the transpose of the extension,
/// two transforms over scalars. One batch costs one sum over k commitments, however many rows it
/// touches.
public struct MatrixVerifier: Sendable {
    /// The size of the matrix.
    public let shape: MatrixShape

    private let verifier: KZGVerifier
    private let commitments: [KZGCommitment]
    private let points: [G1Affine]
    private let domain: EvaluationDomain

    /// w^j for j from 0 to k - 1, with w the 2k-th root of unity.
    private let twists: [Fr]

    /// A verifier for one matrix.
    ///
    /// - Parameters:
    ///   - verifier: For the setup.
    ///   - description: The matrix's shape and the data rows' commitments.
    /// - Throws: ``KZGError/invalidPoint(of:index:)`` if a commitment is not a point of G1.
    public init(verifier: KZGVerifier, description: BlockDescription) throws(KZGError) {
        precondition(verifier.preset == description.shape.preset, "a verifier of another preset")
        self.verifier = verifier
        shape = description.shape
        commitments = description.commitments
        var points: [G1Affine] = []
        for (index, commitment) in commitments.enumerated() {
            points.append(try verifier.validatedPoint(commitment, index: index))
        }
        self.points = points
        domain = EvaluationDomain(size: shape.dataRows)
        twists = Fr.powers(of: EvaluationDomain(size: shape.rows).root, count: shape.dataRows)
    }

    /// Whether all cells belong where they claim to; true if there are none. They may come in any
    /// order and more than once.
    ///
    /// - Throws: ``CellVerificationError`` if a place does not exist, a cell has the wrong length or
    ///   an element that is not canonical, or a proof is not a point of G1.
    public func verify(_ cells: [ProvenCell]) throws(CellVerificationError) -> Bool {
        for (index, cell) in cells.enumerated() where !shape.contains(cell.coordinate) {
            throw .outside(index: index, cell.coordinate)
        }
        do throws(KZGError) { return try Batch(cells, self).holds() } catch {
            throw .malformed(error)
        }
    }

    /// The positions of the cells that do not belong where they claim to, ascending: what makes
    /// ``verify(_:)`` false, or throw.
    ///
    /// One check if all are good; otherwise the batch is halved until each bad cell is found.
    public func invalidCells(_ cells: [ProvenCell]) -> [Int] {
        var bad: [Int] = []
        var good: [Int] = []
        for (index, cell) in cells.enumerated() {
            if isWellFormed(cell) { good.append(index) } else { bad.append(index) }
        }
        do throws(KZGError) {
            let batch = try Batch(good.map { cells[$0] }, self)
            bad += try batch.invalid().map { good[$0] }
            return bad.sorted()
        } catch {
            // Every cell was looked at above; if a check still finds fault, none is vouched for.
            return Array(cells.indices)
        }
    }

    private func isWellFormed(_ cell: ProvenCell) -> Bool {
        guard shape.contains(cell.coordinate), cell.cell.count == shape.preset.bytesPerCell,
            (try? verifier.validatedPoint(cell.proof)) != nil
        else { return false }
        return withUnsafeTemporaryAllocation(
            of: Fr.self, capacity: shape.preset.fieldElementsPerCell
        ) { elements in cell.cell.withUnsafeBytes { Fr.parse($0, into: elements) } } == nil
    }

    /// The sum of all rows' commitments, each times its weight.
    ///
    /// The parity rows' commitments are A times the data rows', A being the extension, so weights v
    /// on them are weights A'v on the data rows, A' the transpose. With F the transform of size k in
    /// natural order, P the bit reversal and D the diagonal of w^j, A = P F D F^-1 P, and all of
    /// these are symmetric: A' = P F^-1 D F P.
    fileprivate func commitmentSum(_ weights: [Fr]) -> G1 {
        let k = shape.dataRows
        var spread = Array(weights[k...])
        if spread.contains(where: { !$0.isZero }) {
            bitReversePermute(&spread)
            domain.fft(&spread)
            for (j, twist) in twists.enumerated() { spread[j] *= twist }
            domain.ifft(&spread)
            bitReversePermute(&spread)
        }
        return MultiScalar.sum(
            points: points, scalars: zip(weights, spread).map { $0 + $1 })
    }

    /// What the cells' weights are made from: a hash of everything that is checked, as
    /// `specs/commitments.md` has it.
    fileprivate func challenge(_ cells: [ProvenCell]) -> Fr {
        var hash = SHA256()
        hash.update(Array("DAMASKCELLBATCH1".utf8))
        func append(_ number: Int) { hash.update(littleEndian: UInt64(number).byteSwapped) }
        append(shape.preset.fieldElementsPerBlob)
        append(shape.preset.fieldElementsPerCell)
        append(commitments.count)
        for commitment in commitments { commitment.bytes.withUnsafeBytes { hash.update($0) } }
        append(cells.count)
        for cell in cells {
            append(cell.coordinate.row)
            append(cell.coordinate.column)
            hash.update(cell.cell)
            cell.proof.bytes.withUnsafeBytes { hash.update($0) }
        }
        return Fr(reducing: hash.finalize())
    }

    /// Cells that are checked together.
    private struct Batch {
        private let verifier: MatrixVerifier
        private let count: Int
        private let challenge: Fr
        private let equation: CellEquation

        init(_ cells: [ProvenCell], _ verifier: MatrixVerifier) throws(KZGError) {
            self.verifier = verifier
            count = cells.count
            challenge = verifier.challenge(cells)
            equation = try CellEquation(
                entries: cells.map {
                    CellEquation.Entry(
                        row: $0.coordinate.row, column: $0.coordinate.column, cell: $0.cell[...],
                        proof: $0.proof)
                }, rows: verifier.shape.rows, verifier: verifier.verifier)
        }

        /// Whether all, or those selected, belong where they claim to.
        func holds(_ selection: [Int]? = nil) throws(KZGError) -> Bool {
            try equation.holds(challenge: challenge, selection: selection) {
                verifier.commitmentSum($0)
            }
        }

        func invalid() throws(KZGError) -> [Int] {
            if try holds() { return [] }
            return try invalid(0..<count)
        }

        /// The bad cells of a range that has some.
        private func invalid(_ range: Range<Int>) throws(KZGError) -> [Int] {
            if range.count == 1 { return [range.lowerBound] }
            let middle = range.lowerBound + range.count / 2
            let lower = range.lowerBound..<middle
            let upper = middle..<range.upperBound
            // If one half is good, the other is not.
            if try holds(Array(lower)) { return try invalid(upper) }
            let first = try invalid(lower)
            return try holds(Array(upper)) ? first : first + invalid(upper)
        }
    }
}

/// Why a cell is no cell. Cells are named by their position in the list.
public enum CellVerificationError: Error, Hashable, CustomStringConvertible {
    /// The matrix has no such place.
    case outside(index: Int, CellCoordinate)
    /// A cell or proof is malformed.
    case malformed(KZGError)

    /// What is wrong, with the place.
    public var description: String {
        switch self {
        case .outside(let index, let place): "cell \(index) of the list: there is no place \(place)"
        case .malformed(let error): error.description
        }
    }
}
