public import DataMatrix
public import KZGCommitments
public import SSZ

/// A full node's signed testimony that a block's data did not turn up.
///
/// It is no proof of withholding: that peers were silent cannot be shown to others. What can be
/// checked is what ``verify(parameters:now:)`` lists. ``EquivocationProof`` is proof.
public struct WithholdingReport: Sendable, Hashable {
    /// The version of this list of fields.
    public static let version: UInt8 = 1

    /// The header in short, with the sequencer's signature.
    public let header: SignedHeaderSummary
    /// The bitmap of the cells that are missing and cannot be rebuilt, as ``CellSet/bytes`` gives
    /// it.
    public let missing: [UInt8]
    /// What came of the attempts at each peer, ascending by the peers' ids.
    public let peers: [PeerOutcomes]
    /// The root of the attempt log, whose sums ``peers`` are.
    public let attemptLogRoot: Bytes32
    /// From when on the reporter watched for the block.
    public let watchedFrom: UnixTime
    /// When the report was made.
    public let reported: UnixTime
    /// The reporter's key.
    public let reporter: NodeKey
    /// The reporter's signature of all fields above.
    public let signature: [UInt8]

    /// Makes and signs a report.
    ///
    /// - Parameters:
    ///   - header: The block's header.
    ///   - missing: The cells that are missing and cannot be rebuilt: a stuck set
    ///     (``Decodability/stuckSet(_:)``).
    ///   - log: All attempts to get cells.
    ///   - watchedFrom: From when on the reporter watched for the block.
    ///   - reported: Now.
    ///   - key: The reporter's key.
    /// - Throws: ``MessageError`` if the log has none or more peers than a report can name.
    public init(
        header: SignedHeaderSummary, missing: CellSet, log: AttemptLog, watchedFrom: UnixTime,
        reported: UnixTime, key: SigningKey
    ) throws(MessageError) {
        let peers = log.peers
        guard (1...Limits.peersPerReport).contains(peers.count) else {
            throw .elementCount(actual: peers.count, limit: Limits.peersPerReport)
        }
        let unsigned = WithholdingReport(
            header: header, missing: missing.bytes, peers: peers,
            attemptLogRoot: log.hashTreeRoot, watchedFrom: watchedFrom, reported: reported,
            reporter: key.publicKey,
            signature: [UInt8](repeating: 0, count: Limits.signatureByteCount))
        self.init(
            header: header, missing: unsigned.missing, peers: peers,
            attemptLogRoot: unsigned.attemptLogRoot, watchedFrom: watchedFrom,
            reported: reported, reporter: key.publicKey,
            signature: key.sign(unsigned.signedMessage))
    }

    private init(
        header: SignedHeaderSummary, missing: [UInt8], peers: [PeerOutcomes],
        attemptLogRoot: Bytes32, watchedFrom: UnixTime, reported: UnixTime, reporter: NodeKey,
        signature: [UInt8]
    ) {
        self.header = header
        self.missing = missing
        self.peers = peers
        self.attemptLogRoot = attemptLogRoot
        self.watchedFrom = watchedFrom
        self.reported = reported
        self.reporter = reporter
        self.signature = signature
    }

    /// Whether the signature is the reporter's.
    public var isReporterSignatureValid: Bool {
        reporter.isValid(signature: signature, of: signedMessage)
    }

    private var signedMessage: [UInt8] {
        SigningDomain.withholding.message(
            network: header.summary.networkID, root: Self.contentType.hashTreeRoot(self))
    }

    /// The missing cells, or nil if the bitmap is none of this preset's for the header's number of
    /// data rows.
    public func missingCells(preset: Preset) -> CellSet? {
        guard let shape = try? header.summary.shape(preset: preset) else { return nil }
        return CellSet(shape, bytes: missing)
    }

    /// Whether the sums of a log are those of the report, and its root too.
    public func isBased(on log: AttemptLog) -> Bool {
        log.peers == peers && log.hashTreeRoot == attemptLogRoot
    }
}

// MARK: - Encoding

extension WithholdingReport: SSZCodable {
    /// All fields in their order, the signature last.
    public static let ssz = SSZType<WithholdingReport>.container(
        .field("version", \.fieldVersion, .version(WithholdingReport.version)),
        .field("header", \.header, SignedHeaderSummary.ssz),
        .field("missing", \.missing, .byteList(limit: bitmapBytes)),
        .field("peers", \.peers, peersType),
        .field("attempt_log_root", \.attemptLogRoot, .bytes32),
        .field("watched_from", \.watchedFrom.milliseconds, .uint64),
        .field("reported", \.reported.milliseconds, .uint64),
        .field("reporter", \.reporter, NodeKey.ssz),
        .field("signature", \.signature, signatureType)
    ) {
        (
            _, header, missing, peers, attemptLogRoot, watchedFrom, reported, reporter, signature
        ) throws(SSZError) in
        WithholdingReport(
            header: header, missing: missing, peers: peers, attemptLogRoot: attemptLogRoot,
            watchedFrom: UnixTime(milliseconds: watchedFrom),
            reported: UnixTime(milliseconds: reported), reporter: reporter, signature: signature)
    }

    /// The fields that the reporter signs: all but the signature.
    private static let contentType = SSZType<WithholdingReport>.container(
        .field("version", \.fieldVersion, .version(WithholdingReport.version)),
        .field("header", \.header, SignedHeaderSummary.ssz),
        .field("missing", \.missing, .byteList(limit: bitmapBytes)),
        .field("peers", \.peers, peersType),
        .field("attempt_log_root", \.attemptLogRoot, .bytes32),
        .field("watched_from", \.watchedFrom.milliseconds, .uint64),
        .field("reported", \.reported.milliseconds, .uint64),
        .field("reporter", \.reporter, NodeKey.ssz)
    ) {
        (
            _, header, missing, peers, attemptLogRoot, watchedFrom, reported, reporter
        ) throws(SSZError) in
        WithholdingReport(
            header: header, missing: missing, peers: peers, attemptLogRoot: attemptLogRoot,
            watchedFrom: UnixTime(milliseconds: watchedFrom),
            reported: UnixTime(milliseconds: reported), reporter: reporter,
            signature: [UInt8](repeating: 0, count: Limits.signatureByteCount))
    }

    private static let peersType = SSZType<[PeerOutcomes]>.list(
        of: PeerOutcomes.ssz, limit: Limits.peersPerReport)

    private var fieldVersion: UInt8 { Self.version }
}
