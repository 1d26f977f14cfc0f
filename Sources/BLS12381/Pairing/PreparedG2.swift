/// A point of G2 as the Miller loop needs it: the lines through its multiples.
///
/// Preparing takes longer than the loop itself, so keep what is fixed: a setup's points are.
public struct PreparedG2: Sendable {
    /// A line of the loop through T (and Q, or tangent there) with slope s: `slope` is s, `constant`
    /// is s x_T - y_T.
    @usableFromInline struct Line: Sendable {
        var slope: Fp2
        var constant: Fp2
    }

    /// The lines in the order in which the loop uses them; none for the point at infinity.
    let lines: [Line]

    /// The absolute value of the curve's parameter, which is negative: the loop's length.
    static let loop: UInt64 = 0xd201_0000_0001_0000

    /// Prepares a point.
    ///
    /// - Parameter point: A point in G2. Points of other order would not give a pairing.
    public init(_ point: G2Affine) {
        guard !point.isInfinity else {
            lines = []
            return
        }
        var lines: [Line] = []
        lines.reserveCapacity(68)
        var x = point.x
        var y = point.y

        // T becomes 2T, or T + Q: in affine coordinates, since the lines need the slopes anyway. No
        // multiple of a point of the large prime order r that occurs here is infinite or +-Q.
        func advance(slope: Fp2, otherX: Fp2) {
            lines.append(Line(slope: slope, constant: slope * x - y))
            let nextX = slope.squared() - x - otherX
            y = slope * (x - nextX) - y
            x = nextX
        }
        for bit in (0..<63).reversed() {
            let square = x.squared()
            advance(slope: (square.doubled() + square) * y.doubled().inverse(), otherX: x)
            if PreparedG2.loop >> UInt64(bit) & 1 == 1 {
                advance(slope: (y - point.y) * (x - point.x).inverse(), otherX: point.x)
            }
        }
        self.lines = lines
    }
}
