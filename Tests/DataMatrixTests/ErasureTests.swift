import DataMatrix
import KZGCommitments
import SystemCrypto
import Testing

@Suite("Erasure patterns") struct ErasureTests {
    @Test func fractionsAreExact() throws {
        func floor(_ text: String, _ count: Int) throws -> Int {
            try #require(DecimalFraction(text)).floor(times: count)
        }
        // Binary floating point gives 28 and 56 for the first two.
        #expect(try floor("0.29", 100) == 29)
        #expect(try floor("0.57", 100) == 57)
        #expect(try floor("0.55", 8192) == 4505)
        #expect(try floor("0", 77) == 0)
        #expect(try floor("1", 77) == 77)
        #expect(try floor("1.000000000", .max) == .max)
        #expect(try floor(".5", 3) == 1)
        #expect(try floor("0.999999999", 1_000_000_000) == 999_999_999)
        for text in [
            "", ".", "1.1", "-0.5", "0.5x", "2", "0.0000000001", "1e-1", "0,5", "+0.5", "٠",
            "nan", "1.0000000001", "0.5.5",
        ] {
            #expect(DecimalFraction(text) == nil, "\(text)")
        }
    }

    @Test func randomIsExactAndRepeatable() throws {
        let shape = makeShape(.mainnet, 2)
        let all = CellSet.all(of: shape)
        for count in [0, 1, 200, 512] {
            var a = SeededRandom(number: 5)
            var b = SeededRandom(number: 5)
            var c = SeededRandom(number: 6)
            let first = Erasure.random(count, of: all, using: &a)
            #expect(first.count == count)
            #expect(first == Erasure.random(count, of: all, using: &b))
            if count == 200 { #expect(first != Erasure.random(count, of: all, using: &c)) }
        }
    }

    @Test(arguments: [1, 4, 64]) func patterns(dataRows: Int) throws {
        let shape = makeShape(.mainnet, dataRows)
        var random = SeededRandom(number: 1)
        let rows = Erasure.rows(dataRows, of: shape, using: &random)
        #expect(rows.count == dataRows * shape.columns)
        #expect(Decodability.isDecodable(rows.complement))
        let columns = Erasure.columns(64, of: shape, using: &random)
        #expect(columns.count == 64 * shape.rows)
        #expect(Decodability.isDecodable(columns.complement))
        let set = try #require(
            Erasure.stoppingSet(
                of: shape, excluding: [0][..<(dataRows > 1 ? 1 : 0)].map { $0 }, using: &random))
        #expect(set.count == shape.smallestStoppingSet)
        #expect(Decodability.stuckSet(set.complement) == set)
        let excluded = Array(0..<dataRows)
        #expect(Erasure.stoppingSet(of: shape, excluding: excluded, using: &random) == nil)
    }

    /// Each line that is rebuilt enables exactly one other, until the stairs end.
    @Test(arguments: [2, 4, 16, 64, 256]) func staircase(dataRows: Int) {
        let shape = makeShape(.mainnet, dataRows)
        let (missing, stairs) = Erasure.staircase(of: shape)
        var held = missing.complement
        func ready() -> [Line] {
            (0..<shape.rows).map { Line.row($0) }.filter {
                guard case .row(let row) = $0 else { return false }
                return held.count(inRow: row) < shape.columns
                    && held.count(inRow: row) >= shape.dataColumns
            }
                + (0..<shape.columns).map { Line.column($0) }.filter {
                    guard case .column(let column) = $0 else { return false }
                    return held.count(inColumn: column) < shape.rows
                        && held.count(inColumn: column) >= shape.dataRows
                }
        }
        for stair in 0..<stairs {
            let lines = ready()
            // With the last row the pattern's end comes into reach as well.
            if stair < stairs - 1 { #expect(lines.count == 1, "stair \(stair)") }
            let line = stair % 2 == 0 ? Line.row(stair / 2) : .column(stair / 2)
            #expect(lines.contains(line))
            switch line {
            case .row(let row): held.insert(row: row)
            case .column(let column): held.insert(column: column)
            }
        }
        #expect(stairs == 2 * (min(shape.dataRows, shape.dataColumns) - 1))
        #expect(Decodability.isDecodable(missing.complement))
        #expect(missing.complement.complement == missing)
    }
}
