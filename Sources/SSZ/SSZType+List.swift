extension SSZType {
    /// `List[element, limit]`.
    ///
    /// - Parameters:
    ///   - element: The schema of an element, which takes at least one byte.
    ///   - limit: The most elements.
    /// - Returns: The schema of the list.
    package static func list<Element>(
        of element: SSZType<Element>, limit: Int
    ) -> SSZType where Value == [Element] {
        precondition(element.maximumByteCount > 0)
        let part = saturatingSum(
            element.maximumByteCount, element.fixedByteCount == nil ? offsetByteCount : 0)
        return SSZType(
            fixedByteCount: nil, minimumByteCount: 0,
            maximumByteCount: saturatingProduct(limit, part), isBasic: false,
            append: { values, bytes in
                precondition(values.count <= limit, "\(values.count) elements, limit \(limit)")
                appendElements(values, of: element, to: &bytes)
            },
            parse: { bytes throws(SSZError) in
                if let size = element.fixedByteCount {
                    try parseFixed(bytes, of: element, size: size, limit: limit)
                } else {
                    try parseVariable(bytes, of: element, limit: limit)
                }
            },
            root: { values in
                Merkle.mixIn(
                    length: values.count, to: rootOfElements(values, of: element, limit: limit))
            })
    }

    /// `Vector[element, count]` of elements of fixed size.
    ///
    /// - Parameters:
    ///   - element: The schema of an element of fixed size.
    ///   - count: The number of elements, at least one.
    /// - Returns: The schema of the vector.
    package static func vector<Element>(
        of element: SSZType<Element>, count: Int
    ) -> SSZType where Value == [Element] {
        guard let size = element.fixedByteCount, count > 0 else {
            preconditionFailure("a vector of no elements, or of elements of variable size")
        }
        let byteCount = saturatingProduct(size, count)
        return SSZType(
            fixedByteCount: byteCount, minimumByteCount: byteCount, maximumByteCount: byteCount,
            isBasic: false,
            append: { values, bytes in
                precondition(values.count == count, "\(values.count) elements, not \(count)")
                appendElements(values, of: element, to: &bytes)
            },
            parse: { bytes throws(SSZError) in
                try parseFixed(bytes, of: element, size: size, limit: count)
            },
            root: { rootOfElements($0, of: element, limit: count) })
    }
}

private func appendElements<Element>(
    _ values: [Element], of element: SSZType<Element>, to bytes: inout [UInt8]
) {
    guard element.fixedByteCount == nil else {
        for value in values { element.append(value, &bytes) }
        return
    }
    // Offsets are relative to the list's own start and filled in as its elements are written.
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: values.count * offsetByteCount))
    for (index, value) in values.enumerated() {
        writeOffset(bytes.count - start, to: &bytes, at: start + index * offsetByteCount)
        element.append(value, &bytes)
    }
}

/// Overwrites the four bytes at `position` with an offset.
func writeOffset(_ offset: Int, to bytes: inout [UInt8], at position: Int) {
    guard let offset = UInt32(exactly: offset) else {
        preconditionFailure("an encoding exceeds the 4 GiB that offsets reach")
    }
    for index in 0..<offsetByteCount {
        bytes[position + index] = UInt8(truncatingIfNeeded: offset >> UInt32(8 * index))
    }
}

private func parseFixed<Element>(
    _ bytes: ArraySlice<UInt8>, of element: SSZType<Element>, size: Int, limit: Int
) throws(SSZError) -> [Element] {
    guard bytes.count % size == 0 else {
        throw SSZError(.partialElement(byteCount: bytes.count, elementByteCount: size))
    }
    let count = bytes.count / size
    guard count <= limit else { throw SSZError(.tooManyElements(actual: count, limit: limit)) }
    var values: [Element] = []
    values.reserveCapacity(count)
    for index in 0..<count {
        let start = bytes.startIndex + index * size
        do throws(SSZError) {
            values.append(try element.parse(bytes[start..<(start + size)]))
        } catch {
            throw error.inside(.element(index))
        }
    }
    return values
}

private func parseVariable<Element>(
    _ bytes: ArraySlice<UInt8>, of element: SSZType<Element>, limit: Int
) throws(SSZError) -> [Element] {
    guard !bytes.isEmpty else { return [] }
    guard bytes.count >= offsetByteCount else {
        throw SSZError(.tooShort(actual: bytes.count, minimum: offsetByteCount))
    }
    let first = readOffset(bytes, at: 0)
    guard first > 0, first % offsetByteCount == 0 else {
        throw SSZError(.malformedFirstOffset(actual: first))
    }
    guard first <= bytes.count else {
        throw SSZError(.offsetBeyondEnd(actual: first, byteCount: bytes.count))
    }
    let count = first / offsetByteCount
    guard count <= limit else { throw SSZError(.tooManyElements(actual: count, limit: limit)) }
    var values: [Element] = []
    values.reserveCapacity(count)
    var start = first
    for index in 0..<count {
        let isLast = index == count - 1
        let end = isLast ? bytes.count : readOffset(bytes, at: (index + 1) * offsetByteCount)
        do throws(SSZError) {
            values.append(try element.decode(part(of: bytes, from: start, to: end)))
        } catch {
            throw error.inside(.element(index))
        }
        start = end
    }
    return values
}

/// The bytes between two offsets that come from outside.
func part(
    of bytes: ArraySlice<UInt8>, from start: Int, to end: Int
) throws(SSZError) -> ArraySlice<UInt8> {
    guard end <= bytes.count else {
        throw SSZError(.offsetBeyondEnd(actual: end, byteCount: bytes.count))
    }
    guard start <= end else { throw SSZError(.offsetDecreases(from: start, to: end)) }
    return bytes[(bytes.startIndex + start)..<(bytes.startIndex + end)]
}

private func rootOfElements<Element>(
    _ values: [Element], of element: SSZType<Element>, limit: Int
) -> Bytes32 {
    guard element.isBasic, let size = element.fixedByteCount else {
        return Merkle.root(leaves: values.map(element.root), limit: limit)
    }
    var bytes: [UInt8] = []
    for value in values { element.append(value, &bytes) }
    let byteLimit = saturatingProduct(limit, size)
    return Merkle.root(
        leaves: Merkle.chunks(bytes[...]), limit: byteLimit / 32 + (byteLimit % 32 == 0 ? 0 : 1))
}
