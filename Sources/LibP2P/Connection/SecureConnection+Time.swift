extension SecureConnection {
    /// The earliest moment at which `tick` may have something to do; nil once the connection is over.
    package var nextDeadline: Instant? {
        switch phase {
        case .closed:
            return nil
        case .negotiatingSecurity, .handshake, .negotiatingMuxer:
            return upgradeDeadline
        case .established:
            var deadline = keepAliveDeadline
            if let first = negotiationDeadlines.first { deadline = min(deadline, first.at) }
            if let frameDeadline { deadline = min(deadline, frameDeadline) }
            if let idleDeadline { deadline = min(deadline, idleDeadline) }
            return deadline
        }
    }

    private var keepAliveDeadline: Instant {
        pingedAt.map { $0 + limits.keepAliveTimeout } ?? lastReceived + limits.keepAliveInterval
    }

    private var frameDeadline: Instant? {
        let since = [frameSince, yamux?.incompleteSince].compactMap { $0 }.min()
        return since.map { $0 + limits.frameTimeout }
    }

    private var idleDeadline: Instant? {
        guard let idleSince, let timeout = limits.idleTimeout else { return nil }
        return idleSince + timeout
    }

    /// Does what is due. Calling it early or often does no harm.
    package mutating func tick(now: Instant) {
        switch phase {
        case .closed:
            return
        case .negotiatingSecurity, .handshake, .negotiatingMuxer:
            if now >= upgradeDeadline { fail(.upgradeTimeout) }
            return
        case .established:
            break
        }
        if let frameDeadline, now >= frameDeadline {
            fail(.frameTimeout)
            return
        }
        if let idleDeadline, now >= idleDeadline {
            fail(.idle)
            return
        }
        while let first = negotiationDeadlines.first, now >= first.at {
            _ = negotiationDeadlines.popFirst()
            abandon(first.stream, .timeout)
        }
        if now >= keepAliveDeadline {
            guard pingedAt == nil else {
                fail(.keepAliveTimeout)
                return
            }
            pingedAt = now
            pingCount &+= 1
            yamux?.ping(pingCount)
            // A quiet connection keeps no memory for frames.
            if partialFrame.isEmpty { partialFrame = [] }
        }
        closeIfDone()
    }
}
