import API
import Credentials
import Foundation
import Media
import Model
import Processes
import Settings

/// The gateway's files: the templates in `nginx/` with each `@NAME@` filled in.
package struct NginxFiles {
    private let templates: String
    private let values: [String: String]
    /// What the project says itself, and not who installs it: regular expressions, and texts with nginx's
    /// variables.
    private let fixed: [String: String]

    /// - Parameters:
    ///   - home: the folder that holds `nginx/` and `www/`.
    ///   - workers: of nginx; the two of serve.conf unless said.
    ///   - accessLog: an absolute path, with `error.log` beside it; unless said, in the data folder and
    ///     standard error.
    package init(
        _ configuration: Configuration, _ secrets: Secrets, home: String, workers: Int = 2,
        accessLog: String? = nil
    ) throws {
        let gateway = configuration.gateway
        func kept(_ connections: Int) -> String {
            let each = gateway == .cgi ? 0 : connections / workers
            return each > 0 ? "keepalive \(each);" : ""
        }
        let folders = configuration.folders
        templates = home + "/nginx"
        let connections = Self.connections(configuration.connections / workers)
        values = [
            "URL": configuration.url,
            "LISTEN": Self.listen(configuration.listen, configuration.port),
            "DATA": folders.root,
            "WWW": home + "/www",
            "AUTH_SOCKET": folders.run + "/auth.sock",
            "IMAGE_SOCKET": folders.run + "/image.sock",
            "AUTH_KEPT": kept(configuration.authThreads / 4),
            "IMAGE_KEPT": kept(configuration.imageThreads / 2),
            "AUTH_PROGRAM": gateway == .cgi ? ProgramFiles.path(of: "auth-responder") : "",
            "IMAGE_PROGRAM": gateway == .cgi ? ProgramFiles.path(of: "image-responder") : "",
            "LINK_KEYS": Self.lines(secrets.link.accepted) { "\"\($0.id)\" \"\($0.secret)\";" },
            "RATE_LIMITS": configuration.rateLimits.rawValue,
            "REQUEST_LIMIT": String(configuration.requestLimit),
            "PUBLIC_AGE": String(configuration.publicAge.wholeSeconds),
            "LINK_SLOT": String(configuration.linkSlot.wholeSeconds),
            "CORS_ORIGINS": Self.lines(configuration.corsOrigins) { "\"\($0)\" $http_origin;" },
            "ACCESS_LOG": accessLog ?? AccessLog.path(folders),
            "ERROR_LOG": accessLog.map {
                URL(fileURLWithPath: $0).deletingLastPathComponent().path + "/error.log"
            } ?? "stderr",
            "WORKER_CONNECTIONS": String(connections),
            "WORKER_FILES": String(connections * 2),
            "USER_LINE": getuid() == 0 ? "user root;" : "",
        ].merging(HeaderRules.templateValues(url: configuration.url)) { $1 }
        fixed = ErrorTexts.templateValues.merging(MediaFile.templateValues) { $1 }
        // They stand between quotes, where these end the quotes or begin a variable.
        for (name, what) in [
            ("URL", "MULTIRES_URL"), ("DATA", "MULTIRES_DATA"), ("WWW", "MULTIRES_HOME"),
            ("ACCESS_LOG", "--access-log"), ("IMAGE_PROGRAM", "The programs' folder"),
        ] {
            let value = values[name] ?? ""
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && !"\"\\$".utf8.contains($0) })
            else {
                throw Unusable(
                    "\(what) is \"\(value)\": it may not have \" \\ $ or control characters, which mean "
                        + "something else in nginx's files.")
            }
        }
    }

    /// Of a worker, each with two files, as far as the system lets a user who is not root.
    private static func connections(_ wanted: Int) -> Int {
        var limit = rlimit()
        guard getuid() != 0, getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        else {
            return wanted
        }
        return max(64, min(wanted, Int(clamping: limit.rlim_max) / 2))
    }

    /// As `listen` takes it. nginx says IPv6 alone for `::` unless it is told not to.
    private static func listen(_ address: String, _ port: Int) -> String {
        address.contains(":")
            ? "[\(address)]:\(port)" + (address == "::" ? " ipv6only=off" : "")
            : "\(address):\(port)"
    }

    /// Of a map in the templates.
    private static func lines<Entry>(_ entries: [Entry], _ line: (Entry) -> String) -> String {
        entries.map { "    " + line($0) }.joined(separator: "\n")
    }

    /// Writes them to `target`, which is made if need be, each by one rename.
    package func write(to target: String) throws {
        try write(texts(for: target), to: target)
    }

    /// All but the main file, which is the distribution's own, to a folder that somebody chose. Throws
    /// `Unusable`, with nothing written, when a file there of the same name is another's.
    package func writeSite(to target: String) throws {
        let files = try texts(for: target).filter { $0.key != "serve.conf" }
        let main = try? String(contentsOfFile: target + "/multires.conf", encoding: .utf8)
        let isOurs = main?.hasPrefix("# Multires behind nginx") ?? false
        let taken = files.keys.sorted().first {
            FileManager.default.fileExists(atPath: "\(target)/\($0)")
        }
        if let taken, !isOurs {
            throw Unusable(
                "\(target)/\(taken) was not written by this command: choose a folder of its own "
                    + "with --to.")
        }
        try write(files, to: target)
    }

    private func write(_ files: [String: String], to target: String) throws {
        for folder in ["", "/include", "/tmp"] {
            try FileManager.default.createDirectory(
                atPath: target + folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o750])
        }
        // Secrets are in some: nobody else may read them.
        for (name, text) in files {
            try Files.write(text.utf8, to: "\(target)/\(name)", mode: 0o600)
        }
    }

    /// They bring quotes of their own; their secrets and origins were checked when they were read.
    private static let lists: Set = ["LINK_KEYS", "CORS_ORIGINS"]

    /// The rest stands between quotes, where nginx would take these for an end, an escape or a variable.
    private static func check(_ value: String) throws {
        let isSafe = value.unicodeScalars.allSatisfy { scalar in
            !"\"\\$".unicodeScalars.contains(scalar)
                && scalar.properties.generalCategory != .control
        }
        guard isSafe else {
            throw Unusable(
                "\"\(value)\" cannot stand in nginx's configuration: choose a folder or address "
                    + "without quotes, backslashes, $ and control characters.")
        }
    }

    /// Names, `include/…` among them, and what belongs in there.
    package func texts(for target: String) throws -> [String: String] {
        let values = values.merging(["INCLUDE": target + "/include"]) { $1 }
        for (name, value) in values where !Self.lists.contains(name) { try Self.check(value) }
        var files: [String: String] = [:]
        for folder in ["", "include/"] {
            let names = try FileManager.default.contentsOfDirectory(
                atPath: "\(templates)/\(folder)")
            for name in names where name.hasSuffix(".conf") {
                let path = "\(templates)/\(folder)\(name)"
                files[folder + name] = try Template.filled(
                    path, with: values.merging(fixed) { $1 })
            }
        }
        return files
    }
}
