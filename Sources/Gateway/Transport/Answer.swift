import API
import Metrics
import Processes
import Text

/// Answers one request, counts it, and logs one line about it. An error that `respond` throws becomes a
/// response here.
///
/// - Parameter log: not a `Log`, whose dictionaries of fields cost as much as the rest of a small request.
func answer(
    _ exchange: some Exchange, program: String, counts: RequestCounts? = nil,
    log: LogRecord.Writer = LogRecord.write, respond: (Request) throws -> Response
) {
    let started = ContinuousClock.now
    let request = Request(exchange)
    let response: Response
    do {
        response = try respond(request)
    } catch let problem as Problem {
        response = problem.response(requestID: request.id)
    } catch let fault as Fault {
        let cause = fault.cause
        log(
            "error", program, "\(type(of: cause)): \(cause)", [("requestId", .text(request.id))])
        response = fault.problem.response(requestID: request.id)
    } catch {
        log(
            "error", program, "\(type(of: error)): \(error)", [("requestId", .text(request.id))])
        response = Problem.internal.response(requestID: request.id)
    }

    let isHead = request.method == "HEAD"
    var remark = ""
    do {
        try exchange.send(response.serialized(requestID: request.id, isHead: isHead))
        if case .file(let part) = response.body, !isHead { try part.read(exchange.send) }
        try exchange.end()
    } catch {
        remark = " (the client did not read all of it)"
    }
    let time = ContinuousClock.now - started
    counts?.count(
        route: request.route, method: request.method, status: response.status, took: time)
    let tenths = Int(time / .microseconds(100))
    // A space in the path must not look like its end in the log.
    let hasBlank = request.path.utf8.contains(UInt8(ascii: " "))
    let whole = hasBlank ? request.path.escaped { $0 == " " ? "%20" : nil } : request.path
    // Limited, as in nginx's log: a client chooses how long these are.
    let path = String(whole.prefix(bytes: 1024))
    let method = String(request.method.prefix(bytes: 16))
    log(
        "info", program,
        """
        \(method) \(path) \(response.status) \
        \(tenths / 10).\(tenths % 10) ms \(response.body.count) bytes\(remark)
        """,
        [
            ("bytesOut", .integer(response.body.count)), ("method", .text(method)),
            ("path", .text(path)), ("requestId", .text(request.id)),
            ("seconds", .number(Double(tenths) / 10_000)), ("status", .integer(response.status)),
        ])
}
