import API

extension Problem {
    /// The response that a client gets when a responder throws the problem. A responder that adds something
    /// to the response calls this itself.
    public func response(requestID: String) -> Response {
        var response = Response.json(status, adding("requestId", requestID))
        response.headers += headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return response
    }
}
