import ArgumentParser
import Foundation
import KZGCommitments

/// `damask bench kzg`: the functions of EIP-4844 and EIP-7594.
struct BenchKZGCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kzg",
        abstract: "Measure the functions of EIP-4844 and EIP-7594.",
        discussion: """
            Bytes in, bytes out, on random inputs that are made for this run; every result is \
            checked, outside of the time that counts. The names are those of the specifications.
            """)

    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(help: "Threads within one operation, where it can use several.")
    var threads = 1

    @Option(
        help: ArgumentHelp("Measure this operation only. Can be given several times."),
        completion: .list(KZGOperation.allCases.map(\.rawValue)))
    var only: [KZGOperation] = []

    @Option(
        help: ArgumentHelp(
            "Take blobs from this file, one after the other, instead of random ones.",
            visibility: .hidden),
        completion: .file())
    var blobs: String?

    @Option(
        help: ArgumentHelp(
            "Recover rows from these columns (64, ascending, comma-separated).",
            visibility: .hidden))
    var columns: String?

    func validate() throws {
        guard (1...256).contains(threads) else {
            throw ValidationError("--threads takes a number from 1 to 256.")
        }
    }

    func run() throws {
        try reportingFailures(of: "bench kzg") {
            let inputs = KZGBenchInputs(
                blobs: try blobs.map { try readBlobs($0) } ?? [],
                columns: try columns.map { try readColumns($0) })
            let bench = KZGBench(inputs: inputs, threads: threads)
            complain(KZGBench.kernels)
            var results: [Measurement] = []
            for operation in only.isEmpty ? KZGOperation.allCases : only {
                Console.progress(operation.rawValue)
                results.append(try bench.measure(operation))
            }
            Console.clearProgress()
            try BenchReport.write(results, json: json)
        }
    }

    private func readBlobs(_ path: String) throws -> [[UInt8]] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.failed, in: path, "can't be read")
        }
        let size = Preset.mainnet.bytesPerBlob
        guard !data.isEmpty, data.count % size == 0 else {
            throw CommandFailure(.failed, in: path, "is not made of blobs of \(size) bytes")
        }
        let bytes = [UInt8](data)
        return stride(from: 0, to: bytes.count, by: size).map { [UInt8](bytes[$0..<$0 + size]) }
    }

    private func readColumns(_ text: String) throws -> [Int] {
        let columns = text.split(separator: ",").compactMap { Int($0) }
        guard columns.count == Preset.mainnet.cellsPerBlob else {
            throw CommandFailure(.failed, "--columns takes \(Preset.mainnet.cellsPerBlob) numbers")
        }
        return columns
    }
}

extension KZGOperation: ExpressibleByArgument {}
