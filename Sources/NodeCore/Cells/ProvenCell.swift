public import DataMatrix
public import KZGCommitments

/// A cell with its place and its proof, as nodes give it to each other.
public struct ProvenCell: Sendable, Hashable {
    /// Where in the matrix.
    public let coordinate: CellCoordinate
    /// The content, `bytesPerCell` of the preset.
    public let cell: [UInt8]
    /// That the content belongs to its row's commitment at its column.
    public let proof: KZGProof

    /// A cell with its place and its proof. Nothing is checked here.
    public init(coordinate: CellCoordinate, cell: [UInt8], proof: KZGProof) {
        self.coordinate = coordinate
        self.cell = cell
        self.proof = proof
    }
}
