package import NodeCore

/// Why a call of a `NodeBackend` failed. Each case has a stable code for programs; the description is
/// for people.
package enum BackendError: Error, Hashable, Sendable {
    /// An argument breaks a rule; the text names it, its value and what is allowed.
    case invalid(String)
    /// More than a limit allows.
    case tooLarge(what: String, actual: Int, maximum: Int)
    /// Nothing with this name is known here.
    case notFound(String)
    /// The block is known and its data can't be had in time.
    case unavailable(UnavailableReason)
    /// This node is no sequencer.
    case notSequencer
    /// The sequencer refused to sign.
    case sequencer(SequencerError)
    /// The payload is not what its encoding allows: nobody's fetch will change that.
    case malformedPayload(String)
    /// The node does as much as it may at a time; again in so many milliseconds.
    case busy(retryMilliseconds: UInt64)
    /// A store that can't be read or written: disk full, damaged, gone.
    case storage(String)
    /// The node is stopping.
    case stopping

    /// A stable, lowercase code.
    package var code: String {
        switch self {
        case .invalid: "invalid_request"
        case .tooLarge: "too_large"
        case .notFound: "not_found"
        case .unavailable: "unavailable"
        case .notSequencer: "not_a_sequencer"
        case .sequencer: "not_signed"
        case .malformedPayload: "malformed_payload"
        case .busy: "busy"
        case .storage: "storage"
        case .stopping: "stopping"
        }
    }
}

/// How far a node came with data that it could not deliver.
package struct UnavailableReason: Hashable, Sendable {
    /// What was being done: `held here`, `asking peers`, `rebuilding`.
    package var stage: String
    /// Cells that are here.
    package var heldCells: Int
    /// Cells that the payload, or its rebuilding, would need.
    package var neededCells: Int
    /// Peers that are connected.
    package var peers: Int

    /// A reason.
    package init(stage: String, heldCells: Int, neededCells: Int, peers: Int) {
        self.stage = stage
        self.heldCells = heldCells
        self.neededCells = neededCells
        self.peers = peers
    }
}

extension BackendError: CustomStringConvertible {
    /// What went wrong, for people.
    package var description: String {
        switch self {
        case .invalid(let text): text
        case .tooLarge(let what, let actual, let maximum):
            "\(what): \(actual), at most \(maximum) allowed"
        case .notFound(let what): "\(what) is not known to this node"
        case .unavailable(let reason):
            "not available (\(reason.stage)): \(reason.heldCells) of \(reason.neededCells) "
                + "cells here, \(reason.peers) peers connected"
        case .notSequencer: "this node is no sequencer: it does not publish"
        case .sequencer(let error): "not signed: \(error.explanation)"
        case .malformedPayload(let text): "malformed payload: \(text)"
        case .busy(let milliseconds): "busy: try again in \(milliseconds) ms"
        case .storage(let text): "store: \(text)"
        case .stopping: "the node is stopping"
        }
    }
}

extension SequencerError {
    /// The refusal in words.
    package var explanation: String {
        switch self {
        case .unlistedKey: "the key is not listed in the network's parameters"
        case .listening(let milliseconds):
            "after a restart the sequencer listens for a slot: \(milliseconds) ms left"
        case .slotNotAbove(let slot, let highest):
            "slot \(slot) is not above \(highest), the highest signed or seen"
        case .slotInFuture(let slot): "slot \(slot) has not begun"
        case .foreignHeader(let height):
            "the network has a header of this key at height \(height) that the signing record has "
                + "not: another process uses the key, or the record is an old copy"
        case .laneClosed(let height): "the lane is closed by an equivocation at height \(height)"
        case .recordFailed: "the signing record could not be written"
        case .header(let error): "\(error)"
        case .shapeMismatch: "the block's matrix does not have the shape of the cells to publish"
        }
    }
}
