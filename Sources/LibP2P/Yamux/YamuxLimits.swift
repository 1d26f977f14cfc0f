/// What yamux allows a peer, and how it sends, in numbers.
package struct YamuxLimits: Sendable {
    /// The window that every stream starts with, each way (fixed by the specification).
    package static let initialWindow = 262_144
    /// The largest send window, in bytes. Nothing is stored for it, so it only has to be far from
    /// overflow.
    package static let maximumSendWindow = 1 << 30

    /// Bytes that a peer may send on a stream before this side has read them; at least the initial
    /// window.
    package var receiveWindow = YamuxLimits.initialWindow
    /// As much as that can become for a stream that uses up its window within two round trips: then the
    /// window, not the sender or the path, is what holds it back.
    package var maximumReceiveWindow = YamuxLimits.initialWindow
    /// Live streams that the peer opened; further ones are reset.
    package var maximumInboundStreams = 256
    /// Live streams that this side opened.
    package var maximumOutboundStreams = 1024
    /// Streams that this side opened and the peer has not yet acknowledged.
    package var maximumUnacknowledged = 256
    /// The most payload bytes of a data frame that is sent. Streams take turns frame by frame.
    package var dataFrameBytes = 16_384
    /// Bytes that wait to be sent on one stream; with more, a write is refused.
    package var maximumQueuedBytesPerStream = 8 << 20
    /// Bytes that wait to be sent on all streams; with more, a write is refused.
    package var maximumQueuedBytes = 32 << 20
    /// Frames other than data that wait to be sent; a peer that causes more is cut off.
    package var maximumControlFrames = 2048
    /// Streams that a peer may open: at once, and per second in the long run.
    package var streamBudget = (burst: 4096, perSecond: 1024)
    /// Young streams that a peer may reset: at once, and per second in the long run.
    package var resetBudget = (burst: 512, perSecond: 64)
    /// The age from which a reset stream is no longer counted as young.
    package var youngStreamAge: Duration = .seconds(2)
    /// Pings that are answered: at once, and per second in the long run.
    package var pingBudget = (burst: 64, perSecond: 8)
    /// Frames without effect: at once, and per second in the long run. An honest peer sends some: the
    /// last credit for a stream often crosses with the stream's end.
    package var emptyFrameBudget = (burst: 8192, perSecond: 4096)

    package init() {}
}
