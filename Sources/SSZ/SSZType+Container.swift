/// A field of a container: its name in specifications, where its value is found, its schema.
package struct SSZField<Container, Value>: Sendable {
    let name: String
    let value: @Sendable (Container) -> Value
    let type: SSZType<Value>

    /// A field that a key path leads to.
    package static func field(
        _ name: String, _ path: any KeyPath<Container, Value> & Sendable, _ type: SSZType<Value>
    ) -> SSZField {
        SSZField(name: name, value: { $0[keyPath: path] }, type: type)
    }
}

extension SSZType {
    /// A container: fields in the order given, those of variable size behind the others.
    ///
    /// - Parameters:
    ///   - fields: The fields.
    ///   - make: Makes a value of its fields, or refuses them.
    /// - Returns: The schema of the container.
    package static func container<each Field>(
        _ fields: repeat SSZField<Value, each Field>,
        make: @escaping @Sendable (repeat each Field) throws(SSZError) -> Value
    ) -> SSZType {
        var layout = ContainerLayout()
        repeat layout.add((each fields).type)
        let fixedPart = layout.fixedPart
        let fields = (repeat each fields)
        let leaves: @Sendable (Value) -> [Bytes32] = { value in
            var roots: [Bytes32] = []
            repeat roots.append((each fields).type.root((each fields).value(value)))
            return roots
        }
        return SSZType(
            fixedByteCount: layout.isFixed ? fixedPart : nil,
            minimumByteCount: layout.minimum, maximumByteCount: layout.maximum, isBasic: false,
            append: { value, bytes in
                var writer = ContainerWriter(fixedPart: fixedPart, bytes: &bytes)
                repeat writer.writeFixed(each fields, of: value, to: &bytes)
                repeat writer.writeVariable(each fields, of: value, to: &bytes)
            },
            parse: { bytes throws(SSZError) in
                var reader = try ContainerReader(bytes, fixedPart: fixedPart)
                repeat try reader.scan((each fields).type, name: (each fields).name)
                reader.rewind()
                return try make(repeat try reader.read(each fields))
            },
            root: { value in
                let roots = leaves(value)
                return Merkle.root(leaves: roots, limit: roots.count)
            },
            leaves: leaves)
    }
}

/// Sizes of a container, summed up field by field.
private struct ContainerLayout {
    var fixedPart = 0
    var isFixed = true
    var minimum = 0
    var maximum = 0

    mutating func add<Field>(_ type: SSZType<Field>) {
        if let size = type.fixedByteCount {
            fixedPart += size
            minimum += size
            maximum = saturatingSum(maximum, size)
        } else {
            isFixed = false
            fixedPart += offsetByteCount
            minimum += offsetByteCount + type.minimumByteCount
            maximum = saturatingSum(maximum, saturatingSum(offsetByteCount, type.maximumByteCount))
        }
    }
}

/// Writes the fixed part with room for offsets, then the variable fields, whose offsets it enters.
private struct ContainerWriter {
    private let start: Int
    private var offsetPositions: [Int] = []
    private var nextVariable = 0

    init(fixedPart: Int, bytes: inout [UInt8]) {
        start = bytes.count
        bytes.reserveCapacity(start + fixedPart)
    }

    mutating func writeFixed<Container, Field>(
        _ field: SSZField<Container, Field>, of container: Container, to bytes: inout [UInt8]
    ) {
        if field.type.fixedByteCount != nil {
            field.type.append(field.value(container), &bytes)
        } else {
            offsetPositions.append(bytes.count)
            bytes.append(contentsOf: repeatElement(0, count: offsetByteCount))
        }
    }

    mutating func writeVariable<Container, Field>(
        _ field: SSZField<Container, Field>, of container: Container, to bytes: inout [UInt8]
    ) {
        guard field.type.fixedByteCount == nil else { return }
        writeOffset(bytes.count - start, to: &bytes, at: offsetPositions[nextVariable])
        nextVariable += 1
        field.type.append(field.value(container), &bytes)
    }
}

/// Reads a container in two passes: first the offsets, which are checked as a whole, then fields.
private struct ContainerReader {
    private let bytes: ArraySlice<UInt8>
    private let fixedPart: Int
    private var position = 0
    /// The ends of the variable fields' bytes start where the next one's begin.
    private var offsets: [Int] = []
    private var nextVariable = 0

    init(_ bytes: ArraySlice<UInt8>, fixedPart: Int) throws(SSZError) {
        guard bytes.count >= fixedPart else {
            throw SSZError(.tooShort(actual: bytes.count, minimum: fixedPart))
        }
        self.bytes = bytes
        self.fixedPart = fixedPart
    }

    /// Passes over a field and notes its offset.
    mutating func scan<Field>(_ type: SSZType<Field>, name: String) throws(SSZError) {
        if let size = type.fixedByteCount {
            position += size
            return
        }
        let offset = readOffset(bytes, at: position)
        position += offsetByteCount
        if let previous = offsets.last {
            guard offset >= previous else {
                throw SSZError(
                    .offsetDecreases(from: previous, to: offset), path: [.field(name)])
            }
        } else if offset != fixedPart {
            throw SSZError(
                .wrongFirstOffset(actual: offset, expected: fixedPart), path: [.field(name)])
        }
        guard offset <= bytes.count else {
            throw SSZError(
                .offsetBeyondEnd(actual: offset, byteCount: bytes.count), path: [.field(name)])
        }
        offsets.append(offset)
    }

    /// Goes back to the first field; without variable fields, nothing may follow the fixed part.
    mutating func rewind() {
        position = 0
        offsets.append(bytes.count)
    }

    mutating func read<Container, Field>(
        _ field: SSZField<Container, Field>
    ) throws(SSZError) -> Field {
        let range: Range<Int>
        if let size = field.type.fixedByteCount {
            range = position..<(position + size)
            position += size
        } else {
            range = offsets[nextVariable]..<offsets[nextVariable + 1]
            position += offsetByteCount
            nextVariable += 1
        }
        let start = bytes.startIndex
        do throws(SSZError) {
            return try field.type.decode(
                bytes[(start + range.lowerBound)..<(start + range.upperBound)])
        } catch {
            throw error.inside(.field(field.name))
        }
    }
}
