import ArgumentParser
import Foundation

/// `damask kzg`: the commitment scheme by itself.
struct KZGCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kzg",
        abstract: "The KZG commitment scheme by itself.",
        subcommands: [KZGVectorsCommand.self])
}

/// `damask kzg vectors`: the official test vectors.
struct KZGVectorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vectors",
        abstract: "Run official test vectors of EIP-4844 and EIP-7594.",
        discussion: """
            Runs every <family>/<case>/data.yaml under DIR and prints, per family, how many cases \
            passed and failed. Exits with 1 if a case fails, is of an unknown family, or none is \
            found.
            """)

    @Argument(help: "The folder with the unpacked vectors.", completion: .directory)
    var dir: String

    func run() throws {
        try reportingFailures(of: "kzg vectors") {
            var runner = KZGVectorRunner()
            do {
                try runner.run(folder: URL(fileURLWithPath: dir))
            } catch {
                throw CommandFailure(.failed, "\(dir) is no folder that can be read")
            }
            for complaint in runner.complaints { complain(complaint) }
            var total = KZGVectorRunner.Tally()
            for (family, tally) in runner.tallies.sorted(by: { $0.key < $1.key }) {
                print("\(family): passed \(tally.passed) failed \(tally.failed)")
                total.passed += tally.passed
                total.failed += tally.failed
            }
            print("passed \(total.passed) failed \(total.failed)")
            if total.failed > 0 || total.passed == 0 { throw ExitCode(1) }
        }
    }
}
