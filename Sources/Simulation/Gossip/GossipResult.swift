/// What came of a gossip scenario.
package struct GossipResult: Sendable {
    /// What was run, and from which seed.
    package let scenario: GossipScenario
    package let seed: SimulationSeed
    /// Milliseconds from publication to arrival, of all that arrived by the deadline.
    package private(set) var times: [Double] = []
    /// Pairs of a message and a subscriber that was up and had time to join.
    package private(set) var subscribers = 0
    /// Messages.
    package private(set) var messages = 0
    /// The smallest share of subscribers that one message reached by the deadline.
    package private(set) var worstShare = 1.0
    /// The share that each message reached, in order.
    package private(set) var shares: [Double] = []
    /// The same pairs with those counted that had only just come (up at publication).
    package internal(set) var strictSubscribers = 0
    package internal(set) var strictDeliveries = 0
    /// By kind: each peer's score, the mean over honest nodes that have it in their mesh or hold
    /// something against it.
    package internal(set) var scores: [GossipScenario.Kind: [Double]] = [:]
    /// Copies that arrived after the first, bans, and bytes sent, all of the whole run.
    package internal(set) var duplicates = 0
    package internal(set) var bans = 0
    package internal(set) var sentBytes = 0
    package internal(set) var eventCount = 0
    /// The hash of everything that happened.
    package internal(set) var traceHash = ""

    init(scenario: GossipScenario, seed: SimulationSeed) {
        self.scenario = scenario
        self.seed = seed
    }

    mutating func add(_ times: [Double], of subscribers: Int) {
        self.times += times
        self.subscribers += subscribers
        messages += 1
        guard subscribers > 0 else { return }
        let share = Double(times.count) / Double(subscribers)
        shares.append(share)
        worstShare = min(worstShare, share)
    }

    /// The share of subscribers that messages reached by the deadline.
    package var share: Double { Double(times.count) / Double(max(1, subscribers)) }
    /// The same with nodes counted that had only just come.
    package var strictShare: Double {
        Double(strictDeliveries) / Double(max(1, strictSubscribers))
    }
    /// The times of arrival.
    package var distribution: Distribution { Distribution(times) }

    /// What is thought of the peers of a kind.
    package func scores(of kind: GossipScenario.Kind) -> Distribution {
        Distribution(scores[kind] ?? [])
    }

    /// The probability that an honest peer stands above a hostile one, by kind.
    package var separation: [(kind: GossipScenario.Kind, probability: Double)] {
        let honest = scores(of: .honest)
        return GossipScenario.Kind.allCases.filter { $0 != .honest }.map {
            ($0, honest.probabilityAbove(scores(of: $0)))
        }
    }

    /// The result as JSON.
    package var json: JSONText {
        var members: [(String, JSONText)] = [
            ("scenario", .text("gossip")), ("seed", .integer(Int(clamping: seed.number))),
            ("nodes", .integer(scenario.nodes)), ("loss", .number(scenario.loss)),
            ("churn_per_minute", .number(scenario.churnPerMinute)),
            ("hostile", .number(scenario.hostile)),
            (
                "delay_ms",
                .list([
                    .integer(scenario.delays.lowerBound),
                    .integer(scenario.delays.upperBound),
                ])
            ),
            ("messages", .integer(messages)), ("message_bytes", .integer(scenario.messageBytes)),
            ("deadline_ms", .integer(scenario.deadline)),
            ("subscribers", .integer(strictSubscribers)),
            ("delivered_share", .number(strictShare)),
            ("delivered_share_without_newcomers", .number(share)),
            ("worst_message_share", .number(worstShare)),
            ("arrival_ms", distribution.json), ("duplicates", .integer(duplicates)),
            ("bans", .integer(bans)), ("sent_bytes", .integer(sentBytes)),
            ("events", .integer(eventCount)), ("trace", .text(traceHash)),
        ]
        if scenario.hostile > 0 {
            members.append(
                (
                    "scores",
                    .object(
                        GossipScenario.Kind.allCases.map {
                            ($0.rawValue, scores(of: $0).json)
                        })
                ))
            members.append(
                (
                    "honest_above_hostile",
                    .object(separation.map { ($0.kind.rawValue, .number($0.probability)) })
                ))
        }
        return .object(members)
    }

    /// The share of subscribers reached by time.
    package var plot: SVGPlot {
        let curve = distribution.cumulative(points: 400, of: subscribers)
            .map { ($0.0 / 1000, $0.1) }
        return SVGPlot(
            title: "Gossip among \(scenario.nodes) nodes, seed \(seed.number)",
            x: "seconds after publication", y: "share of subscribers reached",
            series: [
                SVGPlot.Series("reached", [(0, 0)] + curve),
                SVGPlot.Series(
                    "deadline", [(Double(scenario.deadline) / 1000, 1)], isDashed: true),
            ])
    }
}
