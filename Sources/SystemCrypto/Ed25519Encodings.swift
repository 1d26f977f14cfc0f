/// The checks of encodings that libraries do not agree on.
extension Ed25519 {
    /// The group order `L = 2^252 + 27742317777372353535851937790883648493`, little-endian.
    private static let order: [UInt8] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ]

    /// The field's prime `2^255 - 19`, little-endian.
    private static let prime: [UInt8] = [0xed] + [UInt8](repeating: 0xff, count: 30) + [0x7f]

    /// The y coordinates of the eight points whose order divides 8, little-endian: those of order
    /// 1, 2, 4 (two points) and 8 (two coordinates, two points each).
    private static let smallOrderCoordinates: [[UInt8]] = [
        [1] + [UInt8](repeating: 0, count: 31),
        [0xec] + [UInt8](repeating: 0xff, count: 30) + [0x7f],
        [UInt8](repeating: 0, count: 32),
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef,
            0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88,
            0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10,
            0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77,
            0x92, 0xac, 0x03, 0x7a,
        ],
    ]

    /// Whether 32 little-endian bytes are a scalar below the group order.
    package static func isCanonical(scalar: [UInt8]) -> Bool {
        scalar.count == 32 && isBelow(scalar, order)
    }

    /// Whether 32 bytes are the only encoding of their point: the y coordinate is below the prime,
    /// and where x is zero (y = 1 or y = -1) the sign bit is zero.
    package static func isCanonical(point: [UInt8]) -> Bool {
        guard point.count == 32 else { return false }
        let y = coordinate(of: point)
        guard isBelow(y, prime) else { return false }
        let xIsZero = y == smallOrderCoordinates[0] || y == smallOrderCoordinates[1]
        return !xIsZero || point[31] & 0x80 == 0
    }

    /// Whether a canonically encoded point has an order that divides 8.
    package static func hasSmallOrder(point: [UInt8]) -> Bool {
        guard point.count == 32 else { return false }
        return smallOrderCoordinates.contains(coordinate(of: point))
    }

    /// The encoding without its sign bit.
    private static func coordinate(of point: [UInt8]) -> [UInt8] {
        var y = point
        y[31] &= 0x7f
        return y
    }

    /// Whether `a < b` as little-endian integers of one length.
    private static func isBelow(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        for index in a.indices.reversed() where a[index] != b[index] {
            return a[index] < b[index]
        }
        return false
    }
}
