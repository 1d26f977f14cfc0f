import CBLS12381

/// The kernels for eight elements at a time, and whether this process uses them.
///
/// Most operations choose by themselves, in C. What is kept in memory in another form for the lanes,
/// tables and buckets, is chosen for in Swift, where it is made. Results do not depend on it.
package enum Lanes {
    /// Which kernels work.
    package enum Kind: Sendable, Hashable, CaseIterable {
        /// Those of 64-bit words only.
        case off
        /// AVX-512 with IFMA.
        case avx512
        /// The same kernels in plain C, for tests: slow, and with every bound checked.
        case emulated
    }

    /// The kernels in use. Chosen at the first use, from the processor and the environment's
    /// `DAMASK_KERNELS`: `portable` keeps lanes off, `emulated` is for tests.
    package static var kind: Kind { Kind(bls_lanes_active()) }

    /// Whether the processor can run the lanes.
    package static var areSupported: Bool { bls_lanes_are_supported() != 0 }

    /// Chooses the kernels, for tests. Asking for what the processor lacks keeps lanes off.
    package static func use(_ kind: Kind) { bls_lanes_use(kind.kernel) }

    /// Whether lanes are in use.
    static var areActive: Bool { bls_lanes_active() != bls_lanes_off }
}

extension Lanes.Kind {
    fileprivate init(_ kernel: bls_lanes_kind) {
        switch kernel {
        case bls_lanes_avx512: self = .avx512
        case bls_lanes_emulated: self = .emulated
        default: self = .off
        }
    }

    fileprivate var kernel: bls_lanes_kind {
        switch self {
        case .off: bls_lanes_off
        case .avx512: bls_lanes_avx512
        case .emulated: bls_lanes_emulated
        }
    }
}

/// Points in the form of the lanes, one row of 16 words each, written once.
///
/// Unchecked: the memory changes in the initializer only, before anyone else has the object.
final class RowStorage: @unchecked Sendable {
    /// The words of a point.
    static let words = Int(BLS_LANE_ROW_WORDS)

    /// The number of points.
    let count: Int

    private let memory: UnsafeMutablePointer<UInt64>

    /// The rows; valid as long as this object.
    var rows: UnsafePointer<UInt64> { UnsafePointer(memory) }

    /// Makes room for points and has them filled in: `fill` has to write every one. A table's memory
    /// is read at random and lives long, for which large pages are worth asking.
    init(count: Int, isTable: Bool, fill: (UnsafeMutablePointer<UInt64>) -> Void) {
        self.count = count
        let byteCount = count * RowStorage.words * MemoryLayout<UInt64>.stride
        let raw = UnsafeMutableRawPointer.allocate(
            byteCount: byteCount, alignment: Int(BLS_ALIGNMENT))
        if isTable { bls_advise_random_access(raw, byteCount) }
        memory = raw.bindMemory(to: UInt64.self, capacity: count * RowStorage.words)
        fill(memory)
    }

    /// The same points as rows.
    convenience init(_ points: UnsafeBufferPointer<G1Affine>) {
        self.init(count: points.count, isTable: false) {
            guard let base = points.baseAddress else { return }
            bls_lane_rows_from_points($0, base.kernel, points.count)
        }
    }

    deinit { UnsafeMutableRawPointer(memory).deallocate() }
}
