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
    /// Values that come from the project and not from an installation: regular expressions, and texts with
    /// nginx's variables.
    private let fixed: [String: String]

    /// - Parameters:
    ///   - home: the folder that contains `nginx/` and `www/`.
    ///   - workers: the number of nginx's workers; 2 in serve.conf.
    ///   - accessLog: an absolute path; `error.log` is then in the same folder. If nil, the access log is in
    ///     the data folder, and errors go to standard error.
    package init(
        _ configuration: Configuration, _ secrets: Secrets, home: String, workers: Int = 2,
        accessLog: String? = nil
    ) throws {
        let gateway = configuration.gateway
        func keepalive(_ connections: Int) -> String {
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
            "AUTH_KEPT": keepalive(configuration.authThreads / 4),
            "IMAGE_KEPT": keepalive(configuration.imageThreads / 2),
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
        // These values are written between quotes, where such a character would end the quotes or begin a
        // variable. Checked here, because the message can name the setting.
        for (name, what) in [
            ("URL", "MULTIRES_URL"), ("DATA", "MULTIRES_DATA"), ("WWW", "MULTIRES_HOME"),
            ("ACCESS_LOG", "--access-log"), ("IMAGE_PROGRAM", "The programs' folder"),
        ] {
            let value = values[name] ?? ""
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && !"\"\\$".utf8.contains($0) })
            else {
                throw ConfigurationError(
                    "\(what): \"\(value)\" contains \" \\ $ or a control character, which have a "
                        + "special meaning in nginx's files. Use a value without them.")
            }
        }
    }

    /// The connections of a worker: `wanted`, but at most half of the limit of open files, because each may
    /// have two. nginx that root starts can raise that limit.
    private static func connections(_ wanted: Int) -> Int {
        var limit = rlimit()
        guard getuid() != 0, getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        else {
            return wanted
        }
        return max(64, min(wanted, Int(clamping: limit.rlim_max) / 2))
    }

    /// The value of `listen`. With `::`, nginx accepts only IPv6 unless `ipv6only=off` is set.
    private static func listen(_ address: String, _ port: Int) -> String {
        address.contains(":")
            ? "[\(address)]:\(port)" + (address == "::" ? " ipv6only=off" : "")
            : "\(address):\(port)"
    }

    /// The lines of a map in the templates.
    private static func lines<Entry>(_ entries: [Entry], _ line: (Entry) -> String) -> String {
        entries.map { "    " + line($0) }.joined(separator: "\n")
    }

    /// Writes the files to `target`, which is created if necessary. Each appears by one rename.
    package func write(to target: String) throws {
        try write(texts(for: target), to: target)
    }

    /// Writes all files except the main one, which the distribution's nginx has itself, to a folder that the
    /// user chose. Throws `ConfigurationError`, and writes nothing, if the folder has a file of the same name
    /// that this command has not written.
    package func writeSite(to target: String) throws {
        let files = try texts(for: target).filter { $0.key != "serve.conf" }
        let main = try? String(contentsOfFile: target + "/multires.conf", encoding: .utf8)
        let isOurs = main?.hasPrefix("# Multires behind nginx") ?? false
        let taken = files.keys.sorted().first {
            FileManager.default.fileExists(atPath: "\(target)/\($0)")
        }
        if let taken, !isOurs {
            throw ConfigurationError(
                "\(target)/\(taken) was not written by this command. Choose another folder with "
                    + "--to.")
        }
        try write(files, to: target)
    }

    private func write(_ files: [String: String], to target: String) throws {
        for folder in ["", "/include", "/tmp"] {
            try ChosenFolder.make(target + folder, mode: 0o750)
        }
        // Some contain secrets, so only the owner may read them.
        for (name, text) in files {
            try Files.write(text.utf8, to: "\(target)/\(name)", mode: 0o600)
        }
    }

    /// Values that contain quotes. Their secrets and origins were checked when they were read.
    private static let lists: Set = ["LINK_KEYS", "CORS_ORIGINS"]

    /// All other values are written between quotes, where nginx would take these characters for the end, an
    /// escape or a variable.
    private static func check(_ value: String) throws {
        let isSafe = value.unicodeScalars.allSatisfy { scalar in
            !"\"\\$".unicodeScalars.contains(scalar)
                && scalar.properties.generalCategory != .control
        }
        guard isSafe else {
            throw ConfigurationError(
                "\"\(value)\" cannot be written to nginx's configuration. Choose a folder or "
                    + "address without quotes, backslashes, $ and control characters.")
        }
    }

    /// The files and their contents, by name, such as `include/media.conf`.
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
