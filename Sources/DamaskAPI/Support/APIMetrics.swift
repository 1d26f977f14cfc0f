import HTTPTypes
import Synchronization

/// Counts of what the interface answered, by route and status. Routes are those of the table, so the
/// number of series is bounded.
final class APIMetrics: Sendable {
    private struct Key: Hashable, Comparable {
        let route: String
        let method: String
        let status: Int

        static func < (a: Key, b: Key) -> Bool {
            (a.route, a.method, a.status) < (b.route, b.method, b.status)
        }
    }

    private struct State {
        var requests: [Key: UInt64] = [:]
        var underWay = 0
        var eventStreams = 0
    }

    private let state = Mutex(State())

    func began() { state.withLock { $0.underWay += 1 } }

    func ended(route: String, method: String, status: Int) {
        state.withLock {
            $0.underWay -= 1
            $0.requests[Key(route: route, method: method, status: status), default: 0] += 1
        }
    }

    func streams(changedBy difference: Int) {
        state.withLock { $0.eventStreams += difference }
    }

    /// In Prometheus' text format.
    var text: String {
        let state = state.withLock { $0 }
        var lines = [
            "# HELP damask_http_requests_total Requests answered, by route, method and status.",
            "# TYPE damask_http_requests_total counter",
        ]
        for (key, count) in state.requests.sorted(by: { $0.key < $1.key }) {
            lines.append(
                "damask_http_requests_total{route=\"\(key.route)\",method=\"\(key.method)\","
                    + "status=\"\(key.status)\"} \(count)")
        }
        lines += [
            "# HELP damask_http_requests_in_flight Requests whose answer has not begun.",
            "# TYPE damask_http_requests_in_flight gauge",
            "damask_http_requests_in_flight \(state.underWay)",
            "# HELP damask_http_event_streams Readers of events.",
            "# TYPE damask_http_event_streams gauge",
            "damask_http_event_streams \(state.eventStreams)",
        ]
        return lines.joined(separator: "\n") + "\n"
    }
}
