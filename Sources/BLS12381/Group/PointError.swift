/// Why bytes are no point of a group.
public enum PointError: Error, Equatable, Sendable {
    /// There is another number of bytes than an encoding has.
    case wrongLength(actual: Int, expected: Int)
    /// The flag bits say something that no encoding does: not compressed, or bits set beside those
    /// of the point at infinity.
    case badFlags
    /// A coordinate is not below the field's prime.
    case notCanonical
    /// No point of the curve has this coordinate.
    case notOnCurve
    /// The point is on the curve, but not in the subgroup of order r.
    case notInSubgroup
}
