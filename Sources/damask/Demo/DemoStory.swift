import Availability
import DamaskNode
import DataMatrix
import Foundation
import KZGCommitments
import LibP2P
import LibP2PNIO
import NodeCore
import SSZ
import SystemCrypto

/// The demonstration: a whole network in one process and five acts, each of which is checked.
final class DemoStory {
    /// What the nodes have not done within this time they are taken not to do, in seconds.
    static let patience = 60.0

    let narrator: DemoNarrator
    let network: DemoNetwork
    let prover: KZGProver
    let input: DemoInput
    let threads: Int
    var result: DemoResult
    /// The first sequencer's block: what is published and lost and rebuilt.
    var block: ExtendedBlock?
    var root: BlockRoot = .zero
    /// The sequencer that is running.
    var sequencer: DemoNode<Sequencer>?
    /// The block that the second sequencer withholds.
    var withheldRoot: BlockRoot = .zero

    init(
        narrator: DemoNarrator, network: DemoNetwork, prover: KZGProver, input: DemoInput,
        lightNodes: Int, threads: Int
    ) {
        self.narrator = narrator
        self.network = network
        self.prover = prover
        self.input = input
        self.threads = threads
        result = DemoResult(
            source: input.source, bytes: input.bytes.count, sha256: Self.digest(input.bytes),
            dataRows: 0, fullNodes: DemoNetwork.custodies.count, lightNodes: lightNodes)
    }

    /// Tells all acts. Later acts stand on earlier ones, so the first that fails is the last.
    func tell() async throws -> DemoResult {
        let begun = Date()
        narrator.say("Publishing \(input.source): \(input.bytes.count) bytes")
        narrator.say("SHA-256 \(result.sha256)")
        let acts: [(String, (inout DemoAct) async throws -> Void)] = [
            ("The block is published, kept and sampled", publication),
            ("The sequencer is gone; a newcomer rebuilds the block", newcomer),
            ("Every full node loses 60 % of its cells", loss),
            ("A second sequencer withholds the smallest set that hides anything", withholding),
            ("Evidence that others can check", evidence),
        ]
        for (index, (title, play)) in acts.enumerated() {
            var act = DemoAct(number: index + 1, title: title)
            narrator.begin(act.number, title)
            let start = Date()
            do {
                try await play(&act)
            } catch let failure as DemoFailure {
                check(&act, failure.what, false, failure.detail)
            }
            act.seconds = (Date().timeIntervalSince(start) * 10).rounded() / 10
            result.acts.append(act)
            narrator.say("  \(act.seconds) s")
            if !act.held { break }
        }
        result.seconds = (Date().timeIntervalSince(begun) * 10).rounded() / 10
        result.held = result.acts.count == acts.count && result.acts.allSatisfy(\.held)
        return result
    }

    // MARK: for the acts

    /// Notes and tells a check.
    func check(_ act: inout DemoAct, _ name: String, _ held: Bool, _ detail: String = "") {
        let check = DemoCheck(name: name, held: held, detail: detail)
        act.checks.append(check)
        narrator.report(check)
    }

    /// Waits until the condition holds, with a live picture of a block's cells meanwhile.
    ///
    /// - Returns: Whether it did before the patience ran out.
    func wait(
        for what: String, picturing root: BlockRoot?, shape: MatrixShape?,
        upTo seconds: Double = patience,
        until condition: () async throws -> (isMet: Bool, progress: String)
    ) async throws -> Bool {
        let begun = Date()
        while true {
            let (isMet, progress) = try await condition()
            var picture: [String] = []
            if narrator.isLive, let root, let shape {
                let held = try await network.held(of: root, shape: shape)
                picture = MatrixPicture(
                    shape: shape, width: narrator.width - 6, style: narrator.liveStyle
                ).lines(held: held)
            }
            let elapsed = Date().timeIntervalSince(begun)
            let time = String(format: "%.1f s", elapsed)
            narrator.progress("\(what): \(progress) (\(time))", picture: picture)
            if isMet { return true }
            if elapsed > seconds { return false }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// A picture of a block's cells that stays in the text.
    func show(_ root: BlockRoot, _ shape: MatrixShape, zeroCells: CellSet, _ caption: String)
        async throws
    {
        let held = try await network.held(of: root, shape: shape).union(zeroCells)
        let picture = MatrixPicture(
            shape: shape, width: narrator.width - 6, style: narrator.style)
        narrator.show(
            picture.lines(held: held),
            caption: "\(caption): \(held.count) of \(shape.cellCount) cells are held somewhere")
    }

    static func digest(_ bytes: [UInt8]) -> String {
        SHA256.hash(bytes).map { String(format: "%02x", $0) }.joined()
    }
}

/// What keeps an act from going on.
struct DemoFailure: Error {
    let what: String
    let detail: String
}
