/// A header, as `GET /v1/headers` gives it.
package struct HeaderAnswer: Codable, Sendable, Hashable {
    /// The header's root, which names the block.
    package var root: HexBytes
    /// The sequencer's key: the lane.
    package var sequencer: HexBytes
    /// Its place in the lane.
    package var height: UInt64
    /// Its slot.
    package var slot: UInt64
    /// The root of the header below.
    package var parent: HexBytes
    /// The number of data rows.
    package var dataRows: Int
    /// The commitments to the data rows.
    package var commitments: [HexBytes]
    /// The payloads in their order.
    package var payloads: [PayloadAnswer]
    /// The state root before the block.
    package var previousStateRoot: HexBytes
    /// The state root after the block.
    package var newStateRoot: HexBytes
    /// The sequencer's signature.
    package var signature: HexBytes
    /// Where the block stands with this node; nil where it does not watch.
    package var state: String?

    /// A header.
    package init(
        root: HexBytes, sequencer: HexBytes, height: UInt64, slot: UInt64, parent: HexBytes,
        dataRows: Int, commitments: [HexBytes], payloads: [PayloadAnswer],
        previousStateRoot: HexBytes, newStateRoot: HexBytes, signature: HexBytes, state: String?
    ) {
        self.root = root
        self.sequencer = sequencer
        self.height = height
        self.slot = slot
        self.parent = parent
        self.dataRows = dataRows
        self.commitments = commitments
        self.payloads = payloads
        self.previousStateRoot = previousStateRoot
        self.newStateRoot = newStateRoot
        self.signature = signature
        self.state = state
    }
}

/// A payload of a block, as its header's index names it.
package struct PayloadAnswer: Codable, Sendable, Hashable {
    /// What names it for ever: the header's root and its number in the index.
    package var commitment: HexBytes
    /// Whose it is.
    package var namespace: HexBytes
    /// Its first cell, in row-major order over the data quadrant.
    package var firstCell: UInt32
    /// Its bytes.
    package var length: UInt32
    /// `packed` or `raw`.
    package var encoding: String

    /// A payload.
    package init(
        commitment: HexBytes, namespace: HexBytes, firstCell: UInt32, length: UInt32,
        encoding: String
    ) {
        self.commitment = commitment
        self.namespace = namespace
        self.firstCell = firstCell
        self.length = length
        self.encoding = encoding
    }
}

/// A list of headers.
package struct HeadersAnswer: Codable, Sendable, Hashable {
    /// The headers.
    package var headers: [HeaderAnswer]

    /// A list.
    package init(headers: [HeaderAnswer]) {
        self.headers = headers
    }
}
