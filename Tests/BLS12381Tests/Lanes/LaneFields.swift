import BLS12381
import CBLS12381
import Testing

extension LaneTests {
    /// The field operations against integers, on limbs at the edges of what they take.
    @Suite(.serialized) struct Fields {
        static let p = BigInteger(
            hex: "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f624"
                + "1eabfffeb153ffffb9feffffffffaaab")
        static let r = BigInteger(
            hex: "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001")

        /// Eight integers as limbs in rows of lanes.
        static func rows(_ values: [BigInteger]) -> [UInt64] {
            var result = [UInt64](repeating: 0, count: 64)
            for (lane, value) in values.enumerated() {
                let bytes = value.bytes(count: 56).reversed() + [0, 0, 0, 0, 0, 0, 0, 0]
                for limb in 0..<8 {
                    var word: UInt64 = 0
                    for bit in 0..<52 {
                        let place = 52 * limb + bit
                        if place < 448, bytes[place / 8] >> (place % 8) & 1 == 1 {
                            word |= 1 << bit
                        }
                    }
                    result[8 * limb + lane] = word
                }
            }
            return result
        }

        /// The integer of a lane; limbs have to be normal.
        static func value(_ rows: [UInt64], lane: Int, limbs: Int) -> BigInteger {
            (0..<limbs).reversed().reduce(BigInteger(0)) { sum, limb in
                #expect(rows[8 * limb + lane] < 1 << 52)
                return sum.shifted(left: 52) + BigInteger(rows[8 * limb + lane])
            }
        }

        /// An integer below `times` times the modulus: often at an edge, or with extreme limbs.
        static func operand(
            _ random: inout TestRandom, modulus: BigInteger, times: UInt64
        ) -> BigInteger {
            let limit = modulus * BigInteger(times)
            switch random.next() % 8 {
            case 0: return BigInteger(0)
            case 1: return BigInteger(1)
            case 2: return limit - BigInteger(1)
            case 3: return modulus * BigInteger(random.next() % times)
            case 4: return modulus - BigInteger(1)
            case 5:
                // All ones below the top.
                let ones = BigInteger(1).shifted(left: modulus.bitCount - 1) - BigInteger(1)
                return ones
            case 6: return BigInteger(bytes: random.roughBytes(56)) % limit
            default: return BigInteger(bytes: random.bytes(56)) % limit
            }
        }

        func run(
            _ operation: Int32, _ operands: [[BigInteger]], limbs: Int
        ) -> [BigInteger] {
            var input: [UInt64] = []
            for k in 0..<4 {
                let values =
                    k < operands.count
                    ? operands[k] : [BigInteger](repeating: BigInteger(0), count: 8)
                input += Self.rows(values)
            }
            var output = [UInt64](repeating: 0, count: 64)
            bls_lanes_operate(operation, &output, input)
            return (0..<8).map { Self.value(output, lane: $0, limbs: limbs) }
        }

        /// One operation: what it takes, and what its result times 2^shift is, mod the modulus.
        struct Case: Sendable, CustomTestStringConvertible {
            let name: String
            let operation: Int32
            let isScalar: Bool
            let limits: [UInt64]
            /// Results are below this many times the modulus.
            let bound: UInt64
            let shift: Int
            let expected: @Sendable ([BigInteger], BigInteger) -> BigInteger

            var testDescription: String { name }
        }

        static let cases: [Case] = {
            let p17: UInt64 = 1 << 17
            let p16: UInt64 = 1 << 16
            return [
                Case(
                    name: "fp mul", operation: 0, isScalar: false, limits: [p17, p17], bound: 3,
                    shift: 416
                ) { v, _ in v[0] * v[1] },
                Case(
                    name: "fp mul small", operation: 0, isScalar: false, limits: [8, 8], bound: 3,
                    shift: 416
                ) { v, _ in v[0] * v[1] },
                Case(
                    name: "fp sqr", operation: 1, isScalar: false, limits: [p17], bound: 3,
                    shift: 416
                ) { v, _ in v[0] * v[0] },
                Case(
                    name: "fp ab + cd", operation: 2, isScalar: false,
                    limits: [p16, p16, p16, p16], bound: 3, shift: 416
                ) { v, _ in v[0] * v[1] + v[2] * v[3] },
                Case(
                    name: "fp add", operation: 3, isScalar: false, limits: [p16, p16], bound: p17,
                    shift: 0
                ) { v, _ in v[0] + v[1] },
                Case(
                    name: "fp sub", operation: 4, isScalar: false, limits: [p16, 63],
                    bound: p16 + 64, shift: 0
                ) { v, m in v[0] + m * BigInteger(64) - v[1] },
                Case(
                    name: "fp weak", operation: 5, isScalar: false, limits: [p17], bound: 4,
                    shift: 0
                ) { v, _ in v[0] },
                Case(
                    name: "fp weak from 8 p", operation: 6, isScalar: false, limits: [8], bound: 2,
                    shift: 0
                ) { v, _ in v[0] },
                Case(
                    name: "fp canonical", operation: 7, isScalar: false, limits: [1024], bound: 1,
                    shift: 0
                ) { v, _ in v[0] },
                Case(
                    name: "fr mul", operation: 9, isScalar: true, limits: [35, 2], bound: 4,
                    shift: 260
                ) { v, _ in v[0] * v[1] },
                Case(
                    name: "fr mul wide", operation: 9, isScalar: true, limits: [35, 33], bound: 36,
                    shift: 260
                ) { v, _ in v[0] * v[1] },
                Case(
                    name: "fr sqr", operation: 10, isScalar: true, limits: [33], bound: 34,
                    shift: 260
                ) { v, _ in v[0] * v[0] },
                Case(
                    name: "fr ab + cd", operation: 11, isScalar: true, limits: [20, 20, 20, 20],
                    bound: 26, shift: 260
                ) { v, _ in v[0] * v[1] + v[2] * v[3] },
                Case(
                    name: "fr add", operation: 12, isScalar: true, limits: [17, 17], bound: 34,
                    shift: 0
                ) { v, _ in v[0] + v[1] },
                Case(
                    name: "fr sub", operation: 13, isScalar: true, limits: [31, 4], bound: 35,
                    shift: 0
                ) { v, m in v[0] + m * BigInteger(4) - v[1] },
                Case(
                    name: "fr weak", operation: 14, isScalar: true, limits: [35], bound: 2,
                    shift: 0
                ) { v, _ in v[0] },
                Case(
                    name: "fr canonical", operation: 15, isScalar: true, limits: [35], bound: 1,
                    shift: 0
                ) { v, _ in v[0] },
                Case(
                    name: "fr sixteenth", operation: 16, isScalar: true, limits: [35], bound: 4,
                    shift: 4
                ) { v, _ in v[0] },
            ]
        }()

        @Test(arguments: cases)
        func agreesWithIntegers(_ test: Case) {
            let modulus = test.isScalar ? Self.r : Self.p
            let limbs = test.isScalar ? 5 : 8
            for kind in LaneTests.kinds {
                var random = TestRandom(UInt64(900 + test.operation))
                LaneTests.with(kind) {
                    for _ in 0..<24 {
                        let operands = test.limits.map { limit in
                            (0..<8).map { _ in
                                Self.operand(&random, modulus: modulus, times: limit)
                            }
                        }
                        let results = run(test.operation, operands, limbs: limbs)
                        for lane in 0..<8 {
                            let expected = test.expected(operands.map { $0[lane] }, modulus)
                            #expect(
                                results[lane].shifted(left: test.shift) % modulus
                                    == expected % modulus)
                            #expect(results[lane] < modulus * BigInteger(test.bound))
                        }
                    }
                }
            }
        }

        /// The weak reduction's estimate is good to a small part of the modulus for small multiples.
        @Test func weakReductionIsTight() {
            for kind in LaneTests.kinds {
                var random = TestRandom(950)
                LaneTests.with(kind) {
                    for (operation, limit) in [(Int32(5), UInt64(64)), (6, 8)] {
                        for _ in 0..<20 {
                            let operands = (0..<8).map { _ in
                                Self.operand(&random, modulus: Self.p, times: limit)
                            }
                            for result in run(operation, [operands], limbs: 8) {
                                let bound = Self.p * BigInteger(513)
                                #expect(result * BigInteger(512) < bound)
                            }
                        }
                    }
                }
            }
        }

        @Test func inversion() {
            let one = BigInteger(1)
            for kind in LaneTests.kinds {
                var random = TestRandom(960)
                LaneTests.with(kind) {
                    for _ in 0..<10 {
                        let operands = (0..<8).map { lane -> BigInteger in
                            if lane == 0 { return one }
                            if lane == 1 { return Self.p - one }
                            return one + BigInteger(bytes: random.bytes(56)) % (Self.p - one)
                        }
                        // a and its inverse in Montgomery form: their product is R^2.
                        for (a, inverse) in zip(operands, run(8, [operands], limbs: 8)) {
                            #expect(
                                a * inverse % Self.p == one.shifted(left: 832) % Self.p)
                        }
                    }
                }
            }
        }
    }
}
