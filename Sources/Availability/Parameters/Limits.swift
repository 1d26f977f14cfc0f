import DataMatrix

/// Limits of the protocol that no network can change, since encodings and foreign peers rest on
/// them. `specs/parameters.md` says why each has its value.
public enum Limits {
    /// Bytes of an Ed25519 signature.
    public static let signatureByteCount = 64
    /// The most sequencer keys that parameters list.
    public static let sequencers = 64
    /// The most data rows of a block.
    public static let dataRows = MatrixShape.maximumDataRows
    /// The most entries of a header's index.
    public static let indexEntries = PayloadIndex.maximumEntries
    /// The most bytes of a namespace.
    public static let namespaceBytes = PayloadIndexEntry.maximumNamespaceLength
    /// The most bytes of a header with its signature: 62 KiB.
    public static let signedHeaderBytes = 62 * 1024
    /// The most distinct headers of one lane at one height, or at one slot, that are looked at: two
    /// prove an equivocation, more prove nothing else.
    public static let headersPerPlace = 2

    /// Groups of columns: the unit of custody and of topics.
    public static let columnGroups = 32
    /// The most bytes of a cell.
    public static let cellBytes = 2048
    /// The most cells of a column message, and of one part of an answer.
    public static let cellsPerMessage = 28
    /// The most bytes of a message that travels as one piece: 64 KiB.
    public static let messageBytes = 64 * 1024
    /// The most bytes of column messages that are held for one peer while their header is unknown.
    public static let pendingColumnBytesPerPeer = 256 * 1024

    /// The most cells that one request may ask for.
    public static let cellsPerRequest = 512
    /// The most columns that one request may ask for.
    public static let columnsPerRequest = 128
    /// The most headers that one request may ask for.
    public static let headersPerRequest = 64
    /// The most cells of one block that a light node asks of one peer.
    public static let samplesPerPeer = 4

    /// The most bytes of a signed peer record in an answer.
    public static let peerRecordBytes = 2048
    /// The most peers in an answer.
    public static let peersPerAnswer = 16

    /// The most bytes of a peer id.
    public static let peerIDBytes = 64
    /// The most peers of a withholding report.
    public static let peersPerReport = 128
    /// The most attempts of an attempt log.
    public static let attempts = 16384
    /// The most bytes of a withholding report: 32 KiB.
    public static let reportBytes = 32 * 1024
    /// The most reports on one header that are kept and passed on.
    public static let reportsPerHeader = 16
}
