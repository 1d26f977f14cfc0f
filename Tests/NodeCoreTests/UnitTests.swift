import Availability
import DataMatrix
import KZGCommitments
import LibP2P
import NodeCore
import SSZ
import SystemCrypto
import Testing

@Suite struct RepairPlannerTests {
    /// The plan reaches the goal exactly when everything on offer does, and asks only for offers.
    @Test(arguments: [1, 2, 4, 8])
    func plansWhenPossible(dataRows: Int) throws {
        let shape = try MatrixShape(preset: .minimal, dataRows: dataRows)
        var random = SeededRandom(number: UInt64(dataRows))
        for _ in 0..<200 {
            let density = Double.random(in: 0...1, using: &random)
            var held = CellSet(shape)
            var offered = CellSet(shape)
            for row in 0..<shape.rows {
                for column in 0..<shape.columns {
                    let cell = CellCoordinate(row: row, column: column)
                    if Double.random(in: 0...1, using: &random) < density / 3 { held.insert(cell) }
                    if Double.random(in: 0...1, using: &random) < density { offered.insert(cell) }
                }
            }
            let columns = [0, shape.columns - 1]
            let plan = RepairPlanner.plan(
                held: held, offered: offered, custody: columns, goal: .wholeBlock)
            #expect((plan != nil) == Decodability.isDecodable(held.union(offered)))
            if let plan {
                #expect(plan.isSubset(of: offered))
                #expect(plan.isDisjoint(with: held))
                #expect(Decodability.isDecodable(held.union(plan)))
            }
            let custody = RepairPlanner.plan(
                held: held, offered: offered, custody: columns, goal: .custody)
            let all = Decodability.closure(of: held.union(offered))
            let isPossible = columns.allSatisfy { all.count(inColumn: $0) == shape.rows }
            #expect((custody != nil) == isPossible)
            if let custody {
                let closure = Decodability.closure(of: held.union(custody))
                #expect(columns.allSatisfy { closure.count(inColumn: $0) == shape.rows })
            }
        }
    }
}

@Suite struct ColumnRecoveryTests {
    /// Any half of a column's proofs gives its data rows' proofs.
    @Test(arguments: [1, 2, 4, 8])
    func proofsFromAnyHalf(dataRows: Int) throws {
        let fixture = try Fixture()
        let block = try fixture.block(dataRows: dataRows)
        let shape = block.shape
        let columnExtension = ColumnExtension(shape: shape)
        var random = SeededRandom(number: 77)
        for column in 0..<shape.columns {
            let proofs = try (0..<shape.rows).map {
                try #require(block.matrix.proof(at: CellCoordinate(row: $0, column: column)))
            }
            let rows = (0..<shape.rows).shuffled(using: &random).prefix(dataRows).sorted()
            let data = try columnExtension.dataProofs(rows: rows, proofs: rows.map { proofs[$0] })
            #expect(data == Array(proofs[..<dataRows]))
            #expect(try columnExtension.parityProofs(data) == Array(proofs[dataRows...]))
        }
    }
}

@Suite struct WatcherTests {
    static let rules = Watcher.Rules(
        late: 1000, suspected: 2000, withheld: 3000, minimumPeers: 2, grace: 500)
    static let root = Bytes32.zero

    static func stuck(made: UInt64) throws -> Watcher.Findings {
        let shape = try MatrixShape(preset: .minimal, dataRows: 1)
        return Watcher.Findings(
            stuck: .all(of: shape), refusingPeers: 2, askedPeers: 2, madeAt: made)
    }

    @Test func states() throws {
        var watcher = Watcher(rules: Self.rules)
        watcher.seen(Self.root, slotStart: 10_000, wasReady: true, now: 10_100)
        watcher.tick(now: 10_999)
        #expect(watcher.state(of: Self.root) == .pending)
        watcher.tick(now: 11_000)
        #expect(watcher.state(of: Self.root) == .late)
        #expect(watcher.drain().contains(.probe(Self.root)))
        // Nothing was found out yet.
        watcher.tick(now: 12_500)
        #expect(watcher.state(of: Self.root) == .late)
        watcher.found(try Self.stuck(made: 11_900), of: Self.root, now: 12_600)
        #expect(watcher.state(of: Self.root) == .suspected)
        // What was found before the second deadline does not do for the third.
        watcher.tick(now: 13_000)
        #expect(watcher.state(of: Self.root) == .suspected)
        watcher.found(try Self.stuck(made: 12_700), of: Self.root, now: 13_100)
        #expect(watcher.state(of: Self.root) == .withheld)
        #expect(watcher.drain().contains(.report(Self.root)))
        watcher.becameAvailable(Self.root, now: 14_000)
        #expect(watcher.state(of: Self.root) == .recovered)
    }

    @Test func lateAndThenAvailable() {
        var watcher = Watcher(rules: Self.rules)
        watcher.seen(Self.root, slotStart: 10_000, wasReady: true, now: 10_100)
        watcher.tick(now: 11_500)
        watcher.becameAvailable(Self.root, now: 11_600)
        #expect(watcher.state(of: Self.root) == .available)
        watcher.tick(now: 60_000)
        #expect(watcher.state(of: Self.root) == .available)
    }

    @Test func accusesOnlyWithEnoughPeers() throws {
        var watcher = Watcher(rules: Self.rules)
        watcher.seen(Self.root, slotStart: 10_000, wasReady: true, now: 10_100)
        watcher.tick(now: 11_000)
        var findings = try Self.stuck(made: 11_500)
        findings.refusingPeers = 1
        watcher.found(findings, of: Self.root, now: 12_000)
        watcher.tick(now: 13_400)
        #expect(watcher.state(of: Self.root) == .late)
        watcher.tick(now: 13_500)
        #expect(watcher.state(of: Self.root) == .unknown)
    }

    @Test func unknownIfNotFromTheStart() throws {
        for (ready, seen) in [(false, UInt64(10_100)), (true, 11_000)] {
            var watcher = Watcher(rules: Self.rules)
            watcher.seen(Self.root, slotStart: 10_000, wasReady: ready, now: seen)
            watcher.found(try Self.stuck(made: 12_000), of: Self.root, now: 12_000)
            watcher.tick(now: 20_000)
            #expect(watcher.state(of: Self.root) == .unknown)
        }
    }
}

@Suite struct StoreTests {
    @Test func boundAndRemoval() throws {
        let shape = try MatrixShape(preset: .minimal, dataRows: 2)
        let size = Preset.minimal.bytesPerCell + 48
        var store = MemoryCellStore(maximumBytes: 20 * size)
        let roots = try (0..<3).map { number in
            try #require(Bytes32([UInt8](repeating: UInt8(number), count: 32)))
        }
        let cells = try CellSet.all(of: shape).map {
            try ProvenCell(
                coordinate: $0, cell: [UInt8](repeating: 0, count: Preset.minimal.bytesPerCell),
                proof: .infinity)
        }
        #expect(store.insert(cells, of: roots[0]).isEmpty)
        #expect(store.byteCount == 0)
        store.open(roots[0], shape: shape)
        #expect(store.insert(cells, of: roots[0]).isEmpty)
        #expect(store.byteCount == 16 * size)
        store.open(roots[1], shape: shape)
        #expect(store.insert(Array(cells[..<4]), of: roots[1]).isEmpty)
        #expect(store.insert(Array(cells[..<5]), of: roots[1]) == [roots[0]])
        #expect(store.held(of: roots[0]) == nil)
        #expect(store.byteCount == 5 * size)
        store.remove(CellSet(shape, [cells[0].coordinate, cells[15].coordinate]), of: roots[1])
        #expect(store.byteCount == 4 * size)
        #expect(store.cell(cells[0].coordinate, of: roots[1]) == nil)
        #expect(store.cell(cells[1].coordinate, of: roots[1]) == cells[1])
        store.removeBlock(roots[1])
        #expect(store.byteCount == 0)
    }
}
