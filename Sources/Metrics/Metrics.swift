import Processes
import Synchronization

/// Counts of all programs that share a data folder. They continue after restarts. No request waits for
/// another: counting is a lookup and one or two atomic additions.
public final class Metrics: Sendable {
    /// Enough for 30 routes with a dozen statuses each, and for as many more, in half a megabyte.
    private static let rows = 2048

    private struct Series: Hashable {
        let family: String
        let labels: [String]
    }

    private let counters: SharedCounters
    /// The row of each series; nil for a series that found no free row.
    private let rows = Mutex<[Series: Int?]>([:])

    public init(path: String) throws {
        counters = try SharedCounters(path: path, rows: Self.rows)
    }

    /// For one thread of `program`.
    public func requests(of program: String) -> RequestCounts {
        RequestCounts(self, program: program)
    }

    public enum AttemptResult: String, Sendable {
        case complete
        /// The image is the cause.
        case failed
        /// Another attempt follows.
        case retried
        /// It was the last attempt.
        case dead
        /// The disk was full, which does not count as an attempt.
        case delayed
        /// The worker released the job because it stops.
        case released
        /// The image was deleted meanwhile, or another worker has claimed the job.
        case lost
    }

    public func countAttempt(_ result: AttemptResult, took time: Duration) {
        count(.attempts, [result.rawValue])
        observe(time, in: .jobSeconds, atRow: row(.jobSeconds, [result.rawValue]))
    }

    public enum ResizerEnd: String, Sendable { case crashed, timeout, replaced }

    public func countResizer(_ end: ResizerEnd) {
        count(.resizerEnds, [end.rawValue])
    }

    public func countStart(of program: String) {
        count(.starts, [program])
    }

    /// Prometheus' text format, version 0.0.4, without gauges.
    public var text: String {
        var exposition = Exposition()
        let contents = counters.contents.map { ($0.name.split(separator: "\t"), $0.numbers) }
        for family in Family.all {
            exposition.begin(
                family.name, family.kind == .counter ? "counter" : "histogram", family.help)
            for (name, numbers) in contents where name.first.map(String.init) == family.name {
                // Skips rows that another version wrote with other labels.
                guard name.count == family.labels.count + 1 else { continue }
                exposition.add(
                    family, Array(zip(family.labels, name.dropFirst().map(String.init))), numbers)
            }
        }
        return exposition.text
    }

    private func count(_ family: Family, _ labels: [String]) {
        count(atRow: row(family, labels))
    }

    /// A nil row means that there was no free row, so nothing is counted. The same applies to `observe`.
    func count(atRow row: Int?) {
        guard let row else { return }
        counters.add(1, to: 0, ofRow: row)
    }

    func observe(_ time: Duration, in family: Family, atRow row: Int?) {
        guard case .histogram(let bounds) = family.kind, let row else { return }
        let seconds = time.seconds
        let bucket = bounds.firstIndex { seconds <= $0 } ?? bounds.count
        counters.add(1, to: bucket, ofRow: row)
        counters.add(Int64(seconds * 1_000_000), to: Family.sumColumn, ofRow: row)
    }

    func row(_ family: Family, _ labels: [String]) -> Int? {
        rows.withLock { rows in
            let series = Series(family: family.name, labels: labels)
            if let known = rows[series] { return known }
            // If the file cannot be locked, nothing is counted, and the service continues.
            let name = ([family.name] + labels).joined(separator: "\t")
            let row = (try? counters.row(named: name)) ?? nil
            rows[series] = .some(row)
            return row
        }
    }
}

extension Family {
    /// The column of a histogram's sum, in microseconds. Its buckets are in the columns before it.
    static let sumColumn = SharedCounters.width - 1
}

extension Duration {
    fileprivate var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
