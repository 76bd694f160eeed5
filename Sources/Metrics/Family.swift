/// A metric family. Names follow Prometheus' rules: the unit comes last, or `_total` for counters.
struct Family: Sendable {
    enum Kind: Sendable, Equatable {
        case counter
        /// Upper bounds of all buckets except the last, in seconds.
        case histogram([Double])
    }

    let name: String
    let kind: Kind
    let labels: [String]
    let help: String

    /// In the order in which /metrics lists them.
    static let all = [
        requests, requestSeconds, attempts, jobSeconds, resizerEnds, starts,
    ]

    static let requests = Family(
        name: "multires_http_requests_total", kind: .counter,
        labels: ["program", "route", "method", "status"],
        help: "Requests answered by a responder. Requests that nginx refuses are in its log.")

    /// A status request may wait up to 20 s; a small response takes about a millisecond.
    static let requestSeconds = Family(
        name: "multires_http_request_seconds",
        kind: .histogram([
            0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 21,
        ]),
        labels: ["program", "route"],
        help: "Time from a request's arrival at a responder, including its body, to the answer.")

    static let attempts = Family(
        name: "multires_job_attempts_total", kind: .counter, labels: ["result"],
        help: "Attempts to render an image, by result.")

    /// A phone photo takes about 0.25 s. By default, an image may use 20 s of processor time, and a resizer
    /// that stalls is killed after 30 s. An attempt takes longer than that only on a busy machine.
    static let jobSeconds = Family(
        name: "multires_job_seconds",
        kind: .histogram([0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 3, 5, 10, 20, 31]),
        labels: ["result"], help: "Time from the claim of a job to the end of the attempt.")

    static let resizerEnds = Family(
        name: "multires_resizer_restarts_total", kind: .counter, labels: ["reason"],
        help: "Resizers that crashed, exceeded a time limit, or were replaced as planned.")

    static let starts = Family(
        name: "multires_program_starts_total", kind: .counter, labels: ["program"],
        help: "Starts of long-running programs.")
}
