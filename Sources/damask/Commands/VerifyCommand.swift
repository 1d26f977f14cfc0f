import ArgumentParser
import DataMatrix
import KZGCommitments

/// `damask verify`: every present cell against the commitments.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check every present cell of a block against its commitment.",
        discussion: """
            Exits with 5 if the file is intact and a proof does not hold; with 1 if the file is \
            damaged or has no proofs.
            """)

    /// The most bad cells that are named in text; --json has them all.
    private static let maximumNames = 8

    @Argument(help: "The block file.", completion: .file())
    var block: String

    @Flag(help: "Print one JSON object on one line.")
    var json = false

    @OptionGroup var threads: ThreadOptions

    func run() throws {
        try reportingFailures(of: "verify") {
            let (reader, block) = try InputFile.wholeBlock(self.block)
            guard reader.hasProofs else {
                throw CommandFailure(.failed, in: self.block, "has no proofs to check cells by")
            }
            Console.progress("verifying \(block.matrix.cells.count) cells ...")
            let preset = block.shape.preset
            let verifier: MatrixVerifier
            do throws(KZGError) {
                verifier = try MatrixVerifier(
                    verifier: preset == .mainnet ? .mainnet : KZGVerifier(preset: preset),
                    description: block.description)
            } catch { throw CommandFailure(.invalid, in: self.block, error.description) }
            let bad = verifier.invalidCells(
                of: block.matrix, block.sendableCells, threads: threads.count)
            Console.clearProgress()
            try report(block, bad)
        }
    }

    private func report(_ block: ExtendedBlock, _ bad: CellSet) throws {
        let count = block.matrix.cells.count
        if json {
            let cells = bad.map { "{\"row\":\($0.row),\"column\":\($0.column)}" }
            var output = ResultWriter()
            try output.line(
                "{\"valid\":\(bad.isEmpty),\"cells\":\(count),"
                    + "\"invalid\":[\(cells.joined(separator: ","))]}")
            try output.flush()
        }
        guard bad.isEmpty else {
            let names = bad.prefix(Self.maximumNames).map(\.description).joined(separator: ", ")
            let more = bad.count - min(bad.count, Self.maximumNames)
            throw CommandFailure(
                .invalid, in: self.block,
                "\(bad.count) of \(count) cells do not belong to the commitments (row:column): "
                    + names + (more > 0 ? " and \(more) more" : ""))
        }
        if !json { print("\(self.block): all \(count) present cells belong to the commitments") }
    }
}
