/// Messages that wait in the outboxes of all peers. The outboxes share a message's bytes, so it counts once
/// as memory, however many peers are to get it.
struct QueuedMessages: Sendable {
    private var copies: [MessageID: Int] = [:]
    /// Bytes of the different messages that wait.
    private(set) var byteCount = 0
    /// Bytes of all of their copies.
    private(set) var copiedByteCount = 0

    /// A message waits in one outbox more.
    mutating func add(_ frame: MessageFrame) {
        copiedByteCount += frame.bytes.count
        let before = copies.updateValue((copies[frame.id] ?? 0) + 1, forKey: frame.id)
        if before == nil { byteCount += frame.bytes.count }
    }

    /// A message waits in one outbox less.
    mutating func remove(_ frame: MessageFrame) {
        guard let count = copies[frame.id] else { return }
        copiedByteCount -= frame.bytes.count
        if count > 1 {
            copies[frame.id] = count - 1
        } else {
            copies[frame.id] = nil
            byteCount -= frame.bytes.count
        }
    }
}
