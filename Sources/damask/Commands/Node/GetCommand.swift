import ArgumentParser
import DamaskClient
import Foundation

/// `damask get`: a payload comes out of a block.
struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Read a payload from a node, which fetches and rebuilds what it does not hold.",
        discussion: """
            Name the payload by its commitment, or by its block: a root, or a lane's key and a height, \
            with the namespace where the block has several payloads; or by the KZG commitment of a \
            row. Ends with 3 if the data is not available.
            """)

    @Argument(help: "The payload's commitment: 34 bytes.")
    var commitment: HexBytes?

    @Option(help: ArgumentHelp("The block's root.", valueName: "hex"))
    var root: HexBytes?

    @Option(help: ArgumentHelp("The lane's key.", valueName: "hex"))
    var sequencer: HexBytes?

    @Option(help: "The block's place in the lane.")
    var height: UInt64?

    @Option(help: ArgumentHelp("Whose payload.", valueName: "hex"))
    var namespace: HexBytes?

    @Option(help: ArgumentHelp("The KZG commitment of a row of it.", valueName: "hex"))
    var row: HexBytes?

    @Option(
        name: [.customShort("o"), .long],
        help: "The file to write; standard output by default.", completion: .file())
    var output: String?

    @Option(help: "How many seconds the node may fetch and rebuild, up to 120.")
    var wait = 10.0

    @OptionGroup var server: ServerOptions

    @Flag(help: "Print one JSON object about what was written; needs --output.")
    var json = false

    func validate() throws {
        guard (0...120).contains(wait) else {
            throw ValidationError("--wait takes 0 to 120 seconds.")
        }
        try commitment?.require("The commitment", count: 34...34)
        try root?.require("--root", count: 32...32)
        try sequencer?.require("--sequencer", count: 32...36)
        try namespace?.require("--namespace", count: 0...32)
        try row?.require("--row", count: 48...48)
        if json, output == nil { throw ValidationError("--json needs --output.") }
        _ = try choice()
    }

    private func choice() throws -> NodeClient.PayloadChoice {
        switch (commitment, root, sequencer, height, row) {
        case (let commitment?, nil, nil, nil, nil) where namespace == nil:
            return .commitment(commitment)
        case (nil, let root?, nil, nil, nil): return .block(root, namespace: namespace)
        case (nil, nil, let sequencer?, let height?, nil):
            return .height(sequencer: sequencer, height, namespace: namespace)
        case (nil, nil, nil, nil, let row?) where namespace == nil: return .row(row)
        default:
            throw ValidationError(
                "Name the payload in one way: a commitment, --root, --sequencer with --height, or "
                    + "--row.")
        }
    }

    func run() async throws {
        try await reportingFailures(of: "get") {
            let choice = try choice()
            try await server.withClient { client in
                let milliseconds = UInt64(wait * 1000)
                guard let output else {
                    var result = ResultBytes()
                    _ = try await client.payload(choice, wait: milliseconds) {
                        try result.write($0)
                    }
                    return
                }
                let file = try OutputFile(path: output)
                var count = 0
                let total = try await client.payload(choice, wait: milliseconds) { piece in
                    try file.write(piece)
                    count += piece.count
                    Console.progress("\(count) bytes ...")
                }
                try file.finish()
                Console.clearProgress()
                guard json else { return try printLines(["\(output): \(total) bytes"]) }
                try printJSON(Written(output: output, bytes: total))
            }
        }
    }

    private struct Written: Encodable {
        let output: String
        let bytes: Int
    }
}

/// Bytes on standard output as they come.
private struct ResultBytes {
    mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        var done = 0
        while done < bytes.count {
            let count = Foundation.write(
                STDOUT_FILENO, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            if count < 0 {
                if errno == EINTR { continue }
                throw CommandFailure(
                    .failed, in: "standard output", "can't be written: \(lastSystemError())")
            }
            done += count
        }
    }
}
