/// Why an input is no input: it has the wrong shape, or is not an element of the field or group.
///
/// A well-formed input that does not verify is no error; verification then answers false.
public enum KZGError: Error, Sendable, Hashable {
    /// What an error is about.
    public enum Subject: String, Sendable, Hashable {
        /// A blob, given by its values.
        case blob
        /// A cell of an extended blob.
        case cell
        /// A commitment.
        case commitment
        /// A proof.
        case proof
        /// The point at which a polynomial is evaluated.
        case point
        /// The value claimed there.
        case value
        /// The number of a column.
        case column
    }

    /// The subject at position `index` of its list (0 where there is but one) has another length in
    /// bytes than it must have.
    case wrongLength(of: Subject, index: Int, expected: Int, actual: Int)
    /// Lists that go together differ in length: as many of the subject are needed as `expected`.
    case wrongCount(of: Subject, expected: Int, actual: Int)
    /// The field element at position `element` of the subject at position `index` is not below the
    /// order of the field.
    case notCanonical(of: Subject, index: Int, element: Int)
    /// The subject at position `index` is not the encoding of a point in G1.
    case invalidPoint(of: Subject, index: Int)
    /// The column number at position `index` is not in `0..<limit`.
    case columnOutOfRange(index: Int, column: Int, limit: Int)
    /// The column number at position `index` is not above the one before it.
    case columnsNotAscending(index: Int)
    /// A row can't be recovered from `actual` cells: `needed` different ones are.
    case tooFewCells(needed: Int, actual: Int)
    /// More cells of one row were given than there are.
    case tooManyCells(limit: Int, actual: Int)
    /// More cells than needed were given to recover a row, and the one of this column is not on the
    /// polynomial that the first ones determine.
    case contradiction(column: Int)
}

extension KZGError: CustomStringConvertible {
    /// The error in words.
    public var description: String {
        switch self {
        case .wrongLength(let subject, let index, let expected, let actual):
            "\(subject.rawValue) \(index) has \(actual) bytes, not \(expected)"
        case .wrongCount(let subject, let expected, let actual):
            "\(actual) given of \(subject.rawValue), \(expected) needed"
        case .notCanonical(let subject, let index, let element):
            "\(subject.rawValue) \(index): field element \(element) is not below the field's order"
        case .invalidPoint(let subject, let index):
            "\(subject.rawValue) \(index) is not a point of G1"
        case .columnOutOfRange(let index, let column, let limit):
            "column \(column) at position \(index) is not below \(limit)"
        case .columnsNotAscending(let index):
            "the columns do not ascend at position \(index)"
        case .tooFewCells(let needed, let actual):
            "\(actual) cells given, \(needed) needed"
        case .tooManyCells(let limit, let actual):
            "\(actual) cells given of a row that has \(limit)"
        case .contradiction(let column):
            "the cell of column \(column) contradicts the others of its row"
        }
    }
}
