import API
import Gateway
import Media
import Model
import Service

extension AuthResponder {
    /// GET /api/auth/check, for nginx alone (upload-check.conf): who may not upload is told so before
    /// the body is read, and so is everybody when there is no room for it. nginx passes on no body of
    /// such an answer, so it is in a header as well. Of statuses it knows 401 and 403: a 507 is said as
    /// 403, and its number in another header.
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
        } catch MediaError.roomTaken {
            return refusal(.uploadRoomTaken, request).adding("X-Problem-Status", "507")
        } catch MediaError.shareUsed {
            return refusal(.uploadShareUsed, request).adding("X-Problem-Status", "507")
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

    /// Bytes that the upload will take on the disk: its body, and of a form the photos in it as well.
    /// Nobody knows the length of a body in chunks; it ends at the limit.
    private func room(for request: Request) -> Int64 {
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
