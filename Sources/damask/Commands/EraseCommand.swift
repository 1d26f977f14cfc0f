import ArgumentParser
import DataMatrix
import SystemCrypto

/// `damask erase`: cells taken out of a block file, to try what can be rebuilt.
struct EraseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Drop cells from a block, by chance or by pattern.",
        discussion: """
            With --fraction alone, exactly that share of the present cells, rounded down, each choice \
            equally likely. The same seed drops the same cells everywhere: specs/encoding.md fixes the \
            generator. Rows known to be zero can't be lost, so the cells are taken from the others.
            """)

    /// Which cells go.
    enum Pattern: String, ExpressibleByArgument, CaseIterable {
        case random
        case rows
        case columns
        case stoppingSet = "stopping-set"
    }

    @Argument(help: "The block file.", completion: .file())
    var block: String

    @OptionGroup var output: OutputOptions

    @Option(help: "The share to drop, from 0 to 1, of cells, rows or columns.")
    var fraction: String?

    @Option(
        help: """
            random, rows or columns (half of them without --fraction), or stopping-set: as few cells \
            as can make a block undecodable.
            """)
    var pattern: Pattern?

    @Option(help: "Names the choice; any number.")
    var seed: UInt64 = 0

    func validate() throws {
        if let fraction, DecimalFraction(fraction) == nil {
            throw ValidationError("--fraction takes a number from 0 to 1 with up to nine decimals.")
        }
        switch (pattern ?? .random, fraction) {
        case (.random, nil):
            throw ValidationError("Say how much to drop: --fraction, or another --pattern.")
        case (.stoppingSet, .some):
            throw ValidationError("--pattern stopping-set has a size of its own: no --fraction.")
        default: break
        }
    }

    func run() throws {
        try reportingFailures(of: "erase") {
            let (reader, original) = try InputFile.wholeBlock(block)
            var erased = original
            erased.remove(try choice(original))
            let before = original.matrix.cells.count
            let after = erased.matrix.cells.count
            let writer = try BlockFileWriter(erased, includingProofs: reader.hasProofs)
            try OutputFile.write(output.output) { try writer.write(to: $0) }
            print(
                "\(output.output): dropped \(before - after) of \(before) present cells "
                    + "(seed \(seed))")
        }
    }

    private func choice(_ block: ExtendedBlock) throws -> CellSet {
        var random = SeededRandom(number: seed)
        let share = fraction.flatMap { DecimalFraction($0) } ?? DecimalFraction.half
        let shape = block.shape
        switch pattern ?? .random {
        case .random:
            let wanted = share.floor(times: block.matrix.cells.count)
            let available = block.sendableCells
            if wanted > available.count {
                complain(
                    "damask erase: \(self.block): only \(available.count) of the \(wanted) cells can be "
                        + "dropped: the others are in rows known to be zero")
            }
            return Erasure.random(min(wanted, available.count), of: available, using: &random)
        case .rows:
            return Erasure.rows(share.floor(times: shape.rows), of: shape, using: &random)
        case .columns:
            return Erasure.columns(share.floor(times: shape.columns), of: shape, using: &random)
        case .stoppingSet:
            guard
                let cells = Erasure.stoppingSet(
                    of: shape, excluding: block.description.zeroRows, using: &random)
            else {
                throw CommandFailure(
                    .failed, in: self.block,
                    "has no stopping set: so many of its rows are known to be zero that the others "
                        + "can always be rebuilt")
            }
            return cells
        }
    }
}
