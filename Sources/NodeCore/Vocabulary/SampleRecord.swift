public import Availability
public import DataMatrix

/// How the sampling of a block ended.
public enum SamplingVerdict: UInt8, Sendable, Hashable, CaseIterable {
    /// Not yet.
    case pending = 0
    /// All samples but the allowed misses came and verified: the target confidence is reached.
    case confident = 1
    /// The block's last deadline passed without it. It may still become `confident`.
    case failed = 2
}

/// A block's sample set as it is kept: drawn once, and never anew, whatever comes of it.
public struct SampleRecord: Sendable, Hashable {
    /// The cells in the order of their draw.
    public var cells: [CellCoordinate]
    /// What came of each, in the same order.
    public var outcomes: [SampleOutcome.Verdict]
    /// How many of them may fail (the lossy plan; 0 for the plain one).
    public var allowedMisses: Int
    /// How it ended.
    public var verdict: SamplingVerdict
    /// When it ended so; nil as long as it has not.
    public var decided: UnixTime?

    /// A record. Both lists have one length.
    public init(
        cells: [CellCoordinate], outcomes: [SampleOutcome.Verdict], allowedMisses: Int = 0,
        verdict: SamplingVerdict = .pending, decided: UnixTime? = nil
    ) {
        self.cells = cells
        self.outcomes = outcomes
        self.allowedMisses = allowedMisses
        self.verdict = verdict
        self.decided = decided
    }
}

extension SampleRecord {
    private static let version: UInt8 = 1
    private static let headBytes = 1 + 1 + 2 + 8 + 4
    private static let bytesPerCell = 5
    /// The most cells of one matrix: more than any record has.
    private static let maximumCells = 512 * 128

    /// The record in bytes: version, verdict, allowed misses (u16), decided (u64 milliseconds, zero if
    /// not), number of cells (u32), then row (u16), column (u16) and outcome (u8) of each; numbers
    /// little-endian.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = [Self.version, verdict.rawValue]
        bytes.reserveCapacity(Self.headBytes + cells.count * Self.bytesPerCell)
        bytes.append(littleEndian: UInt64(clamping: allowedMisses), count: 2)
        bytes.append(littleEndian: decided?.milliseconds ?? 0, count: 8)
        bytes.append(littleEndian: UInt64(cells.count), count: 4)
        for (cell, outcome) in zip(cells, outcomes) {
            bytes.append(littleEndian: UInt64(clamping: cell.row), count: 2)
            bytes.append(littleEndian: UInt64(clamping: cell.column), count: 2)
            bytes.append(outcome.code)
        }
        return bytes
    }

    /// The record of these bytes; nil if they are none.
    public init?(encoded bytes: [UInt8]) {
        guard bytes.count >= Self.headBytes, bytes[0] == Self.version,
            let verdict = SamplingVerdict(rawValue: bytes[1])
        else { return nil }
        let count = bytes.number(at: 12, count: 4)
        guard count <= UInt64(Self.maximumCells),
            bytes.count == Self.headBytes + Int(count) * Self.bytesPerCell
        else { return nil }
        let decided = bytes.number(at: 4, count: 8)
        var cells: [CellCoordinate] = []
        var outcomes: [SampleOutcome.Verdict] = []
        for place in 0..<Int(count) {
            let start = Self.headBytes + place * Self.bytesPerCell
            guard let outcome = SampleOutcome.Verdict(code: bytes[start + 4]) else { return nil }
            cells.append(
                CellCoordinate(
                    row: Int(bytes.number(at: start, count: 2)),
                    column: Int(bytes.number(at: start + 2, count: 2))))
            outcomes.append(outcome)
        }
        self.init(
            cells: cells, outcomes: outcomes, allowedMisses: Int(bytes.number(at: 2, count: 2)),
            verdict: verdict, decided: decided == 0 ? nil : UnixTime(milliseconds: decided))
    }
}

extension SampleOutcome.Verdict {
    private static let codes: [Self] = [.pending, .succeeded, .refused, .timedOut]

    fileprivate var code: UInt8 {
        switch self {
        case .pending: 0
        case .succeeded: 1
        case .refused: 2
        case .timedOut: 3
        }
    }

    fileprivate init?(code: UInt8) {
        guard Int(code) < Self.codes.count else { return nil }
        self = Self.codes[Int(code)]
    }
}

extension [UInt8] {
    fileprivate mutating func append(littleEndian number: UInt64, count: Int) {
        for place in 0..<count {
            append(UInt8(truncatingIfNeeded: number >> UInt64(8 * place)))
        }
    }

    /// A little-endian number; the caller has seen to the length.
    fileprivate func number(at start: Int, count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 | UInt64(self[start + $1]) << UInt64(8 * $1) }
    }
}
