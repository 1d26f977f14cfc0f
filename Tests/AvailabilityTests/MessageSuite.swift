import Availability
import DataMatrix
import KZGCommitments
import SSZ
import Testing

@Suite struct MessageSuite {
    private func column(
        rows: [UInt16] = [0, 2, 3], column: UInt16 = 3, cellBytes: Int = 2048
    ) throws -> ColumnMessage {
        try ColumnMessage(
            headerRoot: root(1), column: column, rows: rows,
            cells: rows.map { [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: cellBytes) },
            proofs: rows.map { try proof(Int($0)) })
    }

    @Test func theLargestMessagesFit() throws {
        let message = try column(rows: Array(484..<512))
        #expect(message.encoded.count == 58_902)
        #expect(ColumnMessage.maximumByteCount < Limits.messageBytes)
        #expect(CellsResponse.maximumByteCount < Limits.messageBytes)
        #expect(ColumnsResponse.maximumByteCount < Limits.messageBytes)
        #expect(CellsRequest.maximumByteCount < Limits.messageBytes)
        #expect(StatusMessage.maximumByteCount < Limits.messageBytes)
        #expect(InventoryResponse.maximumByteCount < Limits.messageBytes)
        #expect(try ColumnMessage(encoded: message.encoded) == message)
    }

    @Test func columnStructure() throws {
        #expect(throws: MessageError.cellCount(0)) { try column(rows: []) }
        #expect(throws: MessageError.cellCount(29)) { try column(rows: Array(0..<29)) }
        #expect(throws: MessageError.rowsNotAscending(previous: 2, row: 2)) {
            try column(rows: [2, 2])
        }
        #expect(throws: MessageError.rowsNotAscending(previous: 2, row: 1)) {
            try column(rows: [2, 1])
        }
        #expect(throws: MessageError.cellLength(actual: 2049, expected: 2048)) {
            try column(cellBytes: 2049)
        }
        #expect(throws: MessageError.cellLength(actual: 0, expected: 0)) {
            try column(cellBytes: 0)
        }
        #expect(throws: MessageError.cellLength(actual: 3, expected: 4)) {
            try ColumnMessage(
                headerRoot: root(1), column: 0, rows: [0, 1], cells: [[1, 2, 3, 4], [1, 2, 3]],
                proofs: [proof(0), proof(1)])
        }
        #expect(throws: MessageError.unequalCounts(rows: 2, cells: 1, proofs: 0)) {
            try ColumnMessage(
                headerRoot: root(1), column: 0, rows: [0, 1], cells: [[1]], proofs: [])
        }
    }

    @Test func admission() throws {
        let shape = try MatrixShape(preset: .mainnet, dataRows: 2)
        let block = ColumnAdmission.Block(shape: shape, knownZeroRows: [1])
        func admit(
            _ message: ColumnMessage, group: Int = 3, known: ColumnAdmission.Block? = block,
            new: (CellCoordinate) -> Bool = { _ in true }
        ) -> ColumnAdmission.Verdict {
            ColumnAdmission.admit(
                message.encoded, group: group, block: { _ in known }, isNew: new)
        }
        let message = try column()
        #expect(admit(message) == .verify(message, new: message.coordinates))
        #expect(
            admit(message, new: { $0.row == 2 })
                == .verify(message, new: [CellCoordinate(row: 2, column: 3)]))
        #expect(admit(message, new: { _ in false }) == .ignore(.nothingNew))
        #expect(admit(message, known: nil) == .hold(message))
        #expect(admit(message, group: 4) == .reject(.wrongGroup(column: 3, group: 4)))
        let later = try column(column: 35)
        #expect(admit(later) == .verify(later, new: later.coordinates))
        #expect(
            admit(try column(column: 131)) == .reject(.column(131, columns: 128)))
        #expect(admit(try column(rows: [0, 4])) == .reject(.row(4, rows: 4)))
        #expect(admit(try column(rows: [0, .max])) == .reject(.row(65_535, rows: 4)))
        #expect(admit(try column(rows: [0, 1])) == .reject(.knownZeroRow(1)))
        #expect(
            admit(try column(cellBytes: 2047))
                == .reject(.cellLength(actual: 2047, expected: 2048)))
        let large = [UInt8](repeating: 0, count: Limits.messageBytes + 1)
        #expect(
            ColumnAdmission.admit(large, group: 0, block: { _ in nil }, isNew: { _ in true })
                == .reject(.tooLarge(byteCount: 65_537)))
    }

    @Test func cellRequests() throws {
        let cells = (0..<512).map { CellCoordinate(row: $0 / 128, column: $0 % 128) }
        let request = try CellsRequest(headerRoot: root(1), cells: cells)
        #expect(try CellsRequest(encoded: request.encoded) == request)
        #expect(throws: MessageError.elementCount(actual: 0, limit: 512)) {
            try CellsRequest(headerRoot: root(1), cells: [])
        }
        #expect(throws: MessageError.elementCount(actual: 513, limit: 512)) {
            try CellsRequest(
                headerRoot: root(1), cells: cells + [CellCoordinate(row: 9, column: 0)])
        }
        #expect(throws: MessageError.notAscending(index: 1)) {
            try CellsRequest(headerRoot: root(1), cells: [cells[1], cells[0]])
        }
        #expect(throws: MessageError.row(65_536, rows: 65_536)) {
            try CellsRequest(
                headerRoot: root(1), cells: [CellCoordinate(row: 65_536, column: 0)])
        }
        #expect(throws: MessageError.column(-1, columns: 65_536)) {
            try CellsRequest(headerRoot: root(1), cells: [CellCoordinate(row: 0, column: -1)])
        }
    }

    @Test func answers() throws {
        let cell = try ProvenCell(
            coordinate: CellCoordinate(row: 1, column: 2), cell: [1, 2], proof: proof(1))
        #expect(throws: MessageError.elementCount(actual: 1, limit: 0)) {
            try CellsResponse(status: .busy, cells: [cell])
        }
        #expect(throws: MessageError.notAscending(index: 1)) {
            try CellsResponse(status: .ok, cells: [cell, cell])
        }
        #expect(throws: SSZError.self) { try CellsResponse(encoded: [4, 5, 0, 0, 0]) }

        let shape = try MatrixShape(preset: .mainnet, dataRows: 2)
        let set = EvidenceSamples.stoppingSet(shape)
        let inventory = InventoryResponse(held: set)
        #expect(try InventoryResponse(encoded: inventory.encoded).cells(of: shape) == set)
        #expect(inventory.cells(of: try MatrixShape(preset: .mainnet, dataRows: 4)) == nil)
        #expect(InventoryResponse(status: .unknownHeader).cells(of: shape) == nil)
    }

    @Test func rangesEndWhereNumbersDo() throws {
        let request = try HeadersByRangeRequest(
            sequencer: key(1).publicKey, start: .max - 1, count: 64)
        #expect(request.heights == (.max - 1)...(.max))
        #expect(
            try HeadersByRangeRequest(sequencer: key(1).publicKey, start: 3, count: 2).heights
                == 3...4)
        #expect(throws: MessageError.elementCount(actual: 65, limit: 64)) {
            try HeadersByRangeRequest(sequencer: key(1).publicKey, start: 0, count: 65)
        }
    }

    @Test func columnGroups() {
        let groups = ColumnGroups([0, 5, 31])
        #expect(groups.groups == [0, 5, 31])
        #expect(groups.count == 3)
        #expect(groups.contains(column: 37))
        #expect(!groups.contains(column: 38))
        #expect(!groups.contains(32) && !groups.contains(-1))
        #expect(groups.columns(of: 128).count == 12)
        #expect(ColumnGroups.all.columns(of: 128) == Array(0..<128))
        #expect(ColumnGroups.none.groups == [])
    }

    @Test func custodyRecords() throws {
        let record = try CustodyRecord(
            networkID: root(1), groups: .all, made: genesis, key: key(3))
        #expect(record.isSignatureValid)
        let bytes = record.encoded
        for bit in 0..<(bytes.count * 8) {
            var altered = bytes
            altered[bit / 8] ^= 1 << UInt8(bit % 8)
            if let decoded = try? CustodyRecord(encoded: altered) {
                #expect(!decoded.isSignatureValid)
            }
        }
    }

    @Test func lanesAscend() throws {
        let heads = try [key(1), key(2)].map(\.publicKey).sorted().map {
            LaneHead(sequencer: $0, height: 1, slot: 1, root: try root(1))
        }
        _ = try StatusMessage(networkID: root(1), role: .light, custody: nil, lanes: heads)
        #expect(throws: MessageError.notAscending(index: 1)) {
            try StatusMessage(
                networkID: root(1), role: .light, custody: nil, lanes: heads.reversed())
        }
        #expect(throws: MessageError.notAscending(index: 1)) {
            try StatusMessage(
                networkID: root(1), role: .light, custody: nil, lanes: [heads[0], heads[0]])
        }
    }

    @Test func fuzzing() throws {
        let cell = try ProvenCell(
            coordinate: CellCoordinate(row: 1, column: 2), cell: [1, 2], proof: proof(1))
        let record = try CustodyRecord(
            networkID: root(1), groups: .all, made: genesis, key: key(3))
        let head = try LaneHead(
            sequencer: key(1).publicKey, height: 1, slot: 1, root: root(1))
        try fuzz(ColumnMessage.self, [column(cellBytes: 40), column(rows: [7], cellBytes: 1)])
        try fuzz(
            CellsRequest.self,
            [CellsRequest(headerRoot: root(1), cells: [CellCoordinate(row: 1, column: 1)])])
        try fuzz(
            CellsResponse.self,
            [
                CellsResponse(status: .ok, cells: [cell]), CellsResponse(status: .busy, cells: []),
            ])
        try fuzz(ColumnsRequest.self, [ColumnsRequest(headerRoot: root(1), columns: [1, 2, 3])])
        try fuzz(
            ColumnsResponse.self,
            [ColumnsResponse(column(cellBytes: 9)), ColumnsResponse(status: .overBudget)])
        try fuzz(InventoryRequest.self, [InventoryRequest(headerRoot: root(1))])
        fuzz(
            InventoryResponse.self,
            [
                InventoryResponse(status: .busy),
                InventoryResponse(
                    held: .all(of: try MatrixShape(preset: .minimal, dataRows: 2))),
            ])
        try fuzz(HeadersByRootRequest.self, [HeadersByRootRequest(roots: [root(1), root(2)])])
        try fuzz(
            HeadersByRangeRequest.self,
            [HeadersByRangeRequest(sequencer: key(1).publicKey, start: 3, count: 2)])
        try fuzz(
            StatusMessage.self,
            [
                StatusMessage(networkID: root(1), role: .full, custody: record, lanes: [head]),
                StatusMessage(networkID: root(1), role: .light, custody: nil, lanes: []),
            ])
        try fuzz(
            AttemptLogRequest.self, [AttemptLogRequest(headerRoot: root(1), logRoot: root(2))])
    }
}
