import NIOCore
import Synchronization

/// Closes a connection whose reader makes no progress, so that it can't hold an answer for ever.
enum Stall {
    /// Runs a body that calls `progress` after every piece that went out.
    static func guarding(
        _ channel: any Channel, seconds: Double,
        _ body: (_ progress: @escaping @Sendable () -> Void) async throws -> Void
    ) async throws {
        let last = Mark()
        let limit = TimeAmount.nanoseconds(Int64(seconds * 1e9))
        let task = channel.eventLoop.scheduleRepeatedTask(
            initialDelay: limit, delay: .nanoseconds(max(1, limit.nanoseconds / 4))
        ) { _ in
            if NIODeadline.now() - last.value > limit { channel.close(promise: nil) }
        }
        defer { task.cancel() }
        try await body { last.touch() }
    }

    private final class Mark: Sendable {
        private let moment = Mutex(NIODeadline.now())

        var value: NIODeadline { moment.withLock { $0 } }

        func touch() { moment.withLock { $0 = NIODeadline.now() } }
    }
}
