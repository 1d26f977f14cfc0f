import KZGCommitments
import Simulation
import Testing

@Suite struct NodeTests {
    static let material = try? NetworkMaterial(
        preset: .minimal, dataRows: FaultMix.dataRows, nodes: 101)

    static func result(_ seed: UInt64, really: Bool = false) throws -> FaultResult {
        var mix = FaultMix()
        mix.reallyComputes = really
        var run = try FaultRun(mix, material: try #require(material), seed: seed)
        return run.run()
    }

    /// A few seeds; `scripts/soak` runs hundreds.
    @Test(arguments: [UInt64(1), 2, 3])
    func faultMix(seed: UInt64) throws {
        let result = try Self.result(seed)
        #expect(result.violations.isEmpty)
        #expect(result.blocks > 0 && result.available > 0 && result.crashes > 0)
        #expect(result.availableVerdicts > 0 && result.confidentVerdicts > 0)
    }

    @Test func sameSeedSameRun() throws {
        let first = try Self.result(4)
        let second = try Self.result(4)
        #expect(first.traceHash == second.traceHash)
        #expect(first.json.description == second.json.description)
    }

    /// What the shortcut answers is what the arithmetic says, and the course of events is the same.
    @Test func shortcutsAreTheArithmetic() throws {
        let shortcut = try Self.result(5)
        let real = try Self.result(5, really: true)
        #expect(real.violations.isEmpty)
        #expect(shortcut.traceHash == real.traceHash)
    }

    /// A block of 4 rows of the mainnet preset at some light nodes.
    @Test func block() throws {
        var scenario = ScaleScenario()
        scenario.lightNodes = 60
        scenario.fullNodes = 20
        scenario.dataRows = 4
        scenario.realEvery = 10
        let material = try NetworkMaterial(
            preset: .mainnet, dataRows: [scenario.dataRows], nodes: 81)
        var run = try ScaleRun(scenario, material: material, seed: 1)
        let result = try run.run()
        #expect(result.share >= 0.99, "\(result.json.description)")
        #expect(result.available.count == 20)
        #expect(result.realWork > 0 && result.disagreements == 0)
    }

    @Test(arguments: [4, 16])
    func healingFloor(dataRows: Int) throws {
        let scenario = HealingScenario(preset: .mainnet, dataRows: dataRows, trials: 60)
        let result = try scenario.run(seed: 1)
        // The floor fails once in a million times.
        #expect(result.coveredShare(nodes: result.floor) == 1)
        #expect(result.decodedShare(nodes: result.floor) == 1)
        let medians = result.medians
        #expect(abs(medians.measured - medians.expected) <= 1 + medians.expected / 20)
        #expect(result.decodedShare(nodes: result.typical) > 0.5)
    }
}
