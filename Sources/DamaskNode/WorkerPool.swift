import NIOPosix

/// Threads for the arithmetic of nodes, away from their event loops. Work beyond the threads waits in
/// line; the nodes themselves bound how much they hand out.
package final class WorkerPool: Sendable {
    private let pool: NIOThreadPool

    /// A pool with running threads.
    package init(threads: Int) {
        pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
    }

    /// Runs this on one of the threads, or not at all once the pool is shut down.
    package func run(_ work: @escaping @Sendable () -> Void) {
        pool.submit { state in
            guard case .active = state else { return }
            work()
        }
    }

    /// Lets what runs end and drops what waits.
    package func shutDown() async {
        try? await pool.shutdownGracefully()
    }
}
