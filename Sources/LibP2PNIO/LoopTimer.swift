package import LibP2P
import NIOCore

extension Instant {
    /// The event loops' clock, which never goes back.
    package static var current: Instant {
        Instant(nanoseconds: Int64(clamping: NIODeadline.now().uptimeNanoseconds))
    }
}

/// One timer of an event loop. It may fire before the time that is wanted, never after: moving it to a
/// later time costs nothing.
final class LoopTimer {
    private let eventLoop: any EventLoop
    private let action: () -> Void
    private var due: Instant?
    private var task: Scheduled<Void>?

    init(on eventLoop: any EventLoop, _ action: @escaping () -> Void) {
        self.eventLoop = eventLoop
        self.action = action
    }

    /// Makes sure that the action runs at `time` or before. Nothing is changed for nil.
    func arm(at time: Instant?) {
        guard let time else { return }
        if let due, due <= time { return }
        task?.cancel()
        due = time
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(max(0, time.nanoseconds)))
        task = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in
            due = nil
            task = nil
            action()
        }
    }

    func cancel() {
        task?.cancel()
        task = nil
        due = nil
    }
}
