import BLS12381
import CBLS12381
import Testing

/// Tests of the kernels for eight elements at a time. They run in emulation, which checks every
/// bound, and on the instructions where the processor has them. One after the other, since they
/// choose the process's kernels.
@Suite(.serialized) struct LaneTests {
    /// The kinds of lanes that this processor can run.
    static var kinds: [Lanes.Kind] {
        Lanes.areSupported ? [.emulated, .avx512] : [.emulated]
    }

    /// Runs `body` with these kernels in use. Other tests that run meanwhile get the same results.
    static func with<Result>(_ kind: Lanes.Kind, _ body: () throws -> Result) rethrows -> Result {
        let previous = Lanes.kind
        Lanes.use(kind)
        defer { Lanes.use(previous) }
        return try body()
    }
}

extension TestRandom {
    /// Points of which some are infinite, and some equal or opposite to the one before.
    mutating func roughPoints(_ count: Int) -> [G1Affine] {
        var result = points(count)
        for i in 1..<max(1, count) {
            switch next() % 12 {
            case 0: result[i] = .infinity
            case 1: result[i] = result[i - 1]
            case 2: result[i] = -result[i - 1]
            default: break
            }
        }
        return result
    }

    /// Scalars of which some are 0, 1, -1 or small.
    mutating func roughScalars(_ count: Int) -> [Fr] {
        (0..<count).map { _ in
            switch next() % 8 {
            case 0: .zero
            case 1: .one
            case 2: -.one
            case 3: Fr(next() % 16)
            default: scalar()
            }
        }
    }
}
