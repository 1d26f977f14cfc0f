/// `GET /v1/blocks/{root}`: where a block stands with a node, and what that is worth.
package struct BlockAnswer: Codable, Sendable, Hashable {
    /// The block.
    package var root: HexBytes
    /// The lane.
    package var sequencer: HexBytes
    /// Its place in the lane.
    package var height: UInt64
    /// Its slot.
    package var slot: UInt64
    /// The number of data rows.
    package var dataRows: Int
    /// `pending`, `available`, `late`, `suspected`, `withheld`, `recovered` or `unknown`; nil where
    /// this node does not watch.
    package var state: String?
    /// This node's own samples; nil if it draws none.
    package var sampling: SamplingAnswer?
    /// Cells that it holds, with proofs.
    package var heldCells: Int
    /// Whether every cell can be rebuilt from what it holds.
    package var decodable: Bool

    /// A block.
    package init(
        root: HexBytes, sequencer: HexBytes, height: UInt64, slot: UInt64, dataRows: Int,
        state: String?, sampling: SamplingAnswer?, heldCells: Int, decodable: Bool
    ) {
        self.root = root
        self.sequencer = sequencer
        self.height = height
        self.slot = slot
        self.dataRows = dataRows
        self.state = state
        self.sampling = sampling
        self.heldCells = heldCells
        self.decodable = decodable
    }
}

/// `GET /v1/blocks`: the newest blocks, newest first.
package struct BlocksAnswer: Codable, Sendable, Hashable {
    /// The blocks.
    package var blocks: [BlockAnswer]

    /// A list.
    package init(blocks: [BlockAnswer]) {
        self.blocks = blocks
    }
}

/// How far a block's sampling is, and what it is worth: nobody may call a block safe on the bound
/// alone (`specs/security.md`).
package struct SamplingAnswer: Codable, Sendable, Hashable {
    /// Samples drawn, once.
    package var drawn: Int
    /// Samples here and verified.
    package var verified: Int
    /// Samples that every candidate was asked for in vain so far.
    package var failed: Int
    /// Whether all are here.
    package var complete: Bool
    /// The exact bound on the probability with which a block that cannot be rebuilt passes the
    /// samples verified so far. Not in events.
    package var missProbability: Double?
    /// Below how many honest light nodes the block can be lost although each is satisfied. Not in
    /// events.
    package var healingFloor: Int?
    /// The number of light nodes at which random samples typically rebuild it. Not in events.
    package var typicalFloor: Int?
    /// Distinct peers asked.
    package var peersAsked: Int
    /// Distinct address groups among them.
    package var groupsAsked: Int

    /// A sampling.
    package init(
        drawn: Int, verified: Int, failed: Int, complete: Bool, missProbability: Double? = nil,
        healingFloor: Int? = nil, typicalFloor: Int? = nil, peersAsked: Int, groupsAsked: Int
    ) {
        self.drawn = drawn
        self.verified = verified
        self.failed = failed
        self.complete = complete
        self.missProbability = missProbability
        self.healingFloor = healingFloor
        self.typicalFloor = typicalFloor
        self.peersAsked = peersAsked
        self.groupsAsked = groupsAsked
    }
}

/// What a node holds of a block, in events.
package struct PossessionAnswer: Codable, Sendable, Hashable {
    /// Cells held, with proofs.
    package var cells: Int
    /// Custodied columns that are complete.
    package var completeColumns: Int
    /// Custodied columns in all.
    package var custodyColumns: Int
    /// Whether every cell can be rebuilt from what is held.
    package var decodable: Bool

    /// A possession.
    package init(cells: Int, completeColumns: Int, custodyColumns: Int, decodable: Bool) {
        self.cells = cells
        self.completeColumns = completeColumns
        self.custodyColumns = custodyColumns
        self.decodable = decodable
    }
}

/// `GET /v1/blocks/{root}/cells`: cells with their proofs.
package struct CellsAnswer: Codable, Sendable, Hashable {
    /// The block.
    package var root: HexBytes
    /// The cells that were asked for and are held here, in the order asked.
    package var cells: [CellAnswer]
    /// The places that were asked for and are not held here, as `row:column`.
    package var missing: [String]

    /// Cells.
    package init(root: HexBytes, cells: [CellAnswer], missing: [String]) {
        self.root = root
        self.cells = cells
        self.missing = missing
    }
}

/// A cell with its proof.
package struct CellAnswer: Codable, Sendable, Hashable {
    /// The row.
    package var row: Int
    /// The column.
    package var column: Int
    /// The cell's bytes.
    package var cell: HexBytes
    /// The proof.
    package var proof: HexBytes

    /// A cell.
    package init(row: Int, column: Int, cell: HexBytes, proof: HexBytes) {
        self.row = row
        self.column = column
        self.cell = cell
        self.proof = proof
    }
}
