import Support
import Testing

extension RawConnection {
    /// Sends the head of an upload, which nginx answers with 100 Continue or a refusal.
    ///
    /// - Parameters:
    ///   - token: nil for none.
    ///   - length: nil for a body in chunks.
    static func upload(
        to port: Int, token: String?, length: Int?, type: String = "image/jpeg"
    ) throws -> RawConnection {
        let connection = try RawConnection(port: port)
        let framing = length.map { "Content-Length: \($0)" } ?? "Transfer-Encoding: chunked"
        connection.send(
            "POST /api/images/upload HTTP/1.1\r\nHost: x\r\nOrigin: \(GatewayStack.origin)\r\n"
                + (token.map { "Authorization: Bearer \($0)\r\n" } ?? "")
                + "Content-Type: \(type)\r\nExpect: 100-continue\r\n\(framing)\r\n\r\n")
        return connection
    }

    /// The response to an upload that is refused without a 100 Continue.
    func refusal() throws -> Answer {
        #expect(!isNextContinue)
        return try answer()
    }
}
