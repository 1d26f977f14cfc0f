import NodeCore

/// What dishonest nodes do to what they send. The machines underneath are honest ones; their words
/// are altered on the way out.
protocol Mischief {
    /// Whether a publication goes out.
    func allows(
        _ publication: NodeCore.Publication, by node: SimulatedNode, in network: NodeNetwork
    ) -> Bool
    /// What goes out in place of a part of an answer; nil for nothing.
    func altered(
        _ bytes: [UInt8], of exchange: NodeNetwork.Exchange, by node: SimulatedNode,
        in network: NodeNetwork
    ) -> [UInt8]?
    /// Whether the end of an answer goes out.
    func finishes(_ exchange: NodeNetwork.Exchange, by node: SimulatedNode) -> Bool
    /// A node has accepted a message and passed it on.
    func accepted(_ message: Int, by node: SimulatedNode, in network: NodeNetwork)
}

/// All are honest.
struct NoMischief: Mischief {
    init() {}
    func allows(
        _ publication: NodeCore.Publication, by node: SimulatedNode, in network: NodeNetwork
    ) -> Bool { true }
    func altered(
        _ bytes: [UInt8], of exchange: NodeNetwork.Exchange, by node: SimulatedNode,
        in network: NodeNetwork
    ) -> [UInt8]? { bytes }
    func finishes(_ exchange: NodeNetwork.Exchange, by node: SimulatedNode) -> Bool {
        true
    }
    func accepted(_ message: Int, by node: SimulatedNode, in network: NodeNetwork) {}
}
