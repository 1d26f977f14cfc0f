public import DataMatrix

/// A cell with its place and its proof, as nodes give it to each other.
public typealias ProvenCell = DataMatrix.ProvenCell
