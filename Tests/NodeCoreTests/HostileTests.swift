import Availability
import DataMatrix
import KZGCommitments
import NodeCore
import SSZ
import SystemCrypto
import Testing

/// What a hostile peer can send, and the verdict on it.
@Suite struct HostileTests {
    struct Scene {
        let setup: MainPathTests.Setup
        let block: ExtendedBlock
        let root: Bytes32
        let names: NetworkNames
        var network: VirtualNetwork { setup.network }
        var node: Int { setup.full[0] }
        var attacker: Int { setup.sequencer }

        func topic(column: Int) -> String {
            names.name(of: .columns(group: NetworkNames.group(ofColumn: column)))
        }

        func message(
            column: Int, rows: [Int], tamper: (inout [[UInt8]]) -> Void = { _ in }
        ) throws -> ColumnMessage {
            var cells = try rows.map {
                try #require(block.matrix.cell(at: CellCoordinate(row: $0, column: column)))
            }
            let proofs = try rows.map {
                try #require(block.matrix.proof(at: CellCoordinate(row: $0, column: column)))
            }
            tamper(&cells)
            return try ColumnMessage(
                headerRoot: root, column: UInt16(column), rows: rows.map { UInt16($0) },
                cells: cells, proofs: proofs)
        }

        func verdict(_ data: [UInt8], topic: String, wait: UInt64 = 1000) -> GossipVerdict? {
            let token = network.inject(to: node, from: attacker, topic: topic, data: data)
            network.run(untilMilliseconds: UInt64(network.nanoseconds / 1_000_000) + wait)
            return network.members[node].verdicts[token]
        }
    }

    /// A full node that knows the header and none of the cells.
    static func scene(publishing: Bool = true) throws -> Scene {
        let setup = try MainPathTests.setup(
            Fixture.minimal, lights: 1, seed: 41, custody: [.all, .all, .all])
        let block = try setup.fixture.block(dataRows: 4)
        let names = NetworkNames(networkID: setup.fixture.parameters.networkID)
        let root = try MainPathTests.publish(
            setup, block, cells: publishing ? CellSet(block.shape) : nil)
        setup.network.run(untilMilliseconds: 2200)
        return Scene(setup: setup, block: block, root: root, names: names)
    }

    @Test func goodColumnThenNothingNew() throws {
        let scene = try Self.scene()
        let message = try scene.message(column: 1, rows: [0, 1])
        #expect(scene.verdict(message.encoded, topic: scene.topic(column: 1)) == .accept)
        #expect(
            scene.verdict(message.encoded, topic: scene.topic(column: 1))
                == .ignore(.nothingNew))
    }

    @Test func badCell() throws {
        let scene = try Self.scene()
        let message = try scene.message(column: 1, rows: [0, 1, 2]) { $0[1][31] ^= 1 }
        #expect(
            scene.verdict(message.encoded, topic: scene.topic(column: 1))
                == .reject(.invalidProof))
        // Nothing of it was kept, and the true cells are still taken.
        #expect(scene.network.full(scene.node)?.held(of: scene.root)?.isEmpty == true)
        let good = try scene.message(column: 1, rows: [0, 1, 2])
        #expect(scene.verdict(good.encoded, topic: scene.topic(column: 1)) == .accept)
    }

    @Test func badCopyDoesNotSuppressGoodOne() throws {
        let scene = try Self.scene()
        let bad = try scene.message(column: 1, rows: [0, 1]) { $0[0][31] ^= 1 }
        let good = try scene.message(column: 1, rows: [0, 1])
        let topic = scene.topic(column: 1)
        let first = scene.network.inject(
            to: scene.node, from: scene.attacker, topic: topic, data: bad.encoded)
        let second = scene.network.inject(
            to: scene.node, from: scene.setup.full[1], topic: topic, data: good.encoded)
        scene.network.run(untilMilliseconds: 4000)
        #expect(scene.network.members[scene.node].verdicts[first] == .reject(.invalidProof))
        #expect(scene.network.members[scene.node].verdicts[second] == .accept)
    }

    /// One bad message in a batch costs only its sender.
    @Test func badMessageAmongGood() throws {
        let scene = try Self.scene()
        var tokens: [(UInt64, Bool)] = []
        for column in 0..<4 {
            for row in 0..<4 {
                let isBad = column == 2 && row == 1
                let message = try scene.message(column: column, rows: [row]) {
                    if isBad { $0[0][31] ^= 1 }
                }
                tokens.append(
                    (
                        scene.network.inject(
                            to: scene.node, from: scene.attacker,
                            topic: scene.topic(column: column), data: message.encoded), isBad
                    ))
            }
        }
        scene.network.run(untilMilliseconds: 4000)
        for (token, isBad) in tokens {
            #expect(
                scene.network.members[scene.node].verdicts[token]
                    == (isBad ? .reject(.invalidProof) : .accept))
        }
    }

    @Test func wrongTopic() throws {
        let scene = try Self.scene()
        let message = try scene.message(column: 1, rows: [0])
        #expect(
            scene.verdict(message.encoded, topic: scene.topic(column: 2)) == .reject(.wrongTopic))
    }

    @Test func rowsOutOfOrder() throws {
        let scene = try Self.scene()
        // The type refuses such rows, so the bytes are altered: two row numbers change places.
        var bytes = try scene.message(column: 1, rows: [0, 3]).encoded
        let position = try #require(
            (0..<bytes.count - 3).first { Array(bytes[$0..<$0 + 4]) == [0, 0, 3, 0] })
        bytes.replaceSubrange(position..<position + 4, with: [3, 0, 0, 0])
        #expect(scene.verdict(bytes, topic: scene.topic(column: 1)) == .reject(.malformed))
        bytes.replaceSubrange(position..<position + 4, with: [3, 0, 3, 0])
        #expect(scene.verdict(bytes, topic: scene.topic(column: 1)) == .reject(.malformed))
        // A row that the matrix does not have.
        bytes.replaceSubrange(position..<position + 4, with: [0, 0, 8, 0])
        #expect(scene.verdict(bytes, topic: scene.topic(column: 1)) == .reject(.invalidRows))
    }

    @Test func garbage() throws {
        let scene = try Self.scene()
        var random = SeededRandom(number: 3)
        for length in [0, 1, 31, 200, 3000, 70_000] {
            let data = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            for topic: NetworkNames.Topic in [.columns(group: 1), .headers, .evidence] {
                let verdict = scene.verdict(data, topic: scene.names.name(of: topic), wait: 50)
                guard case .reject = verdict else {
                    Issue.record("\(length) bytes on \(topic): \(String(describing: verdict))")
                    continue
                }
            }
        }
        #expect(scene.verdict([1], topic: "/other/topic") == .ignore(.notSubscribed))
    }

    /// Columns of unknown headers are held within bounds, for a slot.
    @Test func unknownHeaderFlood() throws {
        let scene = try Self.scene()
        let cell = [UInt8](repeating: 0, count: Preset.minimal.bytesPerCell)
        var tokens: [UInt64] = []
        for number in 0..<2000 {
            let root = try #require(
                Bytes32((0..<32).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }))
            let message = try ColumnMessage(
                headerRoot: root, column: 1, rows: [0, 1, 2, 3],
                cells: [[UInt8]](repeating: cell, count: 4),
                proofs: [KZGProof](repeating: .infinity, count: 4))
            tokens.append(
                scene.network.inject(
                    to: scene.node, from: scene.attacker, topic: scene.topic(column: 1),
                    data: message.encoded))
        }
        scene.network.run(untilMilliseconds: 2400)
        let verdicts = scene.network.members[scene.node].verdicts
        let dropped = tokens.filter { verdicts[$0] == .ignore(.unknownHeader) }.count
        #expect(dropped > 1000)
        scene.network.run(untilMilliseconds: 8000)
        let later = scene.network.members[scene.node].verdicts
        #expect(tokens.allSatisfy { later[$0] == .ignore(.unknownHeader) })
    }

    @Test func headers() throws {
        let scene = try Self.scene()
        let topic = scene.names.name(of: .headers)
        let known = try #require(scene.network.full(scene.node)?.header(scene.root))
        #expect(scene.verdict(known.encoded, topic: topic) == .ignore(.nothingNew))
        // A signature of another key.
        let stranger = try SigningKey(seed: [UInt8](repeating: 99, count: 32))
        let header = known.header
        let forged = SignedHeader(
            signing: try BlockHeader(
                networkID: header.networkID, sequencer: header.sequencer, height: 1,
                slot: header.slot + 1, parentRoot: scene.root, commitments: header.commitments,
                index: header.index), with: stranger)
        scene.network.run(untilMilliseconds: 4500)
        #expect(scene.verdict(forged.encoded, topic: topic) == .reject(.invalidHeader))
        // Far in the future.
        let future = SignedHeader(
            signing: try BlockHeader(
                networkID: header.networkID, sequencer: header.sequencer, height: 1,
                slot: header.slot + 500, parentRoot: scene.root,
                commitments: header.commitments, index: header.index),
            with: scene.setup.fixture.sequencerKey)
        #expect(scene.verdict(future.encoded, topic: topic) == .ignore(.fromTheFuture))
        // Endless variants at one height: two are looked at.
        var accepted = 0
        for number in 0..<6 {
            let variant = SignedHeader(
                signing: try BlockHeader(
                    networkID: header.networkID, sequencer: header.sequencer, height: 1,
                    slot: header.slot + 1, parentRoot: scene.root,
                    commitments: header.commitments, index: header.index,
                    newStateRoot: try #require(
                        Bytes32([UInt8](repeating: UInt8(number), count: 32)))),
                with: scene.setup.fixture.sequencerKey)
            if scene.verdict(variant.encoded, topic: topic, wait: 100) == .accept { accepted += 1 }
        }
        #expect(accepted == 2)
        // An unknown parent: held, then let go.
        let orphan = SignedHeader(
            signing: try BlockHeader(
                networkID: header.networkID, sequencer: header.sequencer, height: 3,
                slot: header.slot + 2,
                parentRoot: try #require(Bytes32([UInt8](repeating: 9, count: 32))),
                commitments: header.commitments, index: header.index),
            with: scene.setup.fixture.sequencerKey)
        scene.network.run(untilMilliseconds: 8000)
        let verdict = scene.verdict(orphan.encoded, topic: topic, wait: 3000)
        #expect(verdict == .ignore(.enoughAtHeight) || verdict == .ignore(.unknownParent))
    }

    /// Commitments that are no points: nobody passes such a header on.
    @Test func headerWithoutPoints() throws {
        let scene = try Self.scene()
        let known = try #require(scene.network.full(scene.node)?.header(scene.root)).header
        let bad = try #require(KZGCommitment([UInt8](repeating: 0xab, count: 48)))
        let header = SignedHeader(
            signing: try BlockHeader(
                networkID: known.networkID,
                sequencer: scene.setup.fixture.secondKey.publicKey, height: 0, slot: known.slot,
                parentRoot: .zero, commitments: [bad], index: []),
            with: scene.setup.fixture.secondKey)
        #expect(
            scene.verdict(header.encoded, topic: scene.names.name(of: .headers))
                == .reject(.invalidHeader))
    }

    @Test func requests() throws {
        let scene = try Self.scene(publishing: false)
        scene.network.run(untilMilliseconds: 5000)
        let network = scene.network
        let asker = scene.setup.light[0]
        var answers: [String] = []
        network.filter = { index, event in
            guard index == asker else { return true }
            switch event {
            case .responseFailed(_, let failure): answers.append("\(failure)")
            case .responseChunk(_, let bytes): answers.append("\(bytes.count)")
            default: break
            }
            return true
        }
        for kind in NetworkNames.RequestProtocol.allCases where kind != .status {
            network.askRaw(
                by: asker, of: scene.node, protocolName: scene.names.name(of: kind),
                body: [1, 2, 3])
        }
        network.askRaw(by: asker, of: scene.node, protocolName: "/no/such/1", body: [])
        network.run(untilMilliseconds: 6000)
        #expect(answers.filter { $0 == "disconnected" }.count == 7)
        #expect(network.members[scene.node].penalties.count == 6)
        // Over budget: nothing but refusals.
        let body = InventoryRequest(headerRoot: scene.root).encoded
        for _ in 0..<10_000 {
            network.askRaw(
                by: asker, of: scene.node, protocolName: scene.names.name(of: .inventory),
                body: body)
        }
        let before = network.members[scene.node].served
        network.run(untilMilliseconds: 6100)
        let answered = network.members[scene.node].served - before
        #expect(answered < 6000 * 64)
    }

    /// A peer that answers requests with bad cells is found out; honest ones are asked instead.
    @Test func lyingServer() throws {
        let setup = try MainPathTests.setup(
            Fixture.minimal, lights: 2, seed: 43, custody: [.all, .all, .all, .all])
        let liar = setup.full[1]
        setup.network.alterChunks = { server, bytes in
            guard server == liar, bytes.count > 100 else { return bytes }
            var bytes = bytes
            bytes[bytes.count - 60] ^= 1
            return bytes
        }
        let root = try MainPathTests.publish(setup, try setup.fixture.block(dataRows: 4))
        setup.network.run(untilMilliseconds: 8000)
        for node in setup.light {
            #expect(setup.network.light(node)?.sampling(of: root)?.isComplete == true)
        }
        let blamed = setup.network.members.flatMap { $0.penalties.map(\.0) }
        #expect(!blamed.isEmpty)
        #expect(blamed.allSatisfy { $0 == setup.network.members[liar].peer })
    }
}
