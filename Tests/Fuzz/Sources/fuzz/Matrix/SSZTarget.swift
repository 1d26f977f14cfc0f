import Availability
import DataMatrix
import KZGCommitments
import SSZ
import SystemCrypto

/// Every SSZ decoder of the layer: what is decoded is encoded as the same bytes, and what is made of
/// decoded values does not end the process.
let sszTarget = FuzzTarget(
    name: "ssz", maximumLength: 4096,
    seeds: {
        decoders.enumerated().flatMap { number, decoder in
            decoder.samples().filter { $0.count < 4096 }.map { [UInt8(number)] + $0 }
        }
    },
    run: { bytes in
        var reader = ByteReader(bytes)
        let decoder = decoders[reader.below(decoders.count)]
        let encoding = reader.rest()
        guard let again = decoder.recode(encoding) else { return }
        require(again == encoding, "\(decoder.name): two encodings of one value")
    })

private struct Decoder {
    let name: String
    let samples: () -> [[UInt8]]
    /// The encoding of what the bytes are decoded to; nil if they are refused.
    let recode: ([UInt8]) -> [UInt8]?
}

/// A decoder of one type; `use` does with a value what a node does.
private func decoder<Value: SSZCodable & Hashable>(
    _ type: Value.Type, _ samples: @escaping () throws -> [Value],
    use: @escaping (Value) -> Void = { _ in }
) -> Decoder {
    Decoder(
        name: "\(type)",
        samples: {
            must("samples of \(type)") { try samples() }.map { sample in
                let bytes = sample.encoded
                require(
                    must("\(type)") { try Value(encoded: bytes) } == sample,
                    "\(type): a sample came back as another value")
                return bytes
            }
        },
        recode: { bytes in
            do throws(SSZError) {
                let value = try Value(encoded: bytes)
                require(bytes.count <= Value.maximumByteCount, "\(type): longer than allowed")
                require(value == (try? Value(encoded: bytes)), "\(type): unequal to itself")
                require(value.hashTreeRoot == value.hashTreeRoot, "\(type): two roots")
                use(value)
                return value.encoded
            } catch {
                require(!error.description.isEmpty, "\(type): no reason")
                return nil
            }
        })
}

// MARK: - Samples

private func key(_ number: UInt8) -> SigningKey {
    must("key") { try SigningKey(seed: [UInt8](repeating: number, count: 32)) }
}

private func root(_ number: UInt8) -> Bytes32 {
    must("root") { Bytes32([UInt8](repeating: number, count: 32)) }
}

private func point(_ number: Int) -> [UInt8] {
    [UInt8](repeating: UInt8(number % 255 + 1), count: 48)
}

private let genesis = UnixTime(milliseconds: 1_800_000_000_000)

private let networks: [NetworkParameters] = [Preset.minimal, .mainnet].map { preset in
    must("parameters") {
        try NetworkParameters(
            preset: preset, sequencers: [key(1).publicKey, key(2).publicKey], genesis: genesis)
    }
}

private func header(_ height: UInt64, slot: UInt64, dataRows: Int = 2, parent: UInt8 = 7)
    -> SignedHeader
{
    must("header") {
        let commitments = (0..<dataRows).map { row in
            row == 1 ? KZGCommitment.infinity : KZGCommitment(point(row)) ?? .infinity
        }
        let header = try BlockHeader(
            networkID: networks[0].networkID, sequencer: key(1).publicKey, height: height,
            slot: slot, parentRoot: root(parent), commitments: commitments,
            index: [
                PayloadIndexEntry(namespace: [0], firstCell: 0, length: 100, encoding: .packed),
                PayloadIndexEntry(namespace: [], firstCell: 2, length: 256, encoding: .raw),
            ])
        return SignedHeader(signing: header, with: key(1))
    }
}

private func column(_ rows: [UInt16]) -> ColumnMessage {
    must("column") {
        try ColumnMessage(
            headerRoot: root(1), column: 3, rows: rows,
            cells: rows.map { [UInt8](repeating: UInt8($0), count: 128) },
            proofs: rows.map { KZGProof(point(Int($0))) ?? .infinity })
    }
}

private func log() -> AttemptLog {
    var log = AttemptLog()
    for index in 0..<12 {
        let attempt = must("attempt") {
            try Attempt(
                peer: [9, UInt8(index % 3)],
                cell: CellCoordinate(row: index % 4, column: index % 3),
                ended: genesis.advanced(byMilliseconds: 54_000 + UInt64(100 * index)),
                outcome: AttemptOutcome.allCases[index % AttemptOutcome.allCases.count])
        }
        log.append(attempt)
    }
    return log
}

private func report() -> WithholdingReport {
    must("report") {
        let signed = header(5, slot: 9).summary
        let shape = try signed.summary.shape(preset: .minimal)
        let missing = (0...shape.dataRows).flatMap { row in
            (0...shape.dataColumns).map { CellCoordinate(row: row, column: $0) }
        }
        return try WithholdingReport(
            header: signed, missing: CellSet(shape, missing), log: log(),
            watchedFrom: genesis.advanced(byMilliseconds: 54_100),
            reported: genesis.advanced(byMilliseconds: 90_000), key: key(3))
    }
}

private func equivocation() -> EquivocationProof {
    must("equivocation") {
        EquivocationProof(
            header(5, slot: 9).summary, header(5, slot: 10, parent: 8).summary)
    }
}

private func custody() -> CustodyRecord {
    CustodyRecord(
        networkID: networks[0].networkID, groups: ColumnGroups(bits: 0x8000_0101),
        made: genesis.advanced(byMilliseconds: 5), key: key(4))
}

// MARK: - Decoders

private let decoders: [Decoder] =
    headerDecoders + messageDecoders + requestDecoders + evidenceDecoders + fileDecoders

private let headerDecoders: [Decoder] = [
    decoder(
        BlockHeader.self,
        { [header(0, slot: 1, dataRows: 1).header, header(5, slot: 9, dataRows: 4).header] },
        use: useHeader),
    decoder(
        SignedHeader.self, { [header(5, slot: 9)] },
        use: { signed in
            useHeader(signed.header)
            require(signed.summary.root == signed.root, "a summary has another root")
            require(
                signed.summary.isSignatureValid == signed.isSignatureValid,
                "a summary's signature is another")
        }),
    decoder(HeaderSummary.self, { [header(5, slot: 9).summary.summary] }),
    decoder(
        SignedHeaderSummary.self, { [header(5, slot: 9).summary] },
        use: { _ = $0.isSignatureValid }),
    decoder(
        NetworkParameters.self, { networks },
        use: { parameters in
            for slot in [0, 1, UInt64.max / 2, .max] { _ = parameters.deadlines(ofSlot: slot) }
            _ = parameters.slot(at: genesis)
        }),
]

private func useHeader(_ header: BlockHeader) {
    require(header.root == header.hashTreeRoot, "root")
    for preset in [Preset.minimal, .mainnet] {
        guard let shape = try? header.shape(preset: preset) else {
            finding("a header without a shape")
        }
        let description = try? BlockDescription(
            shape: shape, commitments: header.commitments, index: header.index)
        if let description {
            require(description.zeroRows == header.knownZeroRows, "zero rows")
            for entry in header.index.prefix(8) { _ = description.cells(of: entry).count }
        }
        _ = SamplingPlan(header: header, shape: shape, target: 9)
    }
}

private let messageDecoders: [Decoder] = [
    decoder(
        ColumnMessage.self, { [column([0, 2, 3]), column([1])] },
        use: { message in
            for dataRows in [1, 2, 256] {
                let shape = must("shape") {
                    try MatrixShape(preset: .minimal, dataRows: dataRows)
                }
                let block = ColumnAdmission.Block(shape: shape, knownZeroRows: [1])
                _ = ColumnAdmission.admit(
                    message.encoded, group: Int(message.column) % 32, block: { _ in block },
                    isNew: { $0.row % 2 == 0 })
            }
        }),
    decoder(CustodyRecord.self, { [custody()] }, use: { _ = $0.isSignatureValid }),
    decoder(
        LaneHead.self,
        { [LaneHead(sequencer: key(1).publicKey, height: 3, slot: 4, root: root(2))] }),
    decoder(
        StatusMessage.self,
        {
            let lanes = [key(1), key(2)].map(\.publicKey).sorted()
                .map { LaneHead(sequencer: $0, height: 1, slot: 2, root: root(3)) }
            return [
                try StatusMessage(
                    networkID: root(1), role: .full, custody: custody(), lanes: lanes),
                try StatusMessage(networkID: root(1), role: .light, custody: nil, lanes: []),
            ]
        }),
]

private let requestDecoders: [Decoder] = [
    decoder(
        CellsRequest.self,
        {
            [
                try CellsRequest(
                    headerRoot: root(1),
                    cells: [
                        CellCoordinate(row: 0, column: 5), CellCoordinate(row: 3, column: 127),
                    ])
            ]
        }),
    decoder(
        Availability.ProvenCell.self,
        {
            [
                try Availability.ProvenCell(
                    coordinate: CellCoordinate(row: 1, column: 2),
                    cell: [UInt8](repeating: 3, count: 128), proof: .infinity)
            ]
        }),
    decoder(
        CellsResponse.self,
        {
            let cells = try (0..<3).map { row in
                try Availability.ProvenCell(
                    coordinate: CellCoordinate(row: row, column: 2), cell: [1, 2, 3],
                    proof: .infinity)
            }
            return [
                try CellsResponse(status: .ok, cells: cells),
                try CellsResponse(status: .overBudget, cells: []),
            ]
        }),
    decoder(
        ColumnsRequest.self, { [try ColumnsRequest(headerRoot: root(1), columns: [0, 1, 127])] }),
    decoder(
        ColumnsResponse.self,
        { [ColumnsResponse(column([0, 5])), ColumnsResponse(status: .unknownHeader)] }),
    decoder(InventoryRequest.self, { [InventoryRequest(headerRoot: root(4))] }),
    decoder(
        InventoryResponse.self,
        {
            let shape = try MatrixShape(preset: .minimal, dataRows: 4)
            return [
                InventoryResponse(held: CellSet.all(of: shape)), InventoryResponse(status: .busy),
            ]
        },
        use: { response in
            for dataRows in [1, 4, 256] {
                guard let shape = try? MatrixShape(preset: .mainnet, dataRows: dataRows) else {
                    continue
                }
                _ = response.cells(of: shape)
            }
        }),
    decoder(HeadersByRootRequest.self, { [try HeadersByRootRequest(roots: [root(1), root(2)])] }),
    decoder(
        HeadersByRangeRequest.self,
        {
            [
                try HeadersByRangeRequest(
                    sequencer: key(1).publicKey, start: UInt64.max - 3, count: 64)
            ]
        }, use: { require($0.heights.contains($0.start), "heights") }),
    decoder(
        AttemptLogRequest.self, { [AttemptLogRequest(headerRoot: root(1), logRoot: root(2))] }),
]

private let evidenceDecoders: [Decoder] = [
    decoder(
        AttemptLog.self, { [AttemptLog(), log()] },
        use: { log in
            _ = log.peers
            _ = report().isBased(on: log)
        }),
    decoder(PeerOutcomes.self, { log().peers }, use: { _ = $0.total }),
    decoder(
        WithholdingReport.self, { [report()] },
        use: { report in
            verify(.withholding(report))
            for preset in [Preset.minimal, .mainnet] { _ = report.missingCells(preset: preset) }
        }),
    decoder(
        EquivocationProof.self, { [equivocation()] }, use: { verify(.equivocation($0)) }),
    Decoder(
        name: "Evidence",
        samples: {
            [Evidence.withholding(report()).encoded, Evidence.equivocation(equivocation()).encoded]
        },
        recode: { bytes in
            do throws(EvidenceError) {
                let evidence = try Evidence(encoded: bytes)
                verify(evidence)
                return evidence.encoded
            } catch {
                require(!error.description.isEmpty, "evidence: no reason")
                return nil
            }
        }),
]

private func verify(_ evidence: Evidence) {
    for parameters in [nil, networks[0], networks[1]] {
        for now in [nil, genesis, UnixTime(milliseconds: .max)] {
            _ = evidence.verify(parameters: parameters, now: now)
        }
    }
}

private let fileDecoders: [Decoder] = [
    Decoder(
        name: "EvidenceFile",
        samples: { [EvidenceFile.encode(.withholding(report()))] },
        recode: { bytes in
            let file = sealed(bytes)
            guard let evidence = try? EvidenceFile.decode(file) else { return nil }
            require(EvidenceFile.encode(evidence) == file, "another evidence file")
            return bytes
        }),
    Decoder(
        name: "NetworkFile", samples: { networks.map(NetworkFile.encode) },
        recode: { bytes in
            let file = sealed(bytes)
            guard let network = try? NetworkFile.decode(file) else { return nil }
            require(NetworkFile.encode(network) == file, "another network file")
            return bytes
        }),
]

/// The bytes with the checksum that a forger would put at their end; files as they are have it.
private func sealed(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count > 32 else { return bytes }
    return bytes.dropLast(32) + SHA256.hash(bytes.dropLast(32))
}
