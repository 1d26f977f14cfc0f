import SSZ
import SystemCrypto
import Testing

/// One encoding to a value: everything else is refused, with the place and the numbers.
@Suite struct StrictnessSuite {
    private let sample = Mixed(
        version: 1, name: [1, 2, 3], height: .max, points: [[UInt8](repeating: 5, count: 48)],
        entries: [
            Entry(namespace: [9], firstCell: 1, length: 2, encoding: 0),
            Entry(namespace: [], firstCell: .max, length: .max, encoding: .max),
        ],
        numbers: [1, 2], root: .zero, fixed: [Fixed(a: 1, b: 2, c: .zero, d: true)])

    @Test func theFirstOffsetIsExact() {
        var bytes = Mixed.ssz.encode(sample)
        let offset = bytes[1]
        bytes[1] = offset + 1
        #expect(
            throws: SSZError(
                .wrongFirstOffset(actual: Int(offset) + 1, expected: Int(offset)),
                path: [.field("name")])
        ) { try Mixed.ssz.decode(bytes) }
    }

    @Test func offsetsDoNotDecreaseOrLeaveTheBytes() {
        var bytes = Mixed.ssz.encode(sample)
        bytes.replaceSubrange(13..<17, with: [0, 0, 0, 0])
        #expect(
            throws: SSZError(.offsetDecreases(from: 61, to: 0), path: [.field("points")])
        ) { try Mixed.ssz.decode(bytes) }
        bytes.replaceSubrange(13..<17, with: [0xff, 0xff, 0xff, 0xff])
        #expect(
            throws: SSZError(
                .offsetBeyondEnd(actual: 0xffff_ffff, byteCount: bytes.count),
                path: [.field("points")])
        ) { try Mixed.ssz.decode(bytes) }
    }

    @Test func trailingAndMissingBytes() {
        let fixed = Fixed.ssz.encode(Fixed(a: 1, b: 2, c: .zero, d: false))
        #expect(throws: SSZError(.wrongLength(actual: 43, expected: 42))) {
            try Fixed.ssz.decode(fixed + [0])
        }
        #expect(throws: SSZError(.wrongLength(actual: 41, expected: 42))) {
            try Fixed.ssz.decode(Array(fixed.dropLast()))
        }
        let mixed = Mixed.ssz.encode(sample)
        #expect(
            throws: SSZError(
                .partialElement(byteCount: 43, elementByteCount: 42), path: [.field("fixed")])
        ) { try Mixed.ssz.decode(mixed + [0]) }
    }

    @Test func booleans() {
        #expect(throws: SSZError(.malformedBoolean(2))) { try SSZType<Bool>.boolean.decode([2]) }
    }

    @Test func listsOfVariableElements() throws {
        let type = SSZType<[[UInt8]]>.list(of: .byteList(limit: 4), limit: 3)
        #expect(try type.decode([]) == [])
        #expect(try type.decode([4, 0, 0, 0]) == [[]])
        #expect(try type.decode([8, 0, 0, 0, 9, 0, 0, 0, 7, 8]) == [[7], [8]])
        #expect(throws: SSZError(.malformedFirstOffset(actual: 0))) {
            try type.decode([0, 0, 0, 0])
        }
        #expect(throws: SSZError(.malformedFirstOffset(actual: 6))) {
            try type.decode([6, 0, 0, 0, 0, 0])
        }
        #expect(throws: SSZError(.offsetBeyondEnd(actual: 8, byteCount: 4))) {
            try type.decode([8, 0, 0, 0])
        }
        #expect(throws: SSZError(.tooManyElements(actual: 4, limit: 3))) {
            try type.decode([16, 0, 0, 0, 16, 0, 0, 0, 16, 0, 0, 0, 16, 0, 0, 0])
        }
        #expect(throws: SSZError(.tooShort(actual: 3, minimum: 4))) { try type.decode([4, 0, 0]) }
        #expect(throws: SSZError(.offsetDecreases(from: 8, to: 7), path: [.element(0)])) {
            try type.decode([8, 0, 0, 0, 7, 0, 0, 0, 1])
        }
        #expect(throws: SSZError(.tooLong(actual: 5, maximum: 4), path: [.element(0)])) {
            try type.decode([4, 0, 0, 0, 1, 2, 3, 4, 5])
        }
        #expect(throws: SSZError(.tooLong(actual: 25, maximum: 24))) {
            try type.decode([UInt8](repeating: 0, count: 25))
        }
    }

    @Test func pathsNameTheElement() {
        var bytes = Mixed.ssz.encode(sample)
        bytes[bytes.count - 1] = 3
        do {
            _ = try Mixed.ssz.decode(bytes)
            Issue.record("decoded")
        } catch {
            #expect("\(error)" == "fixed[0].d: boolean of value 3")
        }
    }

    @Test func sizesFollowFromLimits() {
        #expect(Entry.ssz.fixedByteCount == nil)
        #expect(Entry.ssz.minimumByteCount == 13)
        #expect(Entry.ssz.maximumByteCount == 45)
        #expect(Fixed.ssz.fixedByteCount == 42)
        let huge = SSZType<[[[UInt8]]]>.list(
            of: .list(of: .byteList(limit: .max), limit: .max), limit: .max)
        #expect(huge.maximumByteCount == .max)
    }

    /// Whatever decodes encodes to the same bytes; nothing traps.
    @Test func alteredEncodings() {
        var random = SeededRandom(number: 6)
        let bytes = Mixed.ssz.encode(sample)
        var decoded = 0
        for round in 0..<60_000 {
            var altered = bytes
            switch round % 4 {
            case 0: altered = Array(altered.prefix(random.uniform(below: bytes.count + 1)))
            case 1: altered[random.uniform(below: 61)] = UInt8(random.uniform(below: 256))
            case 2:
                for _ in 0...random.uniform(below: 4) {
                    altered[random.uniform(below: bytes.count)] ^=
                        1 << UInt8(random.uniform(below: 8))
                }
            default:
                altered = (0..<random.uniform(below: 300)).map { _ in
                    UInt8(random.uniform(below: 4) == 0 ? random.uniform(below: 256) : 0)
                }
            }
            guard let value = try? Mixed.ssz.decode(altered) else { continue }
            decoded += 1
            #expect(Mixed.ssz.encode(value) == altered)
        }
        #expect(decoded > 1000)
    }
}
