/// One block in a large network: the sequencer publishes it, full nodes spread it and extend it, and
/// every light node samples it.
package struct ScaleScenario: Sendable {
    /// Nodes beside the sequencer.
    package var lightNodes = 10_000
    package var fullNodes = 100
    /// Megabits a second, each way.
    package var sequencerMegabits = 1000.0
    package var fullMegabits = 200.0
    package var lightMegabits = 10.0
    /// One way, in milliseconds; each link has one of these.
    package var delays = 40...200
    /// The share of segments lost.
    package var loss = 0.0
    /// Data rows of the block.
    package var dataRows = 64
    /// Column groups that each full node custodies, of 32.
    package var custody = 16
    /// Full nodes and light nodes that each light node dials.
    package var fullPeers = 20
    package var lightPeers = 2
    /// Full nodes that each full node dials.
    package var peersOfFull = 10
    /// Of so many light nodes, and of the full nodes, one does its arithmetic really.
    package var realEvery = 100
    /// Threads for arithmetic at each full node.
    package var workers = 4
    /// Seconds until the block is published, and from then to the end.
    package var warmUp = 8
    package var length = 8
    /// Milliseconds within which light nodes shall reach their confidence.
    package var deadline = 4000

    /// The figures.
    package init() {}
}

/// What came of a large network's block.
package struct ScaleResult: Sendable {
    /// What was run, and from which seed.
    package let scenario: ScaleScenario
    package let seed: UInt64
    /// Milliseconds from the publication of the header to each light node's confidence.
    package internal(set) var confident: [Double] = []
    /// The same to the header's arrival at light nodes, and to the state available at full nodes.
    package internal(set) var headers: [Double] = []
    package internal(set) var available: [Double] = []
    /// Samples that a light node draws.
    package internal(set) var samples = 0
    /// Light nodes that really verified, and pieces of work really done in all.
    package internal(set) var realNodes = 0
    package internal(set) var realWork = 0
    /// Real results that differed from the shortcut's.
    package internal(set) var disagreements = 0
    /// Requests for cells that light nodes made.
    package internal(set) var requests = 0
    /// Bytes sent by the sequencer, by full nodes on average, and received by light nodes on average,
    /// from the publication on.
    package internal(set) var sequencerBytes = 0
    package internal(set) var fullBytes = 0
    package internal(set) var lightBytes = 0
    package internal(set) var links = 0
    package internal(set) var eventCount = 0
    package internal(set) var traceHash = ""

    init(scenario: ScaleScenario, seed: UInt64) {
        self.scenario = scenario
        self.seed = seed
    }

    /// The share of light nodes that reached their confidence by the deadline.
    package var share: Double {
        Distribution(confident).share(
            atMost: Double(scenario.deadline), of: scenario.lightNodes)
    }

    /// Seconds by which 99 % of light nodes had reached it; nil if fewer ever did.
    package var secondsTo99: Double? {
        let needed = Int((0.99 * Double(scenario.lightNodes)).rounded(.up))
        guard confident.count >= needed, needed > 0 else { return nil }
        return confident.sorted()[needed - 1] / 1000
    }

    /// The result as JSON.
    package var json: JSONText {
        .object([
            ("scenario", .text("block")), ("seed", .integer(Int(clamping: seed))),
            ("light_nodes", .integer(scenario.lightNodes)),
            ("full_nodes", .integer(scenario.fullNodes)),
            ("data_rows", .integer(scenario.dataRows)), ("samples", .integer(samples)),
            ("deadline_ms", .integer(scenario.deadline)),
            ("confident_share", .number(share)),
            ("seconds_to_99_percent", secondsTo99.map { .number($0) } ?? .null),
            ("confident_ms", Distribution(confident).json),
            ("header_ms", Distribution(headers).json),
            ("available_ms", Distribution(available).json),
            ("full_nodes_available", .integer(available.count)),
            ("cell_requests", .integer(requests)),
            ("really_verifying_light_nodes", .integer(realNodes)),
            ("real_work", .integer(realWork)), ("disagreements", .integer(disagreements)),
            ("sequencer_sent_bytes", .integer(sequencerBytes)),
            ("full_node_sent_bytes", .integer(fullBytes)),
            ("light_node_received_bytes", .integer(lightBytes)), ("links", .integer(links)),
            ("events", .integer(eventCount)), ("trace", .text(traceHash)),
        ])
    }

    /// Confidence over time.
    package var plot: SVGPlot {
        let curve = { (values: [Double], total: Int) in
            [(0.0, 0.0)]
                + Distribution(values).cumulative(points: 400, of: total)
                .map { ($0.0 / 1000, $0.1) }
        }
        return SVGPlot(
            title: "A block of \(scenario.dataRows) rows at \(scenario.lightNodes) light nodes",
            x: "seconds after the header", y: "share of nodes",
            series: [
                SVGPlot.Series("confident", curve(confident, scenario.lightNodes)),
                SVGPlot.Series("have the header", curve(headers, scenario.lightNodes)),
                SVGPlot.Series("available at full nodes", curve(available, scenario.fullNodes)),
                SVGPlot.Series(
                    "deadline", [(Double(scenario.deadline) / 1000, 1)], isDashed: true),
            ])
    }
}
