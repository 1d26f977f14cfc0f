/// Why a negotiation of protocols failed.
package enum MultistreamError: Error, Equatable, Sendable {
    /// A line's length is no minimal varint of two bytes at most.
    case malformedLength(VarintError)
    /// A line longer than the limit, newline included, in bytes.
    case lineTooLong(length: Int, limit: Int)
    /// A line without a newline at its end.
    case missingNewline
    /// The first line is not multistream-select's own name.
    case missingHeader
    /// The listener answered with something that was not proposed.
    case unexpectedAnswer
    /// The other side has none of the protocols.
    case noCommonProtocol
    /// The other side proposed more protocols than the limit.
    case tooManyProposals(limit: Int)
}

/// One side of multistream-select 1.0: both sides say its name, then the dialer proposes protocols
/// and the listener repeats the one that it takes, or says `na`.
///
/// The same machine runs on the bare connection, on the secured channel and on each stream. What
/// follows the agreement in the same bytes belongs to the agreed protocol and is handed back.
package struct Multistream: Sendable {
    /// What came of received bytes.
    package struct Step: Sendable {
        /// To be sent.
        package var output: [UInt8] = []
        /// The protocol that both sides agreed on; then the machine is done.
        package var agreed: String?
        /// What followed the agreement.
        package var leftover: ArraySlice<UInt8> = []
    }

    /// The protocol's own name, which both sides send first.
    package static let header = "/multistream/1.0.0"
    /// The longest line that is read, in bytes with its newline.
    package static let maximumLineByteCount = 1024
    /// The most proposals that a listener answers.
    package static let maximumProposals = 16

    private let role: ConnectionRole
    /// What a dialer proposes from here on, most wanted first.
    private var proposals: ArraySlice<String>
    private var hasHeader = false
    private var answeredCount = 0
    /// The beginning of a line whose end has not arrived; at most a line long.
    private var partial: [UInt8] = []

    /// The dialer's side.
    ///
    /// - Parameter protocols: What to propose, most wanted first; at least one.
    package init(proposing protocols: [String]) {
        self.init(role: .dialer, proposals: protocols[...])
    }

    /// The listener's side.
    package static var listening: Multistream { Multistream(role: .listener, proposals: []) }

    private init(role: ConnectionRole, proposals: ArraySlice<String>) {
        self.role = role
        self.proposals = proposals
    }

    /// A line as it is sent.
    package static func line(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        Varint.append(UInt64(text.utf8.count + 1), to: &bytes)
        bytes.append(contentsOf: text.utf8)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// What to send at once: the header, and a dialer's first proposal with it.
    package var opening: [UInt8] {
        Self.line(Self.header) + (proposals.first.map(Self.line) ?? [])
    }

    /// Takes received bytes.
    ///
    /// - Parameters:
    ///   - bytes: What arrived after the bytes of earlier calls.
    ///   - accepted: Whether a listener takes a proposed protocol.
    /// - Returns: What to send, and the outcome if there is one.
    /// - Throws: `MultistreamError`; the negotiation is over then.
    package mutating func received(
        _ bytes: ArraySlice<UInt8>, accepting accepted: (String) -> Bool = { _ in false }
    ) throws(MultistreamError) -> Step {
        var step = Step()
        var rest = bytes
        if !partial.isEmpty {
            rest = (partial + bytes)[...]
            partial = []
        }
        while step.agreed == nil, let line = try Self.nextLine(&rest) {
            try take(line, &step, accepted)
        }
        if step.agreed == nil {
            partial = Array(rest)
        } else {
            step.leftover = rest
        }
        return step
    }

    private mutating func take(
        _ line: ArraySlice<UInt8>, _ step: inout Step, _ accepted: (String) -> Bool
    ) throws(MultistreamError) {
        guard hasHeader else {
            guard line.elementsEqual(Self.header.utf8) else { throw .missingHeader }
            hasHeader = true
            return
        }
        switch role {
        case .dialer:
            if let proposal = proposals.first, line.elementsEqual(proposal.utf8) {
                step.agreed = proposal
            } else if line.elementsEqual("na".utf8) {
                proposals = proposals.dropFirst()
                guard let next = proposals.first else { throw .noCommonProtocol }
                step.output += Self.line(next)
            } else {
                throw .unexpectedAnswer
            }
        case .listener:
            // A line that is no UTF-8 comes out changed, and no protocol contains the character
            // that stands in for what was repaired.
            let name = String(decoding: line, as: UTF8.self)
            if accepted(name) {
                step.agreed = name
                step.output += Self.line(name)
            } else {
                answeredCount += 1
                guard answeredCount < Self.maximumProposals else {
                    throw .tooManyProposals(limit: Self.maximumProposals)
                }
                step.output += Self.line("na")
            }
        }
    }

    /// Cuts a line from the front of `bytes`, without its newline; nil if it is not whole.
    private static func nextLine(
        _ bytes: inout ArraySlice<UInt8>
    ) throws(MultistreamError) -> ArraySlice<UInt8>? {
        let prefix: (value: UInt64, byteCount: Int)?
        do {
            prefix = try Varint.read(bytes, maximumBytes: 2)
        } catch {
            throw .malformedLength(error)
        }
        guard let (length, prefixCount) = prefix else { return nil }
        guard length <= UInt64(maximumLineByteCount) else {
            throw .lineTooLong(length: Int(length), limit: maximumLineByteCount)
        }
        guard length > 0 else { throw .missingNewline }
        guard bytes.count - prefixCount >= Int(length) else { return nil }
        let start = bytes.startIndex + prefixCount
        let end = start + Int(length)
        guard bytes[end - 1] == UInt8(ascii: "\n") else { throw .missingNewline }
        defer { bytes = bytes[end...] }
        return bytes[start..<end - 1]
    }
}
