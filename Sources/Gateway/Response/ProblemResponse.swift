import API

extension Problem {
    /// What a responder that throws it answers; for one that has to add to it.
    public func response(requestID: String) -> Response {
        var response = Response.json(status, adding("requestId", requestID))
        response.headers += headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return response
    }
}
