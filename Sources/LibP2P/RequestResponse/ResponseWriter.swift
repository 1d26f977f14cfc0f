/// What waits to be written of one answer.
struct ResponseWriter: Sendable {
    private var queue = FIFO<[UInt8]>()
    /// Bytes that wait, lengths included.
    private(set) var queuedBytes = 0
    /// Bytes given to the stream that it has not reported as written.
    private(set) var inFlight = 0
    /// Bytes of all chunks so far, without lengths.
    private(set) var chunkBytes = 0
    /// Whether the application said that the answer ends.
    var isEnding = false
    /// Whether the stream was told so.
    var isFinished = false

    /// Nothing waits and nothing is in flight.
    var isIdle: Bool { queuedBytes == 0 && inFlight == 0 }

    mutating func append(chunk: [UInt8]) {
        var prefix: [UInt8] = []
        Varint.append(UInt64(chunk.count), to: &prefix)
        if chunk.count < 1024 {
            queue.append(prefix + chunk)
        } else {
            // A long chunk is not copied.
            queue.append(prefix)
            queue.append(chunk)
        }
        queuedBytes += prefix.count + chunk.count
        chunkBytes += chunk.count
    }

    /// The next bytes to write, if less than `limit` are in flight.
    mutating func next(limit: Int) -> [UInt8]? {
        guard inFlight < limit, let part = queue.popFirst() else { return nil }
        queuedBytes -= part.count
        inFlight += part.count
        return part
    }

    mutating func written(_ count: Int) {
        inFlight = max(inFlight - max(count, 0), 0)
    }
}
