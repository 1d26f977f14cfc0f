import Availability
import DamaskNode
import DataMatrix
import Foundation
import LibP2P
import LibP2PNIO
import NodeCore
import SSZ

extension DemoStory {
    /// Act 5: the withholding report and an equivocation proof, in files that anyone can check.
    func evidence(_ act: inout DemoAct) async throws {
        guard let sequencer else {
            throw DemoFailure(what: "there is a second sequencer", detail: "it was not started")
        }
        try await equivocate(sequencer)

        var report: EvidenceReport?
        var proof: EvidenceReport?
        let found = try await wait(for: "evidence", picturing: nil, shape: nil) {
            report = self.network.log.evidence(.withholding).first { $0.root == self.withheldRoot }
            proof = self.network.log.evidence(.equivocation).first
            return (
                report != nil && proof != nil,
                "report \(report == nil ? "missing" : "made"), "
                    + "proof \(proof == nil ? "missing" : "made")"
            )
        }
        check(
            &act, "a full node made a withholding report and an equivocation proof", found)
        guard let report, let proof else { return }
        let honest = network.sequencerKeys[0].publicKey
        let accusations = (network.log.evidence(.withholding) + network.log.evidence(.equivocation))
            .count { $0.sequencer == honest }
        check(
            &act, "nobody accuses the first, honest sequencer", accusations == 0,
            "\(accusations) pieces of evidence")

        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("damask-demo-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let parameters = folder.appendingPathComponent("network.damask")
        try OutputFile.write(parameters.path, NetworkFile.encode(network.parameters))
        for (name, evidence) in [
            ("withholding-report", report.evidence), ("equivocation-proof", proof.evidence),
        ] {
            let file = folder.appendingPathComponent(name + ".damask")
            let bytes = EvidenceFile.encode(evidence)
            try OutputFile.write(file.path, bytes)
            try check(&act, name, file: file, bytes: bytes, parameters: parameters)
            checkEveryByte(&act, name, bytes)
        }
        narrator.say("  the files are in \(folder.path)")
    }

    /// The second sequencer signs another header at the height of the one that it withholds.
    private func equivocate(_ sequencer: DemoNode<Sequencer>) async throws {
        let key = network.sequencerKeys[1]
        let head = try await sequencer.service.submit { node, _ in node.head(of: key.publicKey) }
        guard let first = head?.header else {
            throw DemoFailure(what: "the second sequencer has a header", detail: "it has none")
        }
        let second = try BlockHeader(
            networkID: first.networkID, sequencer: first.sequencer, height: first.height,
            slot: first.slot, parentRoot: first.parentRoot, commitments: first.commitments,
            index: first.index, previousStateRoot: first.previousStateRoot,
            newStateRoot: withheldRoot)
        let signed = SignedHeader(signing: second, with: key)
        let topic = NetworkNames(networkID: network.parameters.networkID).name(of: .headers)
        try await sequencer.service.host.submit { host, now in
            _ = try host.publish(topic, signed.encoded, now: now)
        }
        narrator.say("  the second sequencer signs another header at height \(first.height)")
    }

    /// `damask verify-evidence` accepts the file and refuses a copy with one byte changed.
    private func check(
        _ act: inout DemoAct, _ name: String, file: URL, bytes: [UInt8], parameters: URL
    ) throws {
        let good = try verify(file, parameters)
        check(
            &act, "damask verify-evidence accepts the \(name)", good == 0,
            "\(bytes.count) bytes, exit status \(good)")
        var altered = bytes
        let place = Int.random(in: 0..<altered.count)
        altered[place] ^= UInt8.random(in: 1...255)
        let copy = file.deletingPathExtension().appendingPathExtension("altered.damask")
        try OutputFile.write(copy.path, altered)
        let bad = try verify(copy, parameters)
        check(
            &act, "and refuses a copy with byte \(place) changed", bad == 1 || bad == 5,
            "exit status \(bad)")
    }

    /// No byte can be changed unnoticed, even by someone who computes the checksum anew.
    private func checkEveryByte(_ act: inout DemoAct, _ name: String, _ bytes: [UInt8]) {
        var accepted = 0
        for place in bytes.indices {
            var altered = bytes
            altered[place] ^= 1
            if (try? EvidenceFile.decode(altered)) != nil { accepted += 1 }
        }
        check(
            &act, "no copy with any one byte of the \(name) changed passes for intact",
            accepted == 0, "\(bytes.count) places tried")
    }

    private func verify(_ file: URL, _ parameters: URL) throws -> Int32 {
        guard let executable = Bundle.main.executableURL else {
            throw DemoFailure(what: "this program finds its own executable", detail: "it does not")
        }
        let process = Process()
        process.executableURL = executable
        process.arguments = ["verify-evidence", file.path, "--network", parameters.path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
