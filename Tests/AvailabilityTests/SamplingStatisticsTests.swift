import Availability
import Testing

@Suite struct SamplingStatisticsTests {
    /// Draws without replacement from `population` cells of which the first `missing` are missing.
    private func outcomes(
        nodes: Int, samples: Int, population: Int, missing: Int, state: inout UInt64
    ) -> [[Bool]] {
        (0..<nodes).map { _ in
            var cells = Array(0..<population)
            return (0..<samples).map { index in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let other = index + Int((state >> 33) % UInt64(population - index))
                cells.swapAt(index, other)
                return cells[index] < missing
            }
        }
    }

    @Test func honestDrawsAgreeWithTheExpectation() {
        var state: UInt64 = 1
        for round in 0..<20 {
            let statistics = SamplingStatistics(
                population: 1024, missing: 325,
                outcomes: outcomes(
                    nodes: 200, samples: 47, population: 1024, missing: 325, state: &state))
            #expect(statistics.failedShare.holds, "round \(round)")
            for samples in [1, 2, 4, 8] {
                #expect(statistics.unfailedShare(after: samples).holds, "round \(round)")
            }
        }
    }

    @Test func otherDrawsDoNot() {
        var state: UInt64 = 2
        let fewer = outcomes(nodes: 200, samples: 47, population: 1024, missing: 200, state: &state)
        let statistics = SamplingStatistics(population: 1024, missing: 325, outcomes: fewer)
        #expect(!statistics.failedShare.holds)
        #expect(!statistics.unfailedShare(after: 4).holds)
        #expect(statistics.failedShare.deviations < -4)
    }

    @Test func expectationsAreExact() {
        let statistics = SamplingStatistics(
            population: 10, missing: 4, outcomes: [[true, false], [false, false]])
        // 6/10 * 5/9, and one failure of four samples.
        #expect(abs(statistics.unfailedShare(after: 2).expected - 1.0 / 3) < 1e-12)
        #expect(statistics.unfailedShare(after: 2).observed == 0.5)
        #expect(statistics.failedShare.observed == 0.25)
        #expect(statistics.failedShare.expected == 0.4)
        #expect(!SamplingStatistics(population: 4, missing: 1, outcomes: []).failedShare.holds)
    }
}
