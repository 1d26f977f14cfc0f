/// How a payload's bytes stand in the field elements of its cells.
public enum PayloadEncoding: UInt8, Sendable, Hashable, CaseIterable {
    /// 31 bytes to an element, so that any bytes can be carried.
    case packed = 0
    /// Whole blobs of canonical field elements, as they are.
    case raw = 1

    /// `packed` or `raw`, as `inspect --json` prints it.
    public var name: String {
        switch self {
        case .packed: "packed"
        case .raw: "raw"
        }
    }
}

/// Bytes to be carried by a block, and whose they are.
public struct Payload: Sendable, Hashable {
    /// Whose payload this is: 0 to 32 bytes, free for rollups to choose.
    public let namespace: [UInt8]

    /// The bytes.
    public let bytes: [UInt8]

    /// How the bytes stand in their cells.
    public let encoding: PayloadEncoding

    /// What a publisher adds to a block whose second half would be zeros: one byte that is not zero,
    /// of no namespace. `specs/headers.md` says why.
    public static let filler = Payload(namespace: [], bytes: [1])

    /// The payload with these bytes.
    public init(namespace: [UInt8], bytes: [UInt8], encoding: PayloadEncoding = .packed) {
        self.namespace = namespace
        self.bytes = bytes
        self.encoding = encoding
    }
}

/// Where in the data quadrant a payload stands: an element of a header's index.
public struct PayloadIndexEntry: Sendable, Hashable {
    /// The longest namespace, in bytes.
    public static let maximumNamespaceLength = 32

    /// Whose payload it is.
    public let namespace: [UInt8]

    /// Its first cell, in row-major order over the data quadrant.
    public let firstCell: UInt32

    /// Its length in bytes, at least 1.
    public let length: UInt32

    /// How its bytes stand in their cells.
    public let encoding: PayloadEncoding

    /// The entry with these fields. Whether they fit a matrix and each other is for
    /// ``PayloadIndex/validate(_:in:)`` to say.
    public init(
        namespace: [UInt8], firstCell: UInt32, length: UInt32, encoding: PayloadEncoding
    ) {
        self.namespace = namespace
        self.firstCell = firstCell
        self.length = length
        self.encoding = encoding
    }
}
