import Catalog
import Foundation
import Testing

@Suite("Settings")
struct SettingsTests {
    @Test("What only looks like a unit, a comment or a quote is none")
    func lookalikes() throws {
        #expect(SettingReader.bytes("50KB") == 50_000)
        #expect(SettingReader.bytes("50\u{212A}B") == nil)
        #expect(SettingReader.bytes("50MB\u{301}") == nil)
        let values = EnvironmentFile.parse("#\u{301}A=1\nB=\u{301}x\nC=\"y\u{301}\"\n")
        #expect(values.count == 2)
        #expect(values["B"].map { Array($0.utf8) } == Array("\u{301}x".utf8))
        #expect(values["C"].map { Array($0.utf8) } == Array("y\u{301}".utf8))
    }

    @Test("Without any environment every setting has its default")
    func defaults() throws {
        let configuration = try Configuration([:])
        #expect(configuration.port == 8080)
        #expect(configuration.listen == "127.0.0.1")
        #expect(configuration.url == "http://localhost:8080")
        #expect(configuration.quota == Usage(images: 10_000, bytes: 1_000_000_000))
        #expect(configuration.imageLimit == 50_000_000)
        #expect(configuration.accessLifetime == .seconds(900))
        #expect(configuration.refreshLifetime == .seconds(7 * 86400))
        #expect(configuration.attempts == 3)
        #expect(configuration.data.hasPrefix("/"))
        #expect(configuration.folders.catalog == configuration.data + "/catalog.sqlite3")
    }

    @Test("Each is listed once, with its name, value, default and reason")
    func listed() throws {
        let settings = try Configuration(["MULTIRES_PORT": "9000"]).settings
        #expect(Set(settings.map(\.name)).count == settings.count)
        #expect(settings.allSatisfy { !$0.reason.isEmpty })
        let port = try #require(settings.first { $0.name == "MULTIRES_PORT" })
        #expect(port.value == "9000")
        #expect(port.standard == "8080")
    }

    @Test("Sizes and times come with units")
    func units() throws {
        let configuration = try Configuration([
            "MULTIRES_IMAGE_LIMIT": "1MiB", "MULTIRES_REQUEST_LIMIT": "2000000",
            "MULTIRES_DISK_RESERVE": "3GB", "JWT_ACCESS_EXPIRE": "2h", "JWT_REFRESH_EXPIRE": "30d",
            "MULTIRES_REFRESH_GRACE": "5s", "MULTIRES_LEASE": "2m",
        ])
        #expect(configuration.imageLimit == 1 << 20)
        #expect(configuration.requestLimit == 2_000_000)
        #expect(configuration.diskReserve == 3_000_000_000)
        #expect(configuration.accessLifetime == .seconds(7200))
        #expect(configuration.refreshLifetime == .seconds(30 * 86400))
        #expect(configuration.refreshGrace == .seconds(5))
        #expect(configuration.lease == .seconds(120))
    }

    @Test("An empty value is the default, and a slash at an address's end is dropped")
    func lenience() throws {
        let configuration = try Configuration([
            "MULTIRES_PORT": "", "MULTIRES_URL": "https://img.example.org/",
        ])
        #expect(configuration.port == 8080)
        #expect(configuration.url == "https://img.example.org")
    }

    @Test(
        "A mistake is a sentence that names the setting, its value and what it must be",
        arguments: [
            ("MULTIRES_PORT", "0", "from 1 to 65535"), ("MULTIRES_PORT", "80a", "whole number"),
            ("MULTIRES_PORT", "99999", "from 1 to 65535"),
            ("MULTIRES_JOURNAL", "WAL", "wal or truncate"),
            ("MULTIRES_RATE_LIMITS", "yes", "on or off"),
            ("MULTIRES_IMAGE_LIMIT", "50 MB", "a size"),
            ("MULTIRES_IMAGE_LIMIT", "0", "a size"), ("MULTIRES_IMAGE_LIMIT", "-1", "a size"),
            ("MULTIRES_IMAGE_LIMIT", "9999999999GB", "a size"),
            ("JWT_ACCESS_EXPIRE", "15", "a time"),
            ("JWT_ACCESS_EXPIRE", "15 minutes", "a time"),
            ("MULTIRES_ATTEMPTS", "3.5", "whole number"),
        ])
    func mistakes(name: String, value: String, hint: String) throws {
        let mistake = try #require(throws: SettingReader.Mistake.self) {
            try Configuration([name: value])
        }
        for part in [name, "\"\(value)\"", hint] {
            #expect(mistake.description.contains(part), "\(mistake)")
        }
    }

    @Test("Settings that contradict one another are refused")
    func contradictions() throws {
        let lease = try #require(throws: SettingReader.Mistake.self) {
            try Configuration(["MULTIRES_RENDER_SECONDS": "50", "MULTIRES_LEASE": "60s"])
        }
        #expect(lease.description.contains("MULTIRES_LEASE"))
        let limits = try #require(throws: SettingReader.Mistake.self) {
            try Configuration(["MULTIRES_IMAGE_LIMIT": "300MB"])
        }
        #expect(limits.description.contains("MULTIRES_REQUEST_LIMIT"))
    }

    @Test("An environment file has one NAME=value a line, and expands nothing")
    func environmentFile() {
        let values = EnvironmentFile.parse(
            """
            # a comment, then an empty line

            PLAIN=value
              SPACED = two words  \r
            QUOTED="a # b"
            SINGLE='$HOME'
            HALF="open
            BOTH="it's"
            EQUALS=a=b=c
            EMPTY=
            export EXPORTED=yes
            no assignment
            PLAIN=last
            """)
        #expect(
            values == [
                "PLAIN": "last", "SPACED": "two words", "QUOTED": "a # b", "SINGLE": "$HOME",
                "HALF": "\"open", "BOTH": "it's", "EQUALS": "a=b=c", "EMPTY": "", "EXPORTED": "yes",
            ])
    }

    @Test("A missing environment file is empty, an unreadable one is an error")
    func environmentFileOnDisk() throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("multires-\(UUID().uuidString).env").path
        #expect(try EnvironmentFile.read(path).isEmpty)
        try Data([0x41, 0x3D, 0xFF, 0xFE, 0x00]).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: (any Error).self) { try EnvironmentFile.read(path) }
        try "A=1\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try EnvironmentFile.read(path) == ["A": "1"])
    }
}
