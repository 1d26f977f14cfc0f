import Availability
import DataMatrix
import Foundation
import KZGCommitments
import SystemCrypto
import Testing

@Suite struct SamplingSuite {
    private struct Vector: Decodable {
        var dataRows: Int
        var cells: Int
        var smallestStoppingSet: Int
        var targetExponent: Int
        var allowedMisses: Int
        var samples: Int
        var missProbability: Double
    }

    private func plan(
        _ preset: Preset = .mainnet, dataRows: Int, zero: [Int] = [], target: Int = 9
    ) throws -> SamplingPlan {
        try SamplingPlan(
            shape: MatrixShape(preset: preset, dataRows: dataRows), knownZeroRows: zero,
            target: target)
    }

    /// Computed with exact fractions.
    @Test func vectors() throws {
        let vectors = try JSONDecoder().decode(
            [Vector].self, from: specification("vectors/sampling.json"))
        #expect(vectors.count == 54)
        for vector in vectors {
            let plan = try plan(dataRows: vector.dataRows, target: vector.targetExponent)
            #expect(plan.cellCount == vector.cells)
            #expect(plan.smallestStoppingSet == vector.smallestStoppingSet)
            #expect(plan.samples(allowingMisses: vector.allowedMisses) == vector.samples)
            let probability = plan.missProbability(
                samples: vector.samples, allowingMisses: vector.allowedMisses)
            #expect(abs(probability / vector.missProbability - 1) < 1e-12)
        }
    }

    /// Every sample set of a small matrix, counted one by one.
    @Test func bruteForce() throws {
        // 12 of the 16 cells may be sampled, 9 of which are missing.
        let plan = try plan(.minimal, dataRows: 2, zero: [1])
        let (cells, missing) = (plan.cellCount, plan.smallestStoppingSet)
        #expect((cells, missing) == (12, 9))
        for samples in 0...cells {
            var counts = [Int](repeating: 0, count: cells + 1)
            var total = 0
            for set in 0..<(1 << cells) where set.nonzeroBitCount == samples {
                counts[(set & ((1 << missing) - 1)).nonzeroBitCount] += 1
                total += 1
            }
            for misses in 0...4 {
                let expected = Double(counts[0...misses].reduce(0, +)) / Double(total)
                let actual = plan.missProbability(samples: samples, allowingMisses: misses)
                #expect(abs(actual - expected) < 1e-12)
            }
        }
    }

    @Test func smallMatrices() throws {
        // 2 of 8 cells are there at most: three samples cannot all succeed.
        let plan = try plan(.minimal, dataRows: 1)
        #expect(plan.samples() == 3)
        #expect(plan.missProbability(samples: 3) == 0)
        #expect(plan.samples(allowingMisses: 5) == 8)
        #expect(plan.samples(allowingMisses: 6) == nil)
        #expect(plan.samples(allowingMisses: -1) == nil)
    }

    /// With zero rows left out the rest is sampled, of which a larger share must be missing.
    @Test func knownZeroRows() throws {
        let full = try plan(dataRows: 4)
        let sparse = try plan(dataRows: 4, zero: [0, 1])
        #expect(sparse.cellCount == full.cellCount - 256)
        #expect(sparse.smallestStoppingSet == full.smallestStoppingSet)
        let (a, b) = (try #require(sparse.samples()), try #require(full.samples()))
        #expect(a < b)
        let all = try plan(dataRows: 1, zero: [0, 1])
        #expect(all.cellCount == 0)
        #expect(all.samples() == 0)
        #expect(all.missProbability(samples: 0) == 0)
        var random = SeededRandom(number: 1)
        #expect(all.draw(using: &random).cells.isEmpty)
        #expect(HealingFloor(plan: all, samples: 0).guaranteed == 0)
    }

    @Test func drawsDistinctCellsThatAreNotKnown() throws {
        let plan = try plan(dataRows: 4, zero: [1, 2])
        var random = SeededRandom(number: 3)
        let sequence = plan.draw(using: &random)
        #expect(sequence.cells.count == plan.samples())
        #expect(Set(sequence.cells).count == sequence.cells.count)
        for cell in sequence.cells {
            #expect(plan.shape.contains(cell))
            #expect(cell.row != 1 && cell.row != 2)
        }
    }

    /// A lossy plan extends the sequence and keeps what was drawn; a stored one goes on likewise.
    @Test func extendsTheSameSequence() throws {
        let plan = try plan(dataRows: 4)
        var random = SeededRandom(number: 4)
        var sequence = plan.draw(using: &random)
        let drawn = sequence.cells
        var restored = try #require(SampleSequence(plan: plan, cells: drawn))
        var sameRandom = random
        let more = try #require(plan.samples(allowingMisses: 2))
        #expect(more > drawn.count)
        sequence.extend(to: more, using: &random)
        #expect(Array(sequence.cells.prefix(drawn.count)) == drawn)
        #expect(sequence.cells.count == more)
        restored.extend(to: more, using: &sameRandom)
        #expect(restored == sequence)
        sequence.extend(to: 1, using: &random)
        #expect(sequence.cells.count == more)
        sequence.extend(to: .max, using: &random)
        #expect(Set(sequence.cells).count == plan.cellCount)
    }

    @Test func storedSequencesAreChecked() throws {
        let plan = try plan(dataRows: 4, zero: [1])
        let cell = CellCoordinate(row: 0, column: 0)
        #expect(SampleSequence(plan: plan, cells: [cell, cell]) == nil)
        #expect(SampleSequence(plan: plan, cells: [CellCoordinate(row: 1, column: 0)]) == nil)
        #expect(SampleSequence(plan: plan, cells: [CellCoordinate(row: 8, column: 0)]) == nil)
        #expect(SampleSequence(plan: plan, cells: [CellCoordinate(row: -1, column: 0)]) == nil)
        #expect(SampleSequence(plan: plan, cells: [cell]) != nil)
    }

    @Test func drawsEvenly() throws {
        let plan = try plan(.minimal, dataRows: 4, zero: [0])
        var random = SeededRandom(number: 5)
        var counts: [CellCoordinate: Int] = [:]
        let rounds = 14_000
        for _ in 0..<rounds {
            var sequence = SampleSequence(plan: plan)
            sequence.extend(to: 7, using: &random)
            for cell in sequence.cells { counts[cell, default: 0] += 1 }
        }
        #expect(counts.count == 28)
        // Mean 3500, standard deviation 51.
        for count in counts.values { #expect(abs(count - rounds / 4) < 260) }
    }

    /// The distribution of the number of covered cells by inclusion and exclusion, which is exact
    /// in doubles while the numbers are small.
    @Test(arguments: [(12, 3, 10), (16, 4, 13), (16, 2, 9), (8, 1, 8), (10, 10, 10)])
    func healingFloorByInclusionAndExclusion(cells: Int, samples: Int, needed: Int) {
        func choose(_ n: Int, _ k: Int) -> Double {
            k < 0 || k > n ? 0 : (0..<k).reduce(1.0) { $0 * Double(n - $1) / Double($1 + 1) }
        }
        func covered(_ count: Int, _ nodes: Int) -> Double {
            var sum = 0.0
            for left in 0...count {
                let all = choose(count - left, samples) / choose(cells, samples)
                let term = choose(count, left) * pow(all, Double(nodes))
                sum += left % 2 == 0 ? term : -term
            }
            return choose(cells, count) * sum
        }
        for failure in [0.5, 0.1, 1e-3] {
            let nodes = (1...1000).first { nodes in
                (0..<needed).reduce(0.0) { $0 + covered($1, nodes) } <= failure
            }
            #expect(
                HealingFloor.nodes(
                    covering: needed, of: cells, samples: samples, failure: failure) == nodes)
        }
    }

    /// Nodes that really draw: at the floor none of many trials fails, and at half of it all do.
    @Test func healingFloorBySimulation() throws {
        let plan = try plan(dataRows: 4)
        let samples = try #require(plan.samples())
        let floor = HealingFloor(plan: plan, samples: samples)
        #expect(floor.typical < floor.guaranteed)
        var random = SeededRandom(number: 8)
        func covered(_ nodes: Int) -> CellSet {
            var set = CellSet(plan.shape)
            for _ in 0..<nodes {
                for cell in plan.draw(using: &random).cells { set.insert(cell) }
            }
            return set
        }
        for _ in 0..<200 {
            let set = covered(floor.guaranteed)
            #expect(set.count > plan.cellCount - plan.smallestStoppingSet)
        }
        var decoded = 0
        for _ in 0..<200 where Decodability.isDecodable(covered(floor.typical)) { decoded += 1 }
        #expect(decoded > 180)
        decoded = 0
        for _ in 0..<200 where Decodability.isDecodable(covered(floor.typical / 2)) {
            decoded += 1
        }
        #expect(decoded < 20)
    }
}
