import Availability
import DamaskNode
import DataMatrix
import Foundation
import LibP2P
import LibP2PNIO
import NodeCore
import SSZ

extension DemoStory {
    /// Bytes of the withheld block's payload: four data rows.
    private static let withheldBytes = 4 * 126_976

    /// Act 4: a sequencer publishes everything but the smallest stopping set, and serves what it
    /// published.
    func withholding(_ act: inout DemoAct) async throws {
        let bytes = (0..<Self.withheldBytes).map { input.bytes[$0 % input.bytes.count] }
        let block = try BlockEncoder(prover: prover, threads: threads).encode([
            Payload(namespace: [1], bytes: bytes)
        ])
        let shape = block.shape
        let missing = stoppingSet(of: block)
        let published = block.sendableCells.subtracting(missing)
        let sequencer = try await network.startSequencer(
            "sequencer-2", key: network.sequencerKeys[1])
        self.sequencer = sequencer
        let nodes = network.fullNodes.count
        _ = try await wait(for: "connections", picturing: nil, shape: nil) {
            let custodians = try await sequencer.service.submit { node, _ in node.custodians }
            return (custodians >= nodes, "\(custodians) of \(nodes) full nodes")
        }
        try await Task.sleep(for: .milliseconds(1500))
        let slot = network.currentSlot
        let signed = try await sequencer.service.submit { node, now in
            try node.publish(block, slot: slot, cellsToPublish: published, now: now)
        }
        withheldRoot = signed.root
        let root = signed.root
        narrator.say(
            "  header \(root), slot \(slot): \(shape.rows) x \(shape.columns) cells, "
                + "\(missing.count) of them kept back, \(published.count) published and served")

        var decided = 0
        let sampled = try await wait(for: "sampling", picturing: root, shape: shape) {
            decided = 0
            for node in self.network.lightNodes {
                let samples = try await node.service.submit { node, _ in node.samples(of: root) }
                if let samples, samples.allSatisfy({ $0.outcome.verdict != .pending }) {
                    decided += 1
                }
            }
            return (
                decided == self.network.lightNodes.count,
                "\(decided) of \(self.network.lightNodes.count) light nodes have tried every sample"
            )
        }
        check(
            &act, "every light node has tried every one of its samples", sampled,
            "\(decided) of \(network.lightNodes.count)")

        var watched = 0
        let reported = try await wait(for: "the watchers", picturing: root, shape: shape) {
            watched = self.network.fullNodes.count {
                self.network.log.states(of: root, at: $0.name).last == .withheld
            }
            let states = self.network.fullNodes.map {
                self.network.log.states(of: root, at: $0.name).last?.rawValue ?? "unseen"
            }
            return (watched == nodes, states.joined(separator: ", "))
        }
        try await show(root, shape, zeroCells: block.description.zeroCells, "what anyone holds")
        checkWatchers(&act, root, reported: reported)
        try await checkSamples(&act, block, missing)
    }

    private func stoppingSet(of block: ExtendedBlock) -> CellSet {
        let shape = block.shape
        let rows = Array(0..<shape.rows).filter { !block.description.zeroRows.contains($0) }
        var cells = CellSet(shape)
        let columns = Array(0..<shape.columns).shuffled().prefix(shape.dataColumns + 1)
        for row in rows.shuffled().prefix(shape.dataRows + 1) {
            for column in columns { cells.insert(CellCoordinate(row: row, column: column)) }
        }
        return cells
    }

    /// No full node ever called the block available, and each went through the watcher's states.
    private func checkWatchers(_ act: inout DemoAct, _ root: BlockRoot, reported: Bool) {
        let histories = network.fullNodes.map { network.log.states(of: root, at: $0.name) }
        let available = histories.count { $0.contains(.available) || $0.contains(.recovered) }
        check(
            &act, "no full node calls the block available", available == 0,
            "\(available) of \(histories.count)")
        let expected: [BlockState] = [.late, .suspected, .withheld]
        let inOrder = histories.count {
            $0.filter { $0 != .pending } == expected
        }
        check(
            &act, "the watchers go late, suspected, withheld",
            reported && inOrder == histories.count, "\(inOrder) of \(histories.count)")
    }

    /// The light nodes' failures are as many as the missing cells lead to expect.
    private func checkSamples(
        _ act: inout DemoAct, _ block: ExtendedBlock, _ missing: CellSet
    ) async throws {
        let root = withheldRoot
        var outcomes: [[Bool]] = []
        var confident = 0
        for node in network.lightNodes {
            let samples = try await node.service.submit { node, _ in node.samples(of: root) }
            guard let samples, !samples.isEmpty else {
                throw DemoFailure(what: "\(node.name) drew samples", detail: "it has none")
            }
            outcomes.append(samples.map { $0.outcome.verdict != .succeeded })
            let report = try await node.service.submit { node, _ in node.sampling(of: root) }
            if report?.isComplete == true { confident += 1 }
        }
        let statistics = SamplingStatistics(
            population: block.sendableCells.count, missing: missing.count, outcomes: outcomes)
        check(
            &act, "light nodes refuse the block", confident == 0,
            "\(network.lightNodes.count - confident) of \(network.lightNodes.count)")
        var comparisons = [statistics.failedShare]
        for samples in [1, 2, 4, 8] {
            comparisons.append(statistics.unfailedShare(after: samples))
        }
        for comparison in comparisons {
            check(
                &act, comparison.what + " is within 4 standard deviations", comparison.holds,
                String(
                    format: "%.3f, expected %.3f, off by %.1f", comparison.observed,
                    comparison.expected, comparison.deviations))
        }
    }
}
