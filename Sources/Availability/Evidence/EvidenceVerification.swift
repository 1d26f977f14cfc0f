import DataMatrix
import KZGCommitments

extension WithholdingReport {
    /// Checks everything of a report that can be checked.
    ///
    /// - Parameters:
    ///   - parameters: The network's; without them the key is checked against no genesis and times
    ///     against no deadline, and nothing says so but ``EvidenceVerdict/notChecked``.
    ///   - now: The clock, if reports from the future are to be refused.
    ///   - knownZeroRows: ``BlockHeader/knownZeroRows`` of the block's whole header, if that is
    ///     at hand: the summary does not tell.
    /// - Returns: All checks with their outcomes.
    public func verify(
        parameters: NetworkParameters?, now: UnixTime?, knownZeroRows: [Int]? = nil
    ) -> EvidenceVerdict {
        var checks = EvidenceVerdict.genesisChecks(header.summary, parameters)
        checks.append(
            EvidenceCheck(
                .sequencerSignature,
                failure: header.isSignatureValid ? nil : .sequencerSignature(root: header.root)))
        checks.append(
            EvidenceCheck(
                .reporterSignature, failure: isReporterSignatureValid ? nil : .reporterSignature))
        checks += bitmapChecks(parameters?.preset, knownZeroRows)
        checks.append(EvidenceCheck(.peers, failure: peerFailure))
        guard let parameters else {
            checks += [.enoughPeers, .watchedFromStart, .deadlinePassed, .notFromFuture].map {
                EvidenceCheck($0, .notChecked)
            }
            return EvidenceVerdict(checks: checks)
        }
        let required = Int(parameters.reportPeers)
        checks.append(
            EvidenceCheck(
                .enoughPeers,
                failure: peers.count < required
                    ? .tooFewPeers(actual: peers.count, required: required) : nil))
        checks += timeChecks(parameters, now)
        return EvidenceVerdict(checks: checks)
    }

    /// The bitmap's length, and that what it marks can't be rebuilt from what it does not mark.
    private func bitmapChecks(_ preset: Preset?, _ knownZeroRows: [Int]?) -> [EvidenceCheck] {
        let rows = Int(header.summary.dataRows)
        func unusable(_ failure: EvidenceCheck.Failure) -> [EvidenceCheck] {
            [
                EvidenceCheck(.bitmap, failure: failure), EvidenceCheck(.undecodable, .notChecked),
                EvidenceCheck(.noKnownZeroRow, .notChecked),
            ]
        }
        guard (try? header.summary.shape(preset: .mainnet)) != nil else {
            return unusable(.dataRows(rows))
        }
        // Bitmaps of the presets differ in length, so without parameters it tells which one it is.
        let presets = preset.map { [$0] } ?? PresetCode.allCases.map(\.preset)
        guard let cells = presets.lazy.compactMap({ missingCells(preset: $0) }).first else {
            return unusable(.bitmapLength(actual: missing.count, dataRows: rows))
        }
        let stuck = Decodability.stuckSet(cells.complement)
        let failure: EvidenceCheck.Failure? =
            if cells.isEmpty {
                .nothingMissing
            } else if stuck.count < cells.count {
                .decodable(cells: cells.count - stuck.count, of: cells.count)
            } else {
                nil
            }
        let zeroRow: EvidenceCheck.Outcome =
            if let knownZeroRows {
                knownZeroRows.first { $0 < cells.shape.rows && cells.count(inRow: $0) > 0 }
                    .map { .failed(.knownZeroRow($0)) } ?? .held
            } else {
                .notChecked
            }
        return [
            EvidenceCheck(.bitmap, .held), EvidenceCheck(.undecodable, failure: failure),
            EvidenceCheck(.noKnownZeroRow, zeroRow),
        ]
    }

    private var peerFailure: EvidenceCheck.Failure? {
        for (index, peer) in peers.enumerated() {
            guard !peer.peer.isEmpty,
                index == 0 || peers[index - 1].peer.lexicographicallyPrecedes(peer.peer)
            else { return .peerOrder(index: index) }
            guard peer.total > 0 else { return .peerNotAsked(index: index) }
        }
        return nil
    }

    private func timeChecks(
        _ parameters: NetworkParameters, _ now: UnixTime?
    ) -> [EvidenceCheck] {
        let slot = header.summary.slot
        guard let deadlines = parameters.deadlines(ofSlot: slot) else {
            return [
                EvidenceCheck(.watchedFromStart, failure: .slot(slot)),
                EvidenceCheck(.deadlinePassed, .notChecked),
                EvidenceCheck(.notFromFuture, .notChecked),
            ]
        }
        let tolerance = UInt64(parameters.clockToleranceMilliseconds)
        let watched: EvidenceCheck.Failure? =
            if watchedFrom > deadlines.late {
                .watchedLate(from: watchedFrom, late: deadlines.late)
            } else if watchedFrom < deadlines.start.movedBack(byMilliseconds: tolerance)
                || watchedFrom > reported
            {
                .watchedAtOddTime(watchedFrom)
            } else {
                nil
            }
        let early: EvidenceCheck.Failure? =
            reported < deadlines.withheld
            ? .tooEarly(reported: reported, deadline: deadlines.withheld) : nil
        let future: EvidenceCheck.Outcome =
            if let now {
                reported > now.advanced(byMilliseconds: tolerance)
                    ? .failed(.fromFuture(reported: reported, now: now)) : .held
            } else {
                .notChecked
            }
        return [
            EvidenceCheck(.watchedFromStart, failure: watched),
            EvidenceCheck(.deadlinePassed, failure: early),
            EvidenceCheck(.notFromFuture, future),
        ]
    }
}

extension EquivocationProof {
    /// Checks everything of a proof.
    ///
    /// - Parameter parameters: The network's; without them the key is checked against no genesis.
    /// - Returns: All checks with their outcomes.
    public func verify(parameters: NetworkParameters?) -> EvidenceVerdict {
        var checks = EvidenceVerdict.genesisChecks(first.summary, parameters)
        let invalid = [first, second].first { !$0.isSignatureValid }
        checks.append(
            EvidenceCheck(
                .sequencerSignature, failure: invalid.map { .sequencerSignature(root: $0.root) }))
        let distinct: EvidenceCheck.Failure? =
            if first.root == second.root {
                .sameRoot(first.root)
            } else if second.root < first.root {
                .wrongOrder
            } else {
                nil
            }
        checks.append(EvidenceCheck(.distinctHeaders, failure: distinct))
        let (x, y) = (first.summary, second.summary)
        let place: EvidenceCheck.Failure? =
            if x.networkID != y.networkID || x.sequencer != y.sequencer {
                .differentLanes
            } else if x.height != y.height && x.slot != y.slot {
                .differentPlaces
            } else {
                nil
            }
        checks.append(EvidenceCheck(.samePlace, failure: place))
        return EvidenceVerdict(checks: checks)
    }
}

extension EvidenceVerdict {
    /// That a header belongs to the network and its key is listed at genesis.
    fileprivate static func genesisChecks(
        _ summary: HeaderSummary, _ parameters: NetworkParameters?
    ) -> [EvidenceCheck] {
        guard let parameters else {
            return [
                EvidenceCheck(.network, .notChecked), EvidenceCheck(.sequencerListed, .notChecked),
            ]
        }
        return [
            EvidenceCheck(
                .network,
                failure: summary.networkID == parameters.networkID
                    ? nil : .otherNetwork(summary.networkID)),
            EvidenceCheck(
                .sequencerListed,
                failure: parameters.lists(summary.sequencer)
                    ? nil : .unlisted(summary.sequencer)),
        ]
    }
}
