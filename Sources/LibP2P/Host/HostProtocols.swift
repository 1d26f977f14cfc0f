/// The names of the protocols that every host speaks.
package enum HostProtocol {
    /// Who and where a peer is, asked by the opener of the stream.
    package static let identify = "/ipfs/id/1.0.0"
    /// The same, told by the opener.
    package static let identifyPush = "/ipfs/id/push/1.0.0"
    /// 32 bytes there and back.
    package static let ping = "/ipfs/ping/1.0.0"
    /// Gossipsub, most wanted first.
    package static let gossip = ["/meshsub/1.2.0", "/meshsub/1.1.0"]
}
