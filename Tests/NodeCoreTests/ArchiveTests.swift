import Availability
import DataMatrix
import NodeCore
import SSZ
import SystemCrypto
import Testing

@Suite struct ArchiveTests {
    static func chain(_ fixture: Fixture, _ count: Int) throws -> [SignedHeader] {
        let block = try fixture.block(dataRows: 1)
        var parent = Bytes32.zero
        return try (0..<count).map { height in
            let signed = SignedHeader(
                signing: try BlockHeader(
                    networkID: fixture.parameters.networkID,
                    sequencer: fixture.sequencerKey.publicKey, height: UInt64(height),
                    slot: UInt64(2 * height + 1), parentRoot: parent,
                    commitments: block.description.commitments, index: block.description.index),
                with: fixture.sequencerKey)
            parent = signed.root
            return signed
        }
    }

    @Test func headersByHeightAndSlot() throws {
        let fixture = try Fixture()
        let lane = fixture.sequencerKey.publicKey
        let chain = try Self.chain(fixture, 8)
        var archive = MemoryNodeArchive()
        // In any order, some twice.
        for index in [5, 2, 7, 0, 5, 1, 6, 3, 4, 2] { archive.keep(chain[index]) }
        #expect(archive.headerCount == 8)
        #expect(archive.header(chain[3].root) == chain[3])
        #expect(archive.headers(of: lane, from: 3, limit: 2) == Array(chain[3...4]))
        #expect(archive.headers(of: lane, from: 7, limit: 9) == [chain[7]])
        #expect(archive.headers(of: lane, from: 8, limit: 9).isEmpty)
        #expect(archive.headers(of: lane, from: .max, limit: 9).isEmpty)
        #expect(
            archive.newestPlaces(of: lane, limit: 3).map(\.root)
                == chain[5...7].reversed().map(\.root))
        #expect(archive.newestPlaces(of: fixture.secondKey.publicKey, limit: 3).isEmpty)
        #expect(archive.places(belowSlot: 5, limit: 9).map(\.slot) == [1, 3])
        #expect(archive.places(belowSlot: 5, limit: 1).map(\.slot) == [1])
        archive.drop(chain[0].root)
        #expect(archive.header(chain[0].root) == nil)
        #expect(archive.places(belowSlot: 5, limit: 9).map(\.slot) == [3])
    }

    @Test func whatIsNotSettled() throws {
        let fixture = try Fixture()
        let chain = try Self.chain(fixture, 6)
        var archive = MemoryNodeArchive()
        for header in chain { archive.keep(header) }
        let cell = CellCoordinate(row: 0, column: 1)
        for (index, verdict) in [(1, SamplingVerdict.confident), (2, .failed), (3, .pending)] {
            archive.keep(
                SampleRecord(cells: [cell], outcomes: [.pending], verdict: verdict),
                of: chain[index].root)
        }
        for (index, state) in [(0, BlockState.available), (4, .recovered), (5, .withheld)] {
            archive.keep(
                StateRecord(state: state, since: UnixTime(milliseconds: 9)), of: chain[index].root)
        }
        func slots(_ question: SettlementQuestion, after: Int? = nil, limit: Int = 9) -> [UInt64] {
            archive.unsettled(
                question, after: after.map { HeaderPlace(chain[$0]) }, limit: limit
            ).map(\.slot)
        }
        #expect(slots(.samples) == [11, 9, 7, 5, 1])
        #expect(slots(.samples, after: 4) == [7, 5, 1])
        #expect(slots(.samples, after: 4, limit: 2) == [7, 5])
        #expect(slots(.state) == [11, 7, 5, 3])
        #expect(slots(.state, after: 1).isEmpty)
        // What is kept of a block goes with its header.
        archive.drop(chain[1].root)
        #expect(archive.samples(of: chain[1].root) == nil)
        archive.keep(
            StateRecord(state: .available, since: UnixTime(milliseconds: 9)), of: chain[1].root)
        #expect(archive.state(of: chain[1].root) == nil)
    }

    @Test(arguments: [0, 1, 71])
    func sampleRecordsInBytes(count: Int) throws {
        let cells = (0..<count).map { CellCoordinate(row: 511 - $0, column: 127 - $0) }
        let outcomes: [SampleOutcome.Verdict] = [.pending, .succeeded, .refused, .timedOut]
        let record = SampleRecord(
            cells: cells, outcomes: (0..<count).map { outcomes[$0 % 4] }, allowedMisses: 3,
            verdict: .failed, decided: UnixTime(milliseconds: 1_800_000_000_123))
        let bytes = record.encoded
        #expect(bytes.count == 16 + 5 * count)
        #expect(SampleRecord(encoded: bytes) == record)
        // No prefix, no longer string, no unknown code is one.
        for length in 0..<bytes.count {
            #expect(SampleRecord(encoded: Array(bytes[..<length])) == nil)
        }
        #expect(SampleRecord(encoded: bytes + [0]) == nil)
        for (place, value) in [(0, UInt8(2)), (1, 3)] {
            var altered = bytes
            altered[place] = value
            #expect(SampleRecord(encoded: altered) == nil)
        }
        if count > 0 {
            var altered = bytes
            altered[20] = 4
            #expect(SampleRecord(encoded: altered) == nil)
        }
        #expect(
            SampleRecord(
                encoded: SampleRecord(cells: [], outcomes: []).encoded)?.decided == nil)
    }
}
