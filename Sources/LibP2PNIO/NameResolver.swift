import LibP2P
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Looks a name up with the system's resolver, for the families that the kind of address allows. The
/// look-ups wait in threads of their own, never on an event loop.
struct NameResolver: Resolver, Sendable {
    let kind: Multiaddr.DNSKind
    let eventLoop: any EventLoop

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        kind == .v6 ? eventLoop.makeSucceededFuture([]) : addresses(host, port, AF_INET)
    }

    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        kind == .v4 ? eventLoop.makeSucceededFuture([]) : addresses(host, port, AF_INET6)
    }

    func cancelQueries() {}

    private func addresses(
        _ host: String, _ port: Int, _ family: CInt
    ) -> EventLoopFuture<[SocketAddress]> {
        NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
            var hints = addrinfo()
            hints.ai_family = family
            #if canImport(Glibc)
                hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
            #else
                hints.ai_socktype = SOCK_STREAM
            #endif
            var list: UnsafeMutablePointer<addrinfo>?
            guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
            defer { freeaddrinfo(list) }
            var found: [SocketAddress] = []
            var next = list
            while let entry = next?.pointee, found.count < 16 {
                next = entry.ai_next
                var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
                let status = getnameinfo(
                    entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0,
                    NI_NUMERICHOST)
                guard status == 0 else { continue }
                let address = String(
                    decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                if let address = try? SocketAddress(ipAddress: address, port: port) {
                    found.append(address)
                }
            }
            return found
        }
    }
}
