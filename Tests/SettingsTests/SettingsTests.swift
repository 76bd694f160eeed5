import Foundation
import Model
import Settings
import Testing

@Suite("Settings")
struct SettingsTests {
    @Test("Characters that only resemble a unit, a comment or a quote do not count as one")
    func lookalikes() throws {
        #expect(SettingReader.bytes("50KB") == 50_000)
        #expect(SettingReader.bytes("50\u{212A}B") == nil)
        #expect(SettingReader.bytes("50MB\u{301}") == nil)
        let values = EnvironmentFile.parse("#\u{301}A=1\nB=\u{301}x\nC=\"y\u{301}\"\n")
        #expect(values.count == 2)
        #expect(values["B"].map { Array($0.utf8) } == Array("\u{301}x".utf8))
        #expect(values["C"].map { Array($0.utf8) } == Array("y\u{301}".utf8))
    }

    @Test("With an empty environment, every setting has its default")
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

    @Test("Each setting is listed once, with its name, value, default and reason")
    func listed() throws {
        let settings = try Configuration(["MULTIRES_PORT": "9000"]).settings
        #expect(Set(settings.map(\.name)).count == settings.count)
        #expect(settings.allSatisfy { !$0.reason.isEmpty })
        let port = try #require(settings.first { $0.name == "MULTIRES_PORT" })
        #expect(port.value == "9000")
        #expect(port.defaultValue == "8080")
    }

    @Test("Sizes and times may have units")
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

    @Test("An empty value gives the default, and a slash at the end of a URL is dropped")
    func lenience() throws {
        let configuration = try Configuration([
            "MULTIRES_PORT": "", "MULTIRES_URL": "https://img.example.org/",
        ])
        #expect(configuration.port == 8080)
        #expect(configuration.url == "https://img.example.org")
    }

    @Test(
        "An error is a sentence that names the setting, its value and what it must be",
        arguments: [
            ("MULTIRES_PORT", "0", "from 1 to 65535"), ("MULTIRES_PORT", "80a", "whole number"),
            ("MULTIRES_PORT", "99999", "from 1 to 65535"),
            ("MULTIRES_JOURNAL", "WAL", "wal or truncate"),
            ("MULTIRES_RATE_LIMITS", "yes", "on or off"),
            ("MULTIRES_LOG", "xml", "Use auto, text or json."),
            ("MULTIRES_IMAGE_LIMIT", "50 MB", "a size"),
            ("MULTIRES_IMAGE_LIMIT", "0", "a size"), ("MULTIRES_IMAGE_LIMIT", "-1", "a size"),
            ("MULTIRES_IMAGE_LIMIT", "9999999999GB", "a size"),
            ("JWT_ACCESS_EXPIRE", "15", "a time"),
            ("JWT_ACCESS_EXPIRE", "15 minutes", "a time"),
            ("MULTIRES_ATTEMPTS", "3.5", "whole number"),
        ])
    func mistakes(name: String, value: String, hint: String) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try Configuration([name: value])
        }
        for part in [name, "\"\(value)\"", hint] {
            #expect(error.description.contains(part), "\(error)")
        }
    }

    @Test("No setting accepts a value that is out of bounds or not of its kind")
    func everySetting() throws {
        // Text whose content is checked elsewhere.
        let free: Set = [
            "MULTIRES_SCRYPT", "MULTIRES_NGINX", "MULTIRES_HOME", "MULTIRES_SETTINGS",
            "MULTIRES_SUPERVISED", "MULTIRES_DATA", "VIPSHOME", "LIBHEIF_PLUGIN_PATH",
        ]
        let nonsense = [
            " ", " 1", "1 ", "x", "-1", "0x10", "1e3", "1.5", "١", "99999999999999999999",
            "9223372036854775807", "9223372036854775807d", "9223372036854775807GiB", "-1s", "-5MB",
            "5 MB", "s", "MB", "on off", "true", "\"", "$PATH", "a;b", "{}",
        ]
        for setting in try Configuration([:]).settings {
            for control in ["a\nb", "\t1", "1\r", "\u{1B}[2J", "\u{7F}"] {
                let error = #expect(throws: ConfigurationError.self, "\(setting.name)") {
                    try Configuration([setting.name: control])
                }
                let words = error?.description ?? ""
                #expect(words.contains(setting.name) && words.utf8.allSatisfy { $0 >= 0x20 })
            }
            #expect(try Configuration([setting.name: ""]).settings.count > 25)
            guard !free.contains(setting.name) else { continue }
            // No setting accepts these values, except for what `mayBe` allows.
            for value in nonsense where !Self.mayBe(value, setting) {
                let error = #expect(
                    throws: ConfigurationError.self, "\(setting.name)=\(value)"
                ) {
                    try Configuration([setting.name: value])
                }
                #expect(error?.description.contains(setting.name) == true)
            }
        }
    }

    /// Spaces between origins are ignored, so a single space is an empty list.
    private static func mayBe(_ value: String, _ setting: SettingReader.Description) -> Bool {
        setting.name == "MULTIRES_CORS_ORIGINS" && value == " "
    }

    @Test(
        "The bounds of a setting are exact",
        arguments: [
            ("MULTIRES_PORT", "1", "65535", "0", "65536"),
            ("MULTIRES_QUOTA_IMAGES", "1", "100000000", "0", "100000001"),
            ("MULTIRES_UPLOAD_SHARE", "1", "100", "0", "101"),
            ("MULTIRES_UPLOAD_RESERVATION", "1s", "36500d", "0s", "36501d"),
            ("MULTIRES_DISK_RESERVE", "1", "1000000GB", "0", "1000001GB"),
            ("MULTIRES_RENDER_MEMORY", "16MB", "1000000GB", "15MB", "1000001GB"),
            ("MULTIRES_SIZES_GRACE", "1s", "36500d", "0d", "36501d"),
            ("MULTIRES_PUBLIC_AGE", "1s", "36500d", "0d", "3153600001s"),
            ("MULTIRES_AUTH_THREADS", "2", "256", "1", "257"),
            ("MULTIRES_RESIZERS", "1", "256", "0", "257"),
            ("MULTIRES_ATTEMPTS", "1", "20", "0", "21"),
        ])
    func bounds(_ name: String, _ least: String, _ most: String, _ below: String, _ above: String)
        throws
    {
        for value in [least, most] { _ = try Configuration([name: value]) }
        for value in [below, above] {
            #expect(throws: ConfigurationError.self) { try Configuration([name: value]) }
        }
    }

    @Test(
        "The URL of the service is a scheme, a host and an optional port",
        arguments: [
            "http://localhost:8080", "https://photos.example.org", "https://photos.example.org/",
            "http://192.0.2.1", "http://[::1]:8080", "http://my_host:1",
            "https://xn--bcher-kva.example",
        ])
    func webAddresses(_ value: String) throws {
        let url = try Configuration(["MULTIRES_URL": value]).url
        #expect(url == (value.hasSuffix("/") ? String(value.dropLast()) : value))
    }

    @Test(
        "A MULTIRES_URL of another form is refused, and the error states what to use",
        arguments: [
            "pics.example.org", "ftp://x", "https://", "http:///", "https://x/\"y\"", "http://x\"",
            "http://x/photos", "http://x//", "http://x?a", "http://x#a", "http://x:0",
            "http://x:65536",
            "http://x:", "http://x:+80", "http://x:080", "http://user@x", "http://a b",
            "http://a;b",
            "http://$host", "http://{x}", "HTTP://x", "http://[::1", "http://[::1%25lo]",
            "http://[]",
            "http://300.1.1.1", "http://1.2.3", "http://a..b", "http://.a", "http://a.",
            "http://-a",
            "http://bücher.example", "http://a\u{301}", "http://x'y", "javascript:alert(1)//",
            "http://" + String(repeating: "a", count: 254),
        ])
    func noWebAddress(_ value: String) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try Configuration(["MULTIRES_URL": value])
        }
        for part in ["MULTIRES_URL: \"\(value)\" ", ". Use "] {
            #expect(error.description.contains(part))
        }
    }

    @Test(
        "The error for a MULTIRES_URL names the part that is wrong",
        arguments: [
            ("pics.example.org", "has no scheme. Use https://pics.example.org."),
            ("pics.example.org/", "has no scheme. Use https://pics.example.org."),
            ("localhost:8080", "has no scheme. Use http://localhost:8080."),
            ("10.0.0.1", "has no scheme. Use http://10.0.0.1."),
            ("[::1]:80", "has no scheme. Use http://[::1]:80."),
            ("my pics", "has no scheme. Use an address like https://photos.example.org"),
            ("ftp://x", "does not begin with http:// or https://. Use one of them"),
            ("HTTP://x", "does not begin with http:// or https://. Use one of them"),
            (" https://x", "does not begin with http:// or https://. Use one of them"),
            ("https://x/photos", "has a path. Use https://x without a path."),
            ("http://x:8080//", "has a path. Use http://x:8080 without a path."),
            ("http://x?a", "has a query. Use http://x without a query."),
            ("http://x#a", "has a fragment. Use http://x without a fragment."),
            ("http://user@x", "is not valid after the scheme. Use only a host name"),
            ("https://", "is not valid after the scheme. Use only a host name"),
            ("http://x:65536", "is not valid after the scheme. Use only a host name"),
        ])
    func webAddressErrors(_ value: String, _ sentence: String) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try Configuration(["MULTIRES_URL": value])
        }
        #expect(
            error.description.hasPrefix("MULTIRES_URL: \"\(value)\" \(sentence)"), "\(error)")
    }

    @Test(
        "A listen address is an IPv4 or IPv6 address or localhost, and nothing else",
        arguments: [
            ("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "0.0.0.0"), ("::", "::"), ("::1", "::1"),
            ("[::1]", "::1"), ("[::]", "::"), ("localhost", "127.0.0.1"), ("fe80::1", "fe80::1"),
            ("300.1.1.1", nil), ("1.2.3", nil), ("[127.0.0.1]", nil), ("[::1", nil), ("::1]", nil),
            ("::ffff:127.0.0.1", nil), ("::FFFF:7f00:1", nil), ("fe80::1%eth0", nil), ("*", nil),
            ("example.org", nil), ("127.0.0.1:80", nil), ("[::1]:80", nil), ("unix:/tmp/x", nil),
            ("127.0.0.1 ssl", nil), ("0", nil), ("::1;", nil),
        ])
    func listenAddresses(_ value: String, _ expected: String?) throws {
        if let expected {
            #expect(try Configuration(["MULTIRES_LISTEN": value]).listen == expected)
        } else {
            let error = try #require(throws: ConfigurationError.self) {
                try Configuration(["MULTIRES_LISTEN": value])
            }
            #expect(error.description.contains("MULTIRES_LISTEN: \"\(value)\""))
        }
    }

    @Test(
        "An origin has no character with a special meaning in nginx maps or Apache patterns",
        arguments: [
            ("https://a.example", 1), ("https://a.example, http://localhost:3000", 2),
            ("https://a.example,https://a.example", 1), ("https://[::1]:8443", 1), (",", 0),
            ("web+app://x", 1), ("https://a.example:443", nil), ("https://A.example", nil),
            ("null", nil), ("*", nil), ("https://*.example", nil), ("https://a.example/", nil),
            ("https://a.example\"", nil), ("~^https://a", nil), ("https://[]", nil), ("://a", nil),
            ("https://a$b", nil), ("https://a;b", nil), ("https://a b", nil), ("1a://x", nil),
        ])
    func origins(_ value: String, _ count: Int?) throws {
        let origins = try? Configuration(["MULTIRES_CORS_ORIGINS": value]).corsOrigins
        #expect(origins?.count == count)
    }

    @Test("Settings that contradict each other are refused")
    func contradictions() throws {
        let lease = try #require(throws: ConfigurationError.self) {
            try Configuration(["MULTIRES_LEASE": "24s"])
        }
        #expect(lease.description.contains("MULTIRES_LEASE"))
        let limits = try #require(throws: ConfigurationError.self) {
            try Configuration(["MULTIRES_IMAGE_LIMIT": "300MB"])
        }
        #expect(limits.description.contains("MULTIRES_REQUEST_LIMIT"))
        for settings in [
            ["JWT_REFRESH_EXPIRE": "1m"], ["JWT_ACCESS_EXPIRE": "8d"],
            ["JWT_ACCESS_EXPIRE": "5s", "JWT_REFRESH_EXPIRE": "10s"],
        ] {
            let lives = try #require(throws: ConfigurationError.self) {
                try Configuration(settings)
            }
            #expect(lives.description.contains("JWT_REFRESH_EXPIRE"))
        }
    }

    @Test("An environment file has one NAME=value per line and expands nothing")
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

    @Test("A missing environment file counts as empty, an unreadable one is an error")
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

    @Test(
        "If the settings file cannot be read, the error names the setting, the path and the reason",
        arguments: [
            ("/nowhere/x.env", "No such file or directory"), ("/", "Is a directory"),
        ])
    func unreadableSettingsFile(_ path: String, _ reason: String) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try EnvironmentFile.completing(["MULTIRES_SETTINGS": path])
        }
        #expect(
            error.description
                == "MULTIRES_SETTINGS: \"\(path)\" does not exist or cannot be read (\(reason)).")
    }

    @Test("Without a settings file, the environment is unchanged")
    func noSettingsFile() throws {
        for environment in [["A": "1"], ["A": "1", "MULTIRES_SETTINGS": ""]] {
            #expect(try EnvironmentFile.completing(environment) == environment)
        }
    }
}
