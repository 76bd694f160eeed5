import Foundation
import Model
import Processes
import Text

/// Tests with curl, at the site's public address, whether its web server applies our rules.
package struct WebCheck {
    private let site: SharedHostingSite
    private let url: String
    private let curl: String?

    package init(_ site: SharedHostingSite, _ url: String) {
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
                    "not tested, because curl is not installed. Open \(url)/api/limits in a "
                        + "browser: it must show JSON.")
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
                    "\(url)/health returns \(health.status): the rules in .htaccess are not "
                        + "applied. mod_rewrite must be on, and AllowOverride All for \(site.root)"
                        + (health.status / 100 == 3
                            ? ", or --url is not the address of this site." : "."))
            ]
        }
        let rewrite = Finding(.ok, "rewrite", "the rules in .htaccess are applied")
        let headers = Finding(
            "headers", health.head.lowercased().contains("x-content-type-options: nosniff"),
            ok: "security and CORS headers are sent", else: .warning,
            "mod_headers is off: the page has no security headers, and no other site can call the "
                + "API.")
        return [rewrite, headers] + programs() + [uploads(), publicMedia()]
    }

    private func programs() -> [Finding] {
        let limits = ask("/api/limits")
        guard limits.status == 200, limits.body.contains("\"imageBytes\"") else {
            let reason =
                limits.body.hasPrefix("#!")
                ? "returns the script instead of running it: CGI is off for \(site.root)/cgi-bin."
                : "returns \(limits.status): CGI is off (Options ExecCGI), or the program cannot "
                    + "start. See the web server's error log and \(site.data)/requests.log."
            return [Finding(.problem, "CGI", "\(url)/api/limits \(reason)")]
        }
        let me = ask("/api/auth/me", ["-H", "Authorization: Bearer x"])
        return [
            Finding(.ok, "CGI", "programs run"),
            Finding(
                "authorization", me.body.contains("\"invalid_token\""), ok: "is passed on",
                "the header Authorization does not reach the programs (mod_setenvif), so tokens do "
                    + "not work."),
        ]
    }

    /// Sends more than mod_fcgid accepts by default (131072 bytes), and less than a photo has. There is no
    /// token, so nothing is stored.
    private func uploads() -> Finding {
        let body = "\(NSTemporaryDirectory())/multires-check-\(UUID().uuidString)"
        defer { unlink(body) }
        try? Data(count: 200_000).write(to: URL(fileURLWithPath: body))
        let output = ask(
            "/api/images/upload", ["-H", "Content-Type: image/jpeg", "--data-binary", "@\(body)"])
        let isOurs =
            output.body.contains("\"missing_token\"") || output.body.contains("\"too_large\"")
        let remedy =
            site.usesFcgid
            ? "mod_fcgid's FcgidMaxRequestLen is 131072 unless the host sets more. Ask the host to "
                + "set it to MULTIRES_REQUEST_LIMIT, or deploy with --no-fcgid."
            : "The host's LimitRequestBody, and its firewall (mod_security's SecRequestBodyLimit), "
                + "must allow MULTIRES_REQUEST_LIMIT."
        return Finding(
            "uploads", isOurs, ok: "a request of 200000 bytes is accepted",
            (output.status == 0
                ? "a request of 200000 bytes gets no answer (\(output.head))"
                : "the web server answers a request of 200000 bytes with \(output.status)")
                + ", so photos cannot be uploaded. " + remedy)
    }

    /// Writes a file to the folder behind the link for a moment, to test whether Apache may follow the link.
    private func publicMedia() -> Finding {
        let name = "probe-\(UUID().uuidString).txt"
        let path = "\(site.data)/public/00/\(name)"
        defer { unlink(path) }
        try? Data("probe".utf8).write(to: URL(fileURLWithPath: path))
        let isServed = ask("/media/public/00/\(name)").body == "probe"
        return Finding(
            .ok, "public images",
            isServed
                ? "Apache serves them"
                : "a program serves them, because Apache may not read \(site.data)/public")
    }

    private func ask(
        _ path: String, _ options: [String] = []
    ) -> (status: Int, head: String, body: String) {
        let output: ProgramOutput
        do {
            output = try ProgramOutput(
                of: curl ?? "", ["-sS", "-i", "--max-time", "20"] + options + [url + path])
        } catch { return (0, "\(error)", "") }
        let parts = output.text.split(separator: "\r\n\r\n", maxSplits: 1).map(String.init)
        guard output.hasSucceeded, let head = parts.first else {
            return (0, String(output.errors.trimmed), "")
        }
        let status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return (status, head, parts.count > 1 ? parts[1] : "")
    }
}
