import BLS12381
import KZGCommitments

/// The extension of a data quadrant to a whole matrix, in both directions.
///
/// **Rows** as in EIP-7594: the second half of a row is its polynomial at the odd powers of the
/// 8192-th root of unity.
///
/// **Columns.** With m = log2(k), row r sits at w^brp(r), w being the 2k-th root of unity and brp the
/// reversal of m + 1 bits. A data row's number has its top bit clear, so the exponent is even:
/// brp(r) = 2 brp'(r), with the reversal of m bits, and the data rows sit at the k-th roots of unity
/// in bit-reversed order. Parity row k + j has the top bit set: its exponent is 1 + 2 brp'(j), so the
/// parity rows sit at w times the same points in the same order. Extending a column is therefore one
/// inverse transform of size k from bit-reversed values to coefficients, and one transform of size k
/// to bit-reversed values at the other half, and nothing is ever permuted. The 64 positions of a cell
/// go through it side by side, a column's cells together in the second-level cache.
///
/// Rows first, then columns: extending columns of 8192 positions costs log2(k) steps each, extending
/// the parity rows instead would cost 12.
struct MatrixExtension: Sendable {
    let codec: LineCodec
    let threads: Int

    /// Fills in all but the data quadrant.
    ///
    /// - Parameters:
    ///   - cells: All cells in row-major order, the data quadrant filled in.
    ///   - zeroRows: Data rows that are zero, ascending. Their cells are written here, all of them.
    /// - Throws: ``LineError/notCanonical(_:element:)``.
    func extend(
        _ cells: UnsafeMutableRawBufferPointer, zeroRows: Set<Int>
    ) throws(LineError) {
        let shape = codec.shape
        let rowBytes = shape.columns * shape.preset.bytesPerCell
        // Pieces of work write to rows and columns of their own.
        nonisolated(unsafe) let cells = cells
        let failure = Parallel.forEach(
            shape.dataRows, threads: threads, state: { Scratch(codec.scratchCount, Fr.zero) }
        ) { row, scratch -> LineError? in
            if zeroRows.contains(row) {
                UnsafeMutableRawBufferPointer(
                    rebasing: cells[(row * rowBytes)..<((row + 1) * rowBytes)]
                ).initializeMemory(as: UInt8.self, repeating: 0)
                return nil
            }
            do throws(LineError) {
                try codec.extend(.row(row), in: cells, scratch: scratch.buffer)
                return nil
            } catch { return error }
        }
        if let failure { throw failure }
        let columnFailure = Parallel.forEach(
            shape.columns, threads: threads, state: { Scratch(codec.scratchCount, Fr.zero) }
        ) { column, scratch -> LineError? in
            do throws(LineError) {
                try codec.extend(
                    .column(column), zeros: { zeroRows.contains($0) }, in: cells,
                    scratch: scratch.buffer)
                return nil
            } catch { return error }
        }
        if let columnFailure { throw columnFailure }
    }
}
