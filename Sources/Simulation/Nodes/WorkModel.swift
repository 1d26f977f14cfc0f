import Availability
import DataMatrix
package import NodeCore

/// Arithmetic in a simulation: how long it takes on virtual time, and what comes of it.
///
/// A cell verifies if and only if it is the one that was made, and what can be rebuilt is what was
/// made. So for a block that is known the answer needs no arithmetic; some nodes do it all the
/// same, so that the shortcut is checked against it.
package struct WorkModel: Sendable {
    /// What work costs, in nanoseconds on one worker.
    package struct Costs: Sendable {
        package var prepare: Int64 = 3_000_000
        package var verification: Int64 = 2_000_000
        package var verifiedCell: Int64 = 60_000
        package var extendedColumn: Int64 = 6_000_000
        package var rebuiltCell: Int64 = 15_000

        package init() {}
    }

    /// The blocks that are known.
    package let known: KnownBlocks
    /// What work costs.
    package let costs: Costs
    /// How often a node's real answer differed from the shortcut's: never, unless one of them is wrong.
    package private(set) var disagreements = 0
    /// Pieces of work that were really done, and those that were answered from what is known.
    package private(set) var done = 0
    package private(set) var answered = 0

    /// A model of these blocks and costs.
    package init(known: KnownBlocks, costs: Costs = Costs()) {
        self.known = known
        self.costs = costs
    }

    /// How long a piece of work takes.
    package func cost(of work: Work) -> Int64 {
        switch work {
        case .prepare: costs.prepare
        case .verify(let work):
            costs.verification
                + costs.verifiedCell * Int64(work.groups.reduce(0) { $0 + $1.count })
        case .extend(let work): costs.extendedColumn * Int64(work.columns.count)
        case .rebuild(let work):
            costs.rebuiltCell * Int64(work.description.shape.cellCount)
        }
    }

    /// What comes of a piece of work.
    ///
    /// - Parameters:
    ///   - work: The work.
    ///   - really: Whether to do it, and to compare.
    /// - Returns: The result.
    package mutating func result(of work: Work, really: Bool) -> WorkResult {
        guard let shortcut = shortcut(work) else {
            done += 1
            return work.run()
        }
        guard really else {
            answered += 1
            return shortcut
        }
        done += 1
        let result = work.run()
        if !Self.agree(result, shortcut) { disagreements += 1 }
        return result
    }

    private func shortcut(_ work: Work) -> WorkResult? {
        switch work {
        case .prepare(let work):
            return known[work.description].map { .prepared($0.verifier) }
        case .verify(let work):
            guard let block = known[work.verifier.description] else { return nil }
            return .verified(
                work.groups.map { $0.allSatisfy { block.cell($0.coordinate) == $0 } })
        case .extend(let work):
            guard let block = known[work.description] else { return nil }
            return .extended(Self.extend(work, block))
        case .rebuild(let work):
            guard let block = known[work.description] else { return nil }
            return .rebuilt(Self.rebuild(work, block))
        }
    }

    private static func extend(
        _ work: ExtendWork, _ block: KnownBlock
    ) -> [Availability.ProvenCell] {
        let zeroRows = block.description.zeroRows.count
        let isPossible = work.columns.allSatisfy {
            $0.cells.count + zeroRows >= block.shape.dataRows
        }
        guard isPossible else { return [] }
        return work.columns.flatMap { column in
            let held = Set(column.cells.map(\.coordinate.row))
            return (0..<block.shape.rows).filter { !held.contains($0) }.compactMap {
                block.cell(CellCoordinate(row: $0, column: column.number))
            }
        }
    }

    private static func rebuild(_ work: RebuildWork, _ block: KnownBlock) -> RebuiltBlock? {
        var held = block.description.zeroCells
        for cell in work.cells { held.insert(cell.coordinate) }
        guard Decodability.isDecodable(held) else { return nil }
        let cells = work.columns.flatMap { column in
            (0..<block.shape.rows).map { CellCoordinate(row: $0, column: column) }
                .filter { !held.contains($0) }.compactMap { block.cell($0) }
        }
        return RebuiltBlock(block: work.wantsAll ? block.block : nil, columns: cells)
    }

    private static func agree(_ one: WorkResult, _ other: WorkResult) -> Bool {
        switch (one, other) {
        case (.prepared(let one), .prepared(let other)): (one == nil) == (other == nil)
        case (.verified(let one), .verified(let other)): one == other
        case (.extended(let one), .extended(let other)): Set(one) == Set(other)
        case (.rebuilt(let one), .rebuilt(let other)):
            (one == nil) == (other == nil) && Set(one?.columns ?? []) == Set(other?.columns ?? [])
        default: false
        }
    }
}
