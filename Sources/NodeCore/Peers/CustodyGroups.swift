public import DataMatrix

/// A set of the 32 column groups, the unit of custody and of gossip topics: group `g` has the
/// columns `g`, `g + 32`, `g + 64` and `g + 96`. (A preset with fewer columns than groups uses the
/// first groups only, a column to each.)
public struct CustodyGroups: Sendable, Hashable {
    /// Column groups of the network.
    public static let groupCount = 32

    /// Bit `g` for group `g`.
    public var bits: UInt32

    /// The groups whose bits are set.
    public init(bits: UInt32) {
        self.bits = bits
    }

    /// These groups; those that do not exist are left out.
    public init(_ groups: some Sequence<Int>) {
        bits = groups.reduce(0) { bits, group in
            (0..<Self.groupCount).contains(group) ? bits | 1 << UInt32(group) : bits
        }
    }

    /// Every group.
    public static let all = CustodyGroups(bits: .max)
    /// No group.
    public static let none = CustodyGroups(bits: 0)

    /// The group that a column belongs to.
    public static func group(ofColumn column: Int) -> Int {
        column % groupCount
    }

    /// Whether the group is in the set.
    public func contains(group: Int) -> Bool {
        (0..<Self.groupCount).contains(group) && bits >> UInt32(group) & 1 == 1
    }

    /// Whether the column's group is in the set.
    public func contains(column: Int) -> Bool {
        contains(group: Self.group(ofColumn: column))
    }

    /// The groups, ascending.
    public var groups: [Int] { (0..<Self.groupCount).filter(contains(group:)) }

    /// How many groups there are.
    public var count: Int { bits.nonzeroBitCount }

    /// The columns of a matrix that belong to these groups, ascending.
    public func columns(of shape: MatrixShape) -> [Int] {
        (0..<shape.columns).filter(contains(column:))
    }
}
