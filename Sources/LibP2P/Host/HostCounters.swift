/// How often what happened in a host, besides gossip's own counters.
package struct HostCounters: Sendable, Equatable {
    /// Connections taken, and refused or closed again at once.
    package var connections = 0
    package var refusedConnections = 0
    package var duplicateConnections = 0
    package var bans = 0
    package var slowReaders = 0
    /// Inbound streams refused: unknown protocol, or over a limit.
    package var refusedStreams = 0
    /// Malformed or oversize content on a stream.
    package var violations = 0
    /// Streams given up since too many bytes of half-received messages were held.
    package var droppedPartials = 0
    /// Messages and bytes dropped from queues of peers that are too slow, and control that was.
    package var droppedMessages = 0
    package var droppedMessageBytes = 0
    package var droppedGossip = 0
    /// Times that received gossip was credited late because this host forwards too slowly.
    package var withheldCredits = 0
    /// Bytes of copies taken back from queues after IDONTWANT.
    package var cancelledBytes = 0
    /// Requests made, answered in full, and failed.
    package var requests = 0
    package var requestsAnswered = 0
    package var requestsFailed = 0
    /// Requests of peers taken, refused because of a limit, and ended by their deadline.
    package var served = 0
    package var refusedRequests = 0
    package var serviceTimeouts = 0

    package init() {}
}
