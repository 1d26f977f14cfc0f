/// The generator that a node was made with, as one concrete type.
///
/// (Opening an `any RandomNumberGenerator` in place, in a class or struct property behind `inout`,
/// crashes the 6.3.1 compiler in unoptimised builds.)
struct NodeRandom: RandomNumberGenerator, Sendable {
    private var base: any RandomNumberGenerator & Sendable

    init(_ base: any RandomNumberGenerator & Sendable) {
        self.base = base
    }

    mutating func next() -> UInt64 { base.next() }
}
