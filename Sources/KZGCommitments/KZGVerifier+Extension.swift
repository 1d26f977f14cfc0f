internal import BLS12381

// The code behind cells: extending a blob, and recovering what is missing. No points are involved.
extension KZGVerifier {
    /// All cells of a blob, one after the other; the first half is the blob itself. `compute_cells`.
    ///
    /// - Throws: ``KZGError`` if the blob has the wrong length or an element that is not canonical.
    /// - Returns: As many bytes as the preset has in an extended blob.
    public func cells(ofBlob blob: UnsafeRawBufferPointer) throws(KZGError) -> [UInt8] {
        let polynomial = try BlobPolynomial(blob, preset: preset)
        return extended(blob, coefficients: polynomial.coefficients(verifier: self))
    }

    /// All cells of a blob, one after the other; the first half is the blob itself. `compute_cells`.
    ///
    /// - Throws: ``KZGError`` if the blob has the wrong length or an element that is not canonical.
    /// - Returns: As many bytes as the preset has in an extended blob.
    public func cells(ofBlob blob: [UInt8]) throws(KZGError) -> [UInt8] {
        try blob.withBytes { (bytes) throws(KZGError) in try cells(ofBlob: bytes) }
    }

    /// All cells of a row from enough of them, one after the other: `recover_cells_and_kzg_proofs`
    /// without the proofs.
    ///
    /// - Parameters:
    ///   - columns: The given cells' columns, ascending.
    ///   - cells: The given cells, as many as there are columns: at least half a row.
    /// - Throws: ``KZGError`` if there are too few or too many cells, columns that don't ascend or don't
    ///   exist, or cells of the wrong length or with elements that are not canonical; and
    ///   ``KZGError/contradiction(column:)`` if more cells are given than needed and they do not lie
    ///   on one polynomial.
    /// - Returns: As many bytes as the preset has in an extended blob.
    public func recoverCells(
        columns: [Int], cells: [[UInt8]]
    ) throws(KZGError) -> [UInt8] {
        try recoverCells(columns: columns, cells: cells.map { $0[...] })
    }

    /// All cells of a row from enough of them, one after the other.
    ///
    /// - Parameters:
    ///   - columns: The given cells' columns, ascending.
    ///   - cells: The given cells, as many as there are columns: at least half a row.
    /// - Throws: As the form that takes arrays.
    /// - Returns: As many bytes as the preset has in an extended blob.
    public func recoverCells(
        columns: [Int], cells: [ArraySlice<UInt8>]
    ) throws(KZGError) -> [UInt8] {
        try checkRecovery(columns: columns, cells: cells)
        let needed = preset.cellsPerBlob
        let size = preset.bytesPerCell
        let row: [UInt8]
        if columns[needed - 1] == needed - 1 {
            // The data cells are all there: what is missing is their extension.
            var blob: [UInt8] = []
            blob.reserveCapacity(preset.bytesPerBlob)
            for cell in cells[..<needed] { blob += cell }
            do {
                row = try self.cells(ofBlob: blob)
            } catch .notCanonical(_, _, let element) {
                let perCell = preset.fieldElementsPerCell
                throw .notCanonical(
                    of: .cell, index: element / perCell, element: element % perCell)
            }
        } else {
            row = try interpolated(columns: [Int](columns[..<needed]), cells: cells)
        }
        for index in needed..<columns.count {
            let start = columns[index] * size
            guard cells[index].elementsEqual(row[start..<start + size]) else {
                throw .contradiction(column: columns[index])
            }
        }
        return row
    }

    /// The row through exactly as many cells as are needed.
    ///
    /// Let Z be the polynomial that vanishes on the missing cells; its degree is the number of their
    /// elements. Of D = f Z all values in the extended domain are known, and its degree is below the
    /// domain's size. Where Z vanishes, D' = f Z': one inverse transform for D's coefficients and one
    /// transform for x D' give every missing value. Z(x) is z(x^l), with l the cell's size and z over
    /// the missing cells' h^l, so Z and x Z' = l x^l z'(x^l) are constant on a cell.
    private func interpolated(
        columns: [Int], cells: [ArraySlice<UInt8>]
    ) throws(KZGError) -> [UInt8] {
        let size = preset.fieldElementsPerCell
        let isKnown = columns.reduce(
            into: [Bool](repeating: false, count: preset.cellsPerExtendedBlob)
        ) { $0[$1] = true }
        let missing = isKnown.indices.filter { !isKnown[$0] }

        var values = [Fr](repeating: .zero, count: preset.fieldElementsPerExtendedBlob)
        for (index, column) in columns.enumerated() {
            let at = cosetPowers[column]
            var factor = Fr.one
            for other in missing { factor *= at - cosetPowers[other] }
            let failed = values.withUnsafeMutableBufferPointer { buffer in
                let part = UnsafeMutableBufferPointer(
                    rebasing: buffer[column * size..<(column + 1) * size])
                let failed = cells[index].withBytes { Fr.parse($0, into: part) }
                Fr.scale(part, by: factor)
                return failed
            }
            if let failed { throw .notCanonical(of: .cell, index: index, element: failed) }
        }
        // The inverse of domain size * l * h^l * z'(h^l), for each missing cell.
        var factors = missing.map { column in
            let at = cosetPowers[column]
            var factor = at * Fr(UInt64(values.count * size))
            for other in missing where other != column { factor *= at - cosetPowers[other] }
            return factor
        }
        Fr.invertAll(&factors)

        values.withUnsafeMutableBufferPointer { buffer in
            domain.unscaledIFFTFromBitReversed(buffer, block: 0)
            // x D': coefficient j times j.
            var exponent = Fr.zero
            for j in buffer.indices {
                buffer[j] *= exponent
                exponent += .one
            }
            domain.fftToBitReversed(buffer)
            for (column, factor) in zip(missing, factors) {
                Fr.scale(
                    UnsafeMutableBufferPointer(
                        rebasing: buffer[column * size..<(column + 1) * size]), by: factor)
            }
        }
        return [UInt8](unsafeUninitializedCapacity: preset.bytesPerExtendedBlob) { target, count in
            count = preset.bytesPerExtendedBlob
            let target = UnsafeMutableRawBufferPointer(
                UnsafeMutableBufferPointer(rebasing: target[..<count]))
            values.withUnsafeBufferPointer { values in
                for column in missing {
                    Fr.write(
                        UnsafeBufferPointer(
                            rebasing: values[column * size..<(column + 1) * size]),
                        to: part(of: target, column))
                }
            }
            for (index, column) in columns.enumerated() {
                cells[index].withBytes { part(of: target, column).copyMemory(from: $0) }
            }
        }
    }

    private func part(
        of row: UnsafeMutableRawBufferPointer, _ column: Int
    ) -> UnsafeMutableRawBufferPointer {
        let size = preset.bytesPerCell
        return UnsafeMutableRawBufferPointer(rebasing: row[column * size..<(column + 1) * size])
    }

    private func checkRecovery(
        columns: [Int], cells: [ArraySlice<UInt8>]
    ) throws(KZGError) {
        guard columns.count == cells.count else {
            throw .wrongCount(of: .column, expected: cells.count, actual: columns.count)
        }
        guard cells.count >= preset.cellsPerBlob else {
            throw .tooFewCells(needed: preset.cellsPerBlob, actual: cells.count)
        }
        guard cells.count <= preset.cellsPerExtendedBlob else {
            throw .tooManyCells(limit: preset.cellsPerExtendedBlob, actual: cells.count)
        }
        for index in columns.indices {
            guard columns[index] >= 0, columns[index] < preset.cellsPerExtendedBlob else {
                throw .columnOutOfRange(
                    index: index, column: columns[index], limit: preset.cellsPerExtendedBlob)
            }
            guard index == 0 || columns[index - 1] < columns[index] else {
                throw .columnsNotAscending(index: index)
            }
            guard cells[index].count == preset.bytesPerCell else {
                throw .wrongLength(
                    of: .cell, index: index, expected: preset.bytesPerCell,
                    actual: cells[index].count)
            }
        }
    }

    /// The blob's bytes and then the other half of the cells, from the blob's coefficients.
    func extended(_ blob: UnsafeRawBufferPointer, coefficients: [Fr]) -> [UInt8] {
        var values = coefficients
        values.withUnsafeMutableBufferPointer { domain.fftToBitReversed($0, block: 1) }
        return [UInt8](unsafeUninitializedCapacity: preset.bytesPerExtendedBlob) { target, count in
            count = preset.bytesPerExtendedBlob
            let bytes = UnsafeMutableRawBufferPointer(
                UnsafeMutableBufferPointer(rebasing: target[..<count]))
            let half = preset.bytesPerBlob
            UnsafeMutableRawBufferPointer(rebasing: bytes[..<half]).copyMemory(from: blob)
            values.withUnsafeBufferPointer {
                Fr.write($0, to: UnsafeMutableRawBufferPointer(rebasing: bytes[half...]))
            }
        }
    }
}
