/// Why a matrix was not rebuilt. Nothing of it is changed then.
public enum ReconstructionError: Error, Hashable {
    /// Rows and columns in turn end with these cells still missing.
    case stuck(CellSet)
    /// The cells of each of these lines do not belong together: some of them, or of cells they were
    /// rebuilt from, are wrong.
    case contradiction([Line])
    /// A cell has an element that is not below the field's order.
    case notCanonical(CellCoordinate, element: Int)
    /// The cells belong together, but these data rows are not what the commitments commit to.
    case commitmentMismatch(rows: [Int])
    /// These cells do not belong to the commitments, by their proofs.
    case invalidCells(CellSet)
    /// The commitment of this data row is not a point of G1.
    case invalidCommitment(row: Int)
    /// The caller had enough.
    case cancelled
}

extension ReconstructionError: CustomStringConvertible {
    /// What is wrong, with the places.
    public var description: String {
        switch self {
        case .stuck(let cells):
            "\(cells.count) cells can't be rebuilt: each of their rows and columns has too few others"
        case .contradiction(let lines):
            "the cells contradict each other in " + Self.list(lines.map(\.description))
        case .notCanonical(let cell, let element):
            "cell \(cell): field element \(element) is not canonical (not below the field's order)"
        case .commitmentMismatch(let rows):
            "not what the commitments commit to: " + Self.list(rows.map { "row \($0)" })
        case .invalidCells(let cells):
            "do not belong to the commitments: " + Self.list(cells.map { "cell \($0)" })
        case .invalidCommitment(let row): "the commitment of row \(row) is not a point of the group"
        case .cancelled: "cancelled"
        }
    }

    private static func list(_ items: [String]) -> String {
        let shown = items.prefix(8).joined(separator: ", ")
        return items.count > 8 ? shown + " and \(items.count - 8) more" : shown
    }
}

/// How far a reconstruction has come.
public struct RebuildProgress: Sendable, Hashable {
    /// Cells rebuilt so far.
    public let rebuilt: Int
    /// Cells that were missing.
    public let missing: Int
    /// Passes over rows or columns so far.
    public let passes: Int
}
