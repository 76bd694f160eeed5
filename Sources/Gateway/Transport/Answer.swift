import Logging

/// Answers one request and logs one line about it. Whatever `respond` throws becomes an answer here.
func answer(
    _ exchange: some Exchange, log: Logger, respond: (Request) throws -> Response
) {
    let started = ContinuousClock.now
    let request = Request(exchange)
    let response: Response
    do {
        response = try respond(request)
    } catch let problem as Problem {
        response = problem.response(requestID: request.id)
    } catch {
        log.error("\(request.id) \(type(of: error)): \(error)")
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
    let spent = (ContinuousClock.now - started).components
    let tenths = spent.seconds * 10_000 + spent.attoseconds / 100_000_000_000_000
    // A blank in the path must not look like the end of it.
    let hasBlank = request.path.utf8.contains(UInt8(ascii: " "))
    let path = hasBlank ? request.path.replacing(" ", with: "%20") : request.path
    log.info(
        """
        \(request.id) \(request.method) \(path) \(response.status) \
        \(tenths / 10).\(tenths % 10) ms \(response.body.count) bytes\(remark)
        """)
}
