import Foundation
import Support
import Testing

/// Signed URLs of private images, checked by nginx.
@Suite struct MediaLinkTests {
    private func now(_ seconds: Int) -> String {
        String(Int(Date().timeIntervalSince1970) + seconds)
    }

    @Test("nginx accepts the service's signatures, with the current and the previous key")
    func keys() throws {
        let stack = try GatewayStack.stack()
        let picture = try GatewayStack.pictures().private
        let detail = try picture.owner.get("/api/images/\(picture.id)")
        for size in ["thumbnail", "original"] {
            let url = try #require(detail.json["sizes"]?[size]?["url"]?.string)
            #expect(url.contains("key=new"))
            #expect(try stack.client.get(url).status == 200)
        }
        let old = Link(path: picture.variant, key: "old", secret: GatewayStack.secrets["old"] ?? "")
        #expect(try stack.ask("GET", old.address).status == 200)
    }

    @Test("An expired URL is reported as expired, a forged one as invalid")
    func expiry() throws {
        let stack = try GatewayStack.stack()
        let picture = try GatewayStack.pictures().private
        for path in [picture.variant, picture.original] {
            let over = Link(path: path, expires: now(-86400)).address
            try stack.ask("GET", over).expect(403, .problem("expired_signature"))
            let forged = over.replacing("signature=", with: "signature=A")
            try stack.ask("GET", forged).expect(403, .problem("invalid_signature"))
        }
    }

    @Test("A URL works until its expiry time, and not after it")
    func ends() throws {
        let stack = try GatewayStack.stack()
        let picture = try GatewayStack.pictures().private
        let link = Link(path: picture.variant, expires: now(5)).address
        #expect(try stack.ask("GET", link).status == 200)
        #expect(
            try eventually { try stack.ask("GET", link).code == "expired_signature" })
    }

    @Test("A URL with a changed part or an unknown key is refused")
    func tampered() throws {
        let stack = try GatewayStack.stack()
        let picture = try GatewayStack.pictures().private
        let good = Link(path: picture.variant)
        let original = Link(path: picture.original, name: "a.jpg").address
        var links = [
            "another path": good.address.replacing("thumbnail", with: "medium"),
            "a later expiry": good.address.replacing(good.expires, with: now(9999)),
            "a name added": good.address + "&name=x",
            "another name": original.replacing("a.jpg", with: "b.jpg"),
            "no name": original.replacing("&name=a.jpg", with: ""),
            "another key's name": good.address.replacing("key=new", with: "key=old"),
            "no key": good.address.replacing("&key=new", with: ""),
            "no signature": good.address.replacing(/&signature=.*/, with: ""),
            "an empty signature": good.address.replacing(/signature=.*/, with: "signature="),
            "two in one": picture.variant + "?key=new&signature=a,b&expires=9",
            "another signature": good.address.replacing(/signature=(.)/) {
                "signature=" + ($0.1 == "A" ? "B" : "A")
            },
        ]
        // A key without a secret must not work with an empty secret, with which everyone could sign.
        for key in ["", "nope", "default", "NEW", "new,old", "~.", "hostnames"] {
            links["key '\(key)'"] = Link(path: picture.variant, key: key, secret: "").address
        }
        for expires in ["", "0", "-1", "9999999999999999999999", "1e12", "0x7fffffff"] {
            links["end '\(expires)'"] = Link(path: picture.variant, expires: expires).address
        }
        for (what, link) in links {
            let answer = try stack.ask("GET", link)
            #expect(answer.status == 403, "\(what): \(answer.status) \(link)")
            let isExpired = answer.code == "expired_signature"
            #expect(
                answer.code == "invalid_signature" || (isExpired && what.hasPrefix("end")),
                "\(what)")
        }
    }

    @Test("A change of visibility takes effect at once, and the original always needs a signature")
    func visibility() throws {
        let stack = try GatewayStack.stack()
        let picture = try GatewayStack.picture("public", on: stack)
        for visibility in ["private", "public", "private"] {
            let change = try picture.owner.patch(
                "/api/images/\(picture.id)", json: #"{"visibility": "\#(visibility)"}"#)
            #expect(change.status == 200)
            let status = try stack.ask("GET", picture.variant).status
            #expect(status == (visibility == "public" ? 200 : 403))
            #expect(try stack.ask("GET", picture.original).status == 403)
        }
        let link = Link(path: picture.variant).address
        #expect(try stack.ask("GET", link).status == 200)
        #expect(try picture.owner.delete("/api/images/\(picture.id)").status == 200)
        try stack.ask("GET", link).expect(404, .problem("not_found"))
    }

    @Test("A symbolic link in place of a variant is not followed, with or without a signature")
    func planted() throws {
        let stack = try GatewayStack.stack()
        let picture = try GatewayStack.picture("private", on: stack)
        let signed = Link(path: picture.variant).address
        let folder = "\(stack.data)/media/\(picture.id.suffix(2))/\(picture.id)"
        let file = "\(folder)/\(picture.variant.split(separator: "/").last ?? "")"
        #expect(try stack.ask("GET", signed).status == 200)
        #expect(rename(file, file + ".moved") == 0 && symlink(file + ".moved", file) == 0)
        try stack.ask("GET", signed).expect(404, .problem("not_found"))
        try stack.ask("GET", picture.variant).expect(403, .problem("invalid_signature"))
        #expect(unlink(file) == 0 && rename(file + ".moved", file) == 0)
        #expect(try stack.ask("GET", signed).status == 200)
    }

    @Test("An expired URL of an image that is public now still works")
    func publishedSince() throws {
        let stack = try GatewayStack.stack()
        let picture = try GatewayStack.pictures().public
        try stack.ask("GET", Link(path: picture.variant, expires: now(-86400)).address)
            .expect(200, .picture(RouteTableTests.publicly))
    }

    @Test("After a rotation, the new key signs, and URLs of the old key work until it is removed")
    func rotation() throws {
        let stack = try Stack()
        let file = stack.data + "/secrets.env"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let line = try #require(text.firstMatch(of: /MULTIRES_LINK_SECRET=(.*)/))
        let newcomer = "new:\(GatewayStack.secrets["new"] ?? "")"
        func set(_ keys: String) throws {
            let changed = text.replacing(line.0, with: "MULTIRES_LINK_SECRET=\(keys)")
            try Data(changed.utf8).write(to: URL(fileURLWithPath: file))
            try stack.reload()
        }
        let picture = try GatewayStack.picture("private", on: stack)
        func link() throws -> String {
            let detail = try picture.owner.get("/api/images/\(picture.id)")
            return try #require(detail.json["sizes"]?["thumbnail"]?["url"]?.string)
        }
        let first = try link()

        try set("\(newcomer),old:\(line.1)")
        var second = first
        // The previous responder process may still answer a few requests.
        #expect(
            try eventually {
                second = try link()
                return second.contains("key=new")
            })
        #expect(try stack.client.get(first).status == 200)
        #expect(try stack.client.get(second).status == 200)

        try set(newcomer)
        #expect(try stack.client.get(first).code == "invalid_signature")
        #expect(try stack.client.get(second).status == 200)
    }
}
