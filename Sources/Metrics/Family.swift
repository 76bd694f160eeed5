/// What is counted, in the order in which /metrics shows it. Names follow Prometheus' rules: the unit
/// at the end, `_total` for what only grows.
struct Family: Sendable {
    enum Kind: Sendable, Equatable {
        case counter
        /// Upper bounds in seconds, of all but the last bucket.
        case histogram([Double])
    }

    let name: String
    let kind: Kind
    let labels: [String]
    let help: String

    static let all = [
        requests, requestSeconds, attempts, jobSeconds, resizerEnds, starts,
    ]

    static let requests = Family(
        name: "multires_http_requests_total", kind: .counter,
        labels: ["program", "route", "method", "status"],
        help: "Requests that a responder answered; nginx's own refusals are in its log.")

    /// A status may wait up to 20 s; a millisecond is a small answer.
    static let requestSeconds = Family(
        name: "multires_http_request_seconds",
        kind: .histogram([
            0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 21,
        ]),
        labels: ["program", "route"],
        help: "From a request's arrival at a responder, with its body, to its answer.")

    static let attempts = Family(
        name: "multires_job_attempts_total", kind: .counter, labels: ["result"],
        help: "Attempts to make an image's sizes, by how they ended.")

    /// 30 s are the limit for a picture unless it is set otherwise.
    static let jobSeconds = Family(
        name: "multires_job_seconds",
        kind: .histogram([0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 3, 5, 10, 20, 31]),
        labels: ["result"], help: "From the claim of a job to its end.")

    static let resizerEnds = Family(
        name: "multires_resizer_restarts_total", kind: .counter, labels: ["reason"],
        help: "Resizers that crashed, took too long, or were replaced in good time.")

    static let starts = Family(
        name: "multires_program_starts_total", kind: .counter, labels: ["program"],
        help: "Starts of programs that stay.")
}
