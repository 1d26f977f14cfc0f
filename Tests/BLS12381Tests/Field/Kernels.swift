import CBLS12381

/// The kinds of kernels that this processor can run.
enum Kernels: CaseIterable {
    case portable
    case adx

    static var available: [Kernels] {
        bls_adx_is_supported() != 0 ? [.portable, .adx] : [.portable]
    }

    /// Runs a test body on each kind. Other tests that run meanwhile may change kinds between two
    /// operations, which is harmless: the results are the same.
    static func onEach(_ body: (Kernels) throws -> Void) rethrows {
        defer { bls_use_adx(1) }
        for kernels in available {
            bls_use_adx(kernels == .adx ? 1 : 0)
            try body(kernels)
        }
    }
}
