internal import Synchronization

/// How long requests took, by endpoint, as a Prometheus histogram. Safe on any thread.
final class Latencies: Sendable {
    private struct Series {
        var counts = [Int](repeating: 0, count: Latencies.bounds.count)
        var count = 0
        var seconds = 0.0
    }

    static let bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    private let series = Mutex<[String: Series]>([:])

    func add(_ duration: Duration, to endpoint: String) {
        let (whole, atto) = duration.components
        let seconds = Double(whole) + Double(atto) * 1e-18
        series.withLock { all in
            var one = all[endpoint] ?? Series()
            for (index, bound) in Self.bounds.enumerated() where seconds <= bound { one.counts[index] += 1 }
            one.count += 1
            one.seconds += seconds
            all[endpoint] = one
        }
    }

    /// Prometheus' text format.
    var text: String {
        let name = "swiftbox_request_duration_seconds"
        var text = "# HELP \(name) How long the daemon took to answer.\n# TYPE \(name) histogram\n"
        for (endpoint, one) in series.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            let label = "endpoint=\"\(endpoint)\""
            for (bound, count) in zip(Self.bounds, one.counts) {
                text += "\(name)_bucket{\(label),le=\"\(bound)\"} \(count)\n"
            }
            text += "\(name)_bucket{\(label),le=\"+Inf\"} \(one.count)\n"
            text += "\(name)_sum{\(label)} \(one.seconds)\n\(name)_count{\(label)} \(one.count)\n"
        }
        return text
    }
}
