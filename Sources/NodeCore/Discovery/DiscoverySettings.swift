/// How a node remembers peers and which it connects to. `specs/network/limits.md` has the numbers in
/// one table.
package struct DiscoverySettings: Sendable, Hashable {
    // MARK: remembering

    /// Peers remembered that this node has reached itself.
    package var maximumProven = 512
    /// Peers remembered that it has only been told of.
    package var maximumUnproven = 512
    /// Of those, how many one peer may have told of; further ones replace its own.
    package var maximumPerSource = 32
    /// The same for all peers of one address group (/16 of IPv4, /32 of IPv6).
    package var maximumPerSourceGroup = 64
    /// Peers remembered in one address group.
    package var maximumPerGroup = 64
    /// Peers remembered at one IPv4 address or /64 of IPv6.
    package var maximumPerAddress = 4
    /// Addresses remembered of one peer.
    package var maximumAddressesPerPeer = 8
    /// Failures in a row after which a peer that was never reached is forgotten.
    package var failuresOfUnproven = 3
    /// Failures in a row after which a peer that was reached once may be forgotten.
    package var failuresOfProven = 10
    /// It is forgotten then if that is longer ago than this.
    package var provenLifetime: Duration = .seconds(604_800)

    // MARK: dialling

    /// Dials under way at the same time.
    package var maximumDials = 8
    /// Time between two dials in the long run.
    package var dialInterval: Duration = .milliseconds(200)
    /// Dials at once after a quiet time.
    package var dialBurst = 32
    /// The pause after the first failure with a peer; it doubles with each further one, and a random
    /// quarter is taken off or added.
    package var firstPause: Duration = .seconds(1)
    /// The longest pause with a remembered peer.
    package var longestPause: Duration = .seconds(600)
    /// The longest pause with a bootstrap node.
    package var longestBootstrapPause: Duration = .seconds(60)
    /// After a failure at an address, how long no unproven peer is dialled there, whatever its id; it
    /// doubles too.
    package var firstAddressPause: Duration = .seconds(10)
    /// The longest such pause.
    package var longestAddressPause: Duration = .seconds(3600)
    /// Addresses whose pauses are remembered.
    package var maximumAddressPauses = 1024
    /// A connection that ends sooner counts as a failure.
    package var shortConnection: Duration = .seconds(10)

    // MARK: connections

    /// Of the peers that the node wishes for, the share that it dials itself.
    package var outboundShare = 0.5
    /// Connected peers beyond which the least useful are disconnected. Loopback is exempt.
    package var maximumPeers = 192
    /// Peers beyond the wished number that are connected to while column groups lack custodians.
    package var exploredPeers = 8
    /// With fewer peers, bootstrap nodes are dialled beside remembered ones.
    package var bootstrapBelow = 4
    /// The oldest inbound connections are kept when there are too many: so many.
    package var protectedInbound = 8
    /// How long a dialled peer may be of no use before another may take its place.
    package var uselessFor: Duration = .seconds(300)
    /// Time between two such exchanges.
    package var rotationInterval: Duration = .seconds(60)

    // MARK: exchange

    /// Time between two rounds of the manager while something is missing.
    package var busyRound: Duration = .seconds(1)
    /// The same while nothing is.
    package var quietRound: Duration = .seconds(5)
    /// Time between two questions for peers to one peer.
    package var askInterval: Duration = .seconds(15)
    /// The time between two rounds of questions doubles with each that brings nobody new, from
    /// `busyRound` up to this.
    package var longestAskPause: Duration = .seconds(60)
    /// Peers asked in one round.
    package var asksPerRound = 2
    /// Time between two questions when nothing is missing.
    package var refreshInterval: Duration = .seconds(600)
    /// Candidates to dial that are enough not to ask for more.
    package var enoughCandidates = 16
    /// Time between two answers to one peer in the long run.
    package var answerInterval: Duration = .seconds(5)
    /// Answers to one peer at once.
    package var answerBurst = 4
    /// Peers named in an answer at one address group.
    package var answeredPerGroup = 4
    /// Time between two records taken from one peer in the long run.
    package var recordInterval: Duration = .milliseconds(500)
    /// Records taken from one peer at once; each costs two signatures to check.
    package var recordBurst = 64

    package init() {}
}
