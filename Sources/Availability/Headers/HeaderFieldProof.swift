public import SSZ

/// A proof that a header has a certain field, for who knows only the header's root: a bridge that
/// wants the new state root, or whoever wants the index alone.
public struct HeaderFieldProof: Sendable, Hashable {
    /// A field of a header; raw values are its places in the container.
    public enum Field: Int, Sendable, Hashable, CaseIterable {
        /// The version.
        case version = 0
        /// The network id.
        case networkID = 1
        /// The sequencer's key.
        case sequencer = 2
        /// The height.
        case height = 3
        /// The slot.
        case slot = 4
        /// The parent's root.
        case parentRoot = 5
        /// The number of data rows.
        case dataRows = 6
        /// The list of commitments.
        case commitments = 7
        /// The index.
        case index = 8
        /// The state root before.
        case previousStateRoot = 9
        /// The state root after.
        case newStateRoot = 10
    }

    /// The field.
    public let field: Field
    /// The siblings on the way from the field's root to the header's, lowest first.
    public let branch: [Bytes32]

    /// A proof from elsewhere.
    public init(field: Field, branch: [Bytes32]) {
        self.field = field
        self.branch = branch
    }

    /// Whether the header with this root has a field with that root.
    ///
    /// - Parameters:
    ///   - fieldRoot: `hash_tree_root` of the field: for a state root, itself.
    ///   - headerRoot: The header's root.
    /// - Returns: False too if the branch has another length than four.
    public func proves(_ fieldRoot: Bytes32, in headerRoot: Bytes32) -> Bool {
        branch.count == 4
            && Merkle.root(leaf: fieldRoot, index: field.rawValue, branch: branch) == headerRoot
    }
}

extension HeaderSummary {
    /// The proof of a field.
    public func proof(of field: HeaderFieldProof.Field) -> HeaderFieldProof {
        HeaderFieldProof(
            field: field, branch: Self.ssz.branch(ofField: field.rawValue, in: self))
    }
}
