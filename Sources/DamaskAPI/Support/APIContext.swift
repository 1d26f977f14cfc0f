package import Hummingbird
import NIOCore

/// What goes with a request: beside what the framework needs, its connection.
package struct APIContext: RequestContext {
    /// The framework's part.
    package var coreContext: CoreRequestContextStorage
    /// The connection that it came on.
    let channel: any Channel

    /// The context of a request.
    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
