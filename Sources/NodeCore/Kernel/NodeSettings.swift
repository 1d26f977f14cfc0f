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
    /// Headers of one lane whose places are kept in memory, some 600 bytes each. Older ones are in
    /// the archive; a node that was away catches up that many.
    public var maximumHeadersPerLane = 4096
    /// The same for all lanes together; lanes have equal shares.
    public var maximumHeaders = 16_384
    /// How many slots back headers, samples, cells and evidence are kept and caught up on; nil, and
    /// at most: the network's retention window.
    public var windowSlots: UInt64?
    /// Headers that the operator vouches for, one to a lane at most.
    public var checkpoints: [Checkpoint] = []
    /// Blocks that are in memory at a time. Others are in the archive and the store.
    public var maximumBlocks = 64
    /// Blocks not in memory that operators may have ordered at a time.
    public var maximumOrders = 256
    /// Blocks past their last deadline that are caught up on at a time; the newest first.
    public var backBlocksAtOnce = 4

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

    /// A block that cannot be rebuilt may pass this node's samples with a probability of at most
    /// `10^-t`, t from 1 to 18; nil: the network's target.
    public var samplingTarget: Int?
    /// Samples of a block that may fail (the lossy plan): for each that does, up to this number, the
    /// sequence is extended. 0 is the plain plan.
    public var allowedMisses = 0
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
