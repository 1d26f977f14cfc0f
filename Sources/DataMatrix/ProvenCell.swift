public import KZGCommitments

/// A cell with its place and its proof: what is verified, kept, and given from node to node.
public struct ProvenCell: Sendable, Hashable {
    /// Where it belongs.
    public let coordinate: CellCoordinate
    /// The cell's bytes.
    public let cell: [UInt8]
    /// The proof that they are those of this place.
    public let proof: KZGProof

    /// The cell with these parts. Whether they fit a matrix, and each other, is for a
    /// ``MatrixVerifier`` to say.
    public init(place: CellCoordinate, bytes: [UInt8], proof: KZGProof) {
        coordinate = place
        cell = bytes
        self.proof = proof
    }
}
