import SSZ
import Testing

@Suite struct VectorSuite {
    @Test func everyCase() throws {
        let cases = try VectorCase.all()
        #expect(cases.count == 25)
        for vector in cases {
            switch vector.type {
            case "Mixed": try check(vector, Mixed.ssz)
            case "Fixed": try check(vector, Fixed.ssz)
            case "uint8": try check(vector, .uint8)
            case "uint16": try check(vector, .uint16)
            case "uint32": try check(vector, .uint32)
            case "uint64": try check(vector, .uint64)
            case "boolean": try check(vector, .boolean)
            case "Bytes48": try check(vector, .bytes(48))
            case "ByteVector[100]": try check(vector, .bytes(100))
            case "ByteList[200]": try check(vector, .byteList(limit: 200))
            case "List[uint64, 2^40]":
                try check(vector, SSZType<[UInt64]>.list(of: .uint64, limit: 1 << 40))
            case "Vector[uint16, 19]":
                try check(vector, SSZType<[UInt16]>.vector(of: .uint16, count: 19))
            case "List[List[uint16, 4], 3]":
                try check(
                    vector,
                    SSZType<[[UInt16]]>.list(of: .list(of: .uint16, limit: 4), limit: 3))
            default: Issue.record("unknown type \(vector.type)")
            }
        }
    }

    /// The bytes decode, encode to themselves, and have the root that the other program found.
    private func check<Value>(_ vector: VectorCase, _ type: SSZType<Value>) throws {
        let bytes = hex(vector.encoded)
        let value = try type.decode(bytes)
        #expect(type.encode(value) == bytes, "\(vector.type)")
        #expect(type.hashTreeRoot(value).bytes == hex(vector.root), "\(vector.type)")
    }

    /// A tree computed from its definition: all leaves written out, halves hashed recursively.
    @Test func rootsAgreeWithTheDefinition() {
        func root(_ leaves: [Bytes32]) -> Bytes32 {
            guard leaves.count > 1 else { return leaves[0] }
            let half = leaves.count / 2
            return Merkle.pair(root(Array(leaves[..<half])), root(Array(leaves[half...])))
        }
        for limit in [1, 2, 3, 4, 5, 8, 16, 31, 64] {
            let width = limit.nextPowerOfTwo
            for count in 0...limit {
                let leaves = (0..<count).compactMap {
                    Bytes32([UInt8](repeating: UInt8($0 + 1), count: 32))
                }
                let padded = leaves + [Bytes32](repeating: .zero, count: width - count)
                #expect(Merkle.root(leaves: leaves, limit: limit) == root(padded))
                for index in leaves.indices {
                    let branch = Merkle.branch(ofLeaf: index, in: leaves, limit: limit)
                    #expect(
                        Merkle.root(leaf: leaves[index], index: index, branch: branch)
                            == root(padded))
                }
            }
        }
    }
}

extension Int {
    fileprivate var nextPowerOfTwo: Int {
        var power = 1
        while power < self { power *= 2 }
        return power
    }
}
