import CBLS12381

// The transforms on many polynomials at once, one in each column of a matrix: rows are the
// coefficients or values. Element j of row i is at `i * stride + j`.
extension EvaluationDomain {
    /// Turns the first half of each column's values in bit-reversed order, the rows from 0 to
    /// `size / 2 - 1`, into the second half: the Reed-Solomon extension of each column to twice its
    /// length. `source` keeps its contents unless it is `target`.
    ///
    /// - Parameters:
    ///   - source: `size / 2` rows.
    ///   - target: `size / 2` rows, for the second half. It may be the same memory as `source`.
    ///   - stride: The distance of one row from the next, in both.
    ///   - width: The number of columns, at most `stride`.
    public func extendColumns(
        _ source: UnsafeBufferPointer<Fr>, into target: UnsafeMutableBufferPointer<Fr>,
        stride: Int, width: Int
    ) {
        precondition(size > 1 && width >= 0 && stride >= width, "columns in a row")
        let rows = size / 2
        guard width > 0 else { return }
        let needed = (rows - 1) * stride + width
        precondition(source.count >= needed && target.count >= needed, "rows in a matrix")
        guard let from = source.baseAddress, let base = target.baseAddress else { return }
        if from != UnsafePointer(base) {
            for row in 0..<rows {
                (base + row * stride).update(from: from + row * stride, count: width)
            }
        }
        twiddles.withUnsafeBufferPointer { twiddles in
            guard let roots = twiddles.baseAddress else { return }
            let half = Int32(log - 1)
            bls_fr_ifft_columns(base.kernel, half, 0, roots.kernel, stride, width)
            var factor = (inverseSize + inverseSize).raw
            for row in 0..<rows {
                bls_fr_scale_each((base + row * stride).kernel, &factor, width)
            }
            bls_fr_fft_columns(base.kernel, half, 1, roots.kernel, stride, width)
        }
    }

    /// `fftToBitReversed` in each column, in place.
    ///
    /// - Parameters:
    ///   - matrix: `size` rows.
    ///   - stride: The distance of one row from the next.
    ///   - width: The number of columns, at most `stride`.
    public func fftColumnsToBitReversed(
        _ matrix: UnsafeMutableBufferPointer<Fr>, stride: Int, width: Int
    ) {
        runColumns(matrix, stride: stride, width: width, inverse: false)
    }

    /// `ifftFromBitReversed` in each column, in place.
    ///
    /// - Parameters:
    ///   - matrix: `size` rows.
    ///   - stride: The distance of one row from the next.
    ///   - width: The number of columns, at most `stride`.
    public func ifftColumnsFromBitReversed(
        _ matrix: UnsafeMutableBufferPointer<Fr>, stride: Int, width: Int
    ) {
        runColumns(matrix, stride: stride, width: width, inverse: true)
    }

    private func runColumns(
        _ matrix: UnsafeMutableBufferPointer<Fr>, stride: Int, width: Int, inverse: Bool
    ) {
        precondition(width >= 0 && stride >= width, "columns in a row")
        guard width > 0 else { return }
        precondition(matrix.count >= (size - 1) * stride + width, "rows in a matrix")
        guard let base = matrix.baseAddress else { return }
        twiddles.withUnsafeBufferPointer { twiddles in
            guard let roots = twiddles.baseAddress else { return }
            if inverse {
                bls_fr_ifft_columns(base.kernel, Int32(log), 0, roots.kernel, stride, width)
                var factor = inverseSize.raw
                for row in 0..<size {
                    bls_fr_scale_each((base + row * stride).kernel, &factor, width)
                }
            } else {
                bls_fr_fft_columns(base.kernel, Int32(log), 0, roots.kernel, stride, width)
            }
        }
    }
}
