import DataMatrix
public import KZGCommitments
public import SSZ

/// The checks of a header that comes from a peer, in the order of `specs/headers.md`.
///
/// Pure functions: what depends on the node comes in as parameters. ``admit(_:now:lane:)`` runs all
/// of them; each is also there by itself.
public struct HeaderAdmission: Sendable {
    /// The network.
    public let parameters: NetworkParameters

    /// The checks of this network.
    public init(parameters: NetworkParameters) {
        self.parameters = parameters
    }

    /// What a node knows of a header's lane.
    public struct Lane: Sendable {
        /// The roots of the headers known at the header's height.
        public var rootsAtHeight: [Bytes32]
        /// The roots of the headers known at the header's slot.
        public var rootsAtSlot: [Bytes32]
        /// The parent, if it is known. Not looked at where the height is 0.
        public var parent: Parent?

        /// What a node knows.
        public init(rootsAtHeight: [Bytes32], rootsAtSlot: [Bytes32], parent: Parent?) {
            self.rootsAtHeight = rootsAtHeight
            self.rootsAtSlot = rootsAtSlot
            self.parent = parent
        }
    }

    /// What the checks need of a parent.
    public struct Parent: Sendable, Hashable {
        /// Its lane.
        public var sequencer: NodeKey
        /// Its height.
        public var height: UInt64
        /// Its slot.
        public var slot: UInt64

        /// A parent with this place.
        public init(sequencer: NodeKey, height: UInt64, slot: UInt64) {
            self.sequencer = sequencer
            self.height = height
            self.slot = slot
        }

        /// A known header as a parent.
        public init(_ header: BlockHeader) {
            self.init(sequencer: header.sequencer, height: header.height, slot: header.slot)
        }
    }

    /// What to do with a header.
    public enum Verdict: Sendable, Hashable {
        /// Valid: keep it and pass it on. `equivocatesWith` is the root of another header of the
        /// lane at its height or slot, which closes the lane there: build the proof.
        case accept(SignedHeader, equivocatesWith: Bytes32?)
        /// Valid as far as can be told, but its parent is unknown: hold a bounded number, and ask
        /// for the parent.
        case hold(SignedHeader, parent: Bytes32)
        /// Drop it; no one is to blame.
        case ignore(HeaderError)
        /// Drop it and penalise the peer that sent it.
        case reject(HeaderError)
    }

    /// Runs all checks on a message.
    ///
    /// - Parameters:
    ///   - message: The bytes of a signed header.
    ///   - now: This node's clock.
    ///   - lane: What the node knows at the header's height and slot, and of its parent; asked only
    ///     for headers of listed keys and possible times.
    /// - Returns: What to do. One check remains for an accepted or held header, too long for an
    ///   event loop: ``checkCommitments(_:verifier:)``, before the header is passed on.
    public func admit(
        _ message: [UInt8], now: UnixTime, lane: (SignedHeader) -> Lane
    ) -> Verdict {
        do throws(HeaderError) {
            let signed = try decode(message)
            try checkContent(signed.header)
            do throws(HeaderError) {
                try checkTime(signed.header, now: now)
            } catch {
                return .ignore(error)
            }
            let known = lane(signed)
            let other: Bytes32?
            do throws(HeaderError) {
                other = try checkPlace(signed, known)
            } catch {
                return .ignore(error)
            }
            try checkSignature(signed)
            if signed.header.height > 0 {
                guard let parent = known.parent else {
                    return .hold(signed, parent: signed.header.parentRoot)
                }
                try checkParent(signed.header, parent)
            }
            return .accept(signed, equivocatesWith: other)
        } catch {
            return .reject(error)
        }
    }

    /// Checks 1 and 2, size and encoding. A failure is a reason to reject.
    public func decode(_ message: [UInt8]) throws(HeaderError) -> SignedHeader {
        guard message.count <= Limits.signedHeaderBytes else {
            throw .tooLarge(byteCount: message.count)
        }
        do throws(SSZError) {
            return try SignedHeader(encoded: message)
        } catch {
            throw .encoding("\(error)")
        }
    }

    /// Checks 3 to 6: version, network, listed key, and what the header says of its block. A
    /// failure is a reason to reject.
    public func checkContent(_ header: BlockHeader) throws(HeaderError) {
        guard header.version == BlockHeader.version else { throw .version(header.version) }
        guard header.networkID == parameters.networkID else { throw .network(header.networkID) }
        guard parameters.lists(header.sequencer) else {
            throw .unlistedSequencer(header.sequencer)
        }
        guard header.dataRows <= parameters.maximumDataRows else {
            throw .tooManyDataRows(
                Int(header.dataRows), maximum: Int(parameters.maximumDataRows))
        }
        let half = header.commitments.count / 2
        guard half == 0 || header.commitments[half...].contains(where: { !$0.isInfinity }) else {
            throw .emptySecondHalf(dataRows: Int(header.dataRows))
        }
        guard let shape = try? header.shape(preset: parameters.preset) else {
            throw .dataRows(Int(header.dataRows))
        }
        do throws(PayloadIndexError) {
            try PayloadIndex.validate(header.index, in: shape)
        } catch {
            throw .index(error)
        }
        guard (header.height == 0) == (header.parentRoot == .zero) else {
            throw .parentRoot(height: header.height)
        }
        guard header.slot >= header.height else {
            throw .slotBelowHeight(slot: header.slot, height: header.height)
        }
    }

    /// Check 7, the slot's time. A failure is a reason to ignore.
    public func checkTime(_ header: BlockHeader, now: UnixTime) throws(HeaderError) {
        let horizon = now.advanced(
            byMilliseconds: UInt64(parameters.clockToleranceMilliseconds))
        guard let start = parameters.start(ofSlot: header.slot), start <= horizon else {
            throw .slotInFuture(slot: header.slot)
        }
        let current = parameters.slot(at: now) ?? 0
        let oldest = current > parameters.retentionSlots ? current - parameters.retentionSlots : 0
        guard header.slot >= oldest else {
            throw .slotTooOld(slot: header.slot, oldest: oldest)
        }
    }

    /// Check 8, at most two headers to a height and to a slot of a lane. A failure is a reason to
    /// ignore.
    ///
    /// - Returns: The root of another header at the height or the slot, if one is known.
    public func checkPlace(_ signed: SignedHeader, _ lane: Lane) throws(HeaderError) -> Bytes32? {
        guard !lane.rootsAtHeight.contains(signed.root), !lane.rootsAtSlot.contains(signed.root)
        else { throw .known(signed.root) }
        guard lane.rootsAtHeight.count < Limits.headersPerPlace else {
            throw .enoughAtHeight(signed.header.height)
        }
        guard lane.rootsAtSlot.count < Limits.headersPerPlace else {
            throw .enoughAtSlot(signed.header.slot)
        }
        return lane.rootsAtHeight.first ?? lane.rootsAtSlot.first
    }

    /// Check 9, the signature. A failure is a reason to reject.
    public func checkSignature(_ signed: SignedHeader) throws(HeaderError) {
        guard signed.isSignatureValid else { throw .signature }
    }

    /// Check 10, the place above the parent. A failure is a reason to reject.
    public func checkParent(_ header: BlockHeader, _ parent: Parent) throws(HeaderError) {
        guard parent.sequencer == header.sequencer else { throw .parentLane }
        let (next, overflow) = parent.height.addingReportingOverflow(1)
        guard !overflow, header.height == next else {
            throw .height(actual: header.height, parent: parent.height)
        }
        guard header.slot > parent.slot else {
            throw .slot(actual: header.slot, parent: parent.slot)
        }
    }
    /// Check 11, that each commitment is a point of the right group: some 50 microseconds to a row.
    /// A failure is a reason to reject.
    public static func checkCommitments(
        _ header: BlockHeader, verifier: KZGVerifier
    ) throws(HeaderError) {
        for (row, commitment) in header.commitments.enumerated() {
            do throws(KZGError) {
                _ = try verifier.validatedPoint(commitment, index: row)
            } catch {
                throw .commitmentNotInGroup(row: row)
            }
        }
    }
}
