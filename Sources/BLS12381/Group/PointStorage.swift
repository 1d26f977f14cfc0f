import CBLS12381

/// Many points in memory that is aligned for the kernels, written once.
///
/// Unchecked: the memory changes in the initializer only, before anyone else has the object.
final class PointStorage: @unchecked Sendable {
    /// The number of points.
    let count: Int

    private let memory: UnsafeMutablePointer<G1Affine>

    /// The points; valid as long as this object.
    var points: UnsafePointer<G1Affine> { UnsafePointer(memory) }

    /// Makes room for points and has them filled in: `fill` has to write every one.
    init(count: Int, fill: (UnsafeMutablePointer<G1Affine>) -> Void) {
        let byteCount = count * MemoryLayout<G1Affine>.stride
        let raw = UnsafeMutableRawPointer.allocate(
            byteCount: byteCount, alignment: Int(BLS_ALIGNMENT))
        bls_advise_random_access(raw, byteCount)
        self.count = count
        memory = raw.bindMemory(to: G1Affine.self, capacity: count)
        fill(memory)
    }

    deinit { UnsafeMutableRawPointer(memory).deallocate() }
}
