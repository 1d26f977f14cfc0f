import ArgumentParser
import DataMatrix
import Foundation
import KZGCommitments
import SystemCrypto

/// `damask bench matrix`: extension, proofs and reconstruction of whole blocks.
struct BenchMatrixCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "matrix",
        abstract: "Extension, proofs and reconstruction of blocks.",
        discussion: "Names and meanings are in specs/benchmarks.md.")

    @Flag(help: "Print one JSON object on one line.")
    var json = false

    @Option(help: "Threads to use.")
    var threads = 1

    @Option(
        name: .customLong("rows"),
        help: "Numbers of data rows: powers of two from 1 to 256, with commas between them.")
    var rowList = "1,16,64,256"

    @Option(help: "Only operations whose name begins with this.")
    var only = ""

    @Option(help: "Seconds for each operation, in which it runs at least once.")
    var seconds = 2.0

    func validate() throws {
        guard (1...256).contains(threads) else {
            throw ValidationError("--threads takes a number from 1 to 256.")
        }
        guard seconds > 0, seconds <= 3600 else {
            throw ValidationError("--seconds takes a number above 0, 3600 at most.")
        }
        _ = try shapes()
    }

    private func shapes() throws -> [MatrixShape] {
        try rowList.split(separator: ",").map { text in
            guard let rows = Int(text),
                let shape = try? MatrixShape(preset: .mainnet, dataRows: rows)
            else { throw ValidationError("--rows: \(text) is no power of two from 1 to 256.") }
            return shape
        }
    }

    func run() throws {
        try reportingFailures(of: "bench matrix") {
            var measurements: [Measurement] = []
            for shape in try shapes() {
                let bench = MatrixBench(
                    shape: shape, threads: threads, seconds: seconds, only: only)
                measurements += try bench.run()
            }
            Console.clearProgress()
            try BenchReport.write(measurements, json: json)
        }
    }
}
