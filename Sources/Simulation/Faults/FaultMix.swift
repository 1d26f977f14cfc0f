/// A small network through everything that goes wrong, some of it at once: crashes and restarts, a
/// partition, lost packets, slow machines, nodes that lie, a sequencer that withholds, discloses
/// selectively or signs twice, light nodes that know liars only.
package struct FaultMix: Sendable {
    /// Nodes in all, and among them full nodes. Two are sequencers, the rest light nodes.
    package var nodes = 100
    package var fullNodes = 14
    /// Full nodes and light nodes that lie.
    package var lyingFullNodes = 3
    package var lyingLightNodes = 5
    /// Light nodes all of whose peers are liars and the second sequencer.
    package var eclipsed = 3
    /// Full nodes whose arithmetic takes 40 times as long.
    package var slowMachines = 1
    /// Crashes, each followed by a restart.
    package var crashes = 8
    /// Blocks that each sequencer tries to publish.
    package var blocksPerLane = 2
    /// The share of segments lost.
    package var loss = 0.05
    /// One way, in milliseconds.
    package var delays = 20...200
    /// Every node does its arithmetic instead of taking it from what is known, and both are compared.
    package var reallyComputes = false
    /// Seconds of virtual time: until blocks are published, until faults have ceased, until a new node
    /// begins to read, and at most in all (a run ends when all is read).
    package var firstBlock = 4
    package var lastFault = 16
    package var reading = 26
    package var length = 50
    /// Data rows of the blocks that are to choose from.
    package static let dataRows = [1, 1, 2, 2, 2, 4, 4, 4]

    /// The mix.
    package init() {}
}

/// What came of a run of the fault mix.
package struct FaultResult: Sendable {
    /// From which seed.
    package let seed: UInt64
    /// What must not be, in words, with the node and the moment: empty if all invariants hold.
    package internal(set) var violations: [String] = []
    /// Headers published, and how many of their blocks could be rebuilt from what was released.
    package internal(set) var blocks = 0
    package internal(set) var rebuildable = 0
    /// Blocks that some honest full node called available.
    package internal(set) var available = 0
    /// Verdicts "available" of full nodes and "confidence reached" of light nodes.
    package internal(set) var availableVerdicts = 0
    package internal(set) var confidentVerdicts = 0
    /// Reports of withholding that nodes made, all against blocks that could not be rebuilt then.
    package internal(set) var reports = 0
    /// Of these, such against an honest sequencer that had crashed in the midst of publishing.
    package internal(set) var reportsAfterCrash = 0
    /// Proofs of equivocation that nodes made.
    package internal(set) var equivocations = 0
    /// Crashes that happened.
    package internal(set) var crashes = 0
    package internal(set) var eventCount = 0
    package internal(set) var traceHash = ""

    /// Whether every invariant held.
    package var holds: Bool { violations.isEmpty }

    init(seed: UInt64) {
        self.seed = seed
    }

    /// The result as JSON.
    package var json: JSONText {
        .object([
            ("seed", .integer(Int(clamping: seed))),
            ("holds", .bool(holds)), ("violations", .list(violations.map { .text($0) })),
            ("blocks", .integer(blocks)), ("rebuildable", .integer(rebuildable)),
            ("available", .integer(available)),
            ("available_verdicts", .integer(availableVerdicts)),
            ("confident_verdicts", .integer(confidentVerdicts)),
            ("withholding_reports", .integer(reports)),
            ("reports_after_crash", .integer(reportsAfterCrash)),
            ("equivocation_proofs", .integer(equivocations)), ("crashes", .integer(crashes)),
            ("events", .integer(eventCount)), ("trace", .text(traceHash)),
        ])
    }
}
