import Foundation
import Support
import Testing

/// Checks the architecture: which program links which library, and which source uses which.
@Suite struct LinkageTests {
    @Test(
        "Programs that face the network or use the database link no image library",
        arguments: ["auth-responder", "image-responder", "resize-worker", "multires"])
    func noImageLibrary(_ program: String) throws {
        let needed = try needed(by: program)
        #expect(needed.contains { $0.hasPrefix("libsqlite3") })
        #expect(
            !needed.contains { name in
                ["libvips", "libglib", "libavif", "libheif", "libde265", "libjpeg"]
                    .contains { name.hasPrefix($0) }
            })
    }

    @Test("The program that decodes images links no database, cryptography or FastCGI library")
    func resizer() throws {
        let needed = try needed(by: "resizer")
        #expect(needed.contains { $0.hasPrefix("libvips") })
        #expect(needed.contains { $0.hasPrefix("libavif") })
        #expect(
            !needed.contains {
                $0.hasPrefix("libsqlite3") || $0.hasPrefix("libcrypto") || $0.hasPrefix("libfcgi")
            })
    }

    @Test("A library uses only those below it, and one file knows the engine of each store")
    func layers() throws {
        // From the lowest to the highest.
        let layers = [
            "Text", "Processes", "Cryptography", "Metrics", "Model", "API", "Gateway", "Settings",
            "Credentials", "SQLiteCatalog", "Media", "DiskMedia", "ResizerClient", "Operations",
            "Resizing", "Service", "Administration",
        ]
        let libraries = try sources().map(\.folder).filter { $0 != $0.lowercased() }
        #expect(Set(libraries) == Set(layers))
        let engines = ["SQLiteCatalog": "CatalogEngine.swift", "DiskMedia": "MediaEngine.swift"]
        for source in try sources() {
            // Programs are above all libraries.
            let layer = layers.firstIndex(of: source.folder) ?? layers.count
            for match in source.text.matches(of: /(?m)^import ([A-Za-z]+)$/) {
                let name = String(match.1)
                guard let used = layers.firstIndex(of: name) else { continue }
                #expect(used < layer, "\(source.path) imports \(name)")
                if let place = engines[name] { #expect(source.name == place, "\(source.path)") }
            }
        }
    }

    @Test("Only Files.swift calls rename, because it also syncs what it publishes")
    func publishing() throws {
        for source in try sources() where source.name != "Files.swift" {
            #expect(
                !source.text.contains(/(Glibc\.rename|renameat2?|[^.\w]rename)\(/), "\(source.path)"
            )
        }
    }

    @Test("Each operation on an image or an account exists once, in Operations")
    func operations() throws {
        let calls =
            /\.(images\.(add|beginDeletion|finishDeletion|change|retry)|queue\.(rerender|repair)|accounts\.(beginDeletion|finishDeletion)|media\.(store|remove|place|withLinkRemoved|prepareLink))\(/
        for source in try sources() where source.folder != "Operations" {
            // A row that is removed from a backup's catalog has no files to remove.
            if source.name == "BackupWriter.swift" { continue }
            #expect(!source.text.contains(calls), "\(source.path)")
        }
    }

    @Test("Every multires command that a message names exists")
    func commands() throws {
        let help = try Shell.run(Programs.path("multires"), ["--help"]).text
        let known = Set(help.matches(of: /(?m)^  ([a-z-]+) {2,}/).map { String($0.1) })
        try #require(known.count > 10)
        var named = 0
        for source in try sources() {
            // Messages name commands in quotes.
            for match in source.text.matches(of: /\\"multires ([a-z]+)/) {
                named += 1
                #expect(known.contains(String(match.1)), "\(source.path): \(match.1)")
            }
        }
        #expect(named > 30)
    }

    @Test("multires config lists every variable that a program reads")
    func variables() throws {
        let output = try Shell.check(Programs.path("multires"), ["config"])
        let listed = Set(output.text.matches(of: /(?m)^([A-Z_]+)=/).map { String($0.1) })
        // Of the system, of a web server, and from the worker to its resizers.
        let others: Set = ["PATH", "GATEWAY_INTERFACE"]
        var read: Set<String> = []
        for source in try sources() {
            let names =
                source.text.matches(of: /"((?:MULTIRES|JWT)_[A-Z_]*[A-Z])"/).map { String($0.1) }
                + source.text.matches(of: /(?:environment\[|getenv\()"([A-Z_]+)"/).map {
                    String($0.1)
                }
            read.formUnion(names)
        }
        #expect(read.count > 60)
        let missing = read.subtracting(listed).subtracting(others)
        #expect(missing.allSatisfy { $0.hasPrefix("RESIZER_") }, "\(missing)")
    }

    private struct Source {
        let path: String
        let text: String
        /// The folder in `Sources/`.
        var folder: String { path.split(separator: "/").first.map(String.init) ?? "" }
        var name: String { path.split(separator: "/").last.map(String.init) ?? "" }
    }

    private func sources() throws -> [Source] {
        let root = URL(fileURLWithPath: Programs.projectFolder + "/Sources")
        let files = try FileManager.default.subpathsOfDirectory(atPath: root.path)
            .filter { $0.hasSuffix(".swift") }
        try #require(files.count > 100)
        return try files.map {
            Source(
                path: $0,
                text: try String(contentsOf: root.appendingPathComponent($0), encoding: .utf8))
        }
    }

    /// The libraries that the program itself needs (DT_NEEDED), without those that its libraries need.
    private func needed(by program: String) throws -> [String] {
        let output = try Shell.run("readelf", ["-d", Programs.path(program)])
        return output.text.matches(of: /NEEDED.*\[(.*)\]/).map { String($0.1) }
    }
}
