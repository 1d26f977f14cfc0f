package import Availability
package import DataMatrix
package import NodeCore
package import SSZ

/// What an interface (HTTP, a demonstration) needs of a running node. `NodeDaemon` is the real one;
/// tests of interfaces use one of their own.
///
/// All calls return plain values. None traps on any argument; what is wrong with one is said by the
/// error. Calls that may take long (reading a payload that has to be fetched and rebuilt first) end
/// with an error when their own deadline passes and can be cancelled.
package protocol NodeBackend: Sendable {
    /// Who the node is, and where it stands.
    func status() async -> NodeStatus
    /// Whether the node does its work: for `/readyz`.
    func readiness() async -> Readiness
    /// The network's parameters, for `network show` and for verifying evidence.
    func parameters() async -> NetworkParameters

    /// Publishes a block of these payloads (sequencers only). Returns as soon as the header is signed
    /// and its place is written down; `publication(_:)` and the events tell the rest.
    ///
    /// The same payloads again, while this node keeps the block, are recognised: the answer is the
    /// publication that there is, with `isRepeated` set, and nothing is signed.
    func publish(_ request: PublishRequest) async throws(BackendError) -> PublicationStatus
    /// How far a publication of this node is; nil if it knows of none with this root.
    func publication(_ root: Bytes32) async -> PublicationStatus?

    /// The payloads that a query names, with where they are. A full node fetches and rebuilds what it
    /// does not hold, until the deadline of the query.
    func payloads(_ query: PayloadQuery) async throws(BackendError) -> [PayloadRecord]

    /// Headers that this node holds, newest first.
    func headers(_ query: HeaderQuery) async throws(BackendError) -> [HeaderRecord]
    /// One header by its root; nil if this node does not hold it.
    func header(_ root: Bytes32) async throws(BackendError) -> HeaderRecord?
    /// Where a block's sampling and availability stand at this node; nil for an unknown block.
    func block(_ root: Bytes32) async throws(BackendError) -> BlockRecord?
    /// The same for the newest blocks, newest first, at most `limit`.
    func blocks(limit: Int) async throws(BackendError) -> [BlockRecord]
    /// Cells of a block that this node holds, with their proofs, in the order asked for. What it does
    /// not hold is left out. At most `BackendLimits.cellsPerCall` can be asked for.
    func cells(_ places: [CellCoordinate], of root: Bytes32) async throws(BackendError)
        -> [NodeCore.ProvenCell]

    /// Evidence that this node holds, newest first, at most `limit`.
    func evidence(limit: Int) async throws(BackendError) -> [EvidenceEntry]
    /// The peers that are connected.
    func peers() async -> [PeerRecord]

    /// News from now on. The buffer is bounded: a reader that falls behind loses the oldest events and
    /// is told how many by `.lost`. At most `BackendLimits.eventStreams` at a time.
    func events() async throws(BackendError) -> AsyncStream<BackendEvent>
    /// All metrics in Prometheus' text format, version 0.0.4.
    func metricsText() async -> String
}

/// Bounds on what one call may ask for.
package enum BackendLimits {
    /// Cells in one call.
    package static let cellsPerCall = 512
    /// Headers, blocks or pieces of evidence in one answer.
    package static let recordsPerCall = 1024
    /// Streams of events at a time.
    package static let eventStreams = 64
    /// Events that wait for one reader.
    package static let eventsPerStream = 1024
    /// Payloads in one publication.
    package static let payloadsPerPublication = Limits.indexEntries
    /// The longest time that a query may wait for a payload, in milliseconds.
    package static let longestWaitMilliseconds: UInt64 = 120_000
}
