import ArgumentParser
import Availability
import Foundation

/// `damask verify-evidence`: a withholding report or an equivocation proof.
struct VerifyEvidenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-evidence",
        abstract: "Check a withholding report or an equivocation proof.",
        discussion: """
            Prints every check with its outcome. Without the network's parameters the sequencer's \
            key can be checked against no genesis, and the times against no deadline. Exits with 1 \
            for a file that is no evidence or is damaged, with 5 for evidence that does not hold.
            """)

    @Argument(help: "The evidence file.", completion: .file())
    var file: String

    @Option(help: "The network's parameters.", completion: .file())
    var network: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        try reportingFailures(of: "verify-evidence") {
            let evidence: Evidence
            do {
                evidence = try EvidenceFile.decode(
                    InputFile.read(
                        file, limit: EvidenceFile.maximumByteCount, what: "evidence file"))
            } catch let error as EvidenceError {
                throw CommandFailure(.failed, "\(file): \(error)")
            }
            let parameters = try network.map(Self.parameters(at:))
            let now = UnixTime(
                milliseconds: UInt64(max(0, Date().timeIntervalSince1970 * 1000)))
            let verdict = evidence.verify(parameters: parameters, now: now)
            try show(evidence, verdict)
            guard verdict.holds else {
                let reasons = verdict.failures.map(\.description).joined(separator: "; ")
                throw CommandFailure(.invalid, "\(file): the evidence does not hold: \(reasons)")
            }
        }
    }

    /// The parameters in a network file.
    static func parameters(at path: String) throws -> NetworkParameters {
        do {
            return try NetworkFile.decode(
                InputFile.read(
                    path, limit: NetworkFile.maximumByteCount, what: "network file"))
        } catch let error as FileError {
            throw CommandFailure(.failed, "\(path): \(error)")
        }
    }

    private func show(_ evidence: Evidence, _ verdict: EvidenceVerdict) throws {
        let roots =
            switch evidence {
            case .withholding(let report): [report.header.root]
            case .equivocation(let proof): [proof.first.root, proof.second.root]
            }
        if json {
            let object = EvidenceDescription(
                kind: evidence.kindName, sequencer: "\(evidence.sequencer)",
                roots: roots.map { "\($0)" }, holds: verdict.holds,
                checks: verdict.checks.map {
                    .init(check: $0.subject.rawValue, outcome: $0.outcome.word)
                })
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(object), as: UTF8.self))
            return
        }
        print("\(evidence.kindName) against the sequencer \(evidence.sequencer)")
        for root in roots { print("  block \(root)") }
        for check in verdict.checks {
            print("  \(check.outcome.word.padded(to: 12))\(check.subject.rawValue)")
        }
        if network == nil {
            print("The key was checked against no genesis: name the parameters with --network.")
        }
    }
}

private struct EvidenceDescription: Encodable {
    struct Check: Encodable {
        let check: String
        let outcome: String
    }

    let kind: String
    let sequencer: String
    let roots: [String]
    let holds: Bool
    let checks: [Check]
}

extension Evidence {
    /// What people call it.
    fileprivate var kindName: String {
        switch self {
        case .withholding: "withholding report"
        case .equivocation: "equivocation proof"
        }
    }
}

extension EvidenceCheck.Outcome {
    fileprivate var word: String {
        switch self {
        case .held: "held"
        case .failed: "FAILED"
        case .notChecked: "not checked"
        }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
