import Foundation
import Model
import Processes
import Settings

/// Checks the running service: whether all programs answer, and whether its limits match the settings.
package struct ServiceCheck {
    private let configuration: Configuration

    package init(_ settings: Settings) {
        configuration = settings.configuration
    }

    package func findings() -> [Finding] {
        guard status("/health") != nil else {
            return [
                Finding(
                    .warning, "service",
                    "no service answers on \(configuration.listen) port \(configuration.port). "
                        + "Start \"multires serve\" to test it.")
            ]
        }
        let parts = [
            ("nginx", "/health"), ("auth-responder", "/api/auth/health"),
            ("image-responder", "/api/health"),
        ]
        return parts.map(answering) + sockets() + limits()
    }

    private func answering(_ part: (name: String, path: String)) -> Finding {
        let status = status(part.path)
        return Finding(
            part.name, status == 200, ok: "answers",
            "\(part.path) is answered with \(status.map(String.init) ?? "nothing"). See its log.")
    }

    private func sockets() -> [Finding] {
        ["auth.sock", "image.sock"].map { name in
            let path = "\(configuration.folders.run)/\(name)"
            var file = stat()
            let isSocket = stat(path, &file) == 0 && file.st_mode & S_IFMT == S_IFSOCK
            return Finding(
                name, isSocket && file.st_mode & 0o007 == 0, ok: "closed to other users",
                isSocket
                    ? "other users can connect to \(path) and bypass all limits. "
                        + "Run chmod o= \(path)."
                    : "\(path) is not a socket. Restart \"multires serve\".")
        }
    }

    /// Sends only the headers of a request that is one byte too large, and of one that is not.
    private func limits() -> [Finding] {
        let published = answer("GET /api/limits HTTP/1.0\r\nHost: localhost\r\n\r\n")
        guard published.contains("\"requestBytes\"") else { return [] }
        let limit = configuration.requestLimit
        return [
            Finding(
                "limits reported",
                published.contains("\"requestBytes\":\(limit),")
                    && published.contains("\"imageBytes\":\(configuration.imageLimit),"),
                ok: "/api/limits matches the settings",
                "/api/limits does not match the current settings. Send SIGHUP to \"multires "
                    + "serve\"."),
            tried("upload limit", "/api/images/upload", limit, else: "MULTIRES_REQUEST_LIMIT"),
            tried(
                "JSON limit", "/api/auth/verify", 65536, else: "client_max_body_size in limits.conf"
            ),
        ]
    }

    private func tried(_ subject: String, _ path: String, _ limit: Int64, else name: String)
        -> Finding
    {
        let over = answer(head(path, length: limit + 1), isCut: true)
        // The body is never sent. If its length is accepted, the response is empty, or reports that a token
        // is missing.
        let within = answer(head(path, length: limit), isCut: true)
        let isRight =
            over.hasPrefix("HTTP/1.1 413") && over.contains("\"limitBytes\":\(limit)")
            && !within.hasPrefix("HTTP/1.1 413")
        return Finding(
            subject, isRight, ok: "\(limit) bytes (tested)",
            "\(path) does not apply the limit of \(limit) bytes: nginx and \(name) differ. Send "
                + "SIGHUP to \"multires serve\", and see nginx/README.md.")
    }

    private func head(_ path: String, length: Int64) -> String {
        "POST \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: image/jpeg\r\n"
            + "Content-Length: \(length)\r\n\r\n"
    }

    private func status(_ path: String) -> Int? {
        LocalPort.status(of: path, configuration.listen, configuration.port)
    }

    private func answer(_ request: String, isCut: Bool = false) -> String {
        LocalPort.answer(to: request, isCut: isCut, configuration.listen, configuration.port) ?? ""
    }
}
