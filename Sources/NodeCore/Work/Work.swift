/// A piece of arithmetic that a node hands out instead of doing it inline.
///
/// Each is a pure function of its inputs: the shell may run it on any thread, in any order, twice or
/// not at all (a simulator may answer for it), and hands the result back as
/// `NodeEvent.workFinished`.
public enum Work: Sendable {
    /// Does it, here and now.
    public func run() -> WorkResult {
        switch self {}
    }
}

/// What came of a piece of work.
public enum WorkResult: Sendable {
}
