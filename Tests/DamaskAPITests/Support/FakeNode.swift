import Availability
import DamaskNode
import DataMatrix
import KZGCommitments
import NodeCore
import SSZ
import Synchronization
import SystemCrypto

/// A node that answers from what a test put into it.
final class FakeNode: NodeBackend {
    struct State {
        var headers: [HeaderRecord] = []
        var blocks: [BlockRecord] = []
        var payloads: [PayloadRecord] = []
        var cells: [CellCoordinate: NodeCore.ProvenCell] = [:]
        var evidence: [EvidenceEntry] = []
        var published: [PublishRequest] = []
        var publishFailure: BackendError?
        var payloadFailure: BackendError?
        var isReady = true
        var readers: [AsyncStream<BackendEvent>.Continuation] = []
        var waited: [UInt64] = []
    }

    let network: NetworkParameters
    let key: SigningKey
    let state = Mutex(State())

    init() throws {
        key = try SigningKey(seed: [UInt8](repeating: 7, count: 32))
        network = try NetworkParameters(
            sequencers: [key.publicKey], genesis: UnixTime(milliseconds: 1_700_000_000_000))
    }

    func edit<Result: Sendable>(_ body: (inout State) throws -> Result) rethrows -> Result {
        try state.withLock { try body(&$0) }
    }

    /// Adds a header of the lane with one payload of each namespace.
    @discardableResult
    func addHeader(height: UInt64, namespaces: [[UInt8]] = [[1]]) throws -> SignedHeader {
        let signed = try makeHeader(height: height, namespaces: namespaces)
        edit { $0.headers.append(HeaderRecord(header: signed, state: .available)) }
        return signed
    }

    func makeHeader(
        height: UInt64, namespaces: [[UInt8]] = [[1]], state: UInt8 = 0
    ) throws -> SignedHeader {
        let index = namespaces.enumerated().map {
            PayloadIndexEntry(
                namespace: $0.element, firstCell: UInt32($0.offset), length: 10, encoding: .packed)
        }
        let header = try BlockHeader(
            networkID: network.networkID, sequencer: key.publicKey, height: height,
            slot: height + 100, parentRoot: .zero, commitments: [.infinity], index: index,
            newStateRoot: Bytes32([UInt8](repeating: state, count: 32)) ?? .zero)
        return SignedHeader(signing: header, with: key)
    }

    func addPayload(_ bytes: [UInt8], of header: SignedHeader, entry: UInt16 = 0) {
        let record = PayloadRecord(
            commitment: PayloadCommitment(root: header.root, entry: entry),
            sequencer: key.publicKey, height: header.header.height, slot: header.header.slot,
            entry: PayloadIndexEntry(
                namespace: [1], firstCell: 0, length: UInt32(bytes.count), encoding: .packed),
            bytes: bytes)
        edit { $0.payloads.append(record) }
    }

    /// Tells all readers.
    func tell(_ news: BackendEvent.News, number: UInt64) {
        let event = BackendEvent(number: number, unixMilliseconds: 1, news: news)
        for reader in edit({ $0.readers }) { reader.yield(event) }
    }

    var readerCount: Int { edit { $0.readers.count } }

    // MARK: NodeBackend

    func status() async -> NodeStatus {
        let head = edit { $0.headers.max { $0.header.header.height < $1.header.header.height } }
        return NodeStatus(
            role: .full, version: "1.2.3", networkID: network.networkID, peerID: "12D3Koo",
            listenAddresses: ["/ip4/127.0.0.1/tcp/1/p2p/12D3Koo"], sequencerKey: nil,
            custodyGroups: [0, 31], startedUnixMilliseconds: 5, slot: 9, peers: 3,
            outboundAddressGroups: 2,
            lanes: [
                LaneStatus(
                    sequencer: key.publicKey, headHeight: head?.header.header.height,
                    headSlot: head?.header.header.slot, headRoot: head?.header.root,
                    sampledHeight: nil, closedAtHeight: nil)
            ], readiness: await readiness(),
            store: StoreStatus(
                bytes: 10, maximumBytes: 20, blocks: 1, headers: 2, lastError: nil, errors: 0))
    }

    func readiness() async -> Readiness {
        edit {
            Readiness(
                isReady: $0.isReady, lag: $0.isReady ? 0 : 12, allowedLag: 4,
                reasons: $0.isReady ? [] : ["12 blocks behind"])
        }
    }

    func parameters() async -> NetworkParameters { network }

    func publish(_ request: PublishRequest) async throws(BackendError) -> PublicationStatus {
        let (failure, isRepeated) = edit { state in
            let isRepeated = state.published.contains(request)
            if state.publishFailure == nil, !isRepeated { state.published.append(request) }
            return (state.publishFailure, isRepeated)
        }
        if let failure { throw failure }
        return PublicationStatus(
            root: root(of: request), height: 3, slot: 4,
            commitments: [PayloadCommitment(root: root(of: request), entry: 0)], stage: .signed,
            messages: 65, firstCopies: 0, complete: 0, isRepeated: isRepeated)
    }

    private func root(of request: PublishRequest) -> Bytes32 {
        Bytes32(SHA256.hash(request.payloads.flatMap { $0.namespace + $0.bytes })) ?? .zero
    }

    func publication(_ root: Bytes32) async -> PublicationStatus? {
        guard let request = edit({ $0.published.first { self.root(of: $0) == root } }) else {
            return nil
        }
        return PublicationStatus(
            root: self.root(of: request), height: 3, slot: 4, commitments: [], stage: .available,
            messages: 65, firstCopies: 65, complete: 65, isRepeated: false)
    }

    func payloads(_ query: PayloadQuery) async throws(BackendError) -> [PayloadRecord] {
        let (failure, all) = edit { state in
            state.waited.append(query.waitMilliseconds)
            return (state.payloadFailure, state.payloads)
        }
        if let failure { throw failure }
        return switch query.name {
        case .commitment(let commitment): all.filter { $0.commitment == commitment }
        case .row: all
        default: []
        }
    }

    func headers(_ query: HeaderQuery) async throws(BackendError) -> [HeaderRecord] {
        let all = edit { $0.headers }.sorted {
            $0.header.header.height > $1.header.header.height
        }
        return Array(
            all.filter { record in
                query.sequencer.map { $0 == record.header.header.sequencer } ?? true
                    && query.upToHeight.map { record.header.header.height <= $0 } ?? true
            }.prefix(query.limit))
    }

    func header(_ root: Bytes32) async throws(BackendError) -> HeaderRecord? {
        edit { $0.headers.first { $0.header.root == root } }
    }

    func block(_ root: Bytes32) async throws(BackendError) -> BlockRecord? {
        edit { $0.blocks.first { $0.root == root } }
    }

    func blocks(limit: Int) async throws(BackendError) -> [BlockRecord] {
        edit { Array($0.blocks.prefix(limit)) }
    }

    func cells(
        _ places: [CellCoordinate], of root: Bytes32
    ) async throws(BackendError) -> [NodeCore.ProvenCell] {
        edit { state in places.compactMap { state.cells[$0] } }
    }

    func evidence(limit: Int) async throws(BackendError) -> [EvidenceEntry] {
        edit { Array($0.evidence.prefix(limit)) }
    }

    func peers() async -> [PeerRecord] {
        [
            PeerRecord(
                peerID: "12D3KooPeer", address: "/ip4/10.0.0.1/tcp/4", isOutbound: true,
                role: .light, custodyGroups: [], score: -0.5)
        ]
    }

    func events() async throws(BackendError) -> AsyncStream<BackendEvent> {
        let (stream, continuation) = AsyncStream.makeStream(of: BackendEvent.self)
        edit { $0.readers.append(continuation) }
        return stream
    }

    func metricsText() async -> String { "damask_head_height 7\n" }
}
