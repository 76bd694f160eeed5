import Foundation
import Model
import Processes
import Settings

/// The service as it runs: who answers, and whether its limits are the ones that were set.
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
                    "nobody answers on \(configuration.listen) port \(configuration.port): start "
                        + "\"multires serve\" to have its limits tried.")
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
            "\(part.path) says \(status.map(String.init) ?? "nothing"): see its log.")
    }

    private func sockets() -> [Finding] {
        ["auth.sock", "image.sock"].map { name in
            let path = "\(configuration.folders.run)/\(name)"
            var file = stat()
            let isSocket = stat(path, &file) == 0 && file.st_mode & S_IFMT == S_IFSOCK
            return Finding(
                name, isSocket && file.st_mode & 0o007 == 0, ok: "closed to others",
                isSocket
                    ? "others may connect to \(path), past every limit: run chmod o= \(path)."
                    : "\(path) is no socket: start \"multires serve\" again.")
        }
    }

    /// The headers of a request that is a byte too large, and of one that is not, are enough.
    private func limits() -> [Finding] {
        let told = answer("GET /api/limits HTTP/1.0\r\nHost: localhost\r\n\r\n")
        guard told.contains("\"requestBytes\"") else { return [] }
        let limit = configuration.requestLimit
        return [
            Finding(
                "limits told",
                told.contains("\"requestBytes\":\(limit),")
                    && told.contains("\"imageBytes\":\(configuration.imageLimit),"),
                ok: "/api/limits says what is set",
                "/api/limits does not say what is set now: send SIGHUP to \"multires serve\"."),
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
        // Of a body that never comes, an address that takes it says nothing or "no token".
        let within = answer(head(path, length: limit), isCut: true)
        let isRight =
            over.hasPrefix("HTTP/1.1 413") && over.contains("\"limitBytes\":\(limit)")
            && !within.hasPrefix("HTTP/1.1 413")
        return Finding(
            subject, isRight, ok: "\(limit) bytes, tried",
            "\(path) does not keep to \(limit) bytes: nginx and \(name) differ; send SIGHUP to "
                + "\"multires serve\" and see nginx/README.md.")
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
