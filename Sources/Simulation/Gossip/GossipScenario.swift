import LibP2P
import SystemCrypto

/// A network that gossips on one topic while nodes come and go and some of them are hostile.
package struct GossipScenario: Sendable {
    /// Nodes in all.
    package var nodes = 1000
    /// Connections that each node dials and keeps.
    package var dials = 10
    /// One way, in milliseconds; each link has one of these.
    package var delays = 20...200
    /// The share of segments lost.
    package var loss = 0.05
    /// Megabits a second of each node, towards the network and from it.
    package var upMegabits = 20.0
    package var downMegabits = 50.0
    /// The share of nodes that go within a minute; they come back after `absence`.
    package var churnPerMinute = 0.2
    /// Milliseconds that a node stays away.
    package var absence = 5000...30_000
    /// The share of those that go without a word, so that peers notice late.
    package var vanishing = 0.5
    /// The share of nodes that are hostile, one kind after the other.
    package var hostile = 0.0
    /// Messages published in a second, each by another honest node.
    package var messagesPerSecond = 1.0
    /// Bytes of a message.
    package var messageBytes = 4096
    /// Seconds before the first message, and those in which messages are published.
    package var warmUpSeconds = 20
    package var publishingSeconds = 60
    /// Seconds after the last message.
    package var tailSeconds = 6
    /// Milliseconds within which a message shall have arrived.
    package var deadline = 4000
    /// A node counts as a subscriber of a message if it was up this many milliseconds before, and until
    /// the deadline: it needs some time to dial and join.
    package var joining = 2000

    /// The figures of the whole issue.
    package init() {}

    /// 1,000 nodes, 20 % of them gone and back each minute, 5 % loss.
    package static var churn: GossipScenario { GossipScenario() }

    /// The same size with 30 % hostile nodes and no churn, more messages.
    package static var hostility: GossipScenario {
        var scenario = GossipScenario()
        scenario.hostile = 0.3
        scenario.churnPerMinute = 0
        scenario.messagesPerSecond = 2
        scenario.messageBytes = 512
        return scenario
    }

    /// The kinds of nodes.
    package enum Kind: String, CaseIterable, Sendable {
        case honest
        /// Publishes invalid messages to all of its peers, twice a second.
        case spammer
        /// Takes its place in meshes and forwards nothing.
        case silent
        /// Forwards the messages of half of the publishers only.
        case censor
        /// Leaves the meshes of all of its peers and grafts them anew, in turn, every second, whatever
        /// they answer; forwards nothing.
        case grafter
    }

    /// The kind of a node: hostile ones are spread evenly over the numbers.
    func kind(of node: Int) -> Kind {
        let count = Int((hostile * Double(nodes)).rounded())
        let before = node * count / nodes
        guard (node + 1) * count / nodes > before else { return .honest }
        return [.spammer, .silent, .censor, .grafter][before % 4]
    }

    static let topic = "/damask/00000000/headers"

    /// A host's configuration under a key that follows from its number. (The key is 32 bytes that need
    /// not be a point: nothing is signed here.)
    func configuration(of node: Int) throws -> HostConfiguration {
        let key = try PublicKey(ed25519: SHA256.hash(Array("simulated node \(node)".utf8)))
        var configuration = HostConfiguration(publicKey: key)
        configuration.gossip?.parameters.maximumRPCBytes = 128 << 10
        return configuration
    }
}
