import ArgumentParser
import DamaskClient
import Foundation

/// `damask watch`: a node's news as they come.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract:
            "Follow a node's news until interrupted: headers, states, samples, evidence, peers.")

    @Option(
        help: ArgumentHelp(
            "Only these kinds, with commas between, such as header,state,evidence.",
            valueName: "kinds"))
    var kinds: String?

    @Option(help: "End after so many.")
    var count: Int?

    @OptionGroup var server: ServerOptions

    @Flag(help: "Print one JSON object to a line.")
    var json = false

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count takes a number from 1.") }
    }

    func run() async throws {
        try await reportingFailures(of: "watch") {
            let kinds = kinds.map { Set($0.split(separator: ",").map(String.init)) }
            try await server.withClient { client in
                var left = count ?? .max
                try await client.events { event in
                    guard event.kind == "lost" || kinds?.contains(event.kind) ?? true else {
                        return true
                    }
                    try json ? printJSON(event) : printLines([Self.line(event)])
                    left -= 1
                    return left > 0
                }
                guard left > 0 else { return }
                throw ClientError.interrupted(server: client.server.url, reason: "the node stopped")
            }
        }
    }

    private static func line(_ event: EventAnswer) -> String {
        let time = Date(timeIntervalSince1970: Double(event.time) / 1000)
            .formatted(.iso8601.time(includingFractionalSeconds: true))
        let block = event.root.map { String($0.text.prefix(18)) } ?? ""
        return "\(time) \(event.kind) \(block) \(details(event))"
            .trimmingCharacters(in: .whitespaces)
    }

    private static func details(_ event: EventAnswer) -> String {
        if let height = event.height, let slot = event.slot {
            return "height \(height), slot \(slot), \(event.dataRows ?? 0) rows"
        }
        if let state = event.state { return state }
        if let sampling = event.sampling {
            return "\(sampling.verified) of \(sampling.drawn) samples"
                + (sampling.complete ? ", all" : ", \(sampling.failed) failed so far")
        }
        if let held = event.possession {
            return "\(held.cells) cells, \(held.completeColumns) of \(held.custodyColumns) columns"
        }
        if let publication = event.publication {
            return "\(publication.stage.rawValue), \(publication.complete) of "
                + "\(publication.messages) messages"
        }
        if let evidence = event.evidence { return "\(evidence.kind) against \(evidence.sequencer)" }
        if let readiness = event.readiness {
            return readiness.ready ? "ready" : readiness.reasons.joined(separator: "; ")
        }
        if let lost = event.lost { return "\(lost) events were left out" }
        return event.peer ?? ""
    }
}
