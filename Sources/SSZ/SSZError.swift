/// Why bytes are not the SSZ encoding of a value: where, and with which numbers.
public struct SSZError: Error, Equatable, Sendable {
    /// What is wrong.
    public enum Reason: Equatable, Sendable {
        /// A value of fixed size has another number of bytes.
        case wrongLength(actual: Int, expected: Int)
        /// The bytes are fewer than the smallest encoding has.
        case tooShort(actual: Int, minimum: Int)
        /// The bytes are more than the largest encoding has.
        case tooLong(actual: Int, maximum: Int)
        /// The bytes of a list are no multiple of its element's size.
        case partialElement(byteCount: Int, elementByteCount: Int)
        /// A list has more elements than its limit.
        case tooManyElements(actual: Int, limit: Int)
        /// The first offset does not point just behind the fixed part.
        case wrongFirstOffset(actual: Int, expected: Int)
        /// The first offset of a list of variable elements is zero or no multiple of four.
        case malformedFirstOffset(actual: Int)
        /// An offset lies before its predecessor.
        case offsetDecreases(from: Int, to: Int)
        /// An offset lies beyond the end.
        case offsetBeyondEnd(actual: Int, byteCount: Int)
        /// A boolean is neither 0 nor 1.
        case malformedBoolean(UInt8)
        /// The fields are well-formed and together break a rule of their type.
        case invalid(String)
    }

    /// One step from a value to a part of it.
    public enum Step: Equatable, Sendable {
        /// The field of this name.
        case field(String)
        /// The element with this index.
        case element(Int)
    }

    /// What is wrong.
    public var reason: Reason
    /// Where, from the outermost value inwards.
    public var path: [Step]

    /// An error at the value itself.
    public init(_ reason: Reason, path: [Step] = []) {
        self.reason = reason
        self.path = path
    }

    /// The same error seen from the value that `step` starts from.
    func inside(_ step: Step) -> SSZError {
        SSZError(reason, path: [step] + path)
    }
}

extension SSZError: CustomStringConvertible {
    /// The place, then the reason.
    public var description: String {
        var place = ""
        for step in path {
            switch step {
            case .field(let name): place += place.isEmpty ? name : ".\(name)"
            case .element(let index): place += "[\(index)]"
            }
        }
        return place.isEmpty ? "\(reason)" : "\(place): \(reason)"
    }
}

extension SSZError.Reason: CustomStringConvertible {
    /// The reason in words and numbers.
    public var description: String {
        switch self {
        case .wrongLength(let actual, let expected):
            "\(actual) bytes, expected \(expected)"
        case .tooShort(let actual, let minimum):
            "\(actual) bytes, expected at least \(minimum)"
        case .tooLong(let actual, let maximum):
            "\(actual) bytes, expected at most \(maximum)"
        case .partialElement(let byteCount, let elementByteCount):
            "\(byteCount) bytes, no multiple of the element's \(elementByteCount)"
        case .tooManyElements(let actual, let limit):
            "\(actual) elements, expected at most \(limit)"
        case .wrongFirstOffset(let actual, let expected):
            "first offset \(actual), expected \(expected)"
        case .malformedFirstOffset(let actual):
            "first offset \(actual) is zero or no multiple of 4"
        case .offsetDecreases(let from, let to):
            "offset \(to) after offset \(from)"
        case .offsetBeyondEnd(let actual, let byteCount):
            "offset \(actual) beyond the end at \(byteCount)"
        case .malformedBoolean(let byte):
            "boolean of value \(byte)"
        case .invalid(let rule):
            rule
        }
    }
}
