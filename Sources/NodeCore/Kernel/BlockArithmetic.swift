public import KZGCommitments

/// The tables behind the arithmetic of blocks, made once per process and shared by all of its nodes.
public struct BlockArithmetic: Sendable {
    /// Verifies cells and extends rows.
    public let verifier: KZGVerifier
    /// Computes proofs of rebuilt rows. Light nodes need none.
    public let prover: KZGProver?

    /// These tables.
    public init(verifier: KZGVerifier, prover: KZGProver?) {
        self.verifier = verifier
        self.prover = prover
    }
}
