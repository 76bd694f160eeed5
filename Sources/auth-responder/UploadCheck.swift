import API
import Gateway
import Media
import Model
import Service

extension AuthResponder {
    /// GET /api/auth/check, only for nginx (upload-check.conf). It refuses an upload before the body is read:
    /// when the client may not upload, and when the disk has no room for the body.
    ///
    /// nginx's auth_request drops the body of this response, so the JSON is also in the header `X-Problem`.
    /// Of refusals it knows only 401 and 403, so a 507 is sent as 403 with its number in `X-Problem-Status`.
    func check(_ request: Request, _: Parameters) throws -> Response {
        do {
            let account = try authenticator.account(of: request, for: .upload)
            let room = room(for: request)
            if room > 0 {
                try uploads.reserve(room, for: account.id, request: request.id)
            }
            return .empty(204)
        } catch MediaError.noSpace {
            return refusal(.noSpace, request).adding("X-Problem-Status", "507")
        } catch MediaError.spaceReserved {
            return refusal(.uploadSpaceReserved, request).adding("X-Problem-Status", "507")
        } catch MediaError.accountShareUsed {
            return refusal(.accountUploadShareUsed, request).adding("X-Problem-Status", "507")
        } catch let problem as Problem where [401, 403].contains(problem.status) {
            return refusal(problem, request)
        }
    }

    private func refusal(_ problem: Problem, _ request: Request) -> Response {
        var answer = problem.response(requestID: request.id)
        if ![401, 403].contains(answer.status) { answer.status = 403 }
        guard case .bytes(let json) = answer.body else { return answer }
        return answer.adding("X-Problem", String(decoding: json, as: UTF8.self))
    }

    /// Bytes that the upload will take on the disk. For a form that is twice its length: nginx stores the
    /// body, and the image responder copies the images from it. A body without a length may have up to the
    /// limit per request.
    private func room(for request: Request) -> Int64 {
        // A body in HTTP/2 or HTTP/3 needs neither Content-Length nor Transfer-Encoding.
        let mayHaveBody =
            request.metaVariable("UPLOAD_CODING") != nil
            || request.metaVariable("SERVER_PROTOCOL")?.hasPrefix("HTTP/1.") == false
        let length =
            request.metaVariable("UPLOAD_LENGTH").flatMap { Int64($0) }
            ?? (mayHaveBody ? configuration.requestLimit : 0)
        let isForm =
            request.metaVariable("UPLOAD_TYPE")?.lowercased().hasPrefix("multipart/") ?? false
        return min(length, configuration.requestLimit) * (isForm ? 2 : 1)
    }
}
