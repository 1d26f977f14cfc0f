public import SSZ

/// A header and its sequencer's signature. The signature may be anything; ``isSignatureValid``
/// says whether it holds.
public struct SignedHeader: Sendable, Hashable {
    /// The header.
    public let header: BlockHeader
    /// The 64 bytes of the signature.
    public let signature: [UInt8]
    /// The header's root, computed once.
    public let root: Bytes32

    /// Signs a header.
    ///
    /// - Parameters:
    ///   - header: The header; its ``BlockHeader/sequencer`` must be the key's.
    ///   - key: The sequencer's key.
    public init(signing header: BlockHeader, with key: SigningKey) {
        let root = header.root
        self.header = header
        self.root = root
        signature = key.sign(SigningDomain.header.message(network: header.networkID, root: root))
    }

    /// A header with a signature from elsewhere, or nil unless that has 64 bytes.
    public init?(_ header: BlockHeader, signature: [UInt8]) {
        guard signature.count == Limits.signatureByteCount else { return nil }
        self.init(unchecked: header, signature: signature)
    }

    private init(unchecked header: BlockHeader, signature: [UInt8]) {
        self.header = header
        self.signature = signature
        root = header.root
    }

    /// Whether the signature is that of the header's sequencer.
    public var isSignatureValid: Bool {
        header.sequencer.isValid(
            signature: signature,
            of: SigningDomain.header.message(network: header.networkID, root: root))
    }

    /// The header in short, with the same signature.
    public var summary: SignedHeaderSummary {
        SignedHeaderSummary(summary: header.summary, signature: signature, root: root)
    }
}

extension SignedHeader: SSZCodable {
    /// `{message, signature}`.
    public static let ssz = SSZType<SignedHeader>.container(
        .field("message", \.header, BlockHeader.ssz),
        .field("signature", \.signature, signatureType)
    ) { header, signature throws(SSZError) in
        SignedHeader(unchecked: header, signature: signature)
    }
}

/// A header's summary and its sequencer's signature, which may be anything.
public struct SignedHeaderSummary: Sendable, Hashable {
    /// The summary.
    public let summary: HeaderSummary
    /// The 64 bytes of the signature.
    public let signature: [UInt8]
    /// The header's root, computed once.
    public let root: Bytes32

    /// Whether the signature is that of the header's sequencer.
    public var isSignatureValid: Bool {
        summary.sequencer.isValid(
            signature: signature,
            of: SigningDomain.header.message(network: summary.networkID, root: root))
    }
}

extension SignedHeaderSummary: SSZCodable {
    /// `{message, signature}`.
    public static let ssz = SSZType<SignedHeaderSummary>.container(
        .field("message", \.summary, HeaderSummary.ssz),
        .field("signature", \.signature, signatureType)
    ) { summary, signature throws(SSZError) in
        SignedHeaderSummary(summary: summary, signature: signature, root: summary.hashTreeRoot)
    }
}
