import Foundation
import Support
import Testing

/// Decisions that must not rot: who links what.
@Suite struct LinkageTests {
    @Test(
        "What faces the network, and what holds the database, links no image library",
        arguments: ["auth-responder", "image-responder", "resize-worker", "multires"])
    func noImageLibrary(_ program: String) throws {
        let needed = try needed(by: program)
        #expect(needed.contains { $0.hasPrefix("libsqlite3") })
        #expect(!needed.contains { $0.hasPrefix("libvips") || $0.hasPrefix("libglib") })
    }

    @Test("What decodes pictures reaches neither database nor secrets")
    func resizer() throws {
        let needed = try needed(by: "resizer")
        #expect(needed.contains { $0.hasPrefix("libvips") })
        #expect(
            !needed.contains {
                $0.hasPrefix("libsqlite3") || $0.hasPrefix("libcrypto") || $0.hasPrefix("libfcgi")
            })
    }

    @Test("Libraries use those below them alone; one place each knows the engine of a store")
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

    @Test("What is published is on the disk when it is said to be: one file renames")
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
            /\.(images\.(add|beginDeletion|finishDeletion|change|retry)|queue\.(redo|remake)|accounts\.(beginDeletion|finishDeletion)|media\.(store|remove|place|hidingLink|prepareLink))\(/
        for source in try sources() where source.folder != "Operations" {
            // What a backup's own catalog forgets has no files to remove.
            if source.name == "BackupCopying.swift" { continue }
            #expect(!source.text.contains(calls), "\(source.path)")
        }
    }

    @Test("A command that a sentence names is one of multires'")
    func commands() throws {
        let help = try Shell.run(Programs.path("multires"), ["--help"]).text
        let known = Set(help.matches(of: /(?m)^  ([a-z-]+) {2,}/).map { String($0.1) })
        try #require(known.count > 10)
        var named = 0
        for source in try sources() {
            // In a sentence it stands in quotes.
            for match in source.text.matches(of: /\\"multires ([a-z]+)/) {
                named += 1
                #expect(known.contains(String(match.1)), "\(source.path): \(match.1)")
            }
        }
        #expect(named > 30)
    }

    private struct Source {
        let path: String
        let text: String
        /// Of `Sources/`.
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

    /// DT_NEEDED of the program itself: what it asks for, not what its libraries drag in.
    private func needed(by program: String) throws -> [String] {
        let output = try Shell.run("readelf", ["-d", Programs.path(program)])
        return output.text.matches(of: /NEEDED.*\[(.*)\]/).map { String($0.1) }
    }
}
