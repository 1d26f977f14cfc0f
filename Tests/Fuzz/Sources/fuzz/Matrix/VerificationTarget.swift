import DataMatrix
import KZGCommitments

/// Cells with proofs, some altered, misplaced, repeated or with other proofs: verification names
/// exactly those, and a block with such cells is rebuilt to the truth or not at all.
let verificationTarget = FuzzTarget(
    name: "verification", maximumLength: 128,
    seeds: {
        (0..<24).map { number in
            var random = FuzzRandom(seed: UInt64(200 + number))
            return [UInt8(number % 4), UInt8(number % 2)] + random.bytes(40)
        }
    },
    run: { bytes in
        var reader = ByteReader(bytes)
        let bench = reader.pick(provenBlocks)
        if reader.bit() { verifyCells(bench, &reader) } else { rebuildBlock(bench, &reader) }
    })

/// A block with all its proofs, which verification accepts.
private struct ProvenBlock {
    static let prover = KZGProver(preset: .minimal)

    let block: ExtendedBlock
    let verifier: MatrixVerifier
    let reconstructor: Reconstructor

    init(_ payloads: [Payload]) {
        block = must("block") { try BlockEncoder(prover: Self.prover).encode(payloads) }
        let description = block.description
        verifier = must("verifier") {
            try MatrixVerifier(verifier: Self.prover.verifier, description: description)
        }
        reconstructor = Reconstructor(shape: description.shape)
    }

    func proven(_ place: CellCoordinate) -> ProvenCell {
        ProvenCell(
            place: place, bytes: block.matrix.cell(at: place) ?? [],
            proof: block.matrix.proof(at: place) ?? .infinity)
    }
}

private let provenBlocks: [ProvenBlock] = {
    var random = FuzzRandom(seed: 3)
    let whole = Payload(namespace: [1], bytes: random.bytes(1800))
    // A row of one element, which makes cells and proofs that repeat, and rows of zeros.
    let sparse = Payload(namespace: [2], bytes: [UInt8](repeating: 7, count: 124))
    return [
        ProvenBlock([Payload(namespace: [], bytes: random.bytes(100))]),
        ProvenBlock([Payload(namespace: [3], bytes: random.bytes(300)), sparse]),
        ProvenBlock([whole]),
        ProvenBlock([
            sparse, Payload(namespace: [4], bytes: [UInt8](repeating: 0, count: 300)), sparse,
        ]),
    ]
}()

extension ByteReader {
    /// A cell of the block, as it is or changed in some way.
    fileprivate mutating func cell(_ bench: ProvenBlock) -> ProvenCell {
        let shape = bench.block.shape
        let truth = bench.proven(place(shape))
        var (place, bytes, proof) = (truth.coordinate, truth.cell, truth.proof)
        switch below(12) {
        case 0: bytes[below(bytes.count)] ^= byte()
        case 1: place = self.place(shape)
        case 2: proof = bench.proven(self.place(shape)).proof
        case 3: proof = KZGProof(exactly(48)) ?? .infinity
        case 4: proof = .infinity
        case 5: bytes = Array(bytes.prefix(below(bytes.count)))
        case 6: bytes.replaceSubrange(0..<32, with: [UInt8](repeating: 0xff, count: 32))
        case 7: place = CellCoordinate(row: Int(byte()) - 64, column: Int(byte()) - 64)
        case 8: bytes = bench.proven(self.place(shape)).cell
        case 9:
            // The same point with the other sign.
            var other = proof.bytes.bytes
            other[0] ^= 0x20
            proof = KZGProof(other) ?? .infinity
        default: break
        }
        return ProvenCell(place: place, bytes: bytes, proof: proof)
    }
}

private func verifyCells(_ bench: ProvenBlock, _ reader: inout ByteReader) {
    let shape = bench.block.shape
    let cells = (0..<reader.below(14)).map { _ in reader.cell(bench) }
    let wrong = cells.indices.filter {
        !shape.contains(cells[$0].coordinate) || cells[$0] != bench.proven(cells[$0].coordinate)
    }
    require(bench.verifier.invalidCells(cells) == wrong, "other cells than \(wrong) are named")
    let holds = (try? bench.verifier.verify(cells)) ?? false
    require(holds == wrong.isEmpty, "verify says \(holds)")
}

private func rebuildBlock(_ bench: ProvenBlock, _ reader: inout ByteReader) {
    let shape = bench.block.shape
    var matrix = PartialMatrix(shape)
    let wanted = reader.heldCells(shape).subtracting(bench.block.description.zeroCells)
    var wrong = CellSet(shape)
    var wrongProofs = CellSet(shape)
    for place in wanted {
        let truth = bench.proven(place)
        var (bytes, proof): ([UInt8], KZGProof?) = (truth.cell, truth.proof)
        switch reader.byte() {
        case 250...: bytes[reader.below(bytes.count)] ^= reader.byte()
        case 249: bytes = bench.proven(reader.place(shape)).cell
        case 247, 248: proof = bench.proven(reader.place(shape)).proof
        case 240..<247: proof = nil
        default: break
        }
        if bytes != truth.cell { wrong.insert(place) }
        if let proof, proof != truth.proof { wrongProofs.insert(place) }
        must("insert") { try matrix.insert(bytes, proof: proof, at: place) }
    }
    var block = ExtendedBlock(description: bench.block.description, matrix: matrix)
    let held = block.matrix.cells
    require(held == wanted.union(bench.block.description.zeroCells), "held cells")
    let stuck = NaiveCode.closure(held).complement
    let makingProofs = reader.bit()
    do throws(ReconstructionError) {
        try bench.reconstructor.rebuild(
            &block, checkedBy: ProvenBlock.prover, makingProofs: makingProofs)
    } catch {
        require(block.matrix.cells == held, "other cells after an error")
        if case .stuck(let cells) = error {
            require(!cells.isEmpty && cells == stuck, "stuck set \(cells)")
            return
        }
        require(stuck.isEmpty, "\(error), but cells are stuck")
        require(!(wrong.isEmpty && wrongProofs.isEmpty), "refused without reason: \(error)")
        require(
            makingProofs || !wrong.isEmpty, "refused for a proof that is not looked at: \(error)")
        if case .invalidCells(let blamed) = error {
            require(!blamed.isEmpty, "no cell named")
            let good = blamed.subtracting(wrong.union(wrongProofs))
            require(good.isEmpty, "good cells are blamed: \(Array(good))")
        }
        return
    }
    require(stuck.isEmpty, "rebuilt in spite of stuck cells")
    require(wrong.isEmpty, "rebuilt from wrong cells: \(Array(wrong))")
    require(block.matrix.isComplete, "not complete")
    for place in CellSet.all(of: shape) {
        let truth = bench.proven(place)
        require(block.matrix.cell(at: place) == truth.cell, "cell \(place) has other bytes")
        guard makingProofs, !wrongProofs.contains(place) else { continue }
        require(block.matrix.proof(at: place) == truth.proof, "the proof of \(place) is wrong")
    }
}
