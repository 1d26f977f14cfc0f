/// A message that arrived on a subscribed topic for the first time. It is neither cached nor
/// forwarded until the application has said what it is worth.
package struct GossipMessage: Hashable, Sendable {
    /// What the verdict is given for.
    package let id: MessageID
    /// The topic, one of those subscribed to.
    package let topic: String
    /// The message's content.
    package let data: [UInt8]
    /// The peer that sent it first; not necessarily its author.
    package let from: PeerID
}

/// What the application found a message to be.
package enum MessageVerdict: Hashable, Sendable {
    /// Valid: it is cached, forwarded, and to the credit of who sent it first.
    case accept
    /// Not worth forwarding, but nobody's fault: nothing follows.
    case ignore
    /// Invalid: not forwarded, and every peer that sent it is penalised.
    case reject
}

/// What became of a message that was published.
package struct Publication: Hashable, Sendable {
    /// The message's id.
    package let id: MessageID
    /// The peers that it was queued for, in the order in which it was.
    package let peers: [PeerID]
}

/// Why a message can't be published.
package enum PublishError: Error, Hashable, Sendable {
    /// Topic and data are longer than an RPC may be, in bytes.
    case tooLarge(byteCount: Int, limit: Int)
    /// The same message was published or received before.
    case duplicate(MessageID)
    /// The topic is longer than a topic may be, in bytes.
    case topicTooLong(byteCount: Int, limit: Int)
    /// This host has no gossip.
    case gossipDisabled
}
