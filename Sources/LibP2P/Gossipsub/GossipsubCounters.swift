/// How often what happened in gossip; every message or part that was dropped is in one of them.
package struct GossipsubCounters: Sendable, Equatable {
    /// Messages published, delivered to the application for the first time, and sent.
    package var published = 0
    package var delivered = 0
    package var sent = 0
    package var sentBytes = 0
    /// Verdicts.
    package var accepted = 0
    package var ignored = 0
    package var rejected = 0
    /// Copies of messages that were there before.
    package var duplicates = 0
    /// Messages dropped because they were signed, of a topic not subscribed to, or too many waited for
    /// a verdict; and verdicts that never came.
    package var droppedSigned = 0
    package var droppedUnknownTopic = 0
    package var droppedThrottled = 0
    package var verdictTimeouts = 0
    /// RPCs of peers with too low a score, or of peers that are unknown.
    package var droppedGraylisted = 0
    /// Parts that had no use: ids of a wrong length, recommended peers that were malformed or too many.
    package var skippedParts = 0
    /// Subscriptions over the limit for a peer, or to topics that the filter does not allow.
    package var droppedSubscriptions = 0
    /// IHAVE, IWANT and IDONTWANT ids over a limit.
    package var droppedIHave = 0
    package var droppedIWant = 0
    package var droppedIDontWant = 0
    /// GRAFTs refused, and those of them that came within the backoff.
    package var refusedGrafts = 0
    package var backoffViolations = 0
    /// Promised messages that did not come.
    package var brokenPromises = 0
    /// Copies not sent because the receiver said IDONTWANT.
    package var savedByIDontWant = 0
    /// Peers grafted and pruned by this host.
    package var grafts = 0
    package var prunes = 0

    package init() {}
}
