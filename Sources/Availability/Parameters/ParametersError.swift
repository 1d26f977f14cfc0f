/// Why parameters are no network's: the rule that does not hold, with the numbers.
public enum ParametersError: Error, Hashable, Sendable {
    /// A preset other than mainnet and minimal.
    case unknownPreset(String)
    /// No sequencer is listed.
    case noSequencer
    /// More than 64 sequencers are listed.
    case tooManySequencers(Int)
    /// A sequencer is listed twice.
    case repeatedSequencer
    /// A slot must last 100 ms to an hour.
    case slotLength(UInt32)
    /// The clock tolerance must be at most a minute.
    case clockTolerance(UInt32)
    /// The deadlines must come one after the other, the first above zero.
    case deadlines(late: UInt32, suspected: UInt32, withheld: UInt32)
    /// The largest number of data rows must be a power of two, at most 256.
    case dataRows(UInt16)
    /// The sampling target must be 1 to 18.
    case samplingTarget(UInt8)
    /// The window must reach beyond the last deadline, and 2^40 slots at most.
    case retention(slots: UInt64, minimum: UInt64)
    /// A report must have asked 1 to 128 peers.
    case reportPeers(UInt16)
    /// A peer must get at least one request and one message of 64 KiB in a slot.
    case budgets(requests: UInt32, bytes: UInt32)
}

extension ParametersError: CustomStringConvertible {
    /// The rule in words, with the numbers.
    public var description: String {
        switch self {
        case .unknownPreset(let name): "preset \(name) is neither mainnet nor minimal"
        case .noSequencer: "no sequencer is listed"
        case .tooManySequencers(let count):
            "\(count) sequencers, at most \(Limits.sequencers) are possible"
        case .repeatedSequencer: "a sequencer is listed twice"
        case .slotLength(let length): "slots of \(length) ms, expected 100 to 3600000"
        case .clockTolerance(let tolerance):
            "clock tolerance of \(tolerance) ms, expected at most 60000"
        case .deadlines(let late, let suspected, let withheld):
            "deadlines at \(late), \(suspected) and \(withheld) ms do not rise from above zero"
        case .dataRows(let rows):
            "at most \(rows) data rows, expected a power of two up to \(Limits.dataRows)"
        case .samplingTarget(let target): "sampling target \(target), expected 1 to 18"
        case .retention(let slots, let minimum):
            "retention of \(slots) slots, expected \(minimum) to 2^40"
        case .reportPeers(let peers):
            "reports from \(peers) peers, expected 1 to \(Limits.peersPerReport)"
        case .budgets(let requests, let bytes):
            "\(requests) requests and \(bytes) bytes to a peer in a slot, expected at least 1 and "
                + "\(Limits.messageBytes)"
        }
    }
}
