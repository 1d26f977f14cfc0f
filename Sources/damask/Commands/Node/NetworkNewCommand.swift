import ArgumentParser
import Availability
import DamaskClient
import Foundation
import KZGCommitments

/// `damask network new`: a file of genesis parameters.
struct NetworkNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Write a file of genesis parameters.",
        discussion: """
            Every node of the network gets the same file. Nothing in it can be changed later: a \
            sequencer's key that is stolen stays listed, and a network that must change a key begins \
            anew.
            """)

    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("A sequencer's key; repeat for more.", valueName: "hex"))
    var sequencer: [HexBytes] = []

    @Option(
        help: ArgumentHelp(
            "When slot 0 starts: milliseconds since 1970, or +SECONDS from now; now by default.",
            valueName: "time"))
    var genesis = "+0"

    @Option(help: "mainnet, or minimal for tests.")
    var preset = "mainnet"

    @Option(help: "Milliseconds of a slot.")
    var slot: UInt32 = 6000

    @Option(help: "How many milliseconds clocks may differ.")
    var tolerance: UInt32 = 500

    @Option(help: "Milliseconds from the slot's start until a block is late.")
    var late: UInt32 = 4000

    @Option(help: "Likewise, until it is suspected to be withheld.")
    var suspected: UInt32 = 12_000

    @Option(help: "Likewise, until it counts as withheld.")
    var withheld: UInt32 = 24_000

    @Option(help: "The most data rows of a block, a power of two up to 256.")
    var rows: UInt16 = 256

    @Option(help: "A block that can't be rebuilt passes with at most 10^-N.")
    var target: UInt8 = 9

    @Option(help: "How many slots headers and data are kept.")
    var retention: UInt64 = 100_800

    @Option(help: "How many distinct peers a withholding report must have asked.")
    var reportPeers: UInt16 = 3

    @Option(help: "Requests that a node answers one peer in a slot.")
    var requests: UInt32 = 256

    @Option(help: "Bytes that a node answers one peer in a slot.")
    var bytes: UInt32 = 16 << 20

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard !sequencer.isEmpty else { throw ValidationError("--sequencer is missing.") }
        for key in sequencer { try key.require("--sequencer", count: 32...36) }
        _ = try genesisTime()
        _ = try presetValue()
    }

    private func genesisTime() throws -> UnixTime {
        let now = UInt64(max(0, Date().timeIntervalSince1970 * 1000))
        if genesis.hasPrefix("+"), let seconds = UInt64(genesis.dropFirst()), seconds <= 1 << 32 {
            return UnixTime(milliseconds: now + seconds * 1000)
        }
        guard let milliseconds = UInt64(genesis) else {
            throw ValidationError(
                "--genesis takes milliseconds since 1970, or +SECONDS, not '\(genesis)'.")
        }
        return UnixTime(milliseconds: milliseconds)
    }

    private func presetValue() throws -> Preset {
        guard let value = [Preset.mainnet, .minimal].first(where: { $0.name == preset }) else {
            throw ValidationError("--preset takes mainnet or minimal, not '\(preset)'.")
        }
        return value
    }

    func run() throws {
        try reportingFailures(of: "network new") {
            let keys = try sequencer.map { key in
                do throws(NodeKeyError) {
                    return try key.bytes.count == 32
                        ? NodeKey(ed25519: key.bytes) : NodeKey(typed: key.bytes)
                } catch {
                    throw CommandFailure(.failed, "--sequencer \(key): \(error)")
                }
            }
            let preset = try presetValue()
            let genesis = try genesisTime()
            let parameters: NetworkParameters
            do throws(ParametersError) {
                parameters = try NetworkParameters(
                    preset: preset, sequencers: keys, genesis: genesis,
                    slotMilliseconds: slot, clockToleranceMilliseconds: tolerance,
                    lateMilliseconds: late, suspectedMilliseconds: suspected,
                    withheldMilliseconds: withheld, maximumDataRows: rows, samplingTarget: target,
                    retentionSlots: retention, reportPeers: reportPeers,
                    requestsPerPeerPerSlot: requests, bytesPerPeerPerSlot: bytes)
            } catch {
                throw CommandFailure(.failed, "\(error)")
            }
            try OutputFile.write(output.output, NetworkFile.encode(parameters))
            try NetworkDescription(parameters).show(json: json)
        }
    }
}
