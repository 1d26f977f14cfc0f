import LibP2P
import LibP2PNIO
import NodeCore

extension AddressGroup {
    /// The group of a peer's address: /16 of IPv4, /32 of IPv6; unknown behind a name.
    init(of address: Multiaddr) {
        guard let address = address.ipAddress else {
            self = .unknown
            return
        }
        self.init(bytes: address.group.bytes)
    }
}

extension LibP2P.RequestFailure {
    /// The same, in the terms of a node.
    var asSeenByNode: NodeCore.RequestFailure {
        switch self {
        case .connectionLost, .reset, .cancelled: .disconnected
        case .streamRefused: .unsupported
        case .firstByteTimeout, .timeout: .timedOut
        case .tooLong, .malformed: .malformed
        }
    }
}

extension GossipVerdict {
    /// The same, in the terms of a host.
    var asSeenByHost: MessageVerdict {
        switch self {
        case .accept: .accept
        case .ignore: .ignore
        case .reject: .reject
        }
    }
}

extension Offence {
    /// What it takes off a peer's score. A host bans at -200 by default, and points decay, so single
    /// slips of an honest peer are forgiven and habits are not.
    var points: Double {
        switch self {
        case .invalidHeader, .invalidProof, .invalidEvidence, .foreignNetwork: 60
        case .malformed, .wrongTopic, .invalidRows, .invalidAnswer, .brokenClaim: 40
        case .excessiveRequests: 10
        case .unresponsive: 1
        }
    }
}

extension DialOutcome {
    /// What a failed dial says about the peer that was dialled.
    init(_ error: any Error) {
        switch error as? DialError {
        case .tooMany, .shutDown, .refused(_, .tooManyConnections): self = .notTried
        case .connection(_, .noise(.unexpectedPeer)), .refused(_, .ownPeerID): self = .wrongPeer
        default: self = .failed
        }
    }
}
