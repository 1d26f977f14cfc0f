import BLS12381
import KZGCommitments
import Testing

/// EIP-4844 against the definitions.
@Suite struct BlobSuite {
    @Test(arguments: Shared.presets) func commitmentsAndProofsAreTheReferences(preset: Preset)
        throws
    {
        let prover = Shared.prover(preset)
        let reference = Shared.reference(preset)
        var random = TestRandom(1)
        for _ in 0..<(preset.fieldElementsPerBlob > 32 ? 20 : 200) {
            let blob = random.blob(preset)
            #expect(try prover.commitment(toBlob: blob) == reference.commitment(blob))
            // At a random point, and at one of the domain, where the quotient has a formula of its own.
            let inside = reference.blobPoints.randomElement(using: &random) ?? .one
            for z in [random.scalar(), inside, .zero] {
                let (proof, value) = try prover.proof(ofBlob: blob, at: z.bytes)
                let expected = reference.proof(blob, at: z)
                #expect(proof == expected.proof)
                #expect(value == expected.value.bytes)
            }
        }
    }

    @Test(arguments: Shared.presets) func proofsVerifyAndNothingElseDoes(preset: Preset) throws {
        let prover = Shared.prover(preset)
        let verifier = prover.verifier
        var random = TestRandom(2)
        for _ in 0..<10 {
            let blob = random.scalar().bytes + Array(random.blob(preset).dropFirst(32))
            let commitment = try prover.commitment(toBlob: blob)
            let z = random.scalar().bytes
            let (proof, value) = try prover.proof(ofBlob: blob, at: z)
            func verify(
                _ proof: KZGProof, _ commitment: KZGCommitment, _ z: [UInt8], _ y: [UInt8]
            ) throws -> Bool {
                try verifier.verifyProof(proof, commitment: commitment, point: z, value: y)
            }
            #expect(try verify(proof, commitment, z, value))
            #expect(try !verify(proof, commitment, z, random.scalar().bytes))
            #expect(try !verify(proof, commitment, random.scalar().bytes, value))
            #expect(try !verify(proof, .infinity, z, value))
            #expect(try !verify(KZGProof(commitment.bytes), commitment, z, value))

            let blobProof = try prover.proof(ofBlob: blob, commitment: commitment)
            #expect(try verifier.verifyBlobProof(blobProof, blob: blob, commitment: commitment))
            var other = blob
            other.replaceSubrange(32..<64, with: random.scalar().bytes)
            #expect(try !verifier.verifyBlobProof(blobProof, blob: other, commitment: commitment))
            #expect(try !verifier.verifyBlobProof(proof, blob: blob, commitment: commitment))
        }
    }

    @Test func batchesOfBlobs() throws {
        let preset = Preset.minimal
        let prover = Shared.prover(preset)
        var random = TestRandom(3)
        let blobs = (0..<7).map { _ in random.blob(preset) } + [[UInt8](repeating: 0, count: 256)]
        let commitments = try blobs.map { try prover.commitment(toBlob: $0) }
        var proofs: [KZGProof] = []
        for (blob, commitment) in zip(blobs, commitments) {
            proofs.append(try prover.proof(ofBlob: blob, commitment: commitment))
        }
        func verify(_ p: [KZGProof], _ b: [[UInt8]], _ c: [KZGCommitment]) throws -> Bool {
            try prover.verifier.verifyBlobProofs(p, blobs: b, commitments: c)
        }
        #expect(try verify([], [], []))
        for count in 1...8 {
            #expect(
                try verify(
                    Array(proofs.prefix(count)), Array(blobs.prefix(count)),
                    Array(commitments.prefix(count))))
        }
        #expect(try verify(proofs + proofs, blobs + blobs, commitments + commitments))
        var swapped = proofs
        swapped.swapAt(0, 1)
        #expect(try !verify(swapped, blobs, commitments))
        #expect(throws: KZGError.wrongCount(of: .proof, expected: 8, actual: 7)) {
            try verify(Array(proofs.dropLast()), blobs, commitments)
        }
        #expect(throws: KZGError.wrongCount(of: .commitment, expected: 8, actual: 7)) {
            try verify(proofs, blobs, Array(commitments.dropLast()))
        }
    }

    @Test(arguments: Shared.presets + [.mainnet])
    func zeroAndConstantBlobs(preset: Preset) throws {
        let prover = Shared.prover(preset)
        let zero = [UInt8](repeating: 0, count: preset.bytesPerBlob)
        #expect(try prover.commitment(toBlob: zero) == .infinity)
        #expect(try prover.commitment(toBlob: zero).isInfinity)
        let proof = try prover.proof(ofBlob: zero, commitment: .infinity)
        #expect(proof == .infinity)
        #expect(
            try prover.verifier.verifyBlobProof(.infinity, blob: zero, commitment: .infinity))

        let constant = (0..<preset.fieldElementsPerBlob).flatMap { _ in Fr(7).bytes }
        let commitment = try prover.commitment(toBlob: constant)
        #expect(commitment.bytes.bytes == (G1(.generator) * Fr(7)).affine.compressed)
        let (at, value) = try prover.proof(ofBlob: constant, at: Fr(5).bytes)
        #expect(at.isInfinity && value == Fr(7).bytes)
        let own = try prover.proof(ofBlob: constant, commitment: commitment)
        #expect(try prover.verifier.verifyBlobProof(own, blob: constant, commitment: commitment))
        #expect(
            try !prover.verifier.verifyBlobProof(.infinity, blob: zero, commitment: commitment))
    }

    /// At full size against the setup's other form: the commitment from coefficients.
    @Test func mainnetCommitmentsFromCoefficients() throws {
        let monomial = TrustedSetup.monomialG1(4096)
        var random = TestRandom(4)
        for _ in 0..<4 {
            let blob = random.blob(.mainnet)
            var coefficients = Reference.elements(blob)
            coefficients.withUnsafeMutableBufferPointer {
                EvaluationDomain(size: 4096).ifftFromBitReversed($0)
            }
            let expected = MultiScalar.sum(points: monomial, scalars: coefficients).affine
            #expect(
                try Shared.mainnet.commitment(toBlob: blob).bytes.bytes == expected.compressed)
            let z = random.scalar()
            let (_, value) = try Shared.mainnet.proof(ofBlob: blob, at: z.bytes)
            #expect(value == Reference.evaluate(coefficients, at: z).bytes)
        }
    }
}
