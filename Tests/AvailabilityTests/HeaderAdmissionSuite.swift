import Availability
import DataMatrix
import KZGCommitments
import SSZ
import Testing

@Suite struct HeaderAdmissionSuite {
    private let parameters: NetworkParameters
    private let admission: HeaderAdmission
    /// In the middle of slot 9.
    private let now: UnixTime

    init() throws {
        parameters = try network()
        admission = HeaderAdmission(parameters: parameters)
        now = genesis.advanced(byMilliseconds: 9 * 6000 + 3000)
    }

    private func lane(
        height: [Bytes32] = [], slot: [Bytes32] = [], signer: UInt8 = 1, parentHeight: UInt64 = 4,
        parentSlot: UInt64 = 8
    ) throws -> HeaderAdmission.Lane {
        try HeaderAdmission.Lane(
            rootsAtHeight: height, rootsAtSlot: slot,
            parent: .init(
                sequencer: key(signer).publicKey, height: parentHeight, slot: parentSlot))
    }

    private func verdict(
        _ fields: HeaderFields, _ lane: HeaderAdmission.Lane? = nil, now: UnixTime? = nil
    ) throws -> HeaderAdmission.Verdict {
        let lane = try lane ?? self.lane()
        return try admission.admit(fields.signed().encoded, now: now ?? self.now) { _ in lane }
    }

    @Test func acceptsAValidHeader() throws {
        let fields = try HeaderFields(parameters)
        #expect(try verdict(fields) == .accept(fields.signed(), equivocatesWith: nil))
    }

    @Test func acceptsTheFirstHeaderOfALane() throws {
        var fields = try HeaderFields(parameters)
        fields.height = 0
        fields.parent = .zero
        let lane = HeaderAdmission.Lane(rootsAtHeight: [], rootsAtSlot: [], parent: nil)
        #expect(try verdict(fields, lane) == .accept(fields.signed(), equivocatesWith: nil))
    }

    @Test func holdsForAnUnknownParent() throws {
        let fields = try HeaderFields(parameters)
        let lane = HeaderAdmission.Lane(rootsAtHeight: [], rootsAtSlot: [], parent: nil)
        #expect(try verdict(fields, lane) == .hold(fields.signed(), parent: fields.parent))
    }

    @Test func sizeAndEncoding() throws {
        let lane = try lane()
        let large = [UInt8](repeating: 0, count: Limits.signedHeaderBytes + 1)
        #expect(
            admission.admit(large, now: now) { _ in lane }
                == .reject(.tooLarge(byteCount: large.count)))
        for bytes in try [[], [0], Array(HeaderFields(parameters).signed().encoded.prefix(300))] {
            guard case .reject(.encoding) = admission.admit(bytes, now: now, lane: { _ in lane })
            else {
                Issue.record("\(bytes.count) bytes are not rejected")
                continue
            }
        }
    }

    @Test func versionNetworkAndKey() throws {
        var fields = try HeaderFields(parameters)
        fields.version = 2
        #expect(try verdict(fields) == .reject(.version(2)))
        fields = try HeaderFields(parameters)
        fields.networkID = .zero
        #expect(try verdict(fields) == .reject(.network(.zero)))
        fields = try HeaderFields(parameters)
        fields.signer = 3
        #expect(try verdict(fields) == .reject(.unlistedSequencer(key(3).publicKey)))
    }

    @Test func contentOfTheBlock() throws {
        var fields = try HeaderFields(parameters)
        fields.commitments[2] = .infinity
        fields.commitments[3] = .infinity
        #expect(try verdict(fields) == .reject(.emptySecondHalf(dataRows: 4)))
        fields.commitments[3] = try commitment(9)
        #expect(try verdict(fields) == .accept(fields.signed(), equivocatesWith: nil))
        // One row of zeros is a block like any other.
        fields.commitments = [.infinity]
        #expect(try verdict(fields) == .accept(fields.signed(), equivocatesWith: nil))

        fields = try HeaderFields(parameters)
        fields.index = [
            PayloadIndexEntry(namespace: [], firstCell: 3, length: 10, encoding: .packed),
            PayloadIndexEntry(namespace: [], firstCell: 3, length: 10, encoding: .packed),
        ]
        #expect(
            try verdict(fields) == .reject(.index(.overlap(entry: 1, firstCell: 3, firstFree: 4))))
        fields.index = [
            PayloadIndexEntry(
                namespace: [], firstCell: .max, length: .max, encoding: .packed)
        ]
        guard case .reject(.index(.outside)) = try verdict(fields) else {
            Issue.record("an index outside the quadrant is not rejected")
            return
        }

        let small = HeaderAdmission(parameters: try network(maximumDataRows: 2))
        let message = try HeaderFields(small.parameters).signed().encoded
        let lane = try lane()
        #expect(
            small.admit(message, now: now) { _ in lane }
                == .reject(.tooManyDataRows(4, maximum: 2)))
    }

    @Test func parentRootAndHeight() throws {
        var fields = try HeaderFields(parameters)
        fields.parent = .zero
        #expect(try verdict(fields) == .reject(.parentRoot(height: 5)))
        fields = try HeaderFields(parameters)
        fields.height = 0
        #expect(try verdict(fields) == .reject(.parentRoot(height: 0)))
        fields.parent = try root(7)
        fields.height = 10
        #expect(try verdict(fields) == .reject(.slotBelowHeight(slot: 9, height: 10)))
    }

    @Test func time() throws {
        let fields = try HeaderFields(parameters)
        let start = genesis.advanced(byMilliseconds: 9 * 6000)
        let accepted = try HeaderAdmission.Verdict.accept(fields.signed(), equivocatesWith: nil)
        #expect(try verdict(fields, now: start.movedBack(byMilliseconds: 500)) == accepted)
        #expect(
            try verdict(fields, now: start.movedBack(byMilliseconds: 501))
                == .ignore(.slotInFuture(slot: 9)))
        // Slot 9 leaves the window when slot 9 + 100800 has passed.
        let last = start.advanced(byMilliseconds: 100_801 * 6000 - 1)
        #expect(try verdict(fields, now: last) == accepted)
        #expect(
            try verdict(fields, now: last.advanced(byMilliseconds: 1))
                == .ignore(.slotTooOld(slot: 9, oldest: 10)))
    }

    /// Numbers at which unchecked arithmetic would overflow.
    private static let extremes: [UInt64] = [
        .max, .max - 1, .max / 6000, .max / 6000 + 1, 1 << 63,
    ]

    @Test(arguments: extremes)
    func extremeNumbers(slot: UInt64) throws {
        var fields = try HeaderFields(parameters)
        fields.slot = slot
        #expect(try verdict(fields) == .ignore(.slotInFuture(slot: slot)))
        fields.height = slot
        #expect(try verdict(fields) == .ignore(.slotInFuture(slot: slot)))
        #expect(
            try verdict(fields, now: UnixTime(milliseconds: .max))
                != .accept(fields.signed(), equivocatesWith: nil))
        #expect(throws: HeaderError.height(actual: slot, parent: .max)) {
            try admission.checkParent(
                fields.header(),
                .init(sequencer: key(1).publicKey, height: .max, slot: 0))
        }
    }

    @Test func duplicatesAndEquivocations() throws {
        let fields = try HeaderFields(parameters)
        let signed = try fields.signed()
        let (a, b) = (try root(1), try root(2))
        #expect(try verdict(fields, lane(height: [signed.root])) == .ignore(.known(signed.root)))
        #expect(try verdict(fields, lane(slot: [signed.root])) == .ignore(.known(signed.root)))
        #expect(try verdict(fields, lane(height: [a])) == .accept(signed, equivocatesWith: a))
        #expect(try verdict(fields, lane(slot: [b])) == .accept(signed, equivocatesWith: b))
        #expect(try verdict(fields, lane(height: [a, b])) == .ignore(.enoughAtHeight(5)))
        #expect(try verdict(fields, lane(slot: [a, b])) == .ignore(.enoughAtSlot(9)))
    }

    @Test func signature() throws {
        let fields = try HeaderFields(parameters)
        let lane = try lane()
        let bytes = try fields.signed().encoded
        // The signature stands behind the four bytes of the header's offset.
        for position in [4, 35, 36, 67] {
            var altered = bytes
            altered[position] ^= 1
            #expect(admission.admit(altered, now: now) { _ in lane } == .reject(.signature))
        }
        let foreign = try SignedHeader(signing: fields.header(), with: key(2))
        #expect(admission.admit(foreign.encoded, now: now) { _ in lane } == .reject(.signature))
    }

    @Test func parent() throws {
        let fields = try HeaderFields(parameters)
        #expect(try verdict(fields, lane(signer: 2)) == .reject(.parentLane))
        #expect(
            try verdict(fields, lane(parentHeight: 5)) == .reject(.height(actual: 5, parent: 5)))
        #expect(
            try verdict(fields, lane(parentHeight: 3)) == .reject(.height(actual: 5, parent: 3)))
        #expect(try verdict(fields, lane(parentSlot: 9)) == .reject(.slot(actual: 9, parent: 9)))
    }

    /// What is invalid is rejected before what is merely not wanted is ignored, and the lane is not
    /// asked about headers that no listed key can have signed.
    @Test func order() throws {
        var fields = try HeaderFields(parameters)
        fields.signer = 3
        fields.slot = .max
        #expect(try verdict(fields) == .reject(.unlistedSequencer(key(3).publicKey)))
        let message = try fields.signed().encoded
        _ = admission.admit(message, now: now) { _ in
            Issue.record("the lane was asked")
            return .init(rootsAtHeight: [], rootsAtSlot: [], parent: nil)
        }
    }

    /// The generator of G1 and the point at infinity are points of the group; a point of the curve
    /// outside the group, one off the curve, and one with a coordinate too large are not.
    @Test func commitments() throws {
        let verifier = KZGVerifier(preset: .minimal)
        let generator = try #require(
            KZGCommitment(
                hex(
                    "97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac58"
                        + "6c55e83ff97a1aeffb3af00adb22c6bb")))
        var fields = try HeaderFields(parameters, dataRows: 4)
        fields.commitments = [generator, .infinity, .infinity, generator]
        try HeaderAdmission.checkCommitments(fields.header(), verifier: verifier)
        let refused = [
            // x = 4 is on the curve, and not in the subgroup.
            [0x80] + [UInt8](repeating: 0, count: 46) + [4],
            // x = 1 is not on the curve.
            [0x80] + [UInt8](repeating: 0, count: 46) + [1],
            [0x9f] + [UInt8](repeating: 0xff, count: 47),
            [UInt8](repeating: 0, count: 48),
        ]
        for bytes in refused {
            fields.commitments[2] = try #require(KZGCommitment(bytes))
            #expect(throws: HeaderError.commitmentNotInGroup(row: 2)) {
                try HeaderAdmission.checkCommitments(fields.header(), verifier: verifier)
            }
        }
    }
}
