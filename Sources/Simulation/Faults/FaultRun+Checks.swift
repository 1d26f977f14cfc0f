import Availability
import DataMatrix
import KZGCommitments
import NodeCore

// The invariants of specs/simulation.md, checked as things happen and at the end.
extension FaultRun {
    private static let patience: Int64 = 16 * second
    /// Whether a node that was down must have caught up in the end.
    private var demandsCatchUp: Bool { false }

    private func isHonest(_ node: Int) -> Bool {
        node != 1 ? network.nodes[node].conduct == .honest : isSecondLaneHonest
    }

    private var isSecondLaneHonest: Bool { secondLane == .honest && !withholds }

    private mutating func violate(_ invariant: String, _ what: String) {
        let seconds = Double(network.now / 1_000_000) / 1000
        result.violations.append("\(invariant) at \(seconds) s: \(what)")
    }

    /// Whether a block follows from what anyone was ever given of it.
    private func isRebuildable(_ block: Published) -> Bool {
        let zero = block.known.description.zeroCells
        if block.lane == 1, secondLane == .selective {
            return Decodability.isDecodable(mischief.disclosed[block.root] ?? zero)
        }
        return block.released.map { Decodability.isDecodable($0) } ?? true
    }

    // MARK: as it happens

    mutating func take(_ item: NodeNetwork.Report) {
        switch item.report {
        case .state(let root, let state) where state == .available || state == .recovered:
            guard isHonest(item.node) else { return }
            result.availableVerdicts += 1
            note(verdict: "available", of: item.node, on: root)
        case .sampling(let root, let report) where report.isComplete:
            guard isHonest(item.node), network.nodes[item.node].role == .light else { return }
            result.confidentVerdicts += 1
            note(verdict: "confident", of: item.node, on: root)
        case .evidence(let report) where report.isOwn:
            if isHonest(item.node) { judge(report, of: item.node) }
        case .published(let root, let report) where report.complete == report.messages:
            if let index = published.firstIndex(where: { $0.root == root && !$0.isCutOff }) {
                published[index].throughAt = network.now
            }
        case .rebuilt(let root, let block):
            guard item.node == reader else { return }
            rebuilt[root] = block
            isRead = reading.allSatisfy { rebuilt[$0] != nil }
        default:
            return
        }
    }

    /// V1, V2: never for a block that cannot be rebuilt.
    private mutating func note(verdict: String, of node: Int, on root: BlockRoot) {
        guard let block = published.first(where: { $0.root == root }) else {
            violate("V1", "node \(node) is \(verdict) on a block that nobody published")
            return
        }
        guard !isRebuildable(block) else { return }
        violate(
            verdict == "available" ? "V1" : "V2",
            "node \(node) is \(verdict) on block \(root), which can't be rebuilt")
    }

    /// E1, E2: evidence of honest nodes.
    private mutating func judge(_ report: EvidenceReport, of node: Int) {
        let lane = material.laneKeys.firstIndex { $0.publicKey == report.sequencer } ?? 0
        switch report.kind {
        case .equivocation:
            result.equivocations += 1
            if lane == 0 || secondLane != .equivocating {
                violate("E1", "node \(node) proves that lane \(lane) signed twice")
            }
        case .withholding:
            result.reports += 1
            guard let block = published.first(where: { $0.root == report.root }) else { return }
            let isHonestLane = lane == 0 || isSecondLaneHonest
            var there = block.known.description.zeroCells
            for other in network.nodes where other.isUp && isHonest(other.index) {
                let held = other.full?.held(of: report.root) ?? other.light?.held(of: report.root)
                if let held { there.formUnion(held) }
            }
            if isHonestLane, network.nodes[lane].isUp { there = CellSet.all(of: block.known.shape) }
            if Decodability.isDecodable(there) {
                violate(
                    "E2",
                    "node \(node) reports block \(report.root) of lane \(lane) as withheld, "
                        + "although honest nodes that are up have it between them")
            } else if isHonestLane {
                result.reportsAfterCrash += 1
            }
        }
    }

    // MARK: reading

    /// A new full node asks all others, but no sequencer, for every block that is available anywhere.
    mutating func beginReading() {
        let reader = network.nodes.count - 1
        self.reader = reader
        network.start(reader, machine(reader, custody: .all))
        for node in full where network.nodes[node].isUp { network.connect(reader, node) }
        for node in light.prefix(24) where network.nodes[node].isUp {
            network.connect(reader, node)
        }
        schedule(.read, at: network.now + 3 * Self.second)
    }

    mutating func read() {
        guard let reader else { return }
        for block in published {
            let isAvailable = full.contains { node in
                let state = network.nodes[node].full?.state(of: block.root)
                return isHonest(node) && (state == .available || state == .recovered)
            }
            guard isAvailable else { continue }
            reading.insert(block.root)
            _ = network.with(reader, as: FullNode.self) { machine, now in
                machine.repair(block.root, goal: .wholeBlock, now: now)
            }
        }
        isRead = reading.isEmpty
    }

    // MARK: at the end

    mutating func finish() {
        checkReading()
        checkLanes()
        checkLiveness()
        checkPenalties()
        checkVerdicts()
        result.rebuildable = published.count { isRebuildable($0) }
        result.available = reading.count
        if network.work.disagreements > 0 {
            violate("W1", "\(network.work.disagreements) answers differ from the arithmetic's")
        }
        result.eventCount = network.eventCount
        result.traceHash = network.traceHex
    }

    /// R1: every available block is readable, and reads as it was written.
    private mutating func checkReading() {
        for block in published where reading.contains(block.root) {
            guard let copy = rebuilt[block.root] else {
                violate("R1", "block \(block.root) is available and could not be read")
                continue
            }
            let shape = block.known.shape
            for row in 0..<shape.dataRows {
                for column in 0..<shape.dataColumns {
                    let place = CellCoordinate(row: row, column: column)
                    if copy.matrix.cell(at: place) != block.known.block.matrix.cell(at: place) {
                        violate("R1", "block \(block.root) reads otherwise at \(place)")
                        return
                    }
                }
            }
        }
    }

    /// S1: an honest sequencer signs once for a height and a slot.
    private mutating func checkLanes() {
        for (lane, places) in signed.enumerated() {
            if Set(places.map(\.height)).count != places.count
                || Set(places.map(\.slot)).count != places.count
            {
                violate("S1", "lane \(lane) signed twice for one place")
            }
        }
    }

    /// L1: what was published whole, or so that it can be rebuilt, is available at every honest full
    /// node and certain at every honest light node once the faults have ceased.
    private mutating func checkLiveness() {
        for block in published where block.throughAt != nil && isRebuildable(block) {
            guard block.lane == 0 || secondLane == .honest else { continue }
            for node in full where isSettled(node, for: block) {
                let state = network.nodes[node].full?.state(of: block.root)
                if state != .available, state != .recovered {
                    violate(
                        "L1",
                        "full node \(node) holds block \(block.root) as "
                            + (state?.rawValue ?? "not known"))
                }
            }
            for node in light where isSettled(node, for: block) && hasHonestCustodians(node) {
                let sampling = network.nodes[node].light?.sampling(of: block.root)
                if sampling?.isComplete != true {
                    violate(
                        "L1",
                        "light node \(node) has \(sampling?.succeeded ?? 0) of "
                            + "\(sampling?.drawn ?? 0) samples of block \(block.root)")
                }
            }
        }
    }

    private func isSettled(_ node: Int, for block: Published) -> Bool {
        guard isHonest(node), let since = upSince[node] else { return false }
        return since < block.at || demandsCatchUp && network.now - since >= Self.patience
    }

    /// Whether a light node has an honest peer for every column: one that has not is cut off from it.
    private func hasHonestCustodians(_ node: Int) -> Bool {
        let peers = network.nodes[node].neighbours.filter {
            isHonest($0) && network.nodes[$0].isUp && $0 >= 2
        }
        return (0..<material.preset.cellsPerExtendedBlob).allSatisfy { column in
            peers.contains { custody[$0]?.contains(column: column) ?? false }
        }
    }

    /// P1: no honest node holds against an honest one what only a liar does.
    private mutating func checkPenalties() {
        for (by, of, offence) in network.penalties where isHonest(by) && isHonest(of) {
            guard offence != .unresponsive, offence != .excessiveRequests else { continue }
            violate("P1", "node \(by) holds \(offence.rawValue) against node \(of)")
        }
    }

    /// G1: every gossip message gets one verdict, in time.
    private mutating func checkVerdicts() {
        for node in network.nodes where node.isUp {
            let late = network.undecided(by: node, before: network.now - 5 * Self.second)
            if late > 0 {
                violate("G1", "\(late) messages without a verdict at node \(node.index)")
            }
        }
    }
}
