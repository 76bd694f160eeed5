import Logging
import Metrics

/// Answers one request, counts it, and logs one line about it. Whatever `respond` throws becomes an
/// answer here.
func answer(
    _ exchange: some Exchange, log: Logger, metrics: Metrics? = nil,
    respond: (Request) throws -> Response
) {
    let started = ContinuousClock.now
    let request = Request(exchange)
    var log = log
    log[metadataKey: "requestId"] = "\(request.id)"
    let response: Response
    do {
        response = try respond(request)
    } catch let problem as Problem {
        response = problem.response(requestID: request.id)
    } catch {
        log.error("\(type(of: error)): \(error)")
        response = Problem.internal.response(requestID: request.id)
    }

    let isHead = request.method == "HEAD"
    var remark = ""
    do {
        try exchange.send(response.serialized(requestID: request.id, isHead: isHead))
        if case .file(let part) = response.body, !isHead { try part.read(exchange.send) }
        try exchange.end()
    } catch {
        remark = " (the client has gone)"
    }
    let time = ContinuousClock.now - started
    metrics?.countRequest(
        program: log.label, route: request.route, method: request.method,
        status: response.status, took: time)
    let tenths = Int(time / .microseconds(100))
    // A blank in the path must not look like the end of it.
    let hasBlank = request.path.utf8.contains(UInt8(ascii: " "))
    let path = hasBlank ? request.path.replacing(" ", with: "%20") : request.path
    log.info(
        """
        \(request.method) \(path) \(response.status) \
        \(tenths / 10).\(tenths % 10) ms \(response.body.count) bytes\(remark)
        """,
        metadata: [
            "method": "\(request.method)", "path": "\(path)",
            "status": .stringConvertible(response.status),
            "seconds": .stringConvertible(Double(tenths) / 10_000),
            "bytesOut": .stringConvertible(response.body.count),
        ])
}
