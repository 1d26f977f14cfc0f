public import LibP2P

/// What a node wants done. The shell carries these out in order.
public enum NodeDirective: Sendable {
    /// Join a topic.
    case subscribe(topic: String)
    /// Leave a topic.
    case unsubscribe(topic: String)
    /// The verdict on a gossip message; every delivered message gets exactly one.
    case verdict(GossipToken, GossipVerdict)
    /// Gossip a message of this node's own.
    case publish(Publication)
    /// Ask a peer; the shell gives up after the timeout, and so does the node.
    case request(OutboundRequest)
    /// The answer no longer matters: reset the stream.
    case cancelRequest(OutboundRequestToken)
    /// One message of the answer to a peer's request.
    case respond(InboundRequestToken, [UInt8])
    /// The answer to a peer's request is complete.
    case finishResponse(InboundRequestToken)
    /// Reset a peer's request.
    case failResponse(InboundRequestToken, ResponseRefusal)
    /// Run this away from the event loop and hand the result back as `workFinished`.
    case run(WorkToken, Work)
    /// The peer did something that costs it standing.
    case penalise(PeerID, Offence)
    /// The peer is of no use or does harm: close its connections.
    case disconnect(PeerID, Offence)
    /// Which peers the connection manager should look for; replaces the last wishes.
    case wish(ConnectionWishes)
    /// Something the operator, the interface or the store wants to know.
    case report(NodeReport)
}

/// The verdict on a gossip message, in gossipsub's sense.
public enum GossipVerdict: Sendable, Hashable {
    /// Valid and new: pass it on.
    case accept
    /// Not passed on, nobody's fault.
    case ignore(IgnoreReason)
    /// Invalid: the sender is penalised.
    case reject(Offence)
}

/// Why a message was dropped without blame.
public enum IgnoreReason: String, Sendable, Hashable, CaseIterable {
    /// Nothing in it is new here.
    case nothingNew
    /// The header it belongs to is not known, or its hold ran out.
    case unknownHeader
    /// A bound on memory or work is reached.
    case overloaded
    /// Its slot has not begun, even with the clock tolerance.
    case fromTheFuture
    /// It is older than the retention window.
    case tooOld
    /// The lane has enough headers at that height or slot (or is closed there) already.
    case enoughAtHeight
    /// Its parent is not known here.
    case unknownParent
    /// Evidence that this node cannot judge (yet), or whose opposite it holds.
    case notApplicable
    /// The sender's quota is used up.
    case quota
    /// This node does not take part in the topic.
    case notSubscribed
}

/// What a peer did wrong.
public enum Offence: String, Sendable, Hashable, CaseIterable {
    /// Bytes that do not decode, or break a size limit.
    case malformed
    /// A header that breaks a rule or whose signature does not hold.
    case invalidHeader
    /// A column on a topic that is not its own.
    case wrongTopic
    /// Rows unordered, repeated, out of range, or cells that are never sent.
    case invalidRows
    /// A cell whose proof does not hold.
    case invalidProof
    /// Evidence that does not hold.
    case invalidEvidence
    /// An answer that is not what was asked.
    case invalidAnswer
    /// A claim to hold cells that it then refused to give.
    case brokenClaim
    /// No answer in time.
    case unresponsive
    /// More requests, or larger ones, than the limits allow.
    case excessiveRequests
    /// Another network's node.
    case foreignNetwork
}

/// Why this node does not answer a request.
public enum ResponseRefusal: String, Sendable, Hashable, CaseIterable {
    /// The request does not decode or breaks a limit.
    case malformed
    /// The peer's budget is used up.
    case overBudget
    /// The protocol is not served here.
    case unsupported
}

/// A message to gossip.
public struct Publication: Sendable, Hashable {
    /// The full topic string.
    public let topic: String
    /// The message.
    public let data: [UInt8]
    /// How far it goes at once.
    public let reach: PublicationReach

    /// A message for a topic.
    public init(topic: String, data: [UInt8], reach: PublicationReach) {
        self.topic = topic
        self.data = data
        self.reach = reach
    }
}

/// How far a publication goes at once.
public enum PublicationReach: Sendable, Hashable {
    /// To everyone gossipsub would send it to.
    case everyone
    /// The first copy, to one peer only (or as `everyone` if that peer has gone). The same message
    /// follows later with `remaining`.
    case firstCopy(PeerID)
    /// To everyone but the peer that has had the first copy.
    case remaining(except: PeerID)
}

/// A request on its way out.
public struct OutboundRequest: Sendable, Hashable {
    /// Names it in the answer.
    public let token: OutboundRequestToken
    /// Whom to ask.
    public let peer: PeerID
    /// The full protocol name.
    public let protocolName: String
    /// What to ask, one message.
    public let body: [UInt8]
    /// When to give up, in milliseconds from now.
    public let timeoutMilliseconds: UInt64
}

/// Which peers a node needs, for the connection manager.
public struct ConnectionWishes: Sendable, Hashable {
    /// How many peers to have in all.
    public var peers: Int
    /// Column groups that have too few custodians among the connected peers, ascending.
    public var groups: [Int]
    /// How many custodians each needed group should have.
    public var peersPerGroup: Int
    /// All column groups that the node needs custodians of, ascending.
    public var needed: [Int]

    /// Wishes for the connection manager.
    public init(peers: Int, groups: [Int], peersPerGroup: Int, needed: [Int] = []) {
        self.peers = peers
        self.groups = groups
        self.peersPerGroup = peersPerGroup
        self.needed = needed
    }
}
