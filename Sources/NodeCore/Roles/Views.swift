import Availability
public import DataMatrix
import KZGCommitments

// What a shell may look at, the same for every role.

extension RoleMachine {
    /// A payload from the cells that are held; nil if one of them is not, or if they hold none.
    func readPayload(_ entry: PayloadIndexEntry, of root: BlockRoot) -> [UInt8]? {
        let preset = kernel.parameters.preset
        guard let description = kernel.archive.header(root)?.description(preset: preset),
            description.index.contains(entry)
        else { return nil }
        let zeroRows = Set(description.zeroRows)
        var bytes: [UInt8] = []
        for place in description.cells(of: entry) {
            if zeroRows.contains(place.row) {
                bytes += [UInt8](repeating: 0, count: preset.bytesPerCell)
            } else if let cell = store.cell(place, of: root) {
                bytes += cell.cell
            } else {
                return nil
            }
        }
        return try? PayloadPacking.payload(entry, inCells: bytes, preset)
    }
}

extension FullNode {
    /// What this node keeps: headers, states, samples, evidence.
    public var archive: any NodeArchive { kernel.archive }

    /// A cell of a block that this node holds.
    public func cell(_ place: CellCoordinate, of root: BlockRoot) -> ProvenCell? {
        store.cell(place, of: root)
    }

    /// A payload of a block, from the cells that this node holds; nil if it lacks one of them. Then
    /// `repair` with the whole block as its goal gets it, and reports `rebuilt`.
    public func payload(_ entry: PayloadIndexEntry, of root: BlockRoot) -> [UInt8]? {
        readPayload(entry, of: root)
    }
}

extension Sequencer {
    /// What this node keeps: headers.
    public var archive: any NodeArchive { kernel.archive }

    /// A cell of a block that this node holds.
    public func cell(_ place: CellCoordinate, of root: BlockRoot) -> ProvenCell? {
        store.cell(place, of: root)
    }

    /// A payload of a block that this sequencer published; nil if it does not hold it any more.
    public func payload(_ entry: PayloadIndexEntry, of root: BlockRoot) -> [UInt8]? {
        readPayload(entry, of: root)
    }
}

extension LightNode {
    /// What this node keeps: headers, samples, evidence.
    public var archive: any NodeArchive { kernel.archive }

    /// A cell of a block that this node holds.
    public func cell(_ place: CellCoordinate, of root: BlockRoot) -> ProvenCell? {
        store.cell(place, of: root)
    }
}
