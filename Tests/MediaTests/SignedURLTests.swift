import Credentials
import Cryptography
import Foundation
import Model
import Processes
import Testing
import Text

@testable import Media

// Not nil, because it is written as a UUID.
private let id = Identifier<Image>("0198b2a0-0000-7000-8000-00000000007f")!
private let variant = Variant(
    name: "large", revision: "0a1b2c3d", format: .jpeg,
    pixels: PixelSize(width: 1920, height: 1920), bytes: 1)
private let secret = "link-secret-of-at-least-32-bytes-AAAA"
private let newSecret = "link-secret-of-at-least-32-bytes-BBBB"
private let oddName = "Fotö “1” & 2%20+a=b;#?/\\.jpg"

private func makeSigner(
    _ keys: String = "k1:\(secret)", base: String = "", slot: Duration = .seconds(3600)
) throws -> SignedURL {
    SignedURL(
        keys: try SigningKeys(keys, name: "MULTIRES_LINK_SECRET"), base: base, slot: slot)
}

@Suite struct SignedURLTests {
    @Test("A signed URL is valid for one to two time slots, and is the same within a slot")
    func slots() throws {
        let signer = try makeSigner(base: "http://localhost:8080")
        func link(_ seconds: Int64) -> (url: String, expiresAt: Timestamp) {
            signer.url(for: variant, of: id, at: Timestamp(milliseconds: seconds * 1000 + 999))
        }
        #expect(link(7200).expiresAt.seconds == 14400)
        #expect(link(10799).url == link(7200).url)
        #expect(link(10800).url != link(7200).url)
        #expect(link(10800).expiresAt.seconds == 18000)
    }

    @Test("A signed URL has the parts that nginx is configured to read")
    func form() throws {
        let base = "https://img.example.com"
        let url = try makeSigner(base: base).url(
            for: variant, of: id, at: Timestamp(milliseconds: 0)
        ).url
        let path = "/media/\(id)/large.0a1b2c3d.jpg"
        let signature = Base64URL.encode(
            md5("7200\(path)?name= \(secret)"))
        #expect(url == "\(base)\(path)?expires=7200&key=k1&signature=\(signature)")
        var borrowed = ""
        try makeSigner(base: base).withURL(for: variant, of: id, at: Timestamp(milliseconds: 0)) {
            borrowed = String(decoding: $0, as: UTF8.self)
        }
        #expect(borrowed == url)
        #expect(try makeSigner(base: base).publicURL(for: variant, of: id) == base + path)
    }

    @Test("Names are percent-encoded except for the unreserved characters of RFC 3986")
    func encoding() {
        #expect(percentEncoded("aZ09-._~") == "aZ09-._~")
        #expect(percentEncoded("a b&c=ü%\n\"/") == "a%20b%26c%3D%C3%BC%25%0A%22%2F")
    }
}

@Suite struct NginxTests {
    @Test("nginx accepts a signed URL and refuses any URL that differs from it")
    func nginx() throws {
        let nginx = try Nginx(
            keys: try SigningKeys("k2:\(newSecret),k1:\(secret)", name: "MULTIRES_LINK_SECRET"))
        let now = Timestamp.now()
        let signer = try makeSigner("k2:\(newSecret),k1:\(secret)")
        let link = signer.url(for: variant, of: id, at: now).url
        #expect(try nginx.get(link) == 200)

        let original = signer.url(forOriginal: .jpeg, named: oddName, of: id, at: now).url
        #expect(try nginx.get(original) == 200)

        // URLs signed before the rotation, with the old key or a secret without an id, stay valid.
        #expect(try nginx.get(try makeSigner().url(for: variant, of: id, at: now).url) == 200)
        #expect(
            try nginx.get(try makeSigner(secret).url(for: variant, of: id, at: now).url) == 200)

        let expired = signer.url(for: variant, of: id, at: now - .seconds(8000)).url
        #expect(try nginx.get(expired) == 410)

        let expires = try #require(link.firstMatch(of: /expires=(\d+)/)?.output.1)
        let later = try #require(Int(expires)) + 1
        let path = try #require(link.split(separator: "?").first)
        let withEmptySecret = Base64URL.encode(
            md5("\(expires)\(path)?name= "))
        for (changed, what) in [
            (String(path), "no signature"),
            (link.replacing("large", with: "small"), "another size"),
            (link.replacing("7f/", with: "7e/"), "another image"),
            (link.replacing(expires, with: "\(later)"), "a later expiry"),
            (link.replacing(/expires=\d+&/, with: ""), "no expiry"),
            (link.replacing("key=k2", with: "key=k1"), "another key"),
            (link.replacing("key=k2", with: "key=k3"), "an unknown key"),
            (link.replacing("key=k2&", with: ""), "no key"),
            ("\(path)?expires=\(expires)&key=k3&signature=\(withEmptySecret)", "an empty secret"),
            ("\(path)?expires=\(expires)&signature=\(withEmptySecret)", "an empty secret, no key"),
            (link + "x", "a longer signature"),
            (String(link.dropLast(2)), "a shorter signature"),
            (link + "&name=x", "a name that was not signed"),
            (original.replacing("name=Fot", with: "name=Foto"), "another name"),
            (original.replacing(/&name=.*/, with: ""), "no name"),
            (original.replacing("%26", with: "&"), "a cut name"),
            (original.replacing("?", with: "?name=x&"), "two names"),
            (
                link.replacing(/large\S*jpg/, with: "original.jpg"),
                "the original by a variant's link"
            ),
        ] {
            #expect(changed != link && changed != original, "\(what)")
            #expect(try nginx.get(changed) == 403, "\(what)")
        }
    }
}

/// A real nginx on a socket in its own folder, configured with `secure_link` only.
private final class Nginx {
    private let folder: String
    private let process: ChildProcess

    init(keys: SigningKeys) throws {
        let folder = NSTemporaryDirectory() + "nginx-" + UUID().uuidString
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(folder)/\($0);" }.joined(separator: " ")
        let secrets = keys.accepted.map { "\"\($0.id)\" \"\($0.secret)\";" }.joined(separator: " ")
        let configuration = """
            daemon off; master_process off; pid \(folder)/pid;
            events {}
            http {
                access_log off; \(temporary)
                map $arg_key $link_secret { default ""; \(secrets) }
                server {
                    listen unix:\(folder)/socket;
                    location /media/ {
                        secure_link $arg_signature,$arg_expires;
                        secure_link_md5 "$secure_link_expires$uri?name=$arg_name $link_secret";
                        if ($link_secret = "") { return 403; }
                        if ($secure_link = "") { return 403; }
                        if ($secure_link = "0") { return 410; }
                        return 200;
                    }
                }
            }
            """
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: folder + "/nginx.conf"))
        // Debian's path of nginx, whose folder is not in the PATH of an ordinary user.
        let nginx = "/usr/sbin/nginx"
        process = try ChildProcess(
            access(nginx, X_OK) == 0 ? nginx : "nginx",
            ["-p", folder, "-c", folder + "/nginx.conf", "-e", folder + "/error.log"],
            environment: [:])
        let deadline = ContinuousClock.now + .seconds(30)
        while (try? get("/")) == nil {
            guard ContinuousClock.now < deadline else {
                let log = try? String(contentsOfFile: folder + "/error.log", encoding: .utf8)
                throw Failure(description: "nginx does not answer: \(log ?? "")")
            }
            usleep(10_000)
        }
    }

    deinit {
        process.send(SIGKILL)
        process.wait()
        try? FileManager.default.removeItem(atPath: folder)
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The status of the response to a GET of this path and query.
    func get(_ target: String) throws -> Int {
        let connection = FileDescriptor(
            owning: Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0))
        let number = connection.number
        guard withUnixAddress(folder + "/socket", { connect(number, $0, $1) }) == 0 else {
            throw SystemError("connect", folder)
        }
        try connection.write(Array("GET \(target) HTTP/1.0\r\n\r\n".utf8))
        let answer = String(decoding: try connection.read(), as: UTF8.self)
        guard let status = answer.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else {
            throw Failure(description: "no status in: \(answer)")
        }
        return status
    }
}

func md5(_ text: String) -> [UInt8] {
    var md5 = MD5()
    return Array(text.utf8).withUnsafeBytes { md5.digest(of: $0) }
}
