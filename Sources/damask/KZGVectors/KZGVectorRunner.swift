import Foundation
import KZGCommitments

/// Runs the official test vectors of EIP-4844 and EIP-7594: folders `<family>/<case>/data.yaml`, also
/// with further levels between or above.
struct KZGVectorRunner {
    /// How the cases of one family went.
    struct Tally: Equatable {
        var passed = 0
        var failed = 0
    }

    /// Per family, the counts; cases of families that are not known count as failed.
    private(set) var tallies: [String: Tally] = [:]
    /// A line for each case that failed.
    private(set) var complaints: [String] = []

    private let prover = KZGProver()

    /// Runs every case under a folder.
    mutating func run(folder: URL) throws {
        for file in try KZGVectorRunner.files(under: folder) {
            let family = KZGVectorRunner.family(of: file)
            do {
                guard let family else { throw VectorCaseError.unknownFamily }
                try check(family: family, file: file)
                tallies[family.rawValue, default: Tally()].passed += 1
            } catch {
                let name = family?.rawValue ?? "unknown"
                tallies[name, default: Tally()].failed += 1
                complaints.append("\(file.path): \(error)")
            }
        }
    }

    private static func files(under folder: URL) throws -> [URL] {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isDirectory),
            isDirectory.boolValue
        else { throw CocoaError(.fileReadNoSuchFile) }
        guard
            let enumerator = FileManager.default.enumerator(
                at: folder, includingPropertiesForKeys: nil)
        else { throw CocoaError(.fileReadUnknown) }
        let files = enumerator.compactMap { $0 as? URL }
        return files.filter { $0.lastPathComponent == "data.yaml" }.sorted { $0.path < $1.path }
    }

    /// The innermost folder that is named like a family, the case's own left out.
    private static func family(of file: URL) -> KZGVectorFamily? {
        file.pathComponents.dropLast(2).reversed().lazy
            .compactMap { KZGVectorFamily(rawValue: $0) }.first
    }

    private func check(family: KZGVectorFamily, file: URL) throws {
        guard let text = String(data: try Data(contentsOf: file), encoding: .utf8) else {
            throw VectorCaseError.shape("not UTF-8")
        }
        guard case .map(let root) = try VectorFile.parse(text),
            case .map(let input) = root["input"],
            let expected = root["output"]
        else { throw VectorCaseError.shape("no input or output") }
        let actual: VectorValue
        do {
            actual = try family.run(VectorInput(values: input), prover: prover)
        } catch is KZGError {
            actual = .null
        } catch VectorCaseError.badInput {
            actual = .null
        }
        guard actual == expected else {
            throw VectorCaseError.different(
                expected: KZGVectorRunner.excerpt(expected), actual: KZGVectorRunner.excerpt(actual)
            )
        }
    }

    private static func excerpt(_ value: VectorValue) -> String {
        String("\(value)".prefix(100))
    }
}

/// Why a case fails.
enum VectorCaseError: Error, CustomStringConvertible {
    /// No family of this name is known.
    case unknownFamily
    /// The file does not have the form of its family.
    case shape(String)
    /// An input is not even bytes of the right number: what a vector with the output `null` may have.
    case badInput
    /// Another result.
    case different(expected: String, actual: String)

    var description: String {
        switch self {
        case .unknownFamily: "no known family"
        case .shape(let reason): "bad form: \(reason)"
        case .badInput: "bad input"
        case .different(let expected, let actual): "expected \(expected), got \(actual)"
        }
    }
}

/// A case's input.
struct VectorInput {
    let values: [String: VectorValue]

    private func value(_ name: String) throws -> VectorValue {
        guard let value = values[name] else { throw VectorCaseError.shape("no \(name)") }
        return value
    }

    private static func bytes(_ value: VectorValue) throws -> [UInt8] {
        guard case .string(let text) = value, text.hasPrefix("0x") else {
            throw VectorCaseError.shape("no hexadecimal string")
        }
        let digits = text.utf8.dropFirst(2)
        guard digits.count % 2 == 0 else { throw VectorCaseError.badInput }
        var result: [UInt8] = []
        result.reserveCapacity(digits.count / 2)
        var high: UInt8?
        for digit in digits {
            let nibble: UInt8
            switch digit {
            case 0x30...0x39: nibble = digit - 0x30
            case 0x61...0x66: nibble = digit - 0x61 + 10
            case 0x41...0x46: nibble = digit - 0x41 + 10
            default: throw VectorCaseError.badInput
            }
            if let first = high {
                result.append(first << 4 | nibble)
                high = nil
            } else {
                high = nibble
            }
        }
        return result
    }

    func bytes(_ name: String) throws -> [UInt8] { try VectorInput.bytes(value(name)) }

    func byteStrings(_ name: String) throws -> [[UInt8]] {
        guard case .list(let items) = try value(name) else {
            throw VectorCaseError.shape("\(name) is no list")
        }
        return try items.map { try VectorInput.bytes($0) }
    }

    /// Lists of field elements, each list joined.
    func joinedByteStrings(_ name: String) throws -> [[UInt8]] {
        guard case .list(let items) = try value(name) else {
            throw VectorCaseError.shape("\(name) is no list")
        }
        return try items.map {
            guard case .list(let parts) = $0 else {
                throw VectorCaseError.shape("\(name) is no list of lists")
            }
            return try parts.flatMap { try VectorInput.bytes($0) }
        }
    }

    func integers(_ name: String) throws -> [Int] {
        guard case .list(let items) = try value(name) else {
            throw VectorCaseError.shape("\(name) is no list")
        }
        return try items.map {
            guard case .integer(let number) = $0 else {
                throw VectorCaseError.shape("\(name) has no integers")
            }
            return number
        }
    }

    func commitment(_ bytes: [UInt8]) throws -> KZGCommitment {
        guard let commitment = KZGCommitment(bytes) else { throw VectorCaseError.badInput }
        return commitment
    }

    func proof(_ bytes: [UInt8]) throws -> KZGProof {
        guard let proof = KZGProof(bytes) else { throw VectorCaseError.badInput }
        return proof
    }

    func commitment() throws -> KZGCommitment { try commitment(bytes("commitment")) }
    func proof() throws -> KZGProof { try proof(bytes("proof")) }
    func commitments() throws -> [KZGCommitment] {
        try byteStrings("commitments").map { try commitment($0) }
    }
    func proofs() throws -> [KZGProof] { try byteStrings("proofs").map { try proof($0) } }
}
