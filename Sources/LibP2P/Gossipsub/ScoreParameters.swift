/// How peers are judged for what they do on one topic. Names are those of gossipsub 1.1, whose
/// parameters P1 to P4 these are. Weights of P1 and P2 are at least 0, the others at most 0.
package struct TopicScoreParameters: Sendable, Equatable {
    /// What the topic counts for.
    package var weight = 0.5

    /// P1, time in the mesh: what one quantum of it is worth.
    package var timeInMeshWeight = 0.01
    /// P1: the time that counts as 1.
    package var timeInMeshQuantum: Duration = .seconds(1)
    /// P1: the most quanta that count.
    package var timeInMeshCap = 300.0

    /// P2, valid messages that the peer sent first: what one is worth.
    package var firstDeliveriesWeight = 1.0
    /// P2: what is left of the count after each interval.
    package var firstDeliveriesDecay = 0.9
    /// P2: the most that count.
    package var firstDeliveriesCap = 20.0

    /// P3, messages missed while in the mesh, squared: off (0) unless a topic's rate is
    /// known, since it prunes honest peers of quiet topics.
    package var meshDeliveriesWeight = 0.0
    /// P3: what is left of the count of deliveries after each interval.
    package var meshDeliveriesDecay = 0.9
    /// P3: the most deliveries that count.
    package var meshDeliveriesCap = 100.0
    /// P3: deliveries below which some are missed.
    package var meshDeliveriesThreshold = 1.0
    /// A copy that comes this long after the first one's validation still counts.
    package var meshDeliveriesWindow: Duration = .milliseconds(500)
    /// P3 starts this long after the peer was grafted.
    package var meshDeliveriesActivation: Duration = .seconds(10)

    /// P3b, what was missed when the peer was pruned, squared: it sticks.
    package var meshFailureWeight = 0.0
    /// P3b: what is left of it after each interval.
    package var meshFailureDecay = 0.9

    /// P4, invalid messages, squared.
    package var invalidMessagesWeight = -20.0
    /// P4: what is left of the count after each interval.
    package var invalidMessagesDecay = 0.99

    package init() {}
}

/// How peers are judged as a whole, and what follows from a score.
package struct ScoreParameters: Sendable, Equatable {
    /// Topics that are judged differently.
    package var topics: [String: TopicScoreParameters] = [:]
    /// How all other topics are judged; nil if they are not.
    package var defaultTopic: TopicScoreParameters? = TopicScoreParameters()
    /// The most that all topics together can add.
    package var topicScoreCap = 100.0

    /// P5, what the application thinks of the peer: what one of its points is worth.
    package var applicationWeight = 1.0
    /// P5: what is left of the points after each interval.
    package var applicationDecay = 0.995

    /// P6, peers that share an address beyond the threshold, squared. Loopback is exempt.
    package var addressWeight = -5.0
    /// P6: how many may share one.
    package var addressThreshold = 8

    /// P7, misbehaviour in the protocol beyond the threshold, squared.
    package var behaviourWeight = -10.0
    /// P7: how much is free.
    package var behaviourThreshold = 6.0
    /// P7: what is left of the count after each interval.
    package var behaviourDecay = 0.98

    /// Time between two decays.
    package var decayInterval: Duration = .seconds(1)
    /// What decays to less than this is 0.
    package var decayToZero = 0.01
    /// How long a score below 0 outlives the connection.
    package var retention: Duration = .seconds(3600)
    /// How many of them are remembered.
    package var maximumRetained = 4096

    /// Below it, no gossip is sent to or taken from the peer.
    package var gossipThreshold = -40.0
    /// Below it, own messages are not sent to the peer.
    package var publishThreshold = -80.0
    /// Below it, everything that the peer sends is dropped unread.
    package var graylistThreshold = -160.0
    /// From it on, the peers that a pruning peer recommends are taken note of.
    package var acceptPeerExchangeThreshold = 10.0
    /// If the median of the mesh is below, better peers are grafted.
    package var opportunisticGraftThreshold = 2.0

    package init() {}
}
