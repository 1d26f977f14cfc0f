import SSZ

/// A piece of evidence against a sequencer: what is published on the evidence topic and stored in
/// files.
public enum Evidence: Sendable, Hashable {
    /// Signed testimony.
    case withholding(WithholdingReport)
    /// Proof.
    case equivocation(EquivocationProof)

    /// The byte that an encoding begins with.
    public enum Kind: UInt8, Sendable, Hashable, CaseIterable {
        /// A withholding report.
        case withholding = 1
        /// An equivocation proof.
        case equivocation = 2
    }

    /// What kind of evidence it is.
    public var kind: Kind {
        switch self {
        case .withholding: .withholding
        case .equivocation: .equivocation
        }
    }

    /// The kind's byte and the SSZ encoding.
    public var encoded: [UInt8] {
        switch self {
        case .withholding(let report): [kind.rawValue] + report.encoded
        case .equivocation(let proof): [kind.rawValue] + proof.encoded
        }
    }

    /// The evidence of these bytes.
    ///
    /// - Throws: ``EvidenceError`` if they are none.
    public init(encoded bytes: ArraySlice<UInt8>) throws(EvidenceError) {
        guard bytes.count <= Limits.reportBytes else {
            throw .tooLarge(byteCount: bytes.count, limit: Limits.reportBytes)
        }
        guard let first = bytes.first else { throw .truncated(byteCount: 0) }
        guard let kind = Kind(rawValue: first) else { throw .unknownKind(first) }
        do throws(SSZError) {
            switch kind {
            case .withholding:
                self = .withholding(try WithholdingReport(encoded: bytes.dropFirst()))
            case .equivocation:
                self = .equivocation(try EquivocationProof(encoded: bytes.dropFirst()))
            }
        } catch {
            throw .encoding("\(error)")
        }
    }

    /// The evidence of these bytes.
    ///
    /// - Throws: ``EvidenceError`` if they are none.
    public init(encoded bytes: [UInt8]) throws(EvidenceError) {
        try self.init(encoded: bytes[...])
    }

    /// The lane that the evidence is about.
    public var sequencer: NodeKey {
        switch self {
        case .withholding(let report): report.header.summary.sequencer
        case .equivocation(let proof): proof.sequencer
        }
    }

    /// Checks everything that can be checked.
    ///
    /// - Parameters:
    ///   - parameters: The network's, if they are known.
    ///   - now: The clock, if reports from the future are to be refused.
    /// - Returns: All checks with their outcomes.
    public func verify(parameters: NetworkParameters?, now: UnixTime?) -> EvidenceVerdict {
        switch self {
        case .withholding(let report): report.verify(parameters: parameters, now: now)
        case .equivocation(let proof): proof.verify(parameters: parameters)
        }
    }
}

/// Why bytes are no evidence.
public enum EvidenceError: Error, Hashable, Sendable {
    /// More bytes than evidence may have.
    case tooLarge(byteCount: Int, limit: Int)
    /// Fewer bytes than there must be.
    case truncated(byteCount: Int)
    /// A kind that does not exist.
    case unknownKind(UInt8)
    /// Not the encoding of its kind.
    case encoding(String)
    /// A file that does not begin as an evidence file does.
    case foreign
    /// A version of the file that this program does not know.
    case version(UInt8)
    /// The file's length is not what it states.
    case length(actual: Int, stated: Int)
    /// The file's checksum is not that of its bytes: it was damaged.
    case checksum
}

extension EvidenceError: CustomStringConvertible {
    /// What is wrong, with the numbers.
    public var description: String {
        switch self {
        case .tooLarge(let count, let limit): "\(count) bytes, at most \(limit) are allowed"
        case .truncated(let count): "truncated after \(count) bytes"
        case .unknownKind(let kind): "kind \(kind) of evidence is unknown"
        case .encoding(let reason): "not evidence of its kind: \(reason)"
        case .foreign: "not an evidence file"
        case .version(let version): "evidence file of version \(version), expected 1"
        case .length(let actual, let stated):
            "evidence of \(actual) bytes, the file states \(stated)"
        case .checksum: "damaged: the checksum does not match"
        }
    }
}
