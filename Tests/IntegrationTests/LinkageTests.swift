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

    /// DT_NEEDED of the program itself: what it asks for, not what its libraries drag in.
    private func needed(by program: String) throws -> [String] {
        let output = try Shell.run("readelf", ["-d", Programs.path(program)])
        return output.text.matches(of: /NEEDED.*\[(.*)\]/).map { String($0.1) }
    }
}
