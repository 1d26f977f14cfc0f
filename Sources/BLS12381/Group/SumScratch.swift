import CBLS12381

/// The working memory of the kernels that add many points, for one thread at a time.
struct SumScratch: ~Copyable {
    let kernel: OpaquePointer
    private let memory: UnsafeMutableRawPointer

    init() {
        memory = .allocate(byteCount: bls_sum_scratch_size(), alignment: Int(BLS_ALIGNMENT))
        kernel = OpaquePointer(memory)
    }

    deinit { memory.deallocate() }
}

/// The same as an object, for lists of them.
final class SharedSumScratch {
    private let scratch = SumScratch()
    var kernel: OpaquePointer { scratch.kernel }
}
