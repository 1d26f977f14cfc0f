/// What cells are fetched for.
enum FetchClient: Sendable, Hashable {
    /// A sample set.
    case sampling
    /// A repair.
    case repair
    /// Testimony: whether a peer holds cells that are missing everywhere else.
    case probe
}
