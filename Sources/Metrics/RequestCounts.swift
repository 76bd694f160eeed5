/// Counts the requests of one thread. It caches the row of each series: with one lock for all threads,
/// waiting for the lock took a third of a busy responder's time.
public final class RequestCounts {
    private struct Series: Hashable {
        let route: String
        let method: String
        let status: Int
    }

    private let metrics: Metrics
    private let program: String
    private var rows: [Series: (requests: Int?, seconds: Int?)] = [:]

    init(_ metrics: Metrics, program: String) {
        self.metrics = metrics
        self.program = program
    }

    /// - Parameter route: the pattern, never the path, because clients can send any number of paths.
    public func count(route: String?, method: String, status: Int, took time: Duration) {
        let route = route ?? "none"
        // Other methods are refused, and their names are in the log.
        let known = ["GET", "HEAD", "POST", "PATCH", "DELETE"].contains(method)
        let series = Series(route: route, method: known ? method : "other", status: status)
        let rows = rows[series] ?? lookUp(series)
        metrics.count(atRow: rows.requests)
        metrics.observe(time, in: .requestSeconds, atRow: rows.seconds)
    }

    private func lookUp(_ series: Series) -> (requests: Int?, seconds: Int?) {
        let found = (
            requests: metrics.row(
                .requests, [program, series.route, series.method, String(series.status)]),
            seconds: metrics.row(.requestSeconds, [program, series.route])
        )
        rows[series] = found
        return found
    }
}
