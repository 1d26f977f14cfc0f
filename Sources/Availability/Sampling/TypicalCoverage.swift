package import KZGCommitments

/// The share of random cells from which rows and columns in turn rebuild a matrix in 99 of 100
/// trials. Measured with ``Decodability``; `specs/sampling.md` says how.
package enum TypicalCoverage {
    /// By the binary logarithm of the number of data rows, 1 to 256.
    private static let mainnet = [0.325, 0.336, 0.356, 0.376, 0.392, 0.405, 0.417, 0.426, 0.432]
    private static let minimal = [0.375, 0.438, 0.375, 0.344, 0.336, 0.340, 0.338, 0.336, 0.334]

    /// The shares by the binary logarithm of the number of data rows.
    package static func table(_ preset: Preset) -> [Double] {
        preset == .minimal ? minimal : mainnet
    }

    /// The share for a number of data rows, a power of two up to 256.
    package static func fraction(dataRows: Int, preset: Preset) -> Double {
        let table = table(preset)
        return table[min(dataRows.trailingZeroBitCount, table.count - 1)]
    }
}
