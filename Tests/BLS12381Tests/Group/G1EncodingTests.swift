import BLS12381
import Testing

@Suite struct G1EncodingTests {
    @Test func roundTrip() throws {
        var random = TestRandom(31)
        for _ in 0..<30 {
            let p = random.point()
            #expect(try G1Affine(compressed: p.compressed) == p)
            #expect(try G1Affine(compressed: (-p).compressed) == -p)
            #expect(p.compressed[0] ^ (-p).compressed[0] == 0x20)
        }
        let infinity = [0xc0] + [UInt8](repeating: 0, count: 47)
        #expect(G1Affine.infinity.compressed == infinity)
        #expect(try G1Affine(compressed: infinity) == .infinity)
    }

    @Test func onlyOneEncodingOfEachPoint() {
        let good = G1Affine.generator.compressed
        func expect(_ error: PointError, _ bytes: [UInt8]) {
            #expect(throws: error) { try G1Affine(compressed: bytes) }
        }
        expect(.wrongLength(actual: 0, expected: 48), [])
        expect(.wrongLength(actual: 47, expected: 48), Array(good.dropLast()))
        expect(.wrongLength(actual: 49, expected: 48), good + [0])
        // Not compressed.
        expect(.badFlags, [good[0] & 0x7f] + good.dropFirst())
        expect(.badFlags, [UInt8](repeating: 0, count: 48))
        // Infinity with anything else.
        expect(.badFlags, [0xe0] + [UInt8](repeating: 0, count: 47))
        expect(.badFlags, [0x40] + [UInt8](repeating: 0, count: 47))
        for i in 0..<48 {
            var bytes = [0xc0] + [UInt8](repeating: 0, count: 47)
            bytes[i] |= 1
            expect(.badFlags, bytes)
        }
        // x = p, and x above p.
        var p = FpTests.p.bytes(count: 48)
        p[0] |= 0x80
        expect(.notCanonical, p)
        expect(.notCanonical, [0x9f] + [UInt8](repeating: 0xff, count: 47))
    }

    @Test func curveAndSubgroup() throws {
        var random = TestRandom(32)
        // x = 0 gives the points (0, 2) and (0, -2) of order 3, outside the subgroup.
        let three = G1Affine(x: .zero, y: Fp(2))
        #expect(three.isOnCurve && !three.isInSubgroup)
        #expect(throws: PointError.notInSubgroup) {
            try G1Affine(compressed: [0x80] + [UInt8](repeating: 0, count: 47))
        }
        var missed = 0
        for _ in 0..<60 {
            let p = random.curvePoint()
            #expect(p.isOnCurve)
            let inSubgroup = G1Reference.multiply(p, by: G1Tests.order.bytes(count: 32)).isInfinity
            #expect(p.isInSubgroup == inSubgroup)
            #expect(!inSubgroup)
            #expect(throws: PointError.notInSubgroup) { try G1Affine(compressed: p.compressed) }
            let unchecked = try p.compressed.withUnsafeBytes {
                try G1Affine(compressedUncheckedSubgroup: $0)
            }
            #expect(unchecked == p)
            let sum = G1Reference.add(p, .generator)
            #expect(sum.isOnCurve && !sum.isInSubgroup)
            #expect(random.point().isInSubgroup)
            #expect(!G1Affine(x: p.x, y: p.y + .one).isOnCurve)

            // Every other x is no point's.
            let x = Fp(random.next())
            if (x * x * x + Fp(4)).squareRoot() == nil {
                missed += 1
                var bytes = x.bytes
                bytes[0] |= 0x80
                #expect(throws: PointError.notOnCurve) { try G1Affine(compressed: bytes) }
            }
        }
        #expect(missed > 10)
        #expect(G1Affine.infinity.isOnCurve && G1Affine.infinity.isInSubgroup)
    }

    @Test func manyAtOnce() {
        var random = TestRandom(34)
        let points = random.points(9) + [.infinity]
        var bytes = [UInt8](repeating: 0, count: 48 * points.count)
        points.withUnsafeBufferPointer { points in
            bytes.withUnsafeMutableBytes { G1Affine.writeCompressed(points, to: $0) }
        }
        #expect(bytes == points.flatMap(\.compressed))
        var parsed = [G1Affine](repeating: .generator, count: points.count)
        func parse(_ bytes: [UInt8], checkingSubgroup: Bool = true) -> (Int, PointError)? {
            bytes.withUnsafeBytes { bytes in
                parsed.withUnsafeMutableBufferPointer {
                    G1Affine.parse(
                        compressed: bytes, into: $0, checkingSubgroup: checkingSubgroup)
                }
            }
        }
        #expect(parse(bytes) == nil)
        #expect(parsed == points)
        func replaced(_ index: Int, _ encoding: [UInt8]) -> [UInt8] {
            var copy = bytes
            copy.replaceSubrange(48 * index..<48 * (index + 1), with: encoding)
            return copy
        }
        let outside = random.curvePoint()
        for index in [0, 4, 9] {
            let bad = replaced(index, [UInt8](repeating: 0, count: 48))
            #expect(parse(bad) ?? (-1, .notOnCurve) == (index, .badFlags))
            let stray = replaced(index, outside.compressed)
            #expect(parse(stray) ?? (-1, .notOnCurve) == (index, .notInSubgroup))
            #expect(parse(stray, checkingSubgroup: false) == nil)
            #expect(parsed[index] == outside)
        }
    }

    /// Points of the curve of small order, or with a component of small order, are outside.
    @Test func smallOrderComponents() {
        var random = TestRandom(33)
        // The cofactor times a point is in the subgroup; r times one has only the rest.
        for _ in 0..<20 {
            let rest = G1Reference.multiply(
                random.curvePoint(), by: G1Tests.order.bytes(count: 32))
            guard !rest.isInfinity else { continue }
            #expect(rest.isOnCurve && !rest.isInSubgroup)
            #expect(!G1Reference.add(rest, random.point()).isInSubgroup)
        }
    }
}
