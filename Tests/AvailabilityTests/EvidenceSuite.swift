import Availability
import DataMatrix
import KZGCommitments
import SSZ
import SystemCrypto
import Testing

@Suite struct WithholdingReportSuite {
    private let parameters: NetworkParameters
    private let header: SignedHeaderSummary
    private let now = EvidenceSamples.slotStart.advanced(byMilliseconds: 30_000)

    init() throws {
        parameters = try network()
        header = try HeaderFields(parameters, dataRows: 2).signed().summary
    }

    private func failures(_ report: WithholdingReport) -> [EvidenceCheck.Failure] {
        report.verify(parameters: parameters, now: now).failures
    }

    @Test func holds() throws {
        let report = try EvidenceSamples.report(parameters, header: header)
        let verdict = report.verify(parameters: parameters, now: now, knownZeroRows: [])
        #expect(verdict.holds)
        #expect(verdict.notChecked.isEmpty)
        #expect(verdict.checks.count == 12)
        #expect(report.isBased(on: try EvidenceSamples.log()))
        #expect(!report.isBased(on: try EvidenceSamples.log(peers: 4)))
    }

    @Test func withoutParametersSaysWhatWasNotChecked() throws {
        let report = try EvidenceSamples.report(parameters, header: header)
        let verdict = report.verify(parameters: nil, now: now)
        #expect(verdict.holds)
        #expect(
            verdict.notChecked == [
                .network, .sequencerListed, .noKnownZeroRow, .enoughPeers, .watchedFromStart,
                .deadlinePassed, .notFromFuture,
            ])
    }

    @Test func foreignNetworkOrKey() throws {
        let other = try network(.mainnet, maximumDataRows: 128)
        let report = try EvidenceSamples.report(parameters, header: header)
        #expect(
            report.verify(parameters: other, now: now).failures
                == [.otherNetwork(parameters.networkID)])
        var fields = try HeaderFields(parameters, dataRows: 2)
        fields.signer = 3
        let unlisted = try EvidenceSamples.report(parameters, header: fields.signed().summary)
        #expect(failures(unlisted) == [.unlisted(try key(3).publicKey)])
    }

    /// What is called missing must be missing for good: a set that can be rebuilt, in whole or in
    /// part, is no testimony of withholding.
    @Test func decodableSetsAreRefused() throws {
        let shape = try header.summary.shape(preset: .mainnet)
        var missing = EvidenceSamples.stoppingSet(shape)
        missing.remove(CellCoordinate(row: 0, column: 0))
        #expect(
            failures(try EvidenceSamples.report(parameters, header: header, missing: missing))
                == [.decodable(cells: 194, of: 194)])
        missing = EvidenceSamples.stoppingSet(shape)
        missing.insert(CellCoordinate(row: 3, column: 127))
        #expect(
            failures(try EvidenceSamples.report(parameters, header: header, missing: missing))
                == [.decodable(cells: 1, of: 196)])
        #expect(
            failures(
                try EvidenceSamples.report(parameters, header: header, missing: CellSet(shape)))
                == [.nothingMissing])
        #expect(
            failures(
                try EvidenceSamples.report(
                    parameters, header: header, missing: .all(of: shape))) == [])
    }

    @Test func bitmapsOfOtherMatricesAreRefused() throws {
        let other = try MatrixShape(preset: .mainnet, dataRows: 4)
        let report = try EvidenceSamples.report(
            parameters, header: header, missing: EvidenceSamples.stoppingSet(other))
        #expect(failures(report) == [.bitmapLength(actual: 128, dataRows: 2)])
        let verdict = report.verify(parameters: nil, now: nil)
        #expect(verdict.failures == [.bitmapLength(actual: 128, dataRows: 2)])
    }

    /// Without parameters the bitmap's length tells the preset.
    @Test func presetsAreToldApart() throws {
        let minimal = try network(.minimal)
        let header = try HeaderFields(minimal, dataRows: 2).signed().summary
        let report = try EvidenceSamples.report(minimal, header: header)
        #expect(report.verify(parameters: nil, now: nil).holds)
    }

    @Test func knownZeroRows() throws {
        let report = try EvidenceSamples.report(parameters, header: header)
        let verdict = report.verify(parameters: parameters, now: now, knownZeroRows: [1])
        #expect(verdict.failures == [.knownZeroRow(1)])
        // A row that no matrix has does no harm.
        #expect(report.verify(parameters: parameters, now: now, knownZeroRows: [9]).holds)
    }

    @Test func times() throws {
        let start = EvidenceSamples.slotStart
        func report(_ from: UInt64, _ at: UInt64) throws -> WithholdingReport {
            try EvidenceSamples.report(
                parameters, header: header, watchedFrom: from, reported: at)
        }
        #expect(failures(try report(4000, 24_000)) == [])
        #expect(
            failures(try report(4001, 24_000)) == [
                .watchedLate(
                    from: start.advanced(byMilliseconds: 4001),
                    late: start.advanced(byMilliseconds: 4000))
            ])
        #expect(
            failures(try report(0, 23_999)) == [
                .tooEarly(
                    reported: start.advanced(byMilliseconds: 23_999),
                    deadline: start.advanced(byMilliseconds: 24_000))
            ])
        #expect(failures(try report(0, 30_500)) == [])
        #expect(
            failures(try report(0, 30_501)) == [
                .fromFuture(reported: start.advanced(byMilliseconds: 30_501), now: now)
            ])
        #expect(try report(0, 30_501).verify(parameters: parameters, now: nil).holds)
        let early = try WithholdingReport(
            header: header,
            missing: EvidenceSamples.stoppingSet(header.summary.shape(preset: .mainnet)),
            log: EvidenceSamples.log(), watchedFrom: start.movedBack(byMilliseconds: 501),
            reported: start.advanced(byMilliseconds: 24_000), key: key(3))
        #expect(
            failures(early) == [.watchedAtOddTime(start.movedBack(byMilliseconds: 501))])
    }

    @Test func slotsBeyondTheEndOfTime() throws {
        var fields = try HeaderFields(parameters, dataRows: 2)
        fields.slot = .max
        let report = try EvidenceSamples.report(parameters, header: fields.signed().summary)
        #expect(failures(report) == [.slot(.max)])
    }

    @Test func peers() throws {
        let log = try EvidenceSamples.log(peers: 2)
        #expect(
            failures(try EvidenceSamples.report(parameters, header: header, log: log))
                == [.tooFewPeers(actual: 2, required: 3)])
        #expect(throws: MessageError.elementCount(actual: 0, limit: 128)) {
            try EvidenceSamples.report(parameters, header: header, log: AttemptLog())
        }
        let many = try EvidenceSamples.log(peers: 129)
        #expect(throws: MessageError.elementCount(actual: 129, limit: 128)) {
            try EvidenceSamples.report(parameters, header: header, log: many)
        }
        let most = try EvidenceSamples.report(
            parameters, header: header, log: EvidenceSamples.log(peers: 128))
        #expect(failures(most) == [])
        #expect(most.peers.map(\.total).reduce(0, +) == 512)
    }

    @Test func signatures() throws {
        let foreign = try SignedHeader(
            signing: HeaderFields(parameters, dataRows: 2).header(), with: key(2)
        ).summary
        #expect(
            failures(try EvidenceSamples.report(parameters, header: foreign))
                == [.sequencerSignature(root: foreign.root)])
        let report = try EvidenceSamples.report(parameters, header: header)
        var bytes = report.encoded
        // The signature is the last field of fixed size.
        let position = try #require(
            bytes.indices.first { bytes[$0...].starts(with: report.signature) })
        bytes[position] ^= 1
        #expect(failures(try WithholdingReport(encoded: bytes)) == [.reporterSignature])
    }

    @Test func theLargestReportStaysBelowItsLimit() throws {
        #expect(WithholdingReport.maximumByteCount < Limits.reportBytes)
        let header = try HeaderFields(parameters, dataRows: 256).signed().summary
        let report = try EvidenceSamples.report(
            parameters, header: header, log: EvidenceSamples.log(peers: 128))
        #expect(report.verify(parameters: parameters, now: now).holds)
        #expect(report.encoded.count < 16 * 1024)
    }

    @Test func theLogHasALimit() throws {
        var log = AttemptLog()
        let attempt = try Attempt(
            peer: [1], cell: CellCoordinate(row: 0, column: 0), ended: genesis, outcome: .timedOut)
        for _ in 0..<Limits.attempts { log.append(attempt) }
        let added = log.append(attempt)
        #expect(!added)
        #expect(log.attempts.count == Limits.attempts)
        #expect(try AttemptLog(encoded: log.encoded) == log)
    }

    @Test func fuzzing() throws {
        let minimal = try network(.minimal)
        let header = try HeaderFields(minimal, dataRows: 2).signed().summary
        try fuzz(WithholdingReport.self, [EvidenceSamples.report(minimal, header: header)])
        try fuzz(AttemptLog.self, [EvidenceSamples.log()])
    }
}

@Suite struct EquivocationSuite {
    private let parameters: NetworkParameters

    init() throws { parameters = try network() }

    private func header(
        height: UInt64 = 5, slot: UInt64 = 9, namespace: UInt8 = 0, signer: UInt8 = 1
    ) throws -> SignedHeaderSummary {
        var fields = try HeaderFields(parameters, dataRows: 1)
        fields.height = height
        fields.slot = slot
        fields.signer = signer
        fields.index = [
            PayloadIndexEntry(
                namespace: [namespace], firstCell: 0, length: 1, encoding: .packed)
        ]
        return try fields.signed().summary
    }

    @Test func holds() throws {
        for pair in try [
            (header(), header(namespace: 1)), (header(slot: 10), header()),
            (header(height: 6), header()),
        ] {
            let proof = try #require(EquivocationProof(pair.0, pair.1))
            #expect(proof == EquivocationProof(pair.1, pair.0))
            #expect(proof.verify(parameters: parameters).holds)
            #expect(proof.verify(parameters: parameters).checks.count == 5)
            let alone = proof.verify(parameters: nil)
            #expect(alone.holds)
            #expect(alone.notChecked == [.network, .sequencerListed])
            #expect(proof.height == 5)
        }
    }

    @Test func headersThatDoNotContradict() throws {
        #expect(try EquivocationProof(header(), header()) == nil)
        #expect(try EquivocationProof(header(), header(height: 6, slot: 10)) == nil)
        #expect(try EquivocationProof(header(), header(namespace: 1, signer: 2)) == nil)
    }

    /// Encodings that the initialiser would not make.
    @Test func forgedEncodings() throws {
        func verify(
            _ a: SignedHeaderSummary, _ b: SignedHeaderSummary
        ) throws -> [EvidenceCheck.Failure] {
            let (x, y) = (a.encoded, b.encoded)
            let offsets = [8, 8 + x.count].flatMap { offset in
                (0..<4).map { UInt8(truncatingIfNeeded: offset >> (8 * $0)) }
            }
            return try EquivocationProof(encoded: offsets + x + y)
                .verify(parameters: parameters).failures
        }
        let (a, b) = try (header(), header(namespace: 1))
        let (low, high) = a.root < b.root ? (a, b) : (b, a)
        #expect(try verify(low, high) == [])
        #expect(try verify(high, low) == [.wrongOrder])
        #expect(try verify(a, a) == [.sameRoot(a.root)])
        let other = try header(height: 6, slot: 10)
        let (first, second) = a.root < other.root ? (a, other) : (other, a)
        #expect(try verify(first, second) == [.differentPlaces])
        let foreign = try header(namespace: 1, signer: 2)
        let (x, y) = a.root < foreign.root ? (a, foreign) : (foreign, a)
        #expect(try verify(x, y).contains(.differentLanes))
    }

    @Test func signatures() throws {
        let forged = try SignedHeader(
            signing: {
                var fields = try HeaderFields(parameters, dataRows: 1)
                fields.slot = 10
                return try fields.header()
            }(), with: key(2)
        ).summary
        let proof = try #require(EquivocationProof(header(), forged))
        #expect(
            proof.verify(parameters: parameters).failures
                == [.sequencerSignature(root: forged.root)])
    }

    @Test func fuzzing() throws {
        let proof = try #require(EquivocationProof(header(), header(slot: 10)))
        fuzz(EquivocationProof.self, [proof])
    }
}

@Suite struct EvidenceFileSuite {
    private let parameters: NetworkParameters
    private let samples: [Evidence]
    private let now = EvidenceSamples.slotStart.advanced(byMilliseconds: 30_000)

    init() throws {
        parameters = try network(.minimal)
        var fields = try HeaderFields(parameters, dataRows: 2)
        let header = try fields.signed().summary
        fields.slot = 10
        samples = [
            .withholding(try EvidenceSamples.report(parameters, header: header)),
            .equivocation(
                try #require(EquivocationProof(header, fields.signed().summary))),
        ]
    }

    @Test func roundTrip() throws {
        for evidence in samples {
            let bytes = EvidenceFile.encode(evidence)
            #expect(try EvidenceFile.decode(bytes) == evidence)
            #expect(evidence.verify(parameters: parameters, now: now).holds)
            #expect(evidence.sequencer == (try key(1).publicKey))
        }
    }

    /// A byte that is changed by accident is found by the checksum.
    @Test func everyAlteredByteIsDamage() {
        for evidence in samples {
            let bytes = EvidenceFile.encode(evidence)
            for index in bytes.indices {
                for change in [0x01, 0x80, 0xff] as [UInt8] {
                    var altered = bytes
                    altered[index] ^= change
                    #expect(throws: EvidenceError.self) { try EvidenceFile.decode(altered) }
                }
            }
            for count in bytes.indices {
                #expect(throws: EvidenceError.self) {
                    try EvidenceFile.decode(Array(bytes[..<count]))
                }
            }
            #expect(throws: EvidenceError.self) { try EvidenceFile.decode(bytes + [0]) }
        }
    }

    /// A byte that is changed on purpose, with a checksum to match, leaves evidence that is none or
    /// does not hold: every byte is signed, or has one value only. Nothing but the bytes decides, so
    /// no parameters are given.
    @Test func everyForgedBitIsRefused() {
        for evidence in samples {
            let bytes = EvidenceFile.encode(evidence)
            let end = bytes.count - 32
            for bit in 0..<(end * 8) {
                var forged = Array(bytes[..<end])
                forged[bit / 8] ^= 1 << UInt8(bit % 8)
                forged += SHA256.hash(forged)
                guard let decoded = try? EvidenceFile.decode(forged) else { continue }
                let verdict = decoded.verify(parameters: nil, now: nil)
                #expect(!verdict.holds, "bit \(bit)")
            }
        }
    }

    @Test func errorsNameWhatIsWrong() throws {
        let bytes = EvidenceFile.encode(samples[1])
        func error(_ bytes: [UInt8]) -> EvidenceError? {
            do throws(EvidenceError) {
                _ = try EvidenceFile.decode(bytes)
                return nil
            } catch {
                return error
            }
        }
        #expect(error([]) == .foreign)
        #expect(error([UInt8](repeating: 0, count: 100)) == .foreign)
        #expect(error(Array(bytes[..<5])) == .truncated(byteCount: 5))
        #expect(
            error(Array(bytes.dropLast()))
                == .length(actual: bytes.count - 46, stated: bytes.count - 45))
        var altered = bytes
        altered[8] = 2
        #expect(error(altered) == .version(2))
        altered = bytes
        altered[100] ^= 1
        #expect(error(altered) == .checksum)
        let large = bytes + [UInt8](repeating: 0, count: EvidenceFile.maximumByteCount)
        #expect(
            error(large)
                == .tooLarge(byteCount: large.count, limit: EvidenceFile.maximumByteCount))
        #expect(throws: EvidenceError.unknownKind(3)) { try Evidence(encoded: [3, 0]) }
        #expect(throws: EvidenceError.truncated(byteCount: 0)) {
            try Evidence(encoded: [UInt8]())
        }
    }
}

@Suite struct EvidenceAdmissionSuite {
    private let parameters: NetworkParameters
    private let admission: EvidenceAdmission
    private let report: Evidence
    private let proof: Evidence
    private let now = EvidenceSamples.slotStart.advanced(byMilliseconds: 24_000)

    init() throws {
        parameters = try network()
        admission = EvidenceAdmission(parameters: parameters)
        var fields = try HeaderFields(parameters, dataRows: 2)
        let header = try fields.signed().summary
        report = .withholding(try EvidenceSamples.report(parameters, header: header))
        fields.slot = 10
        proof = .equivocation(
            try #require(EquivocationProof(header, fields.signed().summary)))
    }

    private func verdict(
        _ evidence: Evidence, _ context: EvidenceAdmission.Context, now: UnixTime? = nil
    ) -> EvidenceAdmission.Verdict {
        admission.admit(evidence.encoded, now: now ?? self.now) { _ in context }
    }

    @Test func verdicts() {
        #expect(verdict(report, .init(knownZeroRows: [])) == .accept(report))
        #expect(verdict(proof, .init()) == .accept(proof))
        #expect(verdict(report, .init()) == .ignore(.unknownHeader))
        #expect(
            verdict(report, .init(knownZeroRows: [], isAvailableHere: true))
                == .ignore(.available))
        #expect(
            verdict(report, .init(knownZeroRows: [], hasReportOfReporter: true))
                == .ignore(.known))
        #expect(
            verdict(report, .init(knownZeroRows: [], reportCount: 16)) == .ignore(.enough))
        #expect(
            verdict(
                report, .init(knownZeroRows: []), now: now.movedBack(byMilliseconds: 1))
                == .ignore(.deadlineNotPassed))
        #expect(verdict(proof, .init(isLaneClosed: true)) == .ignore(.known))
        guard case .reject(let failed) = verdict(report, .init(knownZeroRows: [0])) else {
            Issue.record("a report on a row of zeros is not rejected")
            return
        }
        #expect(failed.failures == [.knownZeroRow(0)])
        guard case .malformed = admission.admit([1, 2, 3], now: now, context: { _ in .init() })
        else {
            Issue.record("three bytes are not rejected")
            return
        }
    }
}
