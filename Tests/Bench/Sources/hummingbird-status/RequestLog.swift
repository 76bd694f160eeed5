import Hummingbird

/// Logs a line for each request after it is answered: method, path, status and time.
struct RequestLog: RouterMiddleware {
    func handle(
        _ request: Request, context: StatusContext,
        next: (Request, StatusContext) async throws -> Response
    ) async throws -> Response {
        let begun = ContinuousClock.now
        func log(_ status: HTTPResponse.Status) {
            let tenths = Int((ContinuousClock.now - begun) / .microseconds(100))
            context.logger.info(
                """
                \(request.method) \(request.uri.path) \(status.code) \
                \(tenths / 10).\(tenths % 10) ms
                """)
        }
        do {
            let response = try await next(request, context)
            log(response.status)
            return response
        } catch {
            log((error as? any HTTPResponseError)?.status ?? .internalServerError)
            throw error
        }
    }
}
