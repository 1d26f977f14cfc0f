import Availability
import DataMatrix
import NodeCore
import SSZ

/// What the liars of the fault mix do.
final class FaultMischief: Mischief {
    private let names: NetworkNames
    private let roots: RootDirectory
    private var random: FastRandom
    /// What a selective sequencer has given away so far, by block.
    private(set) var disclosed: [BlockRoot: CellSet] = [:]

    init(names: NetworkNames, roots: RootDirectory, random: FastRandom) {
        self.names = names
        self.roots = roots
        self.random = random
    }

    func allows(
        _ publication: NodeCore.Publication, by node: SimulatedNode, in network: NodeNetwork
    ) -> Bool {
        guard node.conduct == .selective, case .columns = names.topic(named: publication.topic)
        else { return true }
        return false
    }

    func altered(
        _ bytes: [UInt8], of exchange: NodeNetwork.Exchange, by node: SimulatedNode,
        in network: NodeNetwork
    ) -> [UInt8]? {
        let kind = names.request(named: exchange.protocolName)
        switch (node.conduct, kind) {
        case (.corrupting, .cells), (.corrupting, .columns):
            return random.chance(0.5) ? corrupted(bytes) : bytes
        case (.mute, .cells), (.mute, .columns), (.mute, .inventory):
            return nil
        case (.boasting, .cells):
            return (try? CellsResponse(status: .ok, cells: []))?.encoded
        case (.boasting, .inventory):
            guard let question = try? InventoryRequest(encoded: exchange.body),
                let block = roots[question.headerRoot]
            else { return bytes }
            return InventoryResponse(held: .all(of: block.shape)).encoded
        case (.selective, .columns):
            return ColumnsResponse(status: .busy).encoded
        case (.selective, .cells):
            return selected(bytes, of: exchange)
        default:
            return bytes
        }
    }

    func finishes(_ exchange: NodeNetwork.Exchange, by node: SimulatedNode) -> Bool {
        guard node.conduct == .mute else { return true }
        switch names.request(named: exchange.protocolName) {
        case .cells, .columns, .inventory: return false
        default: return true
        }
    }

    func accepted(_ message: Int, by node: SimulatedNode, in network: NodeNetwork) {
        guard node.conduct == .corrupting, random.chance(0.2),
            let (topic, data) = network.message(message),
            case .columns = names.topic(named: topic)
        else { return }
        network.publish(
            Publication(topic: topic, data: corrupted(data), reach: .everyone), by: node)
    }

    private func corrupted(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        guard bytes.count > 64 else { return bytes }
        // In the last cell or its proof: what is in front says how long things are.
        bytes[bytes.count - 1 - Int(random.next() % 60)] ^= 0x10
        return bytes
    }

    /// Cells of an answer, but for those with which the block could be rebuilt.
    private func selected(_ bytes: [UInt8], of exchange: NodeNetwork.Exchange) -> [UInt8]? {
        guard let question = try? CellsRequest(encoded: exchange.body),
            let block = roots[question.headerRoot],
            let answer = try? CellsResponse(encoded: bytes), answer.status == .ok
        else { return bytes }
        var given = disclosed[question.headerRoot] ?? block.description.zeroCells
        let cells = answer.cells.filter { cell in
            if given.contains(cell.coordinate) { return true }
            var more = given
            more.insert(cell.coordinate)
            guard !Decodability.isDecodable(more) else { return false }
            given = more
            return true
        }
        disclosed[question.headerRoot] = given
        return (try? CellsResponse(status: .ok, cells: cells))?.encoded
    }
}
