import Foundation
import Model
import Processes
import Settings
import Text

/// A document root and the data folder that belongs to it. What was written there is listed in the
/// data folder, so that nobody else's file is ever replaced or removed.
package struct WebSpace {
    package struct File {
        enum Content {
            case bytes(Data)
            /// A link to there.
            case link(String)
        }

        /// From the document root, without a slash in front.
        let path: String
        let content: Content
        var isProgram = false
    }

    /// Both absolute.
    package let root: String
    package let data: String
    private var list: String { Self.list(data) }

    private static let safe =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.,+@/-"

    private static func list(_ data: String) -> String { data + "/shared-hosting.files" }

    /// - Parameter data: as on the command line; what an earlier deployment says counts before the
    ///   default.
    package init(_ root: String, data: String?) throws {
        self.root = Self.absolute(root)
        let earlier = Self.data(ofSiteIn: self.root)
        self.data = data.map(Self.absolute) ?? earlier ?? Self.parent(self.root) + "/multires-data"
        for path in [self.root, self.data] {
            // They stand in shell scripts and in Apache's files.
            try Self.check(path)
        }
        guard FileManager.default.fileExists(atPath: self.root) else {
            throw Unusable("There is no folder \(self.root).")
        }
        guard !(self.data + "/").starts(withBytes: self.root + "/") else {
            throw Unusable(
                "The data folder \(self.data) must not lie in the document root: the web server "
                    + "would show secrets and private pictures.")
        }
        guard !(self.root + "/").starts(withBytes: self.data + "/") else {
            throw Unusable(
                "The document root \(self.root) must not lie in the data folder, of which the web "
                    + "server shall show nothing.")
        }
        if let earlier, earlier != self.data {
            throw Unusable(
                "The site in \(self.root) keeps its data in \(earlier): move that folder and "
                    + "remove the site first, or leave --data out.")
        }
    }

    /// Throws for a path that cannot stand in a shell script and in Apache's files as it is.
    package static func check(_ path: String) throws {
        guard !path.isEmpty, path.isMade(of: safe) else {
            throw Unusable("\(path) has characters other than letters, digits and _ . , + @ -.")
        }
    }

    /// The site's settings: those in `.env` in the data folder, and no one else's.
    package func configuration() throws -> Configuration {
        var settings = try EnvironmentFile.read(data + "/.env")
        settings["MULTIRES_DATA"] = data
        return try Configuration(settings)
    }

    /// Before anything secret is in there: the folder beside one site's document root may lie in
    /// another's. Apache reads the rules of folders as it walks to a file by the file's own name, so
    /// what is public, by the link in the document root, passes these by.
    package func makeDataFolder() throws {
        try FileManager.default.createDirectory(
            atPath: data, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o750])
        // Apache may be another user.
        try Files.write(
            "# Written by \"multires deploy shared-hosting\".\nRequire all denied\n".utf8,
            to: data + "/.htaccess", mode: 0o644)
    }

    /// The folder above the data that looks like a document root, if there is one.
    var documentRootAboveData: String? {
        let marks = ["index.html", "index.htm", "index.php"]
        let names: Set = ["public_html", "htdocs", "httpdocs", "html", "www", "wwwroot"]
        var folder = Self.parent(data)
        while folder != "/" {
            let name = URL(fileURLWithPath: folder).lastPathComponent
            // In /var/www panels keep whole accounts.
            if names.contains(name) && folder != "/var/www"
                || marks.contains(where: {
                    FileManager.default.fileExists(atPath: "\(folder)/\($0)")
                })
            {
                return folder
            }
            folder = Self.parent(folder)
        }
        return nil
    }

    var isDeployed: Bool { Self.isDeployed(DataFolders(root: data)) }

    /// Whether mod_fcgid keeps the programs, as it was deployed.
    package var isKept: Bool {
        let rules = try? String(contentsOfFile: root + "/cgi-bin/.htaccess", encoding: .utf8)
        return rules?.contains("AddHandler fcgid-script") ?? false
    }

    /// Whether a document root belongs to that data folder.
    package static func isDeployed(_ folders: DataFolders) -> Bool {
        FileManager.default.fileExists(atPath: list(folders.root))
    }

    /// Makes these files, and no others, the site's. Each appears by one rename and is on the disk
    /// before the next; killed in between, it can be done again.
    package func write(_ files: [File]) throws {
        let earlier = Set((try? String(contentsOfFile: list, encoding: .utf8))?.lines ?? [])
        let wanted = Set(files.map(\.path))
        let strangers = wanted.subtracting(earlier).filter { exists($0) }.sorted()
        guard strangers.isEmpty else {
            throw Unusable(
                "\(root) has files that are not ours: \(strangers.prefix(5).joined(separator: ", "))"
                    + (strangers.count > 5 ? " and \(strangers.count - 5) more" : "")
                    + ". Move them away, or give Multires a document root of its own.")
        }
        // Listed before they are there: what a crash leaves is still known to be ours.
        try remember(earlier.union(wanted))
        for file in files { try place(file) }
        for path in earlier.subtracting(wanted) { removeWithEmptyFolders(path) }
        if wanted.isEmpty { unlink(list) } else { try remember(wanted) }
    }

    private func place(_ file: File) throws {
        let path = "\(root)/\(file.path)"
        try FileManager.default.createDirectory(
            atPath: Self.parent(path), withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755])
        switch file.content {
        case .bytes(let bytes):
            // Apache may be another user, and suexec takes no group-writable program.
            try Files.write(bytes, to: path, mode: file.isProgram ? 0o755 : 0o644)
        case .link(let target): try Files.link(to: target, at: path)
        }
    }

    private func removeWithEmptyFolders(_ path: String) {
        unlink("\(root)/\(path)")
        var folder = Self.parent("\(root)/\(path)")
        while folder != root, rmdir(folder) == 0 { folder = Self.parent(folder) }
    }

    private func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat("\(root)/\(path)", &status) == 0
    }

    private func remember(_ paths: Set<String>) throws {
        try Files.write(
            paths.sorted().map { $0 + "\n" }.joined().utf8, to: list, mode: 0o640)
    }

    /// The data folder that the programs in a document root are told.
    private static func data(ofSiteIn root: String) -> String? {
        let script = try? String(contentsOfFile: root + "/cgi-bin/image.cgi", encoding: .utf8)
        return script?.firstMatch(of: /MULTIRES_SETTINGS='(.*)\/\.env'/).map { String($0.1) }
    }

    private static func absolute(_ path: String) -> String {
        let expanded = NSString(string: path).expandingTildeInPath
        return URL(fileURLWithPath: expanded).standardizedFileURL.path
    }

    private static func parent(_ path: String) -> String {
        URL(fileURLWithPath: path).deletingLastPathComponent().path
    }
}

extension String {
    fileprivate var lines: [String] {
        utf8.split(separator: UInt8(ascii: "\n")).map { String(Substring($0)) }
    }
}
