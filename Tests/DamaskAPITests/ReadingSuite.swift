import Availability
import DamaskClient
import DamaskNode
import DataMatrix
import Foundation
import KZGCommitments
import NodeCore
import SSZ
import SystemCrypto
import Testing

/// What can be read of a node, through the client and a socket.
@Suite struct ReadingSuite {
    @Test func statusAndReadiness() async throws {
        try await serving { served in
            try served.node.addHeader(height: 4)
            try await served.client(token: nil) { client in
                let status = try await client.status()
                #expect(status.role == "full")
                #expect(status.network.bytes == served.node.network.networkID.bytes)
                #expect(status.lanes.map(\.height) == [4])
                #expect(status.custody == [0, 31])
                #expect(status.readiness.ready)
                #expect(try await client.readiness().ready)
                served.node.edit { $0.isReady = false }
                let readiness = try await client.readiness()
                #expect(!readiness.ready)
                #expect(readiness.lag == 12)
                #expect(readiness.reasons == ["12 blocks behind"])
                #expect(try await client.peers().map(\.role) == ["light"])
                #expect(
                    try await NetworkFile.decode(client.parametersFile()) == served.node.network)
            }
            let answer = try await served.raw(
                "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 503"))
        }
    }

    @Test func metrics() async throws {
        try await serving { served in
            try await served.client { client in
                _ = try await client.status()
                _ = try? await client.header(HexBytes([UInt8](repeating: 1, count: 32)))
                let text = try await client.metrics()
                #expect(text.hasPrefix("damask_head_height 7\n"))
                #expect(
                    text.contains(
                        "damask_http_requests_total{route=\"/v1/status\",method=\"GET\","
                            + "status=\"200\"} 1\n"))
                #expect(
                    text.contains(
                        "damask_http_requests_total{route=\"/v1/headers/{root}\",method=\"GET\","
                            + "status=\"404\"} 1\n"))
            }
        }
    }

    @Test func headersByRangeAndHead() async throws {
        try await serving { served in
            var roots: [Bytes32] = []
            for height in UInt64(0)..<100 {
                roots.append(try served.node.addHeader(height: height).root)
            }
            let lane = HexBytes(served.node.key.publicKey.ed25519)
            let all = roots
            try await served.client { client in
                let some = try await client.headers(of: lane, from: 10, limit: 5)
                #expect(some.map(\.height) == [10, 11, 12, 13, 14])
                #expect(some.first?.root.bytes == all[10].bytes)
                let end = try await client.headers(of: lane, from: 98, limit: 64)
                #expect(end.map(\.height) == [98, 99])
                #expect(try await client.headers(of: lane, from: .max, limit: 64).isEmpty)
                #expect(try await client.heads().map(\.height) == [99])
                let one = try await client.header(HexBytes(all[50].bytes))
                #expect(one.height == 50)
                #expect(one.payloads.first?.commitment.bytes == all[50].bytes + [0, 0])
            }
        }
    }

    @Test func blocksWithWhatTheyAreWorth() async throws {
        try await serving { served in
            let header = try served.node.addHeader(height: 1)
            served.node.edit {
                $0.blocks = [
                    BlockRecord(
                        root: header.root, sequencer: served.node.key.publicKey, height: 1,
                        slot: 101, dataRows: 1, state: nil,
                        sampling: SamplingRecord(
                            cells: [], succeeded: [], drawn: 27, verified: 27, failed: 0,
                            isComplete: true, missProbability: 1e-9, healingFloor: 8,
                            typicalFloor: 4, peersAsked: 9, groupsAsked: 3),
                        heldCells: 27, isDecodable: false)
                ]
            }
            try await served.client { client in
                let block = try await client.block(HexBytes(header.root.bytes))
                #expect(block.sampling?.missProbability == 1e-9)
                #expect(block.sampling?.healingFloor == 8)
                #expect(block.sampling?.groupsAsked == 3)
                #expect(block.state == nil)
                #expect(try await client.blocks(limit: 10) == [block])
            }
        }
    }

    @Test func cellsWithProofs() async throws {
        try await serving { served in
            let header = try served.node.addHeader(height: 1)
            let root = HexBytes(header.root.bytes)
            let place = CellCoordinate(row: 1, column: 127)
            let cell = try ProvenCell(
                coordinate: place, cell: [UInt8](repeating: 9, count: 2048), proof: .infinity)
            served.node.edit { $0.cells[place] = cell }
            try await served.client { client in
                let answer = try await client.cells(of: root, at: [(0, 3), (1, 127)])
                #expect(answer.missing == ["0:3"])
                #expect(answer.cells.map(\.row) == [1])
                #expect(answer.cells.first?.cell.bytes == cell.cell)
                #expect(answer.cells.first?.proof.bytes == cell.proof.bytes.bytes)
                await Self.expect("invalid_request", "outside") {
                    _ = try await client.cells(of: root, at: [(2, 0)])
                }
                await Self.expect("invalid_request", "outside") {
                    _ = try await client.cells(of: root, at: [(0, 128)])
                }
                await Self.expect("invalid_request", "twice") {
                    _ = try await client.cells(of: root, at: [(0, 1), (0, 1)])
                }
                await Self.expect("invalid_request", "row:column") {
                    _ = try await client.cells(of: root, at: [(-1, 1)])
                }
                await Self.expect("too_large", "at most 128") {
                    _ = try await client.cells(of: root, at: (0..<129).map { (0, $0) })
                }
            }
        }
    }

    @Test func payloadsAsTheyWere() async throws {
        try await serving { served in
            let header = try served.node.addHeader(height: 6, namespaces: [[1], [2], [2]])
            let bytes = SystemRandom.bytes(31 << 20)
            served.node.addPayload(bytes, of: header)
            let root = HexBytes(header.root.bytes)
            let lane = HexBytes(served.node.key.publicKey.ed25519)
            try await served.client(token: nil) { client in
                for choice: NodeClient.PayloadChoice in [
                    .commitment(HexBytes(header.root.bytes + [0, 0])),
                    .block(root, namespace: HexBytes([1])),
                    .height(sequencer: lane, 6, namespace: HexBytes([1])),
                    .row(HexBytes([UInt8](repeating: 0xc0, count: 48))),
                ] {
                    var read: [UInt8] = []
                    let count = try await client.payload(choice) { read += $0 }
                    #expect(count == bytes.count && read == bytes, "\(choice)")
                }
                await Self.expect("ambiguous", "name one") {
                    _ = try await client.payload(.block(root, namespace: HexBytes([2]))) { _ in }
                }
                await Self.expect("ambiguous", "3 payloads") {
                    _ = try await client.payload(.block(root, namespace: nil)) { _ in }
                }
                await Self.expect("not_found", "0x03") {
                    _ = try await client.payload(.block(root, namespace: HexBytes([3]))) { _ in }
                }
                await Self.expect("not_found", "height 7") {
                    _ = try await client.payload(
                        .height(sequencer: lane, 7, namespace: nil)
                    ) { _ in }
                }
            }
        }
    }

    @Test func payloadsThatCantBeHad() async throws {
        try await serving { served in
            let header = try served.node.addHeader(height: 6)
            served.node.edit {
                $0.payloadFailure = .unavailable(
                    UnavailableReason(
                        stage: "asking peers", heldCells: 3, neededCells: 64, peers: 2))
            }
            try await served.client { client in
                let choice = NodeClient.PayloadChoice.commitment(
                    HexBytes(header.root.bytes + [0, 0]))
                do {
                    _ = try await client.payload(choice, wait: 1234) { _ in }
                    Issue.record("read what is unavailable")
                } catch ClientError.unavailable(let refusal) {
                    #expect(refusal.stage == "asking peers")
                    #expect(refusal.heldCells == 3 && refusal.neededCells == 64)
                    #expect(refusal.peers == 2)
                }
                #expect(served.node.edit { $0.waited } == [1234])
                served.node.edit { $0.payloadFailure = .malformedPayload("cell 3: byte 0") }
                await Self.expect("malformed_payload", "cell 3") {
                    _ = try await client.payload(choice) { _ in }
                }
            }
        }
    }

    @Test func evidence() async throws {
        try await serving { served in
            let first = try served.node.makeHeader(height: 3, state: 1)
            let second = try served.node.makeHeader(height: 3, state: 2)
            let proof = try #require(EquivocationProof(first.summary, second.summary))
            served.node.edit {
                $0.evidence = [
                    EvidenceEntry(
                        evidence: .equivocation(proof), root: proof.first.root,
                        sequencer: proof.sequencer, isOwn: false, seenUnixMilliseconds: 77)
                ]
            }
            try await served.client { client in
                let list = try await client.evidence()
                #expect(list.map(\.kind) == ["equivocation"])
                #expect(list.first?.seen == 77)
                let id = try #require(list.first?.id)
                let file = try EvidenceFile.decode(try await client.evidenceFile(id))
                #expect(file == .equivocation(proof))
                #expect(file.verify(parameters: served.node.network, now: nil).holds)
                await Self.expect("not_found", "evidence") {
                    _ = try await client.evidenceFile(HexBytes([UInt8](repeating: 0, count: 32)))
                }
            }
        }
    }

    /// The body is refused with this code, and the message says this.
    static func expect(
        _ code: String, _ word: String, _ body: () async throws -> Void,
        _ location: SourceLocation = #_sourceLocation
    ) async {
        do {
            try await body()
            Issue.record("not refused", sourceLocation: location)
        } catch ClientError.refused(_, let refusal) {
            #expect(refusal.code == code, sourceLocation: location)
            #expect(refusal.message.contains(word), "\(refusal.message)", sourceLocation: location)
        } catch {
            Issue.record("\(error)", sourceLocation: location)
        }
    }
}
