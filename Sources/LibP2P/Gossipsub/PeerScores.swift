/// The scores of gossip peers, after gossipsub 1.1: what each did, weighted and decaying. A score below
/// zero outlives the connection; one above does not.
package struct PeerScores: Sendable {
    /// What a peer did on one topic.
    struct TopicStats: Sendable {
        /// The topic's number in `topics`.
        let topic: Int
        var graftedAt: Instant?
        var meshTime: Duration = .zero
        var meshDeliveriesActive = false
        var firstDeliveries = 0.0
        var meshDeliveries = 0.0
        var meshFailure = 0.0
        var invalidMessages = 0.0
    }

    struct Record: Sendable {
        var isConnected = true
        /// When a retained score ends.
        var expires = Instant.distantFuture
        /// Nil where the address is exempt from P6.
        var address: IPAddress?
        /// In the order in which the topics were first scored.
        var topics: [TopicStats] = []
        var application = 0.0
        var behaviour = 0.0
        /// Everything but P6, until something changes.
        var cached: Double?
    }

    private(set) var parameters: ScoreParameters
    private var records: [PeerID: Record] = [:]
    private var order = SortedSet<PeerID>()
    private var peersAtAddress: [IPAddress: Int] = [:]
    private var topicNumbers: [String: Int] = [:]
    private var topicParameters: [TopicScoreParameters] = []
    private var retainedCount = 0

    package init(parameters: ScoreParameters) {
        self.parameters = parameters
    }

    // MARK: who is there

    /// A peer connected; what is remembered of it comes back.
    package mutating func connected(_ peer: PeerID, address: IPAddress?) {
        if records[peer] == nil {
            records[peer] = Record()
            order.insert(peer)
        } else if records[peer]?.isConnected == false {
            retainedCount -= 1
        } else {
            releaseAddress(of: peer)
        }
        records[peer]?.isConnected = true
        records[peer]?.expires = .distantFuture
        records[peer]?.cached = nil
        let counted = address?.unmapped
        records[peer]?.address = counted
        if let counted { peersAtAddress[counted, default: 0] += 1 }
    }

    /// A peer is gone: deliveries are forgotten, what is held against it is kept for a time.
    package mutating func disconnected(_ peer: PeerID, now: Instant) {
        guard var record = records[peer], record.isConnected else { return }
        let last = score(of: peer)
        releaseAddress(of: peer)
        guard last <= 0, isHeldAgainst(record) else {
            forget(peer)
            return
        }
        for index in record.topics.indices {
            let deficit = meshDeficit(record.topics[index])
            record.topics[index].meshFailure += deficit * deficit
            record.topics[index].firstDeliveries = 0
            record.topics[index].graftedAt = nil
            record.topics[index].meshDeliveriesActive = false
        }
        record.address = nil
        record.isConnected = false
        record.expires = now + parameters.retention
        record.cached = nil
        records[peer] = record
        retainedCount += 1
        if retainedCount > parameters.maximumRetained { forgetEarliestRetained() }
    }

    /// Whether there is anything in a record that a new connection should not wash off.
    private func isHeldAgainst(_ record: Record) -> Bool {
        record.behaviour > 0 || record.application < 0
            || record.topics.contains { $0.invalidMessages > 0 || $0.meshFailure > 0 }
    }

    private mutating func releaseAddress(of peer: PeerID) {
        guard let address = records[peer]?.address else { return }
        let left = (peersAtAddress[address] ?? 1) - 1
        peersAtAddress[address] = left > 0 ? left : nil
        records[peer]?.address = nil
    }

    private mutating func forget(_ peer: PeerID) {
        if records[peer]?.isConnected == false { retainedCount -= 1 }
        records[peer] = nil
        order.remove(peer)
    }

    private mutating func forgetEarliestRetained() {
        var earliest: (peer: PeerID, expires: Instant)?
        for peer in order {
            guard let record = records[peer], !record.isConnected else { continue }
            if record.expires < earliest?.expires ?? .distantFuture {
                earliest = (peer, record.expires)
            }
        }
        if let earliest { forget(earliest.peer) }
    }

    /// Peers remembered, connected or not.
    package var count: Int { records.count }

    // MARK: what they do

    /// The peer was taken into the mesh of a topic.
    package mutating func grafted(_ peer: PeerID, topic: String, now: Instant) {
        withStats(peer, topic) { stats, _ in
            stats.graftedAt = now
            stats.meshTime = .zero
            stats.meshDeliveriesActive = false
        }
    }

    /// The peer left the mesh of a topic, by whoever's wish.
    package mutating func pruned(_ peer: PeerID, topic: String) {
        withStats(peer, topic) { stats, parameters in
            let deficit = Self.meshDeficit(stats, parameters)
            stats.meshFailure += deficit * deficit
            stats.graftedAt = nil
            stats.meshDeliveriesActive = false
        }
    }

    /// The peer was the first to send a valid message.
    package mutating func deliveredFirst(_ peer: PeerID, topic: String) {
        withStats(peer, topic) { stats, parameters in
            stats.firstDeliveries = min(
                stats.firstDeliveries + 1, parameters.firstDeliveriesCap)
            Self.countMeshDelivery(&stats, parameters)
        }
    }

    /// The peer sent a copy of a valid message while it was validated or soon after.
    package mutating func deliveredInTime(_ peer: PeerID, topic: String) {
        withStats(peer, topic) { stats, parameters in
            Self.countMeshDelivery(&stats, parameters)
        }
    }

    private static func countMeshDelivery(
        _ stats: inout TopicStats, _ parameters: TopicScoreParameters
    ) {
        guard stats.graftedAt != nil else { return }
        stats.meshDeliveries = min(stats.meshDeliveries + 1, parameters.meshDeliveriesCap)
    }

    /// The peer sent an invalid message.
    package mutating func sentInvalid(_ peer: PeerID, topic: String) {
        withStats(peer, topic) { stats, _ in stats.invalidMessages += 1 }
    }

    /// The peer broke the protocol's rules, `count` times.
    package mutating func misbehaved(_ peer: PeerID, count: Double = 1) {
        records[peer]?.behaviour += count
        records[peer]?.cached = nil
    }

    /// The application takes `points` off, or gives some if negative.
    package mutating func penalise(_ peer: PeerID, points: Double) {
        guard points.isFinite else { return }
        records[peer]?.application -= points
        records[peer]?.cached = nil
    }

    private mutating func withStats(
        _ peer: PeerID, _ topic: String,
        _ change: (inout TopicStats, TopicScoreParameters) -> Void
    ) {
        guard records[peer] != nil, let number = number(of: topic) else { return }
        let parameters = topicParameters[number]
        var index = records[peer]?.topics.firstIndex { $0.topic == number }
        if index == nil {
            index = records[peer]?.topics.count
            records[peer]?.topics.append(TopicStats(topic: number))
        }
        guard let index else { return }
        records[peer]?.cached = nil
        change(&records[peer, default: Record()].topics[index], parameters)
    }

    /// The number of a scored topic; nil if it is not scored. Only topics that this host joins get here,
    /// so their number is the application's.
    private mutating func number(of topic: String) -> Int? {
        if let number = topicNumbers[topic] { return number }
        guard let found = parameters.topics[topic] ?? parameters.defaultTopic else { return nil }
        topicNumbers[topic] = topicParameters.count
        topicParameters.append(found)
        return topicParameters.count - 1
    }

    // MARK: time

    /// Decays all counters once and forgets what has been retained for long enough.
    package mutating func decay(now: Instant) {
        func decayed(_ value: Double, _ factor: Double) -> Double {
            let result = value * factor
            return abs(result) < parameters.decayToZero ? 0 : result
        }
        for peer in order.array {
            guard var record = records[peer] else { continue }
            if !record.isConnected, record.expires <= now {
                forget(peer)
                continue
            }
            // What is held against a peer that is gone does not decay: reconnecting later is no way
            // to be forgiven earlier.
            guard record.isConnected else { continue }
            records[peer] = nil
            for index in record.topics.indices {
                let rules = topicParameters[record.topics[index].topic]
                var stats = record.topics[index]
                stats.firstDeliveries = decayed(stats.firstDeliveries, rules.firstDeliveriesDecay)
                stats.meshDeliveries = decayed(stats.meshDeliveries, rules.meshDeliveriesDecay)
                stats.meshFailure = decayed(stats.meshFailure, rules.meshFailureDecay)
                stats.invalidMessages = decayed(stats.invalidMessages, rules.invalidMessagesDecay)
                if let graftedAt = stats.graftedAt {
                    stats.meshTime = now - graftedAt
                    if stats.meshTime > rules.meshDeliveriesActivation {
                        stats.meshDeliveriesActive = true
                    }
                }
                record.topics[index] = stats
            }
            record.application = decayed(record.application, parameters.applicationDecay)
            record.behaviour = decayed(record.behaviour, parameters.behaviourDecay)
            record.cached = nil
            records[peer] = record
        }
    }

    // MARK: the sum

    /// The peer's score; 0 for an unknown one.
    package mutating func score(of peer: PeerID) -> Double {
        let base = conduct(of: peer)
        guard let address = records[peer]?.address else { return base }
        let excess = Double((peersAtAddress[address] ?? 0) - parameters.addressThreshold)
        return excess > 0 ? base + parameters.addressWeight * excess * excess : base
    }

    /// The score without P6, which is due to others as well; 0 for an unknown peer.
    package mutating func conduct(of peer: PeerID) -> Double {
        if let cached = records[peer]?.cached { return cached }
        guard let record = records[peer] else { return 0 }
        let sum = sum(record)
        records[peer]?.cached = sum
        return sum
    }

    /// P1 to P5 and P7.
    private func sum(_ record: Record) -> Double {
        var topics = 0.0
        for stats in record.topics {
            let rules = topicParameters[stats.topic]
            var score = 0.0
            if stats.graftedAt != nil {
                let quanta =
                    Double(stats.meshTime.nanoseconds)
                    / Double(max(rules.timeInMeshQuantum.nanoseconds, 1))
                score += rules.timeInMeshWeight * min(quanta, rules.timeInMeshCap)
            }
            score += rules.firstDeliveriesWeight * stats.firstDeliveries
            let deficit = Self.meshDeficit(stats, rules)
            score += rules.meshDeliveriesWeight * deficit * deficit
            score += rules.meshFailureWeight * stats.meshFailure
            score += rules.invalidMessagesWeight * stats.invalidMessages * stats.invalidMessages
            topics += rules.weight * score
        }
        var score = parameters.topicScoreCap > 0 ? min(topics, parameters.topicScoreCap) : topics
        score += parameters.applicationWeight * record.application
        let excess = record.behaviour - parameters.behaviourThreshold
        if excess > 0 { score += parameters.behaviourWeight * excess * excess }
        return score
    }

    private func meshDeficit(_ stats: TopicStats) -> Double {
        Self.meshDeficit(stats, topicParameters[stats.topic])
    }

    /// How far mesh deliveries are below what they should be, where that counts.
    private static func meshDeficit(
        _ stats: TopicStats, _ parameters: TopicScoreParameters
    ) -> Double {
        guard stats.graftedAt != nil, stats.meshDeliveriesActive else { return 0 }
        return max(parameters.meshDeliveriesThreshold - stats.meshDeliveries, 0)
    }
}
