import ArgumentParser
import DamaskClient
import Foundation

/// `damask publish`: a file goes into a block of a sequencer.
struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish a file through a sequencer, and wait until its block is available.",
        discussion: """
            Tells each stage on standard error. Ends with 0 when custodians say that they hold enough \
            to rebuild the block; with 3, and how far it came, when that does not happen in time. The \
            same bytes in the same namespace again are recognised and not published twice.
            """)

    @Argument(help: "The file to publish.", completion: .file())
    var file: String

    @Option(help: ArgumentHelp("Whose payload it is: up to 32 bytes.", valueName: "hex"))
    var namespace: HexBytes

    @Flag(help: "The file is whole blobs: canonical field elements, 131072 bytes each.")
    var raw = false

    @Option(help: "How many seconds to wait for the block to be available; 0 to not wait.")
    var wait = 60.0

    @OptionGroup var server: ServerOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        try namespace.require("--namespace", count: 0...32)
        guard (0...86_400).contains(wait) else {
            throw ValidationError("--wait takes 0 to 86400 seconds.")
        }
    }

    func run() async throws {
        try await reportingFailures(of: "publish") {
            let limit = raw ? APILimits.rawPayloadBytes : APILimits.payloadBytes
            let bytes = try InputFile.read(file, limit: limit)
            try await server.withClient(writing: true) { client in
                Console.progress("sending \(bytes.count) bytes ...")
                var publication = try await client.publish(bytes, namespace: namespace, raw: raw)
                tell(publication)
                let deadline = ContinuousClock.now + .seconds(wait)
                var pause = Duration.milliseconds(50)
                let isRepeated = publication.repeated
                while publication.stage != .available, ContinuousClock.now < deadline {
                    try await Task.sleep(for: pause)
                    pause = min(pause * 3 / 2, .milliseconds(500))
                    let stage = publication.stage
                    publication = try await client.publication(publication.root)
                    if publication.stage != stage { tell(publication) }
                    Console.progress(Self.words(publication))
                }
                Console.clearProgress()
                publication.repeated = isRepeated
                try show(publication, bytes.count)
                guard publication.stage == .available || wait == 0 else {
                    throw CommandFailure(
                        .unavailable,
                        "\(publication.root) is not confirmed available after \(wait) s: "
                            + Self.words(publication))
                }
            }
        }
    }

    /// One line to a stage, also where nobody watches.
    private func tell(_ publication: PublicationAnswer) {
        Console.clearProgress()
        complain(
            publication.repeated
                ? "recognised: these bytes are in block \(publication.root) already"
                : Self.words(publication))
    }

    private static func words(_ publication: PublicationAnswer) -> String {
        let copies =
            "\(publication.firstCopies) of \(publication.messages) first copies, "
            + "\(publication.complete) complete"
        return switch publication.stage {
        case .signed: "signed: height \(publication.height), slot \(publication.slot)"
        case .publishing: "publishing: \(copies)"
        case .firstCopies: "one copy of everything is out (\(copies))"
        case .published: "all copies are out"
        case .available: "available"
        }
    }

    private func show(_ publication: PublicationAnswer, _ count: Int) throws {
        guard !json else { return try printJSON(publication) }
        var lines = [
            "block       \(publication.root)",
            "height      \(publication.height), slot \(publication.slot)",
        ]
        lines += publication.commitments.map { "commitment  \($0)" }
        lines.append("stage       \(publication.stage.rawValue), \(count) bytes")
        try printLines(lines)
    }
}
