import BLS12381
import KZGCommitments
import Testing

/// Random cases against the definitions. `DAMASK_DIFFERENTIAL_CASES` says how many, 40 if it is not
/// set; from 10,000 on blobs of full size come too, which the definitions take minutes for. A failure
/// names its case, whose number is the seed.
@Suite struct DifferentialSuite {
    static let cases = environmentNumber("DAMASK_DIFFERENTIAL_CASES") ?? 40
    static let fullSize = cases >= 10_000

    @Test func smallPresets() throws {
        for number in 0..<Self.cases {
            let preset = Shared.presets[number % Shared.presets.count]
            let prover = Shared.prover(preset)
            let reference = Shared.reference(preset)
            var random = TestRandom(UInt64(1_000_000 + number))
            let blob = random.blob(preset)
            let context: Comment = "case \(number), preset \(preset.name)"

            #expect(try prover.commitment(toBlob: blob) == reference.commitment(blob), context)
            let inside = reference.blobPoints.randomElement(using: &random) ?? .one
            let z = number % 3 == 0 ? inside : random.scalar()
            let (proof, value) = try prover.proof(ofBlob: blob, at: z.bytes)
            let expected = reference.proof(blob, at: z)
            #expect(proof == expected.proof && value == expected.value.bytes, context)

            let row = reference.extended(blob)
            let (cells, proofs) = try prover.cellsAndProofs(ofBlob: blob)
            #expect(cells == row, context)
            #expect(proofs == reference.cellProofs(blob), context)
            let columns = random.columns(preset.cellsPerBlob, preset)
            let known = columns.map { row.cell($0, preset) }
            let recovered = try prover.recoverCellsAndProofs(columns: columns, cells: known)
            #expect(recovered.cells == row && recovered.proofs == proofs, context)
            #expect(reference.recovered(columns: columns, cells: known) == row, context)
        }
    }

    @Test(.enabled(if: fullSize)) func commitmentsOfFullSize() throws {
        let reference = Reference(.mainnet)
        for number in 0..<20 {
            var random = TestRandom(UInt64(2_000_000 + number))
            let blob = random.blob(.mainnet)
            #expect(
                try Shared.mainnet.commitment(toBlob: blob) == reference.commitment(blob),
                "case \(number)")
        }
    }

    @Test(.enabled(if: fullSize)) func proofsOfFullSize() throws {
        let reference = Reference(.mainnet)
        for number in 0..<3 {
            var random = TestRandom(UInt64(3_000_000 + number))
            let blob = random.blob(.mainnet)
            let (cells, proofs) = try Shared.mainnet.cellsAndProofs(ofBlob: blob)
            #expect(cells == reference.extended(blob), "case \(number)")
            #expect(proofs == reference.cellProofs(blob), "case \(number)")
        }
    }
}
