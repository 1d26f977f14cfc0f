import SystemCrypto

/// Binary SHA-256 trees over 32-byte chunks, as SSZ has them.
package enum Merkle {
    /// Levels for which roots of all-zero trees are kept; more than any limit of ours needs.
    private static let maximumDepth = 48

    /// Entry `d` is the root of `2^d` zero chunks.
    private static let zeroRoots: [Bytes32] = {
        var roots = [Bytes32.zero]
        for depth in 0..<maximumDepth { roots.append(pair(roots[depth], roots[depth])) }
        return roots
    }()

    /// The parent of two nodes.
    package static func pair(_ left: Bytes32, _ right: Bytes32) -> Bytes32 {
        var input = (left, right)
        return withUnsafeMutableBytes(of: &input) { input in
            Bytes32(filledBy: { SHA256.hash(UnsafeRawBufferPointer(input), into: $0) })
        }
    }

    /// The number of levels above `limit` leaves (at least one).
    static func depth(leaves limit: Int) -> Int {
        limit <= 1 ? 0 : Int.bitWidth - (limit - 1).leadingZeroBitCount
    }

    /// The root of a tree of `limit` leaves, rounded up to a power of two, that begins with
    /// `leaves` and goes on with zeros.
    ///
    /// - Parameters:
    ///   - leaves: At most `limit`.
    ///   - limit: What the type allows; the depth follows from it alone.
    /// - Returns: The root.
    package static func root(leaves: [Bytes32], limit: Int) -> Bytes32 {
        precondition(leaves.count <= limit || (leaves.isEmpty && limit == 0))
        let depth = depth(leaves: limit)
        precondition(depth <= maximumDepth, "limit \(limit) is too large")
        guard !leaves.isEmpty else { return zeroRoots[depth] }
        var layer = leaves
        var count = leaves.count
        for level in 0..<depth {
            if count == 1 {
                // The rest of the way has only zero trees to the right.
                return (level..<depth).reduce(layer[0]) { pair($0, zeroRoots[$1]) }
            }
            if count % 2 == 1 {
                if count == layer.count {
                    layer.append(zeroRoots[level])
                } else {
                    layer[count] = zeroRoots[level]
                }
                count += 1
            }
            for index in 0..<(count / 2) {
                layer[index] = pair(layer[2 * index], layer[2 * index + 1])
            }
            count /= 2
        }
        return layer[0]
    }

    /// The root of a list: its tree's root with the number of elements.
    package static func mixIn(length: Int, to root: Bytes32) -> Bytes32 {
        pair(root, uint(UInt64(length)))
    }

    /// The chunk of an unsigned integer.
    static func uint(_ value: some FixedWidthInteger & UnsignedInteger) -> Bytes32 {
        Bytes32(filledBy: { $0.storeBytes(of: value.littleEndian, as: type(of: value)) })
    }

    /// Bytes cut into chunks, the last one filled up with zeros.
    static func chunks(_ bytes: ArraySlice<UInt8>) -> [Bytes32] {
        stride(from: bytes.startIndex, to: bytes.endIndex, by: 32).map { start in
            Bytes32(filledBy: {
                $0.copyBytes(from: bytes[start..<min(start + 32, bytes.endIndex)])
            })
        }
    }

    /// The siblings on the way from a leaf to the root, lowest first.
    ///
    /// - Parameters:
    ///   - index: Which leaf; below the number of leaves.
    ///   - leaves: At most `limit`.
    ///   - limit: As for ``root(leaves:limit:)``.
    /// - Returns: One node for each level.
    package static func branch(ofLeaf index: Int, in leaves: [Bytes32], limit: Int) -> [Bytes32] {
        precondition(leaves.indices.contains(index) && leaves.count <= limit)
        var layer = leaves
        var branch: [Bytes32] = []
        var position = index
        for level in 0..<depth(leaves: limit) {
            if layer.count % 2 == 1 { layer.append(zeroRoots[level]) }
            branch.append(layer[position ^ 1])
            layer = stride(from: 0, to: layer.count, by: 2).map { pair(layer[$0], layer[$0 + 1]) }
            position /= 2
        }
        return branch
    }

    /// The root that a leaf and the siblings on its way lead to.
    package static func root(leaf: Bytes32, index: Int, branch: [Bytes32]) -> Bytes32 {
        var position = index
        return branch.reduce(leaf) { node, sibling in
            defer { position /= 2 }
            return position % 2 == 0 ? pair(node, sibling) : pair(sibling, node)
        }
    }
}
