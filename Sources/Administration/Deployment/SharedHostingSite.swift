import Foundation
import Model
import Processes
import Settings
import Text

/// A document root and its data folder. The data folder has a list of the files that were written to the
/// document root, so that no other file is ever replaced or removed.
package struct SharedHostingSite {
    package struct File {
        enum Content {
            case bytes(Data)
            /// A symbolic link to this path.
            case link(String)
        }

        /// Relative to the document root, without a leading slash.
        let path: String
        let content: Content
        var isProgram = false
    }

    /// The document root, an absolute path.
    package let root: String
    /// The data folder, an absolute path.
    package let data: String
    private var list: String { Self.list(data) }

    private static let safe =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.,+@/-"

    private static func list(_ data: String) -> String { data + "/shared-hosting.files" }

    /// Throws `ConfigurationError` for a folder that cannot be used.
    ///
    /// - Parameter data: from the command line. If nil, the data folder of an earlier deployment, or else
    ///   multires-data beside the document root.
    package init(_ root: String, data: String?) throws {
        self.root = Self.absolute(root)
        let earlier = Self.data(ofSiteIn: self.root)
        self.data = data.map(Self.absolute) ?? earlier ?? Self.parent(self.root) + "/multires-data"
        for path in [self.root, self.data] {
            // They are written to shell scripts and to Apache's files.
            try Self.check(path)
        }
        guard FileManager.default.fileExists(atPath: self.root) else {
            throw ConfigurationError("The document root \(self.root) does not exist.")
        }
        guard !(self.data + "/").starts(withBytes: self.root + "/") else {
            throw ConfigurationError(
                "The data folder \(self.data) must not be in the document root: the web server "
                    + "would serve secrets and private images. Choose another folder with --data.")
        }
        guard !(self.root + "/").starts(withBytes: self.data + "/") else {
            throw ConfigurationError(
                "The document root \(self.root) must not be in the data folder: the web server "
                    + "must not serve the data folder. Choose another folder with --data.")
        }
        if let earlier, earlier != self.data {
            throw ConfigurationError(
                "The data of the site in \(self.root) is in \(earlier). Move that folder and "
                    + "remove the site first, or omit --data.")
        }
    }

    /// Throws `ConfigurationError` for a path that cannot be written unchanged to a shell script and to
    /// Apache's files.
    package static func check(_ path: String) throws {
        guard !path.isEmpty, path.isMade(of: safe) else {
            throw ConfigurationError(
                "\"\(path)\" has characters other than letters, digits and / _ . , + @ -. Use a "
                    + "path without them.")
        }
    }

    /// The site's settings: only those of `.env` in the data folder, without the environment.
    package func configuration() throws -> Configuration {
        var settings = try EnvironmentFile.read(data + "/.env")
        settings["MULTIRES_DATA"] = data
        return try Configuration(settings)
    }

    /// Must be called before the folder contains a secret: a folder beside the document root of one site may
    /// be in the document root of another. Apache applies the rules of the folders in a file's path, so these
    /// rules do not affect public images, whose path goes through the link in the document root.
    package func makeDataFolder() throws {
        try ChosenFolder.make(data, mode: 0o750)
        // Apache may run as another user.
        try Files.write(
            "# Written by \"multires deploy shared-hosting\".\nRequire all denied\n".utf8,
            to: data + "/.htaccess", mode: 0o644)
    }

    /// The nearest folder above the data folder that looks like a document root; nil if there is none.
    var documentRootAboveData: String? {
        let marks = ["index.html", "index.htm", "index.php"]
        let names: Set = ["public_html", "htdocs", "httpdocs", "html", "www", "wwwroot"]
        var folder = Self.parent(data)
        while folder != "/" {
            let name = URL(fileURLWithPath: folder).lastPathComponent
            // Hosting panels keep whole accounts in /var/www.
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

    /// Whether the site was deployed for mod_fcgid, which keeps the programs running.
    package var usesFcgid: Bool {
        let rules = try? String(contentsOfFile: root + "/cgi-bin/.htaccess", encoding: .utf8)
        return rules?.contains("AddHandler fcgid-script") ?? false
    }

    /// Whether a site with this data folder is deployed.
    package static func isDeployed(_ folders: DataFolders) -> Bool {
        FileManager.default.fileExists(atPath: list(folders.root))
    }

    /// Makes these the only files of the site. Each appears by one rename, and is synced before the next. If
    /// the program is killed in between, the call can be repeated. Throws `ConfigurationError` if one of the
    /// names is taken by another file.
    package func write(_ files: [File]) throws {
        let earlier = Set((try? String(contentsOfFile: list, encoding: .utf8))?.lines ?? [])
        let wanted = Set(files.map(\.path))
        let others = wanted.subtracting(earlier).filter { exists($0) }.sorted()
        guard others.isEmpty else {
            throw ConfigurationError(
                "\(root) has other files: \(others.prefix(5).joined(separator: ", "))"
                    + (others.count > 5 ? " and \(others.count - 5) more" : "")
                    + ". Move them away, or use an empty document root.")
        }
        // The list is written before the files, so that it also has the files that a crash leaves.
        try remember(earlier.union(wanted))
        for file in files { try place(file) }
        for path in earlier.subtracting(wanted) { removeWithEmptyFolders(path) }
        if wanted.isEmpty { unlink(list) } else { try remember(wanted) }
    }

    private func place(_ file: File) throws {
        let path = "\(root)/\(file.path)"
        try ChosenFolder.make(Self.parent(path), mode: 0o755)
        switch file.content {
        case .bytes(let bytes):
            // Apache may run as another user, and suexec refuses a program that its group can write to.
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

    /// The data folder in the scripts of a document root; nil if there is no deployed site.
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
