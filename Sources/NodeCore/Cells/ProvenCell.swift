public import Availability
import DataMatrix

/// A cell with its place and its proof, as nodes give it to each other.
public typealias ProvenCell = Availability.ProvenCell

extension ProvenCell {
    /// The same cell in the terms of the matrix.
    var placed: DataMatrix.ProvenCell {
        DataMatrix.ProvenCell(place: coordinate, bytes: cell, proof: proof)
    }
}
