import Gateway

extension AuthResponder {
    /// GET /api/auth/check, for nginx alone (upload-check.conf): who may not upload is told so before
    /// the body is read. nginx passes on no body of such an answer, so it is in a header as well.
    func check(_ request: Request, _: Parameters) throws -> Response {
        do {
            _ = try authenticator.account(of: request, for: .upload)
            return .empty(204)
        } catch let problem as Problem where [401, 403].contains(problem.status) {
            let answer = problem.response(requestID: request.id)
            guard case .bytes(let json) = answer.body else { return answer }
            return answer.adding("X-Problem", String(decoding: json, as: UTF8.self))
        }
    }
}
