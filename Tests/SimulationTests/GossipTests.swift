import Simulation
import Testing

@Suite struct GossipTests {
    static func result(_ scenario: GossipScenario, seed: UInt64) throws -> GossipResult {
        var run = try GossipRun(scenario, seed: SimulationSeed(seed))
        return run.run()
    }

    /// The figures in small: what is checked at 1,000 nodes by `scripts/soak`.
    static func small(_ scenario: GossipScenario) -> GossipScenario {
        var scenario = scenario
        scenario.nodes = 120
        scenario.warmUpSeconds = 12
        scenario.publishingSeconds = 20
        return scenario
    }

    @Test(arguments: [UInt64(1), 2])
    func reachesAllThroughChurn(seed: UInt64) throws {
        let result = try Self.result(Self.small(.churn), seed: seed)
        #expect(result.messages == 20)
        #expect(result.strictSubscribers > 1500)
        #expect(result.strictShare >= 0.999, "\(result.json.description)")
    }

    @Test func sameSeedSameRun() throws {
        var scenario = Self.small(.churn)
        scenario.nodes = 60
        scenario.hostile = 0.2
        let first = try Self.result(scenario, seed: 5)
        let second = try Self.result(scenario, seed: 5)
        #expect(first.traceHash == second.traceHash)
        #expect(first.json.description == second.json.description)
        #expect(first.traceHash != (try Self.result(scenario, seed: 6)).traceHash)
    }

    @Test func hostilePeersDoNotStopMessages() throws {
        var scenario = Self.small(.hostility)
        scenario.publishingSeconds = 40
        let result = try Self.result(scenario, seed: 1)
        #expect(result.strictShare > 0.99, "\(result.json.description)")
        let honest = result.scores(of: .honest)
        for kind in [GossipScenario.Kind.spammer, .grafter] {
            let scores = result.scores(of: kind)
            #expect(scores.count > 0 && scores.quantile(1) < honest.quantile(0))
        }
        #expect(result.bans > 0)
    }

    /// Without any fault every message reaches every node.
    @Test func withoutFaults() throws {
        var scenario = Self.small(.churn)
        scenario.churnPerMinute = 0
        scenario.loss = 0
        let result = try Self.result(scenario, seed: 9)
        #expect(result.strictShare == 1 && result.worstShare == 1)
    }
}
