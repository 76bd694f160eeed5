import Catalog
import Credentials
import Foundation
import Media
import Processes

/// The gateway's files, rendered from `nginx/` into the data folder, and its process.
enum Nginx {
    /// MULTIRES_NGINX, or the one that is installed.
    static func program(_ environment: [String: String]) -> String? {
        if let named = environment["MULTIRES_NGINX"], !named.isEmpty {
            return FileManager.default.isExecutableFile(atPath: named) ? named : nil
        }
        // Debian keeps it in sbin, which is not in an ordinary user's PATH.
        let folders =
            (environment["PATH"] ?? "").split(separator: ":").map(String.init) + [
                "/usr/sbin", "/usr/local/sbin",
            ]
        return folders.map { $0 + "/nginx" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    static func arguments(_ folders: DataFolders) -> [String] {
        ["-p", folders.nginx, "-c", folders.nginx + "/serve.conf", "-e", "stderr"]
    }

    /// An nginx that a killed `serve` left behind still holds the port.
    static func endStale(_ folders: DataFolders) {
        guard let text = try? String(contentsOfFile: folders.run + "/nginx.pid", encoding: .utf8),
            let pid = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)),
            let command = try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8),
            command.contains(folders.nginx)
        else { return }
        kill(pid, SIGTERM)
        for _ in 0..<500 where kill(pid, 0) == 0 { usleep(10_000) }
    }

    /// Writes every file of `nginx/`, with each `@NAME@` filled in.
    static func render(
        _ configuration: Configuration, _ secrets: Secrets, home: String, gateway: ResponderStyle
    ) throws {
        let values = values(configuration, secrets, home: home, gateway: gateway)
        let target = configuration.folders.nginx
        let manager = FileManager.default
        for folder in ["", "/include", "/tmp"] {
            try manager.createDirectory(
                atPath: target + folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o750])
        }
        for folder in ["", "/include"] {
            let source = home + "/nginx" + folder
            for name in try manager.contentsOfDirectory(atPath: source)
            where name.hasSuffix(".conf") {
                let template = try String(contentsOfFile: "\(source)/\(name)", encoding: .utf8)
                let text = try fill(template, with: values, name: name)
                try replace("\(target)\(folder)/\(name)", with: text)
            }
        }
    }

    /// Secrets are in it: nobody else may read it, from the first byte on.
    private static func replace(_ path: String, with text: String) throws {
        unlink(path + ".new")
        let file = try FileDescriptor(
            opening: path + ".new", O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        try file.write(Array(text.utf8))
        guard rename(path + ".new", path) == 0 else { throw SystemError("rename", path) }
    }

    private static func values(
        _ configuration: Configuration, _ secrets: Secrets, home: String, gateway: ResponderStyle
    ) -> [String: String] {
        let folders = configuration.folders
        let listen =
            configuration.listen.contains(":") ? "[\(configuration.listen)]" : configuration.listen
        return [
            "URL": configuration.url,
            "LISTEN": "\(listen):\(configuration.port)",
            "DATA": folders.root,
            "WWW": home + "/www",
            "INCLUDE": folders.nginx + "/include",
            "AUTH_SOCKET": folders.run + "/auth.sock",
            "IMAGE_SOCKET": folders.run + "/image.sock",
            "AUTH_PROGRAM": gateway == .cgi ? ProgramFiles.path(of: "auth-responder") : "",
            "IMAGE_PROGRAM": gateway == .cgi ? ProgramFiles.path(of: "image-responder") : "",
            "LINK_KEYS": linkKeys(secrets),
            "RATE_LIMITS": configuration.rateLimits.rawValue,
            "REQUEST_LIMIT": String(configuration.requestLimit),
            "PUBLIC_AGE": String(configuration.publicAge.wholeSeconds),
            "LINK_SLOT": String(configuration.linkSlot.wholeSeconds),
            "CORS_ORIGINS": "",
            "ACCESS_LOG": folders.nginx + "/access.log",
            "USER_LINE": getuid() == 0 ? "user root;" : "",
        ]
    }

    /// Lines of nginx's map from a link's key id to its secret.
    private static func linkKeys(_ secrets: Secrets) -> String {
        secrets.link.accepted.map { "\"\($0.id)\" \"\($0.secret)\";" }.joined(separator: "\n")
    }

    private static func fill(
        _ template: String, with values: [String: String], name: String
    ) throws -> String {
        var text = ""
        var rest = template[...]
        while let match = rest.firstMatch(of: /@([A-Z_]+)@/) {
            guard let value = values[String(match.1)] else {
                throw Failure("nginx/\(name) names @\(match.1)@, which nothing fills.")
            }
            text += rest[..<match.range.lowerBound] + value
            rest = rest[match.range.upperBound...]
        }
        return text + rest
    }
}
