import LibP2P

/// multistream-select: where bytes are cut makes no difference, and two honest sides find the first
/// proposal that the other has.
let multistreamTarget = FuzzTarget(
    name: "multistream", maximumLength: 2048,
    seeds: {
        let header = Multistream.line(Multistream.header)
        return [
            [0, 0, 3] + header + Multistream.line("/noise") + [1, 2, 3],
            [0, 1, 1] + header + Multistream.line("/yamux/1.0.0"),
            [0, 2, 9] + header + Multistream.line("na") + Multistream.line("/b"),
            [0, 0, 3] + header + (0..<20).flatMap { Multistream.line("/p/\($0)") },
            [1, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8],
        ]
    },
    run: { bytes in
        var reader = ByteReader(bytes)
        if reader.byte() % 2 == 0 { cutAnywhere(&reader) } else { negotiate(&reader) }
    })

private let names = [
    "/noise", "/yamux/1.0.0", "/a", "/b", "/c/" + String(repeating: "c", count: 900),
]

/// What came of a sequence of bytes.
private struct Outcome: Equatable {
    var output: [UInt8] = []
    var agreed: String?
    var leftover: [UInt8] = []
    var error: MultistreamError?
}

private func feed(
    _ start: Multistream, _ pieces: [[UInt8]], accepting: (String) -> Bool
) -> Outcome {
    var machine = start
    var outcome = Outcome()
    for piece in pieces {
        if outcome.agreed != nil {
            outcome.leftover += piece
            continue
        }
        do throws(MultistreamError) {
            let step = try machine.received(piece[...], accepting: accepting)
            outcome.output += step.output
            outcome.agreed = step.agreed
            outcome.leftover += step.leftover
        } catch {
            outcome.error = error
            // What was answered in the same call is lost with it, so it depends on the cuts.
            outcome.output = []
            return outcome
        }
    }
    return outcome
}

private func cutAnywhere(_ reader: inout ByteReader) {
    let machine: Multistream =
        switch reader.below(3) {
        case 0: .listening
        case 1: Multistream(proposing: ["/yamux/1.0.0"])
        default: Multistream(proposing: ["/a", "/b", "/noise"])
        }
    let cut = 1 + reader.below(16)
    let bytes = reader.rest()
    let accepting = { (name: String) in name == "/noise" || name == "/b" }
    let whole = feed(machine, [bytes], accepting: accepting)
    let pieces = stride(from: 0, to: bytes.count, by: cut).map {
        Array(bytes[$0..<min($0 + cut, bytes.count)])
    }
    let inPieces = feed(machine, pieces, accepting: accepting)
    require(whole == inPieces, "\(whole) at once and \(inPieces) in pieces of \(cut)")
    require(whole.output.count <= 16 * 1100 + 100, "an answer of \(whole.output.count) bytes")
}

private func negotiate(_ reader: inout ByteReader) {
    let proposals = (0..<(1 + reader.below(20))).map { number in
        reader.below(4) == 0 ? "/p/\(number)" : reader.pick(names)
    }
    let accepted = Set(names.filter { _ in reader.below(3) == 0 })
    var dialer = Multistream(proposing: proposals)
    var listener = Multistream.listening
    var toListener = dialer.opening
    var toDialer = listener.opening
    var agreed: [String?] = [nil, nil]
    var error: MultistreamError?
    let payload = reader.take(reader.below(8))
    while error == nil, agreed[0] == nil, !(toListener.isEmpty && toDialer.isEmpty) {
        do throws(MultistreamError) {
            let count = 1 + reader.below(24)
            let piece = toListener.prefix(count)
            toListener.removeFirst(piece.count)
            if agreed[1] == nil {
                let step = try listener.received(piece) { accepted.contains($0) }
                toDialer += step.output
                if let name = step.agreed {
                    agreed[1] = name
                    toDialer += payload
                }
            }
            let back = toDialer.prefix(1 + reader.below(24))
            toDialer.removeFirst(back.count)
            let step = try dialer.received(back)
            toListener += step.output
            agreed[0] = step.agreed
            if step.agreed != nil {
                require(
                    Array(step.leftover) + toDialer == payload, "what follows the agreement")
            }
        } catch let failure { error = failure }
    }
    let expected = proposals.firstIndex { accepted.contains($0) }
    if let expected, expected < Multistream.maximumProposals {
        require(agreed == [proposals[expected], proposals[expected]], "agreed on \(agreed)")
    } else {
        require(
            agreed[0] == nil && error != nil, "agreed on \(agreed), \(String(describing: error))")
    }
}
