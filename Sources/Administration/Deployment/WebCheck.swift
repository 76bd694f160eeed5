import Foundation
import Model
import Processes
import Text

/// Asks the site by its address, with curl, what its web server does with our rules.
package struct WebCheck {
    private let site: WebSpace
    private let url: String
    private let curl: String?

    package init(_ site: WebSpace, _ url: String) {
        self.site = site
        self.url = url
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
        curl = folders.split(separator: ":").map { $0 + "/curl" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    package func findings() -> [Finding] {
        guard curl != nil else {
            return [
                Finding(
                    .warning, "web server",
                    "there is no curl here to try it: open \(url)/api/limits in a browser, which must "
                        + "show JSON.")
            ]
        }
        let health = ask("/health")
        guard health.status != 0 else {
            return [Finding(.problem, "web server", "\(url) does not answer: \(health.head)")]
        }
        guard health.status == 200, health.body.contains("\"ok\"") else {
            return [
                Finding(
                    .problem, "rewrite",
                    "\(url)/health says \(health.status): the rules in .htaccess are not applied. "
                        + "mod_rewrite must be on, and AllowOverride All for \(site.root)"
                        + (health.status / 100 == 3 ? ", or --url is not the site's own." : "."))
            ]
        }
        let rewrite = Finding(.ok, "rewrite", "the rules in .htaccess are applied")
        let headers = Finding(
            "headers", health.head.lowercased().contains("x-content-type-options: nosniff"),
            ok: "security and CORS headers are sent", else: .warning,
            "mod_headers is off: the page has no security headers, and no other site can call the API."
        )
        return [rewrite, headers] + programs() + [uploads(), publicMedia()]
    }

    private func programs() -> [Finding] {
        let limits = ask("/api/limits")
        guard limits.status == 200, limits.body.contains("\"imageBytes\"") else {
            let reason =
                limits.body.hasPrefix("#!")
                ? "shows the script instead of running it: CGI is off for \(site.root)/cgi-bin."
                : "says \(limits.status): CGI is off (Options ExecCGI), or the program cannot start "
                    + "there; the web server's error log or \(site.data)/requests.log has the reason."
            return [Finding(.problem, "CGI", "\(url)/api/limits \(reason)")]
        }
        let me = ask("/api/auth/me", ["-H", "Authorization: Bearer x"])
        return [
            Finding(.ok, "CGI", "programs run"),
            Finding(
                "authorization", me.body.contains("\"invalid_token\""), ok: "is passed on",
                "the header Authorization does not reach the programs (mod_setenvif), so nobody can "
                    + "use a token."),
        ]
    }

    /// More than mod_fcgid takes unless it is told to (131072 bytes), and less than a photo has.
    /// Without a token, so nothing is stored.
    private func uploads() -> Finding {
        let body = "\(NSTemporaryDirectory())/multires-check-\(UUID().uuidString)"
        defer { unlink(body) }
        try? Data(count: 200_000).write(to: URL(fileURLWithPath: body))
        let said = ask(
            "/api/images/upload", ["-H", "Content-Type: image/jpeg", "--data-binary", "@\(body)"])
        let isOurs = said.body.contains("\"missing_token\"") || said.body.contains("\"too_large\"")
        let remedy =
            site.isKept
            ? "mod_fcgid's FcgidMaxRequestLen is 131072 unless the host sets more: have it set to "
                + "MULTIRES_REQUEST_LIMIT, or deploy with --no-fcgid."
            : "the host's LimitRequestBody or its firewall (mod_security's SecRequestBodyLimit) must "
                + "allow as much as MULTIRES_REQUEST_LIMIT."
        return Finding(
            "uploads", isOurs, ok: "arrive, 200000 bytes at least",
            (said.status == 0
                ? "200000 bytes get no answer (\(said.head))"
                : "200000 bytes are answered \(said.status) by the web server")
                + ", so it takes no photo: " + remedy)
    }

    /// A file behind the link, for a moment: whether Apache may follow it.
    private func publicMedia() -> Finding {
        let name = "probe-\(UUID().uuidString).txt"
        let path = "\(site.data)/public/00/\(name)"
        defer { unlink(path) }
        try? Data("probe".utf8).write(to: URL(fileURLWithPath: path))
        let isServed = ask("/media/public/00/\(name)").body == "probe"
        return Finding(
            .ok, "public pictures",
            isServed
                ? "Apache sends them itself"
                : "a program sends them, since Apache may not read \(site.data)/public")
    }

    private func ask(
        _ path: String, _ options: [String] = []
    ) -> (status: Int, head: String, body: String) {
        let said: ProgramOutput
        do {
            said = try ProgramOutput(
                of: curl ?? "", ["-sS", "-i", "--max-time", "20"] + options + [url + path])
        } catch { return (0, "\(error)", "") }
        let parts = said.text.split(separator: "\r\n\r\n", maxSplits: 1).map(String.init)
        guard said.hasSucceeded, let head = parts.first else {
            return (0, String(said.errors.trimmed), "")
        }
        let status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return (status, head, parts.count > 1 ? parts[1] : "")
    }
}
