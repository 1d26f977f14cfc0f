import BLS12381

/// Rebuilds what is missing of codewords with `n = 2d` symbols, many at once.
///
/// A matrix of n rows holds a codeword in each of its columns; row i is symbol i of all of them.
struct LineDecoder: Sendable {
    let domain: EvaluationDomain

    /// The indices of coefficients as field elements, 0 to n - 1.
    private let indices: [Fr]

    /// The code whose codewords have this many symbols, a power of two from 2.
    init(symbols: Int) {
        domain = EvaluationDomain(size: symbols)
        indices = (0..<symbols).map { Fr(UInt64($0)) }
    }

    /// Fills in the missing symbols.
    ///
    /// - Parameters:
    ///   - matrix: n rows of `width` elements. Of missing symbols the contents do not matter. After
    ///     the call *only* the missing symbols' rows have a meaning: the others have been work space.
    ///   - width: The number of codewords.
    ///   - pattern: What is missing, the same in all of them.
    /// - Returns: Whether the known symbols belong to codewords. If not, there is nothing to fill in.
    func decode(
        _ matrix: UnsafeMutableBufferPointer<Fr>, width: Int, _ pattern: ErasurePattern
    ) -> Bool {
        let n = domain.size
        precondition(matrix.count == n * width, "n rows")
        func row(_ i: Int) -> UnsafeMutableBufferPointer<Fr> {
            UnsafeMutableBufferPointer(rebasing: matrix[(i * width)..<((i + 1) * width)])
        }
        var next = pattern.missing[...]
        for i in 0..<n {
            if next.first == i {
                next.removeFirst()
                row(i).update(repeating: .zero)
            } else {
                Fr.scale(row(i), by: pattern.weights[i])
            }
        }
        domain.ifftColumnsFromBitReversed(matrix, stride: width, width: width)
        for i in (n / 2 + pattern.missing.count)..<n where row(i).contains(where: { !$0.isZero }) {
            return false
        }
        for i in 0..<n { Fr.scale(row(i), by: indices[i]) }
        domain.fftColumnsToBitReversed(matrix, stride: width, width: width)
        for i in pattern.missing { Fr.scale(row(i), by: pattern.weights[i]) }
        return true
    }
}
