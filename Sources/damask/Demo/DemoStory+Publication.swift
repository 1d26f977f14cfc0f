import Availability
import DamaskNode
import DataMatrix
import Foundation
import LibP2P
import LibP2PNIO
import NodeCore
import SSZ

extension DemoStory {
    /// Act 1: the block is published; full nodes take custody; every light node reaches its target.
    func publication(_ act: inout DemoAct) async throws {
        let begun = Date()
        let block = try BlockEncoder(prover: prover, threads: threads).encode([
            Payload(namespace: [0], bytes: input.bytes)
        ])
        self.block = block
        let shape = block.shape
        result.dataRows = shape.dataRows
        let encoding = String(format: "%.1f s", Date().timeIntervalSince(begun))
        narrator.say(
            "  \(shape.rows) x \(shape.columns) cells (\(shape.dataRows) data rows), "
                + "committed and proven in \(encoding)")

        for (index, custody) in DemoNetwork.custodies.enumerated() {
            try await network.startFullNode("full-\(index + 1)", custody: custody)
        }
        for index in 0..<result.lightNodes {
            try await network.startLightNode("light-\(index + 1)")
        }
        let sequencer = try await network.startSequencer(
            "sequencer-1", key: network.sequencerKeys[0])
        self.sequencer = sequencer
        try await connected(sequencer)

        let slot = network.currentSlot
        let signed = try await sequencer.service.submit { node, now in
            try node.publish(block, slot: slot, now: now)
        }
        root = signed.root
        narrator.say("  header \(signed.root), slot \(slot)")

        let nodes = result.lightNodes
        let published = try await wait(
            for: "custody and samples", picturing: root, shape: shape
        ) {
            let available = try await self.availableFullNodes(self.root)
            let confident = try await self.confidentLightNodes(self.root)
            return (
                available == self.network.fullNodes.count && confident == nodes,
                "\(available) of \(self.network.fullNodes.count) full nodes have the block available, "
                    + "\(confident) of \(nodes) light nodes are confident"
            )
        }
        try await show(root, shape, zeroCells: block.description.zeroCells, "after publication")

        let available = try await availableFullNodes(root)
        check(
            &act, "every full node has its columns and calls the block available",
            published && available == network.fullNodes.count,
            "\(available) of \(network.fullNodes.count)")
        try await checkCustody(&act, block)
        let confident = try await confidentLightNodes(root)
        let plan = SamplingPlan(
            shape: shape, knownZeroRows: block.description.zeroRows,
            target: Int(network.parameters.samplingTarget))
        let samples = plan.samples() ?? plan.cellCount
        check(
            &act, "every light node reaches its target confidence", confident == nodes,
            "\(confident) of \(nodes); each \(samples) cells, a block that cannot be rebuilt "
                + String(
                    format: "passes with probability %.1e", plan.missProbability(samples: samples)))
    }

    /// Every full node holds, with proofs, every cell of its columns.
    private func checkCustody(_ act: inout DemoAct, _ block: ExtendedBlock) async throws {
        var details: [String] = []
        var complete = true
        for (node, custody) in zip(network.fullNodes, DemoNetwork.custodies) {
            let held = try await held(by: node)
            var wanted = CellSet(block.shape)
            for column in custody.columns(of: block.shape.columns) { wanted.insert(column: column) }
            let missing = wanted.subtracting(block.description.zeroCells).subtracting(held)
            complete = complete && missing.isEmpty
            details.append("\(custody.count) of 32 groups")
        }
        check(
            &act, "each full node holds every cell of its own columns, parity rows included",
            complete, details.joined(separator: ", "))
    }

    /// The sequencer has heard of everyone: publication before that would lose first copies.
    private func connected(_ sequencer: DemoNode<Sequencer>) async throws {
        let wanted = network.fullNodes.count
        let everyone = try await wait(for: "connections", picturing: nil, shape: nil) {
            let custodians = try await sequencer.service.submit { node, _ in node.custodians }
            return (custodians >= wanted, "\(custodians) of \(wanted) full nodes")
        }
        guard everyone else {
            throw DemoFailure(what: "the nodes connect", detail: "not within the time given")
        }
        // Meshes form at the first heartbeats.
        try await Task.sleep(for: .milliseconds(1500))
    }

    // MARK: questions

    func held(by node: DemoNode<FullNode>) async throws -> CellSet {
        let root = root
        let held = try await node.service.submit { node, _ in node.held(of: root) }
        guard let held else {
            throw DemoFailure(what: "\(node.name) knows the block", detail: "no header")
        }
        return held
    }

    func availableFullNodes(_ root: BlockRoot) async throws -> Int {
        var count = 0
        for node in network.fullNodes {
            let state = try await node.service.submit { node, _ in node.state(of: root) }
            if state == .available || state == .recovered { count += 1 }
        }
        return count
    }

    func confidentLightNodes(_ root: BlockRoot) async throws -> Int {
        var count = 0
        for node in network.lightNodes {
            let report = try await node.service.submit { node, _ in node.sampling(of: root) }
            if report?.isComplete == true { count += 1 }
        }
        return count
    }
}
