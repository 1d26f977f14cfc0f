import BLS12381
import KZGCommitments
import Testing

/// Inputs that are none: each is an error that says what and where, and nothing traps.
@Suite struct InputSuite {
    let preset = Preset.minimal
    let prover = Shared.prover(.minimal)
    var verifier: KZGVerifier { prover.verifier }
    let blob = [UInt8](repeating: 0, count: 256)
    /// r, the smallest integer that is no field element.
    let order: [UInt8] = [
        0x73, 0xed, 0xa7, 0x53, 0x29, 0x9d, 0x7d, 0x48, 0x33, 0x39, 0xd8, 0x08, 0x09, 0xa1, 0xd8,
        0x05, 0x53, 0xbd, 0xa4, 0x02, 0xff, 0xfe, 0x5b, 0xfe, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00,
        0x00, 0x01,
    ]

    @Test(arguments: [0, 1, 31, 255, 257, 512]) func blobsOfAnotherLength(count: Int) {
        let wrong = [UInt8](repeating: 0, count: count)
        let error = KZGError.wrongLength(of: .blob, index: 0, expected: 256, actual: count)
        #expect(throws: error) { try prover.commitment(toBlob: wrong) }
        #expect(throws: error) { try prover.proof(ofBlob: wrong, at: Fr.one.bytes) }
        #expect(throws: error) { try prover.proof(ofBlob: wrong, commitment: .infinity) }
        #expect(throws: error) { try prover.cells(ofBlob: wrong) }
        #expect(throws: error) { try prover.cellsAndProofs(ofBlob: wrong) }
        #expect(throws: error) {
            try verifier.verifyBlobProof(.infinity, blob: wrong, commitment: .infinity)
        }
        #expect(throws: error) { try verifier.blobChallenge(blob: wrong, commitment: .infinity) }
        #expect(throws: KZGError.wrongLength(of: .blob, index: 1, expected: 256, actual: count)) {
            try verifier.verifyBlobProofs(
                [.infinity, .infinity], blobs: [blob, wrong],
                commitments: [.infinity, .infinity])
        }
    }

    @Test(arguments: 0..<8) func elementsThatAreNotCanonical(element: Int) {
        for bytes in [order, [UInt8](repeating: 0xff, count: 32)] {
            var wrong = blob
            wrong.replaceSubrange(32 * element..<32 * element + 32, with: bytes)
            let error = KZGError.notCanonical(of: .blob, index: 0, element: element)
            #expect(throws: error) { try prover.commitment(toBlob: wrong) }
            #expect(throws: error) { try prover.proof(ofBlob: wrong, commitment: .infinity) }
            #expect(throws: error) { try prover.cells(ofBlob: wrong) }
            #expect(throws: error) { try prover.cellsAndProofs(ofBlob: wrong) }
        }
    }

    @Test func pointsAndValues() throws {
        let largest = (-Fr.one).bytes
        #expect(try prover.proof(ofBlob: blob, at: largest).value == Fr.zero.bytes)
        for (bytes, isLength) in [(order, false), ([], true), ([UInt8](order.dropLast()), true)] {
            func error(_ subject: KZGError.Subject) -> KZGError {
                isLength
                    ? .wrongLength(of: subject, index: 0, expected: 32, actual: bytes.count)
                    : .notCanonical(of: subject, index: 0, element: 0)
            }
            #expect(throws: error(.point)) { try prover.proof(ofBlob: blob, at: bytes) }
            #expect(throws: error(.point)) {
                try verifier.verifyProof(
                    .infinity, commitment: .infinity, point: bytes, value: largest)
            }
            #expect(throws: error(.value)) {
                try verifier.verifyProof(
                    .infinity, commitment: .infinity, point: largest, value: bytes)
            }
        }
    }

    @Test func encodingsThatAreNoPoints() throws {
        let generator = G1Affine.generator.compressed
        var wrong: [[UInt8]] = []
        wrong.append([UInt8](repeating: 0, count: 48))
        wrong.append([0xc0] + [UInt8](repeating: 0, count: 46) + [1])
        wrong.append([0xe0] + [UInt8](repeating: 0, count: 47))
        wrong.append([0x9f] + [UInt8](repeating: 0xff, count: 47))
        wrong.append([generator[0] & 0x7f] + generator.dropFirst())
        wrong.append([0x80] + [UInt8](repeating: 0, count: 46) + [1])  // off the curve
        wrong.append([0x80] + [UInt8](repeating: 0, count: 47))  // of order 3
        for bytes in wrong {
            let commitment = try #require(KZGCommitment(bytes))
            let proof = try #require(KZGProof(bytes))
            #expect(throws: KZGError.invalidPoint(of: .commitment, index: 0)) {
                try prover.proof(ofBlob: blob, commitment: commitment)
            }
            #expect(throws: KZGError.invalidPoint(of: .commitment, index: 0)) {
                try verifier.verifyBlobProof(.infinity, blob: blob, commitment: commitment)
            }
            #expect(throws: KZGError.invalidPoint(of: .proof, index: 0)) {
                try verifier.verifyBlobProof(proof, blob: blob, commitment: .infinity)
            }
            #expect(throws: KZGError.invalidPoint(of: .proof, index: 1)) {
                try verifier.verifyBlobProofs(
                    [.infinity, proof], blobs: [blob, blob], commitments: [.infinity, .infinity])
            }
        }
        #expect(KZGCommitment([UInt8](generator.dropLast())) == nil)
        #expect(KZGProof(generator + [0]) == nil)
    }

    @Test func recoveryRefuses() throws {
        let row = try prover.cells(ofBlob: blob)
        let cells = row.cells(preset)
        func error(_ columns: [Int], _ cells: [[UInt8]]) -> KZGError? {
            do {
                _ = try prover.recoverCellsAndProofs(columns: columns, cells: cells)
                return nil
            } catch { return error }
        }
        #expect(error([0, 1], [cells[0], cells[1]]) == nil)
        #expect(error([], []) == .tooFewCells(needed: 2, actual: 0))
        #expect(error([3], [cells[3]]) == .tooFewCells(needed: 2, actual: 1))
        #expect(error([0, 0], [cells[0], cells[0]]) == .columnsNotAscending(index: 1))
        #expect(error([2, 1], [cells[2], cells[1]]) == .columnsNotAscending(index: 1))
        #expect(
            error([0, 4], [cells[0], cells[1]])
                == .columnOutOfRange(index: 1, column: 4, limit: 4))
        #expect(
            error([.min, 1], [cells[0], cells[1]])
                == .columnOutOfRange(index: 0, column: .min, limit: 4))
        #expect(
            error([0, 1, 2], [cells[0], cells[1]])
                == .wrongCount(of: .column, expected: 2, actual: 3))
        #expect(
            error([0, 1, 2, 3, 3], cells + [cells[3]]) == .tooManyCells(limit: 4, actual: 5))
        #expect(
            error([0, 1], [cells[0], []])
                == .wrongLength(of: .cell, index: 1, expected: 128, actual: 0))
        var wrong = cells[3]
        wrong.replaceSubrange(64..<96, with: order)
        #expect(
            error([1, 3], [cells[1], wrong]) == .notCanonical(of: .cell, index: 1, element: 2))
        #expect(
            error([0, 1], [cells[1], wrong]) == .notCanonical(of: .cell, index: 1, element: 2))
    }

    @Test func errorsSayWhatAndWhere() {
        #expect(
            KZGError.wrongLength(of: .cell, index: 3, expected: 128, actual: 0).description
                == "cell 3 has 0 bytes, not 128")
        #expect(
            KZGError.notCanonical(of: .blob, index: 0, element: 5).description
                == "blob 0: field element 5 is not below the field's order")
        #expect(
            KZGError.invalidPoint(of: .proof, index: 2).description
                == "proof 2 is not a point of G1")
    }

    @Test func bytes48() throws {
        let bytes = (0..<48).map { UInt8($0 * 5) }
        let value = try #require(Bytes48(bytes))
        #expect(value.bytes == bytes)
        #expect(Bytes48(bytes[...]) == value)
        #expect(Bytes48(bytes.lazy.map { $0 }) == value)
        #expect(Bytes48([]) == nil && Bytes48(bytes + [0]) == nil)
        #expect(value.description.hasPrefix("0x00050a0f") && value.description.count == 98)
        #expect(KZGProof.infinity.bytes.bytes == [0xc0] + [UInt8](repeating: 0, count: 47))
    }
}
