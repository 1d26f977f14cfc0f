public import SSZ

/// One thing that was, or was not, checked of a piece of evidence.
public struct EvidenceCheck: Sendable, Hashable {
    /// What is checked.
    public enum Subject: String, Sendable, Hashable, CaseIterable {
        /// The evidence is of the network whose parameters are given.
        case network = "network"
        /// The sequencer's key is listed at genesis.
        case sequencerListed = "sequencer listed at genesis"
        /// The sequencer's signature, of each header.
        case sequencerSignature = "sequencer's signature"
        /// The reporter's signature.
        case reporterSignature = "reporter's signature"
        /// The two headers have different roots, the smaller one first.
        case distinctHeaders = "two different headers"
        /// The two headers are of one lane, at one height or slot.
        case samePlace = "one lane, one height or slot"
        /// The bitmap is one of the block's matrix.
        case bitmap = "bitmap of the matrix"
        /// The missing cells cannot be rebuilt from the others.
        case undecodable = "missing cells cannot be rebuilt"
        /// No missing cell lies in a row that the header shows to be zeros.
        case noKnownZeroRow = "no row known to be zeros"
        /// Peers ascend, without repetition, each asked at least once.
        case peers = "peers in order"
        /// Enough distinct peers were asked.
        case enoughPeers = "enough peers asked"
        /// The reporter watched from before the block was late.
        case watchedFromStart = "watched from the start"
        /// The report was made after the last deadline.
        case deadlinePassed = "deadline passed when reported"
        /// The report was not made in the future.
        case notFromFuture = "not from the future"
    }

    /// How a check ended.
    public enum Outcome: Sendable, Hashable {
        /// It holds.
        case held
        /// It does not hold.
        case failed(Failure)
        /// It could not be made: there are no parameters, no header, or no clock.
        case notChecked
    }

    /// Why a check does not hold.
    public enum Failure: Sendable, Hashable {
        /// The evidence belongs to another network.
        case otherNetwork(Bytes32)
        /// The key is not listed.
        case unlisted(NodeKey)
        /// The signature of this header is not the sequencer's.
        case sequencerSignature(root: Bytes32)
        /// The signature is not the reporter's.
        case reporterSignature
        /// The roots are equal.
        case sameRoot(Bytes32)
        /// The header with the larger root comes first.
        case wrongOrder
        /// The headers belong to different lanes or networks.
        case differentLanes
        /// Neither the heights nor the slots are equal.
        case differentPlaces
        /// A header's number of data rows is none of a matrix.
        case dataRows(Int)
        /// The bitmap has another number of bytes.
        case bitmapLength(actual: Int, dataRows: Int)
        /// No cell is missing.
        case nothingMissing
        /// So many of the cells that are called missing can be rebuilt from the others.
        case decodable(cells: Int, of: Int)
        /// Cells of this row are known to be zeros.
        case knownZeroRow(Int)
        /// Peer number `index` is not above the one before it, or has no id.
        case peerOrder(index: Int)
        /// Peer number `index` was never asked.
        case peerNotAsked(index: Int)
        /// Fewer peers than the network requires.
        case tooFewPeers(actual: Int, required: Int)
        /// Watching began when the block was late already.
        case watchedLate(from: UnixTime, late: UnixTime)
        /// Watching began only after the report, or long before the slot.
        case watchedAtOddTime(UnixTime)
        /// The report was made before the deadline.
        case tooEarly(reported: UnixTime, deadline: UnixTime)
        /// The report was made later than now.
        case fromFuture(reported: UnixTime, now: UnixTime)
        /// The slot lies beyond the end of time.
        case slot(UInt64)
    }

    /// What was checked.
    public let subject: Subject
    /// How it ended.
    public let outcome: Outcome

    init(_ subject: Subject, _ outcome: Outcome) {
        self.subject = subject
        self.outcome = outcome
    }

    init(_ subject: Subject, failure: Failure?) {
        self.init(subject, failure.map(Outcome.failed) ?? .held)
    }
}

/// Everything that was checked of a piece of evidence, in a fixed order.
public struct EvidenceVerdict: Sendable, Hashable {
    /// The checks.
    public let checks: [EvidenceCheck]

    /// Whether no check failed. Some may not have been made: see ``notChecked``.
    public var holds: Bool { failures.isEmpty }

    /// The reasons of the checks that failed.
    public var failures: [EvidenceCheck.Failure] {
        checks.compactMap {
            guard case .failed(let failure) = $0.outcome else { return nil }
            return failure
        }
    }

    /// What could not be checked.
    public var notChecked: [EvidenceCheck.Subject] {
        checks.filter { $0.outcome == .notChecked }.map(\.subject)
    }
}

extension EvidenceCheck.Failure: CustomStringConvertible {
    /// The reason in words, with the numbers.
    public var description: String {
        switch self {
        case .otherNetwork(let id): "it belongs to the network \(id)"
        case .unlisted(let key): "sequencer \(key) is not listed at genesis"
        case .sequencerSignature(let root):
            "the signature of header \(root) is not the sequencer's"
        case .reporterSignature: "the report's signature is not the reporter's"
        case .sameRoot(let root): "both headers have the root \(root)"
        case .wrongOrder: "the header with the larger root comes first"
        case .differentLanes: "the headers belong to different lanes"
        case .differentPlaces: "the headers share neither height nor slot"
        case .dataRows(let rows): "no matrix has \(rows) data rows"
        case .bitmapLength(let actual, let rows):
            "bitmap of \(actual) bytes for \(rows) data rows"
        case .nothingMissing: "no cell is missing"
        case .decodable(let cells, let all):
            "\(cells) of the \(all) missing cells can be rebuilt from the others"
        case .knownZeroRow(let row): "row \(row) is known to be zeros"
        case .peerOrder(let index): "peer \(index) is out of order"
        case .peerNotAsked(let index): "peer \(index) was never asked"
        case .tooFewPeers(let actual, let required):
            "\(actual) peers were asked, \(required) are required"
        case .watchedLate(let from, let late):
            "watched from \(from.milliseconds) ms, when the block was late since "
                + "\(late.milliseconds) ms"
        case .watchedAtOddTime(let from):
            "watched from \(from.milliseconds) ms, before the slot or after the report"
        case .tooEarly(let reported, let deadline):
            "reported at \(reported.milliseconds) ms, before the deadline at "
                + "\(deadline.milliseconds) ms"
        case .fromFuture(let reported, let now):
            "reported at \(reported.milliseconds) ms, it is \(now.milliseconds) ms"
        case .slot(let slot): "slot \(slot) lies beyond the end of time"
        }
    }
}
