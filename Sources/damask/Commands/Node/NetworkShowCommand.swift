import ArgumentParser
import Availability
import DamaskClient
import Foundation
import KZGCommitments
import SSZ

/// `damask network show`: what a file of genesis parameters says.
struct NetworkShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a file of genesis parameters.")

    @Argument(help: "The network file.", completion: .file())
    var file: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        try reportingFailures(of: "network show") {
            try NetworkDescription(VerifyEvidenceCommand.parameters(at: file)).show(json: json)
        }
    }
}

/// Genesis parameters as people and programs read them.
struct NetworkDescription: Encodable {
    let network: HexBytes
    let preset: String
    let sequencers: [HexBytes]
    let genesis: UInt64
    let slotMilliseconds: UInt32
    let clockToleranceMilliseconds: UInt32
    let lateMilliseconds: UInt32
    let suspectedMilliseconds: UInt32
    let withheldMilliseconds: UInt32
    let maximumDataRows: UInt16
    let samplingTarget: UInt8
    let retentionSlots: UInt64
    let reportPeers: UInt16
    let requestsPerPeerPerSlot: UInt32
    let bytesPerPeerPerSlot: UInt32

    init(_ parameters: NetworkParameters) {
        network = HexBytes(parameters.networkID.bytes)
        preset = parameters.preset.name
        sequencers = parameters.sequencers.map { HexBytes($0.ed25519) }
        genesis = parameters.genesis.milliseconds
        slotMilliseconds = parameters.slotMilliseconds
        clockToleranceMilliseconds = parameters.clockToleranceMilliseconds
        lateMilliseconds = parameters.lateMilliseconds
        suspectedMilliseconds = parameters.suspectedMilliseconds
        withheldMilliseconds = parameters.withheldMilliseconds
        maximumDataRows = parameters.maximumDataRows
        samplingTarget = parameters.samplingTarget
        retentionSlots = parameters.retentionSlots
        reportPeers = parameters.reportPeers
        requestsPerPeerPerSlot = parameters.requestsPerPeerPerSlot
        bytesPerPeerPerSlot = parameters.bytesPerPeerPerSlot
    }

    func show(json: Bool) throws {
        guard !json else { return try printJSON(self) }
        let begin = Date(timeIntervalSince1970: Double(genesis) / 1000)
        var lines = ["network     \(network)", "preset      \(preset)"]
        lines += sequencers.map { "sequencer   \($0)" }
        lines += [
            "genesis     \(begin.formatted(.iso8601)) (\(genesis))",
            "slot        \(slotMilliseconds) ms, clocks within \(clockToleranceMilliseconds) ms",
            "deadlines   late \(lateMilliseconds), suspected \(suspectedMilliseconds), withheld "
                + "\(withheldMilliseconds) ms",
            "rows        at most \(maximumDataRows) of data",
            "sampling    target 10^-\(samplingTarget)",
            "retention   \(retentionSlots) slots",
            "reports     at least \(reportPeers) peers asked",
            "budgets     \(requestsPerPeerPerSlot) requests, \(bytesPerPeerPerSlot) bytes to a peer "
                + "and slot",
        ]
        try printLines(lines)
    }
}
