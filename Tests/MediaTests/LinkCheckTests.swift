import Credentials
import Cryptography
import Foundation
import Model
import Testing

@testable import Media

/// The check of signed URLs without nginx. It accepts the same URLs as nginx and no others.
@Suite struct LinkCheckTests {
    private let secrets =
        "new:\(String(repeating: "n", count: 40)),old:\(String(repeating: "o", count: 40))"
    private let now = Timestamp(milliseconds: 7_200_000)

    private func check() throws -> (LinkCheck, SignedURL) {
        let keys = try SigningKeys(secrets, name: "MULTIRES_LINK_SECRET")
        return (LinkCheck(keys: keys), SignedURL(keys: keys, base: "", slot: .seconds(60)))
    }

    private func fault(
        _ check: LinkCheck, _ url: String, at now: Timestamp? = nil
    ) throws -> LinkCheck.Fault? {
        let parts = try #require(URLComponents(string: url))
        func value(_ name: String) -> String? {
            parts.queryItems?.first { $0.name == name }?.value
        }
        return check.fault(
            of: .init(
                key: value("key"), expires: value("expires"), signature: value("signature"),
                name: value("name")),
            for: parts.path, at: now ?? self.now)
    }

    @Test("A signed URL is valid until its expiry time, with any file name")
    func good() throws {
        let (check, signer) = try check()
        let id = Identifier<Image>()
        for name in ["a.jpg", "Gäste \"x\"; 100% + & = ?.jpg", "👩‍🚀"] {
            let link = signer.url(forOriginal: .heic, named: name, of: id, at: now)
            #expect(try fault(check, link.url) == nil)
            #expect(try fault(check, link.url, at: link.expiresAt) == nil)
            #expect(try fault(check, link.url, at: link.expiresAt + .seconds(1)) == .expired)
        }
    }

    @Test("A URL with a changed part or an unknown key is refused")
    func tampered() throws {
        let (check, signer) = try check()
        let id = Identifier<Image>()
        let good = signer.url(forOriginal: .jpeg, named: "a.jpg", of: id, at: now).url
        let path = good.prefix { $0 != "?" }
        func signed(_ expires: String, _ key: String, secret: String) -> String {
            let digest = md5("\(expires)\(path)?name= \(secret)")
            return "\(path)?expires=\(expires)&key=\(key)&signature=\(Base64URL.encode(digest))"
        }
        let expires = String(try #require(good.firstMatch(of: /expires=(\d+)/)).1)
        var bad = [
            good.replacing("original", with: "priginal"), good.replacing("a.jpg", with: "b.jpg"),
            good.replacing("&name=a.jpg", with: ""), good.replacing("key=new", with: "key=old"),
            good.replacing("key=new", with: ""),
            good.replacing(/signature=[^&]*/, with: "signature="),
            good.replacing(/&signature=[^&]*/, with: ""), good.replacing(/expires=\d+&/, with: ""),
            good.replacing(/expires=\d+/, with: "expires=99999999999"), String(path),
        ]
        // An unknown key has no secret, so an attacker could try to sign with an empty one.
        bad += ["", "nope", "NEW"].map { signed(expires, $0, secret: "") }
        // Signed with the right secret, but the expiry is not a number that nginx would read.
        for end in ["", "-1", "+99999999999", "1e12", "99999999999999999999"] {
            bad.append(signed(end, "new", secret: String(repeating: "n", count: 40)))
        }
        for link in bad { #expect(try fault(check, link) == .invalid, "\(link)") }
        #expect(
            try fault(check, signed(expires, "old", secret: String(repeating: "o", count: 40)))
                == nil)
    }

    @Test(
        "A URL may only have the file name of a variant or an original",
        arguments: [
            ("thumbnail.0a1b.jpg", true), ("x_-9.f.avif", true), ("original.heic", true),
            ("original.jpg", true), ("thumbnail.0a1b.heic", false), ("original.0a.jpg", false),
            ("thumbnail.jpg", false), ("thumbnail.0g.jpg", false), ("Thumbnail.0a.jpg", false),
            ("..0a.jpg", false), ("a/b.0a.jpg", false), ("../x.0a.jpg", false),
            ("a.0a.jpeg", false),
            ("a.0a.svg", false), ("original.", false), ("", false), ("a..jpg", false),
        ])
    func names(_ name: String, _ isName: Bool) {
        #expect((MediaFile(name) != nil) == isName)
    }
}
