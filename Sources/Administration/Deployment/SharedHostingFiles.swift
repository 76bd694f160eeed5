import API
import Foundation
import Media
import Model
import Processes
import Settings
import Text

/// The files of a document root: the frontend, and the templates in deploy/shared-hosting/ with each `@NAME@`
/// replaced.
package struct SharedHostingFiles {
    private let home: String
    private let root: String
    private let data: String
    private let values: [String: String]

    /// - Parameter usesFcgid: whether mod_fcgid keeps the programs running.
    package init(_ site: SharedHostingSite, _ configuration: Configuration, usesFcgid: Bool) throws
    {
        guard let home = ProgramFiles.home(ProcessInfo.processInfo.environment) else {
            throw ConfigurationError(
                "deploy/ and www/ were not found. Run multires from its unpacked archive.")
        }
        // The scripts contain the path of the unpacked archive.
        try SharedHostingSite.check(ProgramFiles.folder)
        self.home = home
        root = site.root
        data = site.data
        values = [
            "SITE": site.root,
            "DATA": site.data,
            "URL": configuration.url,
            "PROGRAMS": ProgramFiles.folder,
            "HANDLER": usesFcgid ? "fcgid-script" : "cgi-script",
            "PUBLIC_AGE": String(configuration.publicAge.wholeSeconds),
            "CORS_ORIGINS": configuration.corsOrigins.map(Self.cors).joined(separator: "\n"),
        ].merging(HeaderRules.templateValues(url: configuration.url)) { $1 }
            .merging(ErrorTexts.templateValues) { $1 }.merging(MediaFile.templateValues) { $1 }
    }

    /// In the order of writing. The rules (.htaccess) are last, so that a new site answers only when it is
    /// complete.
    package func all() throws -> [SharedHostingSite.File] {
        let templates = home + "/deploy/shared-hosting"
        func filled(_ name: String, _ more: [String: String] = [:]) throws -> Data {
            Data(
                try Template.filled("\(templates)/\(name)", with: values.merging(more) { $1 }).utf8)
        }
        try writeTick(filled("tick"))
        var files = try frontend()
        for name in ["health.json", "error.json"] {
            files.append(.init(path: name, content: .bytes(try filled(name))))
        }
        for (script, program) in [
            ("auth", "auth-responder"), ("image", "image-responder"), ("media", "image-responder"),
        ] {
            files.append(
                .init(
                    path: "cgi-bin/\(script).cgi",
                    content: .bytes(try filled("program.cgi", ["PROGRAM": program])),
                    isProgram: true))
        }
        files.append(.init(path: "media/public", content: .link(data + "/public")))
        for (folder, template) in [
            ("cgi-bin/", "cgi-bin"), ("media/", "media"), ("", "site"),
        ] {
            files.append(
                .init(
                    path: folder + ".htaccess", content: .bytes(try filled(template + ".htaccess")))
            )
        }
        return files
    }

    /// One exact origin, as in nginx/include/cors.conf.
    private static func cors(_ origin: String) -> String {
        let pattern = origin.escaped { ".[]+".unicodeScalars.contains($0) ? "\\\($0)" : nil }
        return """
            SetEnvIf Origin "^\(pattern)$" MULTIRES_ORIGIN=$0
            SetEnvIfExpr "%{REQUEST_METHOD} == 'OPTIONS' && %{HTTP:Origin} == '\(origin)'" \
            MULTIRES_PREFLIGHT
            """
    }

    private func frontend() throws -> [SharedHostingSite.File] {
        let www = home + "/www"
        guard let names = FileManager.default.enumerator(atPath: www) else { return [] }
        return try names.compactMap { $0 as? String }.sorted().compactMap { name in
            let url = URL(fileURLWithPath: "\(www)/\(name)")
            return url.hasDirectoryPath
                ? nil : .init(path: name, content: .bytes(try Data(contentsOf: url)))
        }
    }

    /// In the data folder, so that cron's line stays the same after an upgrade.
    private func writeTick(_ script: Data) throws {
        try Files.write(script, to: data + "/tick", mode: 0o700)
    }
}
