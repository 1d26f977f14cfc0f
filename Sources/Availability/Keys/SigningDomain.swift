import SSZ

/// What signatures are made of: a text of its own for each kind of statement, the network's id and
/// the statement's root. So no signature can be taken for one of another kind or another network.
public enum SigningDomain: String, Sendable, CaseIterable {
    /// A sequencer's signature of a header.
    case header = "damask-header-v1"
    /// A reporter's signature of a withholding report.
    case withholding = "damask-withholding-v1"
    /// A node's signature of its custody record.
    case custody = "damask-custody-v1"

    /// The bytes that are signed.
    func message(network: Bytes32, root: Bytes32) -> [UInt8] {
        Array(rawValue.utf8) + network.bytes + root.bytes
    }
}

/// A 64-byte signature as a field.
let signatureType = SSZType<[UInt8]>.bytes(64)
