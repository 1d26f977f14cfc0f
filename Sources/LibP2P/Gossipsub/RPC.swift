/// What one gossip peer tells another at once: subscriptions, messages and control, as read from the
/// wire or about to be written.
package struct RPC: Sendable, Equatable {
    /// A change of the sender's subscriptions.
    package struct Subscription: Sendable, Equatable {
        package var topic: String
        /// False if the sender leaves the topic.
        package var subscribes: Bool

        package init(topic: String, subscribes: Bool) {
            self.topic = topic
            self.subscribes = subscribes
        }
    }

    /// A published message.
    package struct Message: Sendable, Equatable {
        package var topic: String
        package var data: [UInt8]
        /// Whether author, sequence number, signature or key came along, also if empty. Under
        /// StrictNoSign such a message is invalid.
        package var isSigned: Bool

        package init(topic: String, data: [UInt8], isSigned: Bool = false) {
            self.topic = topic
            self.data = data
            self.isSigned = isSigned
        }
    }

    /// Ids of messages of a topic that the sender has.
    package struct IHave: Sendable, Equatable {
        package var topic: String
        package var ids: [MessageID]

        package init(topic: String, ids: [MessageID]) {
            self.topic = topic
            self.ids = ids
        }
    }

    /// The sender removes the receiver from its mesh of a topic.
    package struct Prune: Sendable, Equatable {
        package var topic: String
        /// Seconds before the receiver may graft again; nil if not said.
        package var backoffSeconds: UInt64?
        /// Peers of the topic that the receiver may try instead.
        package var peers: [PeerExchangeRecord]

        package init(
            topic: String, backoffSeconds: UInt64? = nil, peers: [PeerExchangeRecord] = []
        ) {
            self.topic = topic
            self.backoffSeconds = backoffSeconds
            self.peers = peers
        }
    }

    package var subscriptions: [Subscription] = []
    package var messages: [Message] = []
    package var ihave: [IHave] = []
    /// Ids of messages that the sender asks for.
    package var iwant: [MessageID] = []
    /// Topics into whose meshes the sender takes the receiver.
    package var graft: [String] = []
    package var prune: [Prune] = []
    /// Ids of messages that the sender needs no more copies of, and in how many parts they came.
    package var idontwant: [MessageID] = []
    package var idontwantParts = 0
    /// Ids of another length than 20, and recommended peers that are over a limit or malformed: all
    /// skipped.
    package var skippedParts = 0

    package init() {}

    /// Whether there is nothing in it.
    package var isEmpty: Bool {
        subscriptions.isEmpty && messages.isEmpty && ihave.isEmpty && iwant.isEmpty && graft.isEmpty
            && prune.isEmpty && idontwant.isEmpty
    }

    /// Drops what can be dropped without harm where a peer is slow.
    package mutating func removeGossip() {
        ihave = []
        idontwant = []
    }
}

/// The field numbers of the RPC's protobuf messages.
enum RPCField {
    enum Top {
        static let subscription = 1
        static let message = 2
        static let control = 3
    }
    enum Subscription {
        static let subscribes = 1
        static let topic = 2
    }
    enum Message {
        static let from = 1
        static let data = 2
        static let sequenceNumber = 3
        static let topic = 4
        static let signature = 5
        static let key = 6
    }
    enum Control {
        static let ihave = 1
        static let iwant = 2
        static let graft = 3
        static let prune = 4
        static let idontwant = 5
    }
    /// IHAVE, GRAFT and PRUNE start with the topic.
    static let topic = 1
    enum IHave {
        static let ids = 2
    }
    /// The ids of IWANT and IDONTWANT.
    static let ids = 1
    enum Prune {
        static let peers = 2
        static let backoff = 3
    }
    enum Peer {
        static let id = 1
        static let signedRecord = 2
    }
}
