import BLS12381
public import KZGCommitments

/// Makes blocks: payloads in, a whole matrix with commitments and proofs out.
public struct BlockEncoder: Sendable {
    private let prover: KZGProver
    private let threads: Int

    /// An encoder.
    ///
    /// - Parameters:
    ///   - prover: For commitments and the data rows' proofs; its preset is the blocks'.
    ///   - threads: How many threads to use, at least 1.
    public init(prover: KZGProver, threads: Int = 1) {
        self.prover = prover
        self.threads = max(1, threads)
    }

    /// The block that carries these payloads, in this order.
    ///
    /// It has the smallest number of data rows that holds them; what they leave free is zero.
    ///
    /// - Parameters:
    ///   - payloads: At least one.
    ///   - withProofs: Whether to make the cells' proofs, which is most of the work.
    ///   - forPublication: Whether a header is to be signed for it. Then, if the second half of its
    ///     rows would be zeros, which networks refuse, ``Payload/filler`` is added.
    /// - Returns: The block, complete.
    /// - Throws: ``EncodingError``.
    public func encode(
        _ payloads: [Payload], withProofs: Bool = true, forPublication: Bool = false
    ) throws(EncodingError) -> ExtendedBlock {
        var block = try extend(payloads)
        if forPublication, block.description.hasEmptySecondHalf {
            // Payloads reach into the second half, or fewer rows would do; so what follows them
            // lies there, or, if they fill the block, in the second half of one twice as large.
            block = try extend(payloads + [.filler])
        }
        guard withProofs else { return block }
        do throws(ProofError) {
            let proofs = try ProofBuilder(shape: block.shape, prover: prover, threads: threads)
                .missingProofs(of: block.matrix)
            block.withMatrix { $0.setProofs(proofs) }
        } catch { throw .internalInconsistency("\(error)") }
        return block
    }

    /// The block without proofs.
    private func extend(_ payloads: [Payload]) throws(EncodingError) -> ExtendedBlock {
        let layout: (entries: [PayloadIndexEntry], shape: MatrixShape)
        do { layout = try PayloadIndex.layOut(payloads, prover.preset) } catch {
            throw .index(error)
        }
        var matrix = try dataQuadrant(payloads, layout.entries, layout.shape)
        let zeroRows = (0..<layout.shape.dataRows).filter { isZero(row: $0, of: matrix) }
        matrix.insertZeroRows(zeroRows)
        do {
            try Reconstructor(shape: layout.shape, threads: threads)
                .rebuild(&matrix, isVerified: true)
            let description = try BlockDescription(
                shape: layout.shape,
                commitments: try commitments(matrix, zeroRows: Set(zeroRows)),
                index: layout.entries)
            return ExtendedBlock(description: description, matrix: matrix)
        } catch { throw .internalInconsistency("\(error)") }
    }

    /// The data quadrant: the payloads' cells, and zeros.
    private func dataQuadrant(
        _ payloads: [Payload], _ entries: [PayloadIndexEntry], _ shape: MatrixShape
    ) throws(EncodingError) -> PartialMatrix {
        let size = shape.preset.bytesPerCell
        let zeros = [UInt8](repeating: 0, count: size)
        var matrix = PartialMatrix(shape)
        for (number, (payload, entry)) in zip(payloads, entries).enumerated() {
            let cells: [UInt8]
            do throws(PayloadPackingError) {
                cells = try PayloadPacking.cells(of: payload, shape.preset)
            } catch { throw .payload(number, error) }
            for (place, cell) in PayloadIndex.dataCells(of: entry, shape.preset).enumerated() {
                do throws(CellError) {
                    try matrix.insert(
                        Array(cells[(place * size)..<((place + 1) * size)]),
                        at: shape.coordinate(ofDataCell: cell))
                } catch { throw .internalInconsistency("\(error)") }
            }
        }
        for cell in 0..<shape.dataCellCount {
            let place = shape.coordinate(ofDataCell: cell)
            if matrix.cells.contains(place) { continue }
            do throws(CellError) { try matrix.insert(zeros, at: place) } catch {
                throw .internalInconsistency("\(error)")
            }
        }
        return matrix
    }

    private func isZero(row: Int, of matrix: PartialMatrix) -> Bool {
        (0..<matrix.shape.dataColumns).allSatisfy { column in
            matrix.withCell(at: CellCoordinate(row: row, column: column)) { cell in
                cell.allSatisfy { $0 == 0 }
            } ?? false
        }
    }

    private func commitments(
        _ matrix: PartialMatrix, zeroRows: Set<Int>
    ) throws(KZGError) -> [KZGCommitment] {
        let shape = matrix.shape
        var commitments = [KZGCommitment](repeating: .infinity, count: shape.dataRows)
        let failure = commitments.withUnsafeMutableBufferPointer { commitments -> KZGError? in
            // Each row has an element of its own.
            nonisolated(unsafe) let commitments = commitments
            return Parallel.forEach(shape.dataRows, threads: threads, state: { () }) {
                row, _ -> KZGError? in
                if zeroRows.contains(row) { return nil }
                do throws(KZGError) {
                    commitments[row] = try matrix.withBlob(row: row) { blob throws(KZGError) in
                        try prover.commitment(toBlob: blob)
                    }
                    return nil
                } catch { return error }
            }
        }
        if let failure { throw failure }
        return commitments
    }
}

extension PartialMatrix {
    /// Calls `body` with the bytes of a row's first half, which is its blob if the row is complete.
    func withBlob<R, E>(
        row: Int, _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try withCells { cells throws(E) in
            let start = row * shape.columns * shape.preset.bytesPerCell
            return try body(
                UnsafeRawBufferPointer(
                    rebasing: cells[start..<(start + shape.preset.bytesPerBlob)]))
        }
    }
}

/// Why payloads can't be made a block.
public enum EncodingError: Error, Hashable, CustomStringConvertible {
    /// They break a rule of the index, or are too large together.
    case index(PayloadIndexError)
    /// The payload with this number is malformed.
    case payload(Int, PayloadPackingError)
    /// A step failed that can't: a defect of this library.
    case internalInconsistency(String)

    /// What is wrong, with the numbers.
    public var description: String {
        switch self {
        case .index(let error): error.description
        case .payload(let number, let error): "payload \(number): \(error)"
        case .internalInconsistency(let what): "internal inconsistency: \(what)"
        }
    }
}
