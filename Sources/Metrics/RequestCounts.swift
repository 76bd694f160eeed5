/// One thread's way to the counts of requests. It keeps where each series lies: under one lock for all
/// threads, waiting for it took a third of a busy responder's time.
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

    /// - Parameter route: the pattern, never the path: what clients make up has no end.
    public func count(route: String?, method: String, status: Int, took time: Duration) {
        let route = route ?? "none"
        // Who sends other methods is told so; how he called them is in the log.
        let known = ["GET", "HEAD", "POST", "PATCH", "DELETE"].contains(method)
        let series = Series(route: route, method: known ? method : "other", status: status)
        let rows = rows[series] ?? look(for: series)
        metrics.count(atRow: rows.requests)
        metrics.observe(time, in: .requestSeconds, atRow: rows.seconds)
    }

    private func look(for series: Series) -> (requests: Int?, seconds: Int?) {
        let found = (
            requests: metrics.row(
                .requests, [program, series.route, series.method, String(series.status)]),
            seconds: metrics.row(.requestSeconds, [program, series.route])
        )
        rows[series] = found
        return found
    }
}
