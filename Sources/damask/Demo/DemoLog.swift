import Availability
import DamaskNode
import DataMatrix
import LibP2P
import LibP2PNIO
import NIOConcurrencyHelpers
import NodeCore
import SSZ

/// What the nodes reported, as far as the story needs it.
final class DemoLog: Sendable {
    private struct Entries {
        var states: [String: [BlockRoot: [BlockState]]] = [:]
        var evidence: [EvidenceReport] = []
        var rebuilt: [String: [BlockRoot: ExtendedBlock]] = [:]
        var peers: [String: Int] = [:]
    }

    private let entries = NIOLockedValueBox(Entries())

    /// Keeps a node's report.
    func add(_ report: NodeReport, by name: String) {
        entries.withLockedValue { entries in
            switch report {
            case .state(let root, let state):
                entries.states[name, default: [:]][root, default: []].append(state)
            case .evidence(let report):
                entries.evidence.append(report)
            case .rebuilt(let root, let block):
                entries.rebuilt[name, default: [:]][root] = block
            case .peer:
                entries.peers[name, default: 0] += 1
            default:
                break
            }
        }
    }

    /// The states that a block went through at a node, in order.
    func states(of root: BlockRoot, at name: String) -> [BlockState] {
        entries.withLockedValue { $0.states[name]?[root] ?? [] }
    }

    /// Evidence of a kind, in the order in which it came up.
    func evidence(_ kind: Evidence.Kind) -> [EvidenceReport] {
        entries.withLockedValue { $0.evidence.filter { $0.kind == kind } }
    }

    /// The block that a node rebuilt, once.
    func takeRebuilt(_ root: BlockRoot, by name: String) -> ExtendedBlock? {
        entries.withLockedValue { $0.rebuilt[name]?.removeValue(forKey: root) }
    }
}
