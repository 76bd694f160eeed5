import Support
import Testing

extension RawConnection {
    /// The head of an upload, after which nginx tells the client to go on or refuses.
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

    /// What an upload is refused with, whose body nobody wants then.
    func refusal() throws -> Answer {
        #expect(!isToldToGoOn)
        return try answer()
    }
}
