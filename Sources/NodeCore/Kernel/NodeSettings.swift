public import Availability
public import LibP2P

/// Who a node is.
public struct NodeIdentity: Sendable {
    /// Signs the custody record and withholding reports.
    public let key: SigningKey
    /// The node's name among its peers.
    public let peerID: PeerID

    /// The identity that belongs to a host's key.
    public init(_ key: IdentityKey) throws(NodeKeyError) {
        self.key = try SigningKey(seed: key.seed)
        peerID = key.peerID
    }
}

/// What an operator or a test can set of a node's behaviour, with the defaults of specs/nodes.md.
/// Times are in milliseconds.
public struct NodeSettings: Sendable, Hashable {
    /// Limits of what peers may use.
    public var peers = PeerLimits()
    /// Peers to have in all.
    public var targetPeers = 24
    /// Custodians to have for each needed column group.
    public var peersPerGroup = 3
    /// How long an answer may take.
    public var requestTimeoutMilliseconds: UInt64 = 4000
    /// How often a peer is asked for its status.
    public var statusIntervalMilliseconds: UInt64 = 6000
    /// Headers kept of one lane.
    public var maximumHeadersPerLane = 4096
    /// How many headers below a lane's head a node that knows none of them asks for.
    public var headersFetchedBack: UInt64 = 32
    /// Blocks that are followed at a time; the oldest give way.
    public var maximumBlocks = 64

    /// Pieces of verification under way at a time.
    public var verificationsUnderWay = 2
    /// Cells in one verification, unless a single group has more.
    public var cellsPerVerification = 1024
    /// Columns in one extension.
    public var columnsPerExtension = 4
    /// Extensions under way at a time.
    public var extensionsUnderWay = 2
    /// How long to wait for parity cells from others before computing them.
    public var extensionDelayMilliseconds: UInt64 = 40

    /// After a header came by gossip: how long to wait before asking peers for what gossip did not
    /// bring. A random moment between the two, so that not all nodes ask at once.
    public var repairDelayMilliseconds: ClosedRange<UInt64> = 1500...2500
    /// How long a repair waits for inventories before it plans with those it has.
    public var inventoryWaitMilliseconds: UInt64 = 1000
    /// The pause before a repair's next round, doubled each time up to the second bound.
    public var repairPauseMilliseconds: ClosedRange<UInt64> = 1500...12_000
    /// Peers asked for their inventory in one round of a repair.
    public var peersPerRepair = 64
    /// Before rebuilding what gossip may still bring, a random moment in this range, so that not all
    /// nodes rebuild at once.
    public var rebuildDelayMilliseconds: ClosedRange<UInt64> = 0...200
    /// Whether columns recovered by a rebuild are gossiped anew.
    public var reseeds = true

    /// Blocks sampled at a time; the newest first.
    public var blocksSampledAtOnce = 4
    /// Requests of a sample set under way.
    public var sampleRequestsUnderWay = 24
    /// After all peers that may hold a sample were asked in vain.
    public var samplePauseMilliseconds: ClosedRange<UInt64> = 400...6000
    /// After its own verdict, when a light node begins to serve a block's cells: a random moment in
    /// this range later.
    public var serveDelayMilliseconds: ClosedRange<UInt64> = 200...1200

    /// Bytes of a publication handed to the network in a second.
    public var publicationBytesPerSecond: UInt64 = 64 << 20

    /// The defaults.
    public init() {}
}
