import BLS12381
import KZGCommitments

extension MatrixVerifier {
    /// How many cells are checked together when there are many: above this, batches gain little and
    /// only take memory.
    static let cellsPerBatch = 4096

    /// Checks cells of a matrix that are held with their proofs.
    ///
    /// - Parameters:
    ///   - matrix: The cells.
    ///   - places: Which of them; those without a proof are passed over.
    ///   - threads: How many threads to use.
    /// - Returns: Those that do not belong where they are.
    public func invalidCells(
        of matrix: PartialMatrix, _ places: CellSet, threads: Int = 1
    ) -> CellSet {
        let proven = Array(places.intersection(matrix.proven))
        let size = max(1, min(Self.cellsPerBatch, (proven.count + threads - 1) / max(1, threads)))
        let batches = stride(from: 0, to: proven.count, by: size).map {
            Array(proven[$0..<min($0 + size, proven.count)])
        }
        var results = [[CellCoordinate]](repeating: [], count: batches.count)
        results.withUnsafeMutableBufferPointer { results in
            // Each batch has an element of its own.
            nonisolated(unsafe) let results = results
            let _: Never? = Parallel.forEach(batches.count, threads: threads, state: { () }) {
                index, _ in
                let cells = batches[index].compactMap { place -> ProvenCell? in
                    guard let bytes = matrix.cell(at: place), let proof = matrix.proof(at: place)
                    else { return nil }
                    return ProvenCell(place: place, bytes: bytes, proof: proof)
                }
                results[index] = invalidCells(cells).map { cells[$0].coordinate }
                return nil
            }
        }
        return CellSet(shape, results.joined())
    }
}
