import Availability
import DamaskNode
import DataMatrix
import Foundation
import LibP2P
import LibP2PNIO
import NodeCore
import SSZ

extension DemoStory {
    /// Act 2: without the sequencer, a full node that starts with nothing rebuilds the block.
    func newcomer(_ act: inout DemoAct) async throws {
        guard let block, let sequencer else {
            throw DemoFailure(what: "there is a block", detail: "the first act made none")
        }
        await sequencer.service.shutDown()
        self.sequencer = nil
        narrator.say("  the sequencer is stopped")

        let name = "full-\(network.fullNodes.count + 1)"
        try await network.startFullNode(name, custody: .all)
        guard let node = network.fullNodes.last else { return }
        let root = root
        try await node.service.submit { node, now in
            node.repair(root, goal: .wholeBlock, now: now)
        }
        var rebuilt: ExtendedBlock?
        _ = try await wait(for: "rebuilding", picturing: root, shape: block.shape) {
            rebuilt = rebuilt ?? self.network.log.takeRebuilt(root, by: name)
            let held = try await node.service.submit { node, _ in node.held(of: root) }
            return (rebuilt != nil, "\(name) holds \(held?.count ?? 0) cells")
        }
        try await checkPayload(&act, rebuilt, "the newcomer's file has the same SHA-256")
        let isWhole = try await wait(for: "proofs", picturing: root, shape: block.shape) {
            let held = try await self.held(by: node)
            return (
                held.count == block.sendableCells.count,
                "\(held.count) of \(block.sendableCells.count) cells"
            )
        }
        let held = try await held(by: node)
        check(
            &act, "and holds every cell with its proof", isWhole,
            "\(held.count) of \(block.sendableCells.count)")
    }

    /// Act 3: every full node loses 60 % of its cells; what is left, with the light nodes' samples,
    /// makes the block whole again.
    func loss(_ act: inout DemoAct) async throws {
        guard let block else {
            throw DemoFailure(what: "there is a block", detail: "the first act made none")
        }
        let root = root
        var union = CellSet(block.shape)
        for node in network.fullNodes {
            let held = try await held(by: node)
            var cells = Array(held)
            cells.shuffle()
            let lost = CellSet(block.shape, cells.prefix(cells.count * 6 / 10))
            try await node.service.submit { node, now in node.lose(lost, of: root, now: now) }
            union = union.union(try await self.held(by: node))
        }
        let holes = block.sendableCells.subtracting(union)
        check(
            &act, "the full nodes' union has holes", !holes.isEmpty,
            "\(holes.count) of \(block.sendableCells.count) cells are with no full node")
        try await show(
            root, block.shape, zeroCells: block.description.zeroCells, "after the loss")

        for node in network.fullNodes {
            _ = network.log.takeRebuilt(root, by: node.name)
            try await node.service.submit { node, now in
                node.repair(root, goal: .wholeBlock, now: now)
            }
        }
        var rebuilt: [String: ExtendedBlock] = [:]
        let nodes = network.fullNodes
        let healed = try await wait(for: "healing", picturing: root, shape: block.shape) {
            for node in nodes where rebuilt[node.name] == nil {
                rebuilt[node.name] = self.network.log.takeRebuilt(root, by: node.name)
            }
            var missing = block.sendableCells
            for node in nodes { missing = missing.subtracting(try await self.held(by: node)) }
            return (
                rebuilt.count == nodes.count && missing.isEmpty,
                "\(rebuilt.count) of \(nodes.count) full nodes have rebuilt it, "
                    + "\(missing.count) cells with none of them"
            )
        }
        try await show(root, block.shape, zeroCells: block.description.zeroCells, "after healing")
        check(
            &act, "every full node rebuilds the block, and every cell is held again", healed,
            "\(rebuilt.count) of \(nodes.count)")
        var equal = 0
        for node in nodes where payloadDigest(rebuilt[node.name]) == result.sha256 { equal += 1 }
        check(
            &act, "the file has the same SHA-256 everywhere", equal == nodes.count,
            "\(equal) of \(nodes.count)")
    }

    private func checkPayload(
        _ act: inout DemoAct, _ rebuilt: ExtendedBlock?, _ name: String
    ) async throws {
        let digest = payloadDigest(rebuilt)
        check(&act, name, digest == result.sha256, digest ?? "it was not rebuilt")
    }

    private func payloadDigest(_ block: ExtendedBlock?) -> String? {
        guard let block, let entry = block.description.index.first,
            let bytes = try? block.payload(entry)
        else { return nil }
        return Self.digest(bytes)
    }
}
