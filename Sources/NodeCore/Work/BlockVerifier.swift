import Availability
public import DataMatrix
import KZGCommitments

/// A block's commitments, checked, with what is needed to verify its cells.
public struct BlockVerifier: Sendable {
    /// Checks cells of any rows, parity included.
    public let matrix: MatrixVerifier
    /// What the block's header commits to.
    package let description: BlockDescription

    /// Checks that the commitments are points of the right group; nil if one is not.
    public init?(_ description: BlockDescription, arithmetic: BlockArithmetic) {
        guard
            let matrix = try? MatrixVerifier(
                verifier: arithmetic.verifier, description: description)
        else { return nil }
        self.matrix = matrix
        self.description = description
    }

    /// Which groups of cells hold. All are checked in one batch; only if that fails is the batch
    /// halved until the bad groups are found, so that one bad group costs about as many further
    /// checks as the number of groups has digits.
    func verify(_ groups: [[ProvenCell]]) -> [Bool] {
        var verdicts = [Bool](repeating: false, count: groups.count)
        verify(groups[...], into: &verdicts)
        return verdicts
    }

    private func verify(_ groups: ArraySlice<[ProvenCell]>, into verdicts: inout [Bool]) {
        guard !groups.isEmpty else { return }
        if holds(groups) {
            for index in groups.indices { verdicts[index] = true }
        } else if groups.count > 1 {
            let middle = groups.startIndex + groups.count / 2
            verify(groups[..<middle], into: &verdicts)
            verify(groups[middle...], into: &verdicts)
        }
    }

    /// Malformed cells do not hold, like wrong ones.
    private func holds(_ groups: ArraySlice<[ProvenCell]>) -> Bool {
        let cells = groups.flatMap { $0 }
        return (try? matrix.verify(cells)) ?? false
    }
}
