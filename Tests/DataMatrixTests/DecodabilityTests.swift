import DataMatrix
import KZGCommitments
import Testing

/// The 4x4 matrix of the minimal preset with two data rows, the smallest with two dimensions.
private let smallest = makeShape(.minimal, 2)

@Suite("Decodability") struct DecodabilityTests {
    /// Closure by its definition: look at every line again until nothing changes.
    private func naiveClosure(_ held: CellSet) -> CellSet {
        var set = held
        while true {
            let before = set
            for row in 0..<set.shape.rows where set.count(inRow: row) >= set.shape.dataColumns {
                set.insert(row: row)
            }
            for column in 0..<set.shape.columns
            where set.count(inColumn: column) >= set.shape.dataRows {
                set.insert(column: column)
            }
            if set == before { return set }
        }
    }

    @Test func everyPatternOfTheSmallestShape() throws {
        var undecodable = 0
        for pattern in 0..<65_536 {
            let bits = UInt64(pattern)
            let bytes = (0..<4).map { UInt8(truncatingIfNeeded: bits >> UInt64(4 * $0) & 15) }
            let held = try #require(CellSet(smallest, bytes: bytes))
            let closure = Decodability.closure(of: held)
            #expect(closure == naiveClosure(held))
            #expect(Decodability.isDecodable(held) == closure.isFull)
            let stuck = Decodability.stuckSet(held)
            #expect(stuck == closure.complement)
            if !stuck.isEmpty {
                undecodable += 1
                #expect(stuck.count >= smallest.smallestStoppingSet)
                for cell in stuck {
                    #expect(closure.count(inRow: cell.row) < smallest.dataColumns)
                    #expect(closure.count(inColumn: cell.column) < smallest.dataRows)
                }
            }
        }
        #expect(undecodable > 0)
    }

    @Test(arguments: [1, 2, 4, 32]) func randomPatterns(dataRows: Int) {
        let shape = makeShape(dataRows == 32 ? .mainnet : .minimal, dataRows)
        var random = TestRandom(seed: UInt64(dataRows))
        for _ in 0..<200 {
            let held = randomSet(shape, density: 0.2 + 0.6 * random.fraction(), &random)
            #expect(Decodability.closure(of: held) == naiveClosure(held))
        }
    }

    @Test func smallestStoppingSets() {
        #expect(makeShape(.mainnet, 1).smallestStoppingSet == 130)
        #expect(makeShape(.mainnet, 64).smallestStoppingSet == 65 * 65)
        #expect(makeShape(.mainnet, 256).smallestStoppingSet == 257 * 65)
    }
}

@Suite("Cell sets") struct CellSetTests {
    @Test func agreesWithASetOfCoordinates() {
        let shape = makeShape(.mainnet, 2)
        var random = TestRandom(seed: 7)
        var set = CellSet(shape)
        var model: Set<CellCoordinate> = []
        for _ in 0..<2000 {
            let cell = CellCoordinate(
                row: random.below(shape.rows), column: random.below(shape.columns))
            if random.below(3) == 0 {
                #expect(set.remove(cell) == (model.remove(cell) != nil))
            } else {
                #expect(set.insert(cell) == model.insert(cell).inserted)
            }
            #expect(set.contains(cell) == model.contains(cell))
            #expect(set.count == model.count)
        }
        #expect(Array(set) == model.sorted())
        for row in 0..<shape.rows {
            #expect(
                set.columns(inRow: row) == model.filter { $0.row == row }.map(\.column).sorted())
            #expect(set.count(inRow: row) == set.columns(inRow: row).count)
        }
        for column in 0..<shape.columns {
            #expect(set.rows(inColumn: column).count == set.count(inColumn: column))
        }
    }

    @Test func algebra() {
        let shape = makeShape(.minimal, 4)
        var random = TestRandom(seed: 8)
        for _ in 0..<100 {
            let a = randomSet(shape, density: 0.5, &random)
            let b = randomSet(shape, density: 0.5, &random)
            let (x, y) = (Set(a), Set(b))
            #expect(Array(a.union(b)) == x.union(y).sorted())
            #expect(Array(a.intersection(b)) == x.intersection(y).sorted())
            #expect(Array(a.subtracting(b)) == x.subtracting(y).sorted())
            #expect(a.isSubset(of: b) == x.isSubset(of: y))
            #expect(a.isDisjoint(with: b) == x.isDisjoint(with: y))
            #expect(a.union(a.complement).isFull)
            #expect(a.complement.count + a.count == shape.cellCount)
            #expect(CellSet(shape, bytes: a.bytes) == a)
        }
    }

    @Test func bytesHaveColumnZeroInTheLowestBit() {
        let shape = makeShape(.mainnet, 1)
        let set = CellSet(shape, [CellCoordinate(row: 1, column: 9)])
        #expect(set.bytes(ofRow: 1) == [0, 2] + [UInt8](repeating: 0, count: 14))
        #expect(set.bytes(ofRow: 0) == [UInt8](repeating: 0, count: 16))
        #expect(CellSet(shape, bytes: [UInt8](repeating: 0, count: 31)) == nil)
        let tiny = makeShape(.minimal, 1)
        #expect(CellSet(tiny, bytes: [0x0f, 0x0f])?.isFull == true)
        #expect(CellSet(tiny, bytes: [0x1f, 0x0f]) == nil)
    }

    @Test func shapesThatDoNotExist() {
        for rows in [-1, 0, 3, 257, 512] {
            #expect(throws: ShapeError.dataRows(rows)) {
                try MatrixShape(preset: .mainnet, dataRows: rows)
            }
        }
        #expect(throws: ShapeError.self) { try MatrixShape(preset: .mainnet, holding: 257) }
        #expect(makeShape(.mainnet, 4) == (try? MatrixShape(preset: .mainnet, holding: 3)))
    }
}
