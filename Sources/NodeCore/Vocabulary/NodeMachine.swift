/// What every role has in common: a value that takes events with the time and says what to do.
///
/// The shell calls one method at a time, then carries out `drain()`, then waits until the next event
/// or `nextDeadline`, whichever comes first, and calls `tick` in the latter case. The machine does no
/// I/O, reads no clock, and draws from no generator but the one it was made with; two machines made
/// alike and fed alike answer alike, byte for byte.
public protocol NodeMachine: Sendable {
    /// The request protocols that this node answers.
    var protocols: [String] { get }
    /// Begins: subscriptions and first wishes. Called once, before any event.
    mutating func start(now: NodeTime)
    /// Something happened.
    mutating func handle(_ event: NodeEvent, now: NodeTime)
    /// Time has passed.
    mutating func tick(now: NodeTime)
    /// The next moment of the monotonic clock at which `tick` has something to do.
    var nextDeadline: Int64? { get }
    /// What to do now, in order. Empties the list.
    mutating func drain() -> [NodeDirective]
}
