public import DataMatrix
public import SSZ

/// How an attempt to get a cell from a peer ended.
public enum AttemptOutcome: UInt8, Sendable, Hashable, CaseIterable {
    /// The cell came with a proof that holds.
    case delivered = 0
    /// The peer said that it does not have the cell.
    case notHeld = 1
    /// No answer in time.
    case timedOut = 2
    /// A cell came whose proof does not hold, or an answer that is none.
    case invalid = 3
    /// The peer refused: over budget, busy, or it does not know the header.
    case refused = 4
    /// The connection ended, or none came about.
    case disconnected = 5
}

extension AttemptOutcome: SSZCodable {
    /// The outcome as its number.
    public static let ssz = SSZType<UInt8>.uint8.map(
        { (outcome: AttemptOutcome) in outcome.rawValue },
        { number throws(SSZError) in
            guard let outcome = AttemptOutcome(rawValue: number) else {
                throw SSZError(.invalid("outcome \(number) is unknown"))
            }
            return outcome
        })
}

/// One attempt to get a cell from a peer.
public struct Attempt: Sendable, Hashable {
    /// The peer's id, as libp2p's bytes.
    public let peer: [UInt8]
    /// The cell.
    public let cell: CellCoordinate
    /// When the attempt ended.
    public let ended: UnixTime
    /// How it ended.
    public let outcome: AttemptOutcome

    /// An attempt.
    ///
    /// - Throws: ``MessageError`` if the peer's id is empty or longer than 64 bytes, or the cell
    ///   beyond 16 bits.
    public init(
        peer: [UInt8], cell: CellCoordinate, ended: UnixTime, outcome: AttemptOutcome
    ) throws(MessageError) {
        guard (1...Limits.peerIDBytes).contains(peer.count) else {
            throw .elementCount(actual: peer.count, limit: Limits.peerIDBytes)
        }
        guard UInt16(exactly: cell.row) != nil else { throw .row(cell.row, rows: 1 << 16) }
        guard UInt16(exactly: cell.column) != nil else {
            throw .column(cell.column, columns: 1 << 16)
        }
        self.peer = peer
        self.cell = cell
        self.ended = ended
        self.outcome = outcome
    }
}

extension Attempt: SSZCodable {
    /// `{peer List[uint8, 64], cell, ended uint64, outcome uint8}`.
    public static let ssz = SSZType<Attempt>.container(
        .field("peer", \.peer, .byteList(limit: Limits.peerIDBytes)),
        .field("cell", \.cell, .coordinate),
        .field("ended", \.ended.milliseconds, .uint64),
        .field("outcome", \.outcome, AttemptOutcome.ssz)
    ) { peer, cell, ended, outcome throws(SSZError) in
        do throws(MessageError) {
            return try Attempt(
                peer: peer, cell: cell, ended: UnixTime(milliseconds: ended), outcome: outcome)
        } catch {
            throw SSZError(.invalid("\(error)"))
        }
    }
}

/// All attempts of a watcher to get a block's cells, in the order in which they ended. Its root
/// stands in the withholding report; the log itself is fetched on request.
public struct AttemptLog: Sendable, Hashable {
    /// The attempts.
    public private(set) var attempts: [Attempt]

    /// An empty log.
    public init() {
        attempts = []
    }

    private init(attempts: [Attempt]) {
        self.attempts = attempts
    }

    /// Adds an attempt.
    ///
    /// - Returns: False if the log is full (16384 attempts); the attempt is then not recorded, and
    ///   a watcher stops asking.
    @discardableResult
    public mutating func append(_ attempt: Attempt) -> Bool {
        guard attempts.count < Limits.attempts else { return false }
        attempts.append(attempt)
        return true
    }

    /// What came of the attempts at each peer, ascending by the peers' ids.
    public var peers: [PeerOutcomes] {
        var counts: [[UInt8]: [UInt32]] = [:]
        for attempt in attempts {
            counts[
                attempt.peer, default: [UInt32](repeating: 0, count: AttemptOutcome.allCases.count)
            ][Int(attempt.outcome.rawValue)] += 1
        }
        return counts.map { PeerOutcomes(peer: $0.key, counts: $0.value) }
            .sorted { $0.peer.lexicographicallyPrecedes($1.peer) }
    }
}

extension AttemptLog: SSZCodable {
    /// `List[attempt, 16384]`.
    public static let ssz = SSZType<[Attempt]>.list(of: Attempt.ssz, limit: Limits.attempts).map(
        { (log: AttemptLog) in log.attempts },
        { attempts throws(SSZError) in AttemptLog(attempts: attempts) })
}

/// How many attempts at one peer ended in which way.
public struct PeerOutcomes: Sendable, Hashable {
    /// The peer's id, as libp2p's bytes.
    public let peer: [UInt8]
    /// A number of attempts to each outcome, in the order of ``AttemptOutcome``.
    public let counts: [UInt32]

    init(peer: [UInt8], counts: [UInt32]) {
        self.peer = peer
        self.counts = counts
    }

    /// How many attempts ended this way.
    public func count(_ outcome: AttemptOutcome) -> UInt32 { counts[Int(outcome.rawValue)] }

    /// How many attempts there were. (Six numbers of 32 bits do not overflow 64.)
    public var total: UInt64 { counts.reduce(0) { $0 + UInt64($1) } }
}

extension PeerOutcomes: SSZCodable {
    /// `{peer List[uint8, 64], counts Vector[uint32, 6]}`.
    public static let ssz = SSZType<PeerOutcomes>.container(
        .field("peer", \.peer, .byteList(limit: Limits.peerIDBytes)),
        .field("counts", \.counts, .vector(of: .uint32, count: AttemptOutcome.allCases.count))
    ) { peer, counts throws(SSZError) in
        PeerOutcomes(peer: peer, counts: counts)
    }
}

/// A request for the attempt log behind a report. The answer is one ``ResponseStatus`` byte and the
/// encoded log.
public struct AttemptLogRequest: Sendable, Hashable {
    /// The root of the block's header.
    public let headerRoot: Bytes32
    /// The root of the log, as the report has it.
    public let logRoot: Bytes32

    /// A request for this log.
    public init(headerRoot: Bytes32, logRoot: Bytes32) {
        self.headerRoot = headerRoot
        self.logRoot = logRoot
    }
}

extension AttemptLogRequest: SSZCodable {
    /// `{header_root, log_root}`.
    public static let ssz = SSZType<AttemptLogRequest>.container(
        .field("header_root", \.headerRoot, .bytes32),
        .field("log_root", \.logRoot, .bytes32)
    ) { headerRoot, logRoot throws(SSZError) in
        AttemptLogRequest(headerRoot: headerRoot, logRoot: logRoot)
    }
}
