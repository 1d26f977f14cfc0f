import Availability
import DataMatrix
import KZGCommitments
import SSZ
import Testing

/// Evidence that holds, to be varied.
enum EvidenceSamples {
    static let slotStart = genesis.advanced(byMilliseconds: 9 * 6000)

    static func log(peers: Int = 3) throws -> AttemptLog {
        var log = AttemptLog()
        for index in 0..<(4 * peers) {
            log.append(
                try Attempt(
                    peer: [9, UInt8(index % peers)],
                    cell: CellCoordinate(row: index % 4, column: index % 3),
                    ended: slotStart.advanced(byMilliseconds: UInt64(100 * index)),
                    outcome: AttemptOutcome.allCases[index % 6]))
        }
        return log
    }

    /// The smallest set of cells of a matrix that cannot be rebuilt, in its first rows and columns.
    static func stoppingSet(_ shape: MatrixShape) -> CellSet {
        CellSet(
            shape,
            (0...shape.dataRows).flatMap { row in
                (0...shape.dataColumns).map { CellCoordinate(row: row, column: $0) }
            })
    }

    static func report(
        _ parameters: NetworkParameters, header: SignedHeaderSummary, missing: CellSet? = nil,
        log: AttemptLog? = nil, watchedFrom: UInt64 = 100, reported: UInt64 = 24_000,
        signer: UInt8 = 3
    ) throws -> WithholdingReport {
        let shape = try header.summary.shape(preset: parameters.preset)
        return try WithholdingReport(
            header: header, missing: missing ?? stoppingSet(shape), log: log ?? self.log(),
            watchedFrom: slotStart.advanced(byMilliseconds: watchedFrom),
            reported: slotStart.advanced(byMilliseconds: reported), key: key(signer))
    }
}
