import BLS12381
import CBLS12381
import Testing

extension LaneTests {
    /// Working memory comes as it is: what a kernel has not written itself, it must not read. The
    /// last vector of a batch is where that would go wrong.
    @Suite(.serialized) struct Memory {
        /// Memory full of ones, which no bound of the kernels allows.
        final class Dirty {
            private let memory: UnsafeMutableRawPointer

            init(byteCount: Int) {
                memory = .allocate(byteCount: byteCount, alignment: Int(BLS_ALIGNMENT))
                memory.initializeMemory(as: UInt8.self, repeating: 0xff, count: byteCount)
            }

            var scratch: OpaquePointer { OpaquePointer(memory) }
            var words: UnsafeMutablePointer<UInt64> { memory.assumingMemoryBound(to: UInt64.self) }

            deinit { memory.deallocate() }
        }

        static func dirtyScratch() -> Dirty { Dirty(byteCount: bls_sum_scratch_size()) }

        /// Points after each kind of step of a transform.
        static func transformed(_ points: [G1Affine], _ scalars: [bls_glv_recoded]) -> [G1Affine] {
            let count = points.count
            let half = count / 2
            let index = (0..<UInt32(count)).map { $0 }
            let own = (0..<count).map { UInt32($0 % scalars.count) }
            let same = [UInt32](repeating: 0, count: count)
            var points = points
            points.withUnsafeMutableBufferPointer {
                let a = $0.baseAddress?.kernel
                var dirty = dirtyScratch()
                bls_g1_mul_lanes(a, index, scalars, own, count, dirty.scratch)
                dirty = dirtyScratch()
                bls_g1_mul_lanes(a, index, scalars, same, count, dirty.scratch)
                dirty = dirtyScratch()
                bls_g1_mul_fourth_root_lanes(a, index, 0, count, dirty.scratch)
                dirty = dirtyScratch()
                let (upper, lower) = (Array(index[..<half]), Array(index[half..<(2 * half)]))
                bls_g1_butterflies(a, upper, lower, half, dirty.scratch)
            }
            return points
        }

        @Test(arguments: [4, 5, 7, 8, 9, 31, 33, 45, 257, 300])
        func transformsWriteBeforeTheyRead(count: Int) {
            var random = TestRandom(UInt64(1600 + count))
            let points = random.roughPoints(count)
            let scalars = random.roughScalars(11).map { scalar in
                var result = bls_glv_recoded()
                let limbs = scalar.rawLimbs()
                bls_glv_recode(&result, [limbs.0, limbs.1, limbs.2, limbs.3])
                return result
            }
            Dispatch.agree { Self.transformed(points, scalars) }
        }

        /// Sums of runs of all lengths, an empty one among them.
        static func sums(_ points: [G1Affine]) -> [G1Affine] {
            let count = points.count
            let entries = (0..<UInt32(4 * count)).map { $0 % UInt32(2 * count) }
            let offsets = [0, 1, count, count, 4 * count].map { UInt32($0) }
            let dirty = dirtyScratch()
            let perPoint = Int(BLS_LANE_ROW_WORDS)
            let rows = Dirty(byteCount: 8 * perPoint * (count + 4))
            let results = rows.words + perPoint * count
            var sums = [G1Affine](repeating: .infinity, count: 4)
            points.withUnsafeBufferPointer { points in
                sums.withUnsafeMutableBufferPointer { sums in
                    let (from, to) = (points.baseAddress?.kernel, sums.baseAddress?.kernel)
                    if Lanes.kind == .off {
                        bls_g1_sum_runs(to, from, entries, offsets, 4, dirty.scratch)
                    } else {
                        let lanes = bls_sum_scratch_for_lanes(dirty.scratch)
                        bls_lane_rows_from_points(rows.words, from, count)
                        bls_lane_sum_runs(results, rows.words, entries, offsets, 4, 1, lanes)
                        bls_lane_rows_to_points(to, results, 4)
                    }
                }
            }
            return sums
        }

        @Test(arguments: [1, 2, 9, 300])
        func sumsWriteBeforeTheyRead(count: Int) {
            var random = TestRandom(UInt64(1700 + count))
            let points = random.roughPoints(count)
            Dispatch.agree { Self.sums(points) }
        }
    }
}
