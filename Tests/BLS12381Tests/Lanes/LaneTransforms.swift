import BLS12381
import Testing

extension LaneTests {
    /// Everything that chooses lanes by itself, against the same without lanes.
    @Suite(.serialized) struct Dispatch {
        /// The results with lanes off, and with each kind of lanes.
        static func agree<Result: Equatable>(_ body: () -> Result) {
            let expected = LaneTests.with(.off, body)
            for kind in LaneTests.kinds {
                #expect(LaneTests.with(kind, body) == expected, "\(kind)")
            }
        }

        @Test(arguments: [1, 2, 32, 64, 128, 512, 4096, 8192])
        func scalarTransforms(size: Int) {
            var random = TestRandom(UInt64(1000 + size))
            let domain = EvaluationDomain(size: size)
            let values = random.roughScalars(size)
            let top = [Fr](repeating: -.one, count: size)
            for input in [values, top] {
                Self.agree {
                    var a = input
                    a.withUnsafeMutableBufferPointer { domain.fft($0) }
                    var b = input
                    b.withUnsafeMutableBufferPointer { domain.ifft($0) }
                    return a + b
                }
            }
        }

        @Test(arguments: [1, 7, 64, 300, 1000])
        func sums(count: Int) {
            var random = TestRandom(UInt64(1100 + count))
            let points = random.roughPoints(count)
            let full = random.roughScalars(count)
            let short = (0..<count).map { _ in
                Fr(reducing: (random.next(), random.next(), 0, 0))
            }
            let same = [Fr](repeating: random.scalar(), count: count)
            let one = [G1Affine](repeating: points[0], count: count)
            for scalars in [full, short, same] {
                Self.agree { MultiScalar.sum(points: points, scalars: scalars).affine }
                Self.agree { MultiScalar.sum(points: one, scalars: scalars).affine }
            }
        }

        /// Tables are built and used with the same kernels, and a table outlives a change of them.
        @Test(arguments: [(1, 100, 8), (5, 16, 5), (40, 8, 4), (1, 3, 13)])
        func tables(sets: Int, count: Int, window: Int) {
            var random = TestRandom(UInt64(1200 + sets))
            let points = random.roughPoints(sets * count)
            let scalars = random.roughScalars(sets * count)
            Self.agree {
                FixedBaseTable(points: points, sets: sets, window: window)
                    .sums(scalars: scalars).map(\.affine)
            }
            let table = LaneTests.with(.emulated) {
                FixedBaseTable(points: points, sets: sets, window: window)
            }
            Self.agree { table.sums(scalars: scalars).map(\.affine) }
        }

        @Test(arguments: [(2, 3), (16, 1), (32, 5), (128, 1)])
        func pointTransforms(size: Int, width: Int) {
            var random = TestRandom(UInt64(1300 + size))
            let transform = GroupTransform(size: size)
            let points = random.roughPoints(size * width)
            Self.agree {
                var a = points
                transform.fftColumnsToBitReversed(&a, width: width)
                var b = points
                transform.ifftColumnsFromBitReversed(&b, width: width)
                var c = points
                transform.extendColumns(&c, width: width)
                return a + b + c
            }
        }

        /// One factor for all lanes takes another way through the multiplication.
        @Test func columnsOfPoints() {
            var random = TestRandom(1350)
            let transform = GroupTransform(size: 4)
            let points = random.roughPoints(4 * 40)
            Self.agree {
                var a = points
                transform.extendColumns(&a, width: 40)
                return a
            }
        }

        @Test func columnsOfScalars() {
            var random = TestRandom(1360)
            for (size, width) in [(2, 16), (8, 19), (64, 24), (256, 8)] {
                let domain = EvaluationDomain(size: size)
                let values = random.roughScalars(size * width)
                Self.agree {
                    var a = values
                    a.withUnsafeMutableBufferPointer {
                        domain.fftColumnsToBitReversed($0, stride: width, width: width)
                    }
                    var b = values
                    b.withUnsafeMutableBufferPointer {
                        domain.ifftColumnsFromBitReversed($0, stride: width, width: width)
                    }
                    return a + b
                }
            }
        }

        struct Parsed: Equatable {
            var points: [G1Affine]
            var index: Int?
            var error: PointError?
        }

        func parse(_ bytes: [UInt8], checkingSubgroup: Bool) -> Parsed {
            var points = [G1Affine](repeating: .infinity, count: bytes.count / 48)
            let failure = points.withUnsafeMutableBufferPointer { points in
                bytes.withUnsafeBytes {
                    G1Affine.parse(
                        compressed: $0, into: points, checkingSubgroup: checkingSubgroup)
                }
            }
            if let failure {
                return Parsed(
                    points: Array(points[..<failure.index]), index: failure.index,
                    error: failure.error)
            }
            return Parsed(points: points)
        }

        @Test func encodings() {
            var random = TestRandom(1400)
            for count in [1, 2, 9, 33, 70] {
                let good = random.roughPoints(count).flatMap(\.compressed)
                for checks in [true, false] {
                    Self.agree { parse(good, checkingSubgroup: checks) }
                }
                for _ in 0..<12 {
                    var bad = good
                    let place = 48 * Int(random.next() % UInt64(count))
                    switch random.next() % 6 {
                    case 0: bad.replaceSubrange(place..<place + 48, with: random.bytes(48))
                    case 1: bad[place] ^= 0x20
                    case 2: bad[place + Int(random.next() % 48)] ^= 1 << UInt8(random.next() % 8)
                    case 3:
                        let ones = [UInt8](repeating: 0xff, count: 47)
                        bad.replaceSubrange(place..<place + 48, with: [0x9f] + ones)
                    case 4:
                        let zeros = [UInt8](repeating: 0, count: 46)
                        bad.replaceSubrange(place..<place + 48, with: [0xc0] + zeros + [1])
                    default:
                        // Small x: on the curve, but outside the subgroup.
                        let zeros = [UInt8](repeating: 0, count: 46)
                        let last = UInt8(random.next() % 8)
                        bad.replaceSubrange(place..<place + 48, with: [0x80] + zeros + [last])
                    }
                    let checks = random.next() % 2 == 0
                    Self.agree { parse(bad, checkingSubgroup: checks) }
                }
            }
        }

        @Test func subgroupOfMany() {
            var random = TestRandom(1500)
            let points = random.roughPoints(300)
            Self.agree {
                var source = TestRandom(1)
                return SubgroupCheck.allInSubgroup(points, using: &source)
            }
        }

        @Test func environmentAndSupport() {
            // Asking for instructions that are not there keeps lanes off.
            LaneTests.with(.avx512) {
                #expect(Lanes.kind == (Lanes.areSupported ? .avx512 : .off))
            }
        }
    }
}
