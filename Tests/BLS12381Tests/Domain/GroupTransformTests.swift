import BLS12381
import Testing

@Suite struct GroupTransformTests {
    /// The transform of logarithms to the generator, which the points' transform has to follow.
    static func points(_ logs: [Fr]) -> [G1Affine] {
        G1.normalize(logs.map { G1(.generator) * $0 })
    }

    static func logs(_ random: inout TestRandom, _ count: Int, _ kind: Int) -> [Fr] {
        switch kind {
        case 0: return (0..<count).map { _ in random.scalar() }
        case 1: return (0..<count).map { $0 < count / 2 ? random.scalar() : .zero }
        case 2: return [Fr](repeating: .zero, count: count)
        case 3: return [Fr](repeating: random.scalar(), count: count)
        default: return (0..<count).map { Fr(UInt64($0 % 3)) - .one }
        }
    }

    @Test(arguments: 0...7, 0...4)
    func followsTheScalars(log: Int, kind: Int) {
        var random = TestRandom(UInt64(700 + 10 * log + kind))
        let size = 1 << log
        let domain = EvaluationDomain(size: size)
        let transform = GroupTransform(size: size)
        var logs = Self.logs(&random, size, kind)
        var points = Self.points(logs)

        transform.fftToBitReversed(&points)
        logs.withUnsafeMutableBufferPointer { domain.fftToBitReversed($0) }
        #expect(points == Self.points(logs))
        var onThreads = points
        var unscaled = points
        transform.ifftFromBitReversed(&points)
        logs.withUnsafeMutableBufferPointer { domain.ifftFromBitReversed($0) }
        #expect(points == Self.points(logs))
        transform.ifftFromBitReversed(&onThreads, threads: 3)
        #expect(onThreads == points)
        transform.fftToBitReversed(&onThreads, threads: 3)
        #expect(onThreads == unscaled)
        transform.ifftFromBitReversed(&unscaled, scaled: false)
        #expect(unscaled == Self.points(logs.map { $0 * Fr(UInt64(size)) }))

        let double = EvaluationDomain(size: 2 * size)
        transform.extend(&points)
        logs.withUnsafeMutableBufferPointer {
            domain.ifftFromBitReversed($0)
            double.fftToBitReversedOddHalf($0)
        }
        #expect(points == Self.points(logs))
    }

    @Test(arguments: [(1, 5), (4, 3), (8, 130), (64, 20), (256, 5)])
    func columns(size: Int, width: Int) {
        var random = TestRandom(UInt64(800 + size))
        let transform = GroupTransform(size: size)
        let matrix = random.points(size * width)
        func byColumn(_ body: (inout [G1Affine]) -> Void) -> [G1Affine] {
            var result = matrix
            for column in 0..<width {
                var points = (0..<size).map { matrix[$0 * width + column] }
                body(&points)
                for row in 0..<size { result[row * width + column] = points[row] }
            }
            return result
        }
        var there = matrix
        transform.fftColumnsToBitReversed(&there, width: width)
        #expect(there == byColumn { transform.fftToBitReversed(&$0) })
        transform.ifftColumnsFromBitReversed(&there, width: width)
        #expect(there == matrix)
        transform.extendColumns(&there, width: width)
        #expect(there == byColumn { transform.extend(&$0) })
    }

    @Test func largestSize() {
        var random = TestRandom(900)
        let logs = (0..<512).map { _ in random.scalar() }
        var points = Self.points(logs)
        let transform = GroupTransform(size: 512)
        transform.fftToBitReversed(&points)
        var values = logs
        values.withUnsafeMutableBufferPointer {
            EvaluationDomain(size: 512).fftToBitReversed($0)
        }
        #expect(points == Self.points(values))
        var none: [G1Affine] = []
        transform.fftColumnsToBitReversed(&none, width: 0)
    }
}
