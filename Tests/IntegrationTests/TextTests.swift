import Foundation
import Media
import SQLiteCatalog
import Support
import Testing

@testable import Administration
@testable import image_responder

/// Untrusted text in output that other programs read: web pages, file systems, terminals.
@Suite struct UntrustedTextTests {
    /// Scalars up to U+2FFFF. Of letters without case, unassigned and private-use scalars from U+3000 on,
    /// which do not combine with their neighbours, only every sixteenth. `make soak` tests all.
    private static let scalars = (0...0x2FFFF as ClosedRange<UInt32>).compactMap(
        Unicode.Scalar.init
    ).filter { scalar in
        Fuzz.isLong || scalar.value < 0x3000 || scalar.value % 16 == 0
            || ![.otherLetter, .unassigned, .privateUse].contains(
                scalar.properties.generalCategory)
    }

    private static func text(_ parts: Unicode.Scalar...) -> String {
        String(String.UnicodeScalarView(parts))
    }

    /// The scalars for which a condition does not hold, in hexadecimal. An `#expect` for each would take
    /// minutes.
    private static func exceptions(to holds: (Unicode.Scalar) -> Bool) -> [String] {
        scalars.filter { !holds($0) }.map { String($0.value, radix: 16) }
    }

    @Test("No scalar beside a special character prevents its escaping in HTML or Markdown")
    func embeds() {
        let html = Self.exceptions { scalar in
            let text = Self.text(scalar, "<", scalar, ">", scalar, "\"", scalar).escapedForHTML
            return "<>\"".unicodeScalars.contains(scalar)
                || !text.utf8.contains { [0x22, 0x3C, 0x3E].contains($0) }
        }
        #expect(html.isEmpty)
        let specials = Array("[]`*_<>!&|\\".utf8)
        let markdown = Self.exceptions { scalar in
            let beside = specials.flatMap { [scalar, Unicode.Scalar($0)] } + [scalar]
            let text = String(String.UnicodeScalarView(beside)).escapedForMarkdown
            // After removing pairs that begin with a backslash, no special character may remain.
            var rest = Array(text.utf8)[...]
            while let byte = rest.popFirst() {
                if byte == UInt8(ascii: "\\") {
                    rest = rest.dropFirst()
                } else if specials.contains(byte) {
                    return false
                }
            }
            return true
        }
        #expect(markdown.isEmpty)
        #expect("a\r\nb\u{2028}c\u{85}\u{301}".escapedForMarkdown == "a  b c \u{301}")
        #expect("A dog\u{600}\" onload=\"x".escapedForHTML == "A dog\u{600}&quot; onload=&quot;x")
    }

    @Test("A cleaned name with any scalars is one path component of at most 255 bytes")
    func names() {
        let found = Self.exceptions { scalar in
            [FileName.cleaned, ExportName.safe].allSatisfy { clean in
                let name = clean(Self.text(scalar, "/", ".", ".", "/", scalar, "x", "\\", scalar))
                return (1...255).contains(name.utf8.count)
                    && !name.utf8.contains { [0, 0x2F, 0x5C].contains($0) }
            }
        }
        #expect(found.isEmpty)
        for scalar in ["\u{301}", "\u{600}", "\u{200D}", "\u{D4E}", "\u{1F468}", "\u{FE0F}"] {
            let name = FileName.cleaned(String(repeating: "a" + scalar, count: 200) + ".jpeg")
            #expect(name.utf8.count <= 255 && name.utf8.suffix(5).elementsEqual(".jpeg".utf8))
        }
    }

    @Test(
        "A long name keeps its extension, but an overlong extension is cut",
        arguments: [
            (
                String(repeating: "日", count: 86) + ".png",
                String(repeating: "日", count: 83) + ".png"
            ),
            (String(repeating: "a", count: 300), String(repeating: "a", count: 255)),
            (
                "x." + String(repeating: "b", count: 300), "x." + String(repeating: "b", count: 253)
            ), (" é .jpg ", "é .jpg"), ("a/..", "image"), ("..\u{301}", "..\u{301}"),
        ])
    func cuts(name: String, cleaned: String) {
        #expect(Array(FileName.cleaned(name).utf8) == Array(cleaned.utf8))
    }

    @Test(
        "A name with a special meaning for a system or a command is changed",
        arguments: [
            (".bashrc", "_bashrc"), ("-rf", "_rf"), ("~", "_"), ("con", "_con"),
            ("LPT1.tar.gz", "_LPT1.tar.gz"), ("com\u{B9}.png", "_com\u{B9}.png"),
            ("Aux .jpg", "_Aux .jpg"), ("a:b|c.png", "a_b_c.png"), ("trailing.", "trailing_"),
            ("console.jpg", "console.jpg"), ("\u{301}a.jpg", "_\u{301}a.jpg"), ("ok.jpg", "ok.jpg"),
            ("com10.jpg", "com10.jpg"),
        ])
    func exported(name: String, safe: String) {
        #expect(Array(ExportName.safe(name).utf8) == Array(safe.utf8))
    }

    @Test("Control characters in a user agent, an email or an error are escaped on a terminal")
    func terminal() throws {
        let harness = try CommandHarness()
        _ = try harness.catalog().accounts.register(
            email: "a\u{9B}2J@example.org", passwordHash: "none",
            userAgent: "x\u{1B}]0;owned\u{7}\n\u{202E}y", at: .now())
        let list = try harness.multires("users", "list")
        #expect(list.text.contains("a\\u{9b}2J@example.org"), list.said)
        let email = "b@example.org"
        _ = try harness.catalog().accounts.register(
            email: email, passwordHash: "none", userAgent: "x\u{1B}]0;owned\u{7}\t\u{202E}y",
            at: .now())
        let sessions = try harness.multires("users", "sessions", email)
        #expect(
            sessions.text.hasSuffix("\tx\\u{1b}]0;owned\\u{7}\\u{9}\\u{202e}y\n"), sessions.said)
        let error = try harness.multires("users", "add", "no\u{1B}[2J\u{85}one")
        #expect(error.status == 1)
        #expect(
            error.errors == "Error: \"no\\u{1b}[2J\\u{85}one\" is not an email address. "
                + "Use an address like name@example.org.\n",
            error.said)
        #expect(try harness.multires("--version").text.hasSuffix("\n"))
        let help = try harness.multires("users", "--help")
        #expect(help.status == 0 && help.text.contains("SUBCOMMANDS"), help.said)
        #expect(try harness.multires("users", "nonsense").status == 64)
    }

    @Test("JSON for a terminal escapes control and formatting characters")
    func json() throws {
        let text = try JSONLine.text(["a": "\u{9B}\u{202E}\u{E0001}\u{7F}é"])
        #expect(text == #"{"a":"\u009b\u202e\udb40\udc01\u007fé"}"#)
        #expect(
            try JSONDecoder().decode([String: String].self, from: Data(text.utf8))["a"]?.count == 5)
    }

    @Test("A data folder whose name would end a quoted string in nginx's files is refused")
    func nginx() throws {
        for name in ["a\"\u{301}b", "a$b", "a\\b"] {
            let folder = TemporaryFolder()
            let output = try Shell.run(
                Programs.path("multires"), ["deploy", "nginx"],
                environment: Stack.environment(
                    .fastcgi, data: folder.file(name), port: try FreePort.next()
                ).merging(
                    [
                        "JWT_SECRET": String(repeating: "a", count: 32),
                        "JWT_REFRESH_SECRET": String(repeating: "b", count: 32),
                        "MULTIRES_LINK_SECRET": String(repeating: "c", count: 32),
                    ]) { $1 })
            #expect(output.status == 1)
            #expect(output.errors.contains("MULTIRES_DATA: \""), output.said)
        }
    }
}
