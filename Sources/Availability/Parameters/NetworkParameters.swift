public import KZGCommitments
public import SSZ

/// What a network agrees on for ever: fixed at genesis, named by its root, the *network id*.
///
/// Nothing can change it later; a sequencer's key that is stolen stays listed. A value is always
/// valid: the initialiser and the decoder check every rule of ``ParametersError``.
public struct NetworkParameters: Sendable, Hashable {
    /// The version of this list of fields.
    public static let version: UInt8 = 1

    /// The sizes of blobs and cells.
    public let preset: Preset
    /// The keys of the sequencers, each with a lane of its own. Distinct, in any order.
    public let sequencers: [NodeKey]
    /// When slot 0 starts.
    public let genesis: UnixTime
    /// The length of a slot.
    public let slotMilliseconds: UInt32
    /// How far ahead of this node's clock another's may be.
    public let clockToleranceMilliseconds: UInt32
    /// From the start of its slot, when a block not yet available is late.
    public let lateMilliseconds: UInt32
    /// From the start of its slot, when a late block is suspected to be withheld.
    public let suspectedMilliseconds: UInt32
    /// From the start of its slot, when a suspected block counts as withheld and may be reported.
    public let withheldMilliseconds: UInt32
    /// The most data rows of a block: a power of two, at most 256.
    public let maximumDataRows: UInt16
    /// The default sampling target `t`: a block that cannot be rebuilt passes for available with a
    /// probability of at most `10^-t`.
    public let samplingTarget: UInt8
    /// How many slots back headers are accepted and data is kept.
    public let retentionSlots: UInt64
    /// How many distinct peers a withholding report must have asked.
    public let reportPeers: UInt16
    /// How many requests a node answers to one peer in one slot.
    public let requestsPerPeerPerSlot: UInt32
    /// How many bytes of answers a node sends to one peer in one slot.
    public let bytesPerPeerPerSlot: UInt32

    /// The root of the parameters.
    public private(set) var networkID: Bytes32

    /// Parameters; those not given have the defaults of `specs/parameters.md`.
    ///
    /// - Throws: ``ParametersError``, the first rule that does not hold.
    public init(
        preset: Preset = .mainnet, sequencers: [NodeKey], genesis: UnixTime,
        slotMilliseconds: UInt32 = 6000, clockToleranceMilliseconds: UInt32 = 500,
        lateMilliseconds: UInt32 = 4000, suspectedMilliseconds: UInt32 = 12_000,
        withheldMilliseconds: UInt32 = 24_000, maximumDataRows: UInt16 = 256,
        samplingTarget: UInt8 = 9, retentionSlots: UInt64 = 100_800, reportPeers: UInt16 = 3,
        requestsPerPeerPerSlot: UInt32 = 256, bytesPerPeerPerSlot: UInt32 = 16 << 20
    ) throws(ParametersError) {
        self.preset = preset
        self.sequencers = sequencers
        self.genesis = genesis
        self.slotMilliseconds = slotMilliseconds
        self.clockToleranceMilliseconds = clockToleranceMilliseconds
        self.lateMilliseconds = lateMilliseconds
        self.suspectedMilliseconds = suspectedMilliseconds
        self.withheldMilliseconds = withheldMilliseconds
        self.maximumDataRows = maximumDataRows
        self.samplingTarget = samplingTarget
        self.retentionSlots = retentionSlots
        self.reportPeers = reportPeers
        self.requestsPerPeerPerSlot = requestsPerPeerPerSlot
        self.bytesPerPeerPerSlot = bytesPerPeerPerSlot
        networkID = .zero
        try checkRules()
        self.networkID = Self.ssz.hashTreeRoot(self)
    }

    private func checkRules() throws(ParametersError) {
        guard PresetCode(preset) != nil else { throw .unknownPreset(preset.name) }
        guard !sequencers.isEmpty else { throw .noSequencer }
        guard sequencers.count <= Limits.sequencers else {
            throw .tooManySequencers(sequencers.count)
        }
        guard Set(sequencers).count == sequencers.count else { throw .repeatedSequencer }
        guard slotMilliseconds >= 100, slotMilliseconds <= 3_600_000 else {
            throw .slotLength(slotMilliseconds)
        }
        guard clockToleranceMilliseconds <= 60_000 else {
            throw .clockTolerance(clockToleranceMilliseconds)
        }
        guard lateMilliseconds > 0, lateMilliseconds < suspectedMilliseconds,
            suspectedMilliseconds < withheldMilliseconds
        else {
            throw .deadlines(
                late: lateMilliseconds, suspected: suspectedMilliseconds,
                withheld: withheldMilliseconds)
        }
        guard maximumDataRows.nonzeroBitCount == 1, maximumDataRows <= Limits.dataRows else {
            throw .dataRows(maximumDataRows)
        }
        guard (1...18).contains(samplingTarget) else { throw .samplingTarget(samplingTarget) }
        // The window must be open when a block's last deadline has passed.
        let slotsToWithheld = UInt64(withheldMilliseconds) / UInt64(slotMilliseconds) + 1
        guard retentionSlots > slotsToWithheld, retentionSlots <= 1 << 40 else {
            throw .retention(slots: retentionSlots, minimum: slotsToWithheld + 1)
        }
        guard (1...Limits.peersPerReport).contains(Int(reportPeers)) else {
            throw .reportPeers(reportPeers)
        }
        guard requestsPerPeerPerSlot > 0, bytesPerPeerPerSlot >= Limits.messageBytes else {
            throw .budgets(requests: requestsPerPeerPerSlot, bytes: bytesPerPeerPerSlot)
        }
    }

    /// Whether a key is one of the sequencers'.
    public func lists(_ sequencer: NodeKey) -> Bool {
        sequencers.contains(sequencer)
    }
}

// MARK: - Slots

extension NetworkParameters {
    /// When a slot starts, or nil beyond the end of time.
    public func start(ofSlot slot: UInt64) -> UnixTime? {
        let (offset, overflow) = slot.multipliedReportingOverflow(by: UInt64(slotMilliseconds))
        let (start, beyond) = genesis.milliseconds.addingReportingOverflow(offset)
        return overflow || beyond ? nil : UnixTime(milliseconds: start)
    }

    /// The slot that a moment lies in, or nil before genesis.
    public func slot(at time: UnixTime) -> UInt64? {
        guard time >= genesis else { return nil }
        return time.milliseconds(since: genesis) / UInt64(slotMilliseconds)
    }

    /// The deadlines of a block of this slot, or nil beyond the end of time.
    public func deadlines(ofSlot slot: UInt64) -> Deadlines? {
        guard let start = start(ofSlot: slot) else { return nil }
        return Deadlines(
            start: start, late: start.advanced(byMilliseconds: UInt64(lateMilliseconds)),
            suspected: start.advanced(byMilliseconds: UInt64(suspectedMilliseconds)),
            withheld: start.advanced(byMilliseconds: UInt64(withheldMilliseconds)))
    }

    /// When a block's slot starts and what is made of it if it does not become available.
    public struct Deadlines: Sendable, Hashable {
        /// The start of the slot.
        public let start: UnixTime
        /// From here on it is late.
        public let late: UnixTime
        /// From here on it is suspected to be withheld.
        public let suspected: UnixTime
        /// From here on it counts as withheld.
        public let withheld: UnixTime
    }
}

// MARK: - Encoding

extension NetworkParameters: SSZCodable {
    /// The parameters' fields in their order.
    public static let ssz = SSZType<NetworkParameters>.container(
        .field("version", \.fieldVersion, .version(NetworkParameters.version)),
        .field("preset", \.preset, .preset),
        .field("sequencers", \.sequencers, .list(of: NodeKey.ssz, limit: Limits.sequencers)),
        .field("genesis", \.genesis.milliseconds, .uint64),
        .field("slot_milliseconds", \.slotMilliseconds, .uint32),
        .field("clock_tolerance_milliseconds", \.clockToleranceMilliseconds, .uint32),
        .field("late_milliseconds", \.lateMilliseconds, .uint32),
        .field("suspected_milliseconds", \.suspectedMilliseconds, .uint32),
        .field("withheld_milliseconds", \.withheldMilliseconds, .uint32),
        .field("maximum_data_rows", \.maximumDataRows, .uint16),
        .field("sampling_target", \.samplingTarget, .uint8),
        .field("retention_slots", \.retentionSlots, .uint64),
        .field("report_peers", \.reportPeers, .uint16),
        .field("requests_per_peer_per_slot", \.requestsPerPeerPerSlot, .uint32),
        .field("bytes_per_peer_per_slot", \.bytesPerPeerPerSlot, .uint32)
    ) {
        (
            _, preset, sequencers, genesis, slot, tolerance, late, suspected, withheld, rows,
            target, retention, peers, requests, bytes
        ) throws(SSZError) in
        do throws(ParametersError) {
            return try NetworkParameters(
                preset: preset, sequencers: sequencers, genesis: UnixTime(milliseconds: genesis),
                slotMilliseconds: slot, clockToleranceMilliseconds: tolerance,
                lateMilliseconds: late, suspectedMilliseconds: suspected,
                withheldMilliseconds: withheld, maximumDataRows: rows, samplingTarget: target,
                retentionSlots: retention, reportPeers: peers, requestsPerPeerPerSlot: requests,
                bytesPerPeerPerSlot: bytes)
        } catch {
            throw SSZError(.invalid("\(error)"))
        }
    }

    private var fieldVersion: UInt8 { Self.version }
}

/// The number of a preset in encodings.
enum PresetCode: UInt8, CaseIterable {
    case mainnet = 0
    case minimal = 1

    init?(_ preset: Preset) {
        guard let code = Self.allCases.first(where: { $0.preset == preset }) else { return nil }
        self = code
    }

    var preset: Preset {
        switch self {
        case .mainnet: .mainnet
        case .minimal: .minimal
        }
    }
}

extension SSZType<Preset> {
    /// A preset as its number.
    static var preset: Self {
        SSZType<UInt8>.uint8.map(
            { preset in
                guard let code = PresetCode(preset) else {
                    preconditionFailure("preset \(preset.name) has no number")
                }
                return code.rawValue
            },
            { number throws(SSZError) in
                guard let code = PresetCode(rawValue: number) else {
                    throw SSZError(.invalid("preset \(number) is unknown"))
                }
                return code.preset
            })
    }
}

extension SSZType<UInt8> {
    /// A version: exactly this number.
    static func version(_ version: UInt8) -> Self {
        uint8.map(
            { $0 },
            { number throws(SSZError) in
                guard number == version else {
                    throw SSZError(.invalid("version \(number), expected \(version)"))
                }
                return number
            })
    }
}
