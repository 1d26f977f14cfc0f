internal import Dispatch

/// Work split over threads, where a caller has asked for more than one.
package enum Parallel {
    /// Calls `body` for 0 to `count - 1`, on up to `threads` threads at once, and returns when all
    /// calls have.
    ///
    /// - Parameters:
    ///   - count: How many calls.
    ///   - threads: With 1, everything happens on the caller's thread.
    ///   - state: What one thread hands from call to call; work space as a rule.
    ///   - body: Does one piece of work; nil, or what went wrong. Pieces that run at once must not
    ///     touch the same memory. After an error a thread takes up no more work.
    /// - Returns: The error of the lowest number among those that happened.
    package static func forEach<State, Failure: Error>(
        _ count: Int, threads: Int, state: @Sendable () -> State,
        _ body: @Sendable (Int, inout State) -> Failure?
    ) -> Failure? {
        let workers = max(1, min(threads, count))
        if workers == 1 {
            var state = state()
            for index in 0..<count {
                if let failure = body(index, &state) { return failure }
            }
            return nil
        }
        var failures = [(index: Int, failure: Failure)?](repeating: nil, count: workers)
        failures.withUnsafeMutableBufferPointer { failures in
            // Each worker writes its own element only.
            nonisolated(unsafe) let failures = failures
            DispatchQueue.concurrentPerform(iterations: workers) { worker in
                var state = state()
                for index in stride(from: worker, to: count, by: workers) {
                    if let failure = body(index, &state) {
                        failures[worker] = (index, failure)
                        return
                    }
                }
            }
        }
        return failures.compactMap { $0 }.min { $0.index < $1.index }?.failure
    }

    /// Splits `0..<count` into one range for each thread and calls `body` for each, all at once.
    ///
    /// - Parameters:
    ///   - count: The length of the whole.
    ///   - threads: The most ranges; with 1, everything happens on the caller's thread.
    ///   - body: Takes the range's number and the range.
    package static func split(
        _ count: Int, threads: Int, _ body: @Sendable (Int, Range<Int>) -> Void
    ) {
        let pieces = max(1, min(threads, count))
        let _: Never? = forEach(pieces, threads: pieces, state: { () }) { piece, _ in
            body(piece, count * piece / pieces..<count * (piece + 1) / pieces)
            return nil
        }
    }
}
