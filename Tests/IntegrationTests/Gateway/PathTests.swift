import Support
import Testing

/// URLs that are spelled to reach other files.
@Suite struct PathTests {
    /// `{id}`, `{shard}` and `{file}` are the id, the folder and a variant's file name of a public image.
    static let tricks = [
        "/media/{id}/x/../original.jpg", "/media/{id}/%6friginal.jpg",
        "/media//{id}//original.jpg", "/media/{id}/original.0a.jpg", "/media/{id}/original.jpg/",
        "/media/{id}/./original.jpg", "/media/{id}/ORIGINAL.jpg", "/media/{id}/original.jpg%00",
        "/media/{id}/original.jpg.", "/media/{id}", "/media/{id}/", "/media/{id}/{file}/",
        "/media/{id}/{file}.", "/media/{id}/{file}%00", "/media/{id}/{file}%00.jpg",
        "/media/{id}/{file}.svg", "/media/{ID}/{file}", "/MEDIA/{id}/{file}",
        "/media/{id}/../../originals/{shard}/{id}.jpg", "/originals/{shard}/{id}.jpg",
        "/media/{shard}/{id}/{file}", "/public/{shard}/{id}/{file}", "/media/.hidden",
        "/media/{id}/.{file}", "/media/..%2fsecrets.env", "/media/%2e%2e/secrets.env",
        "/media/..%5csecrets.env", "/media../secrets.env", "/media/../secrets.env",
        "/%2e%2e/secrets.env", "/..%2fsecrets.env", "/../secrets.env", "/secrets.env",
        "/catalog.sqlite3", "/nginx/include/media-keys.conf", "/index.html%00", "/index.html/",
        "/.env", "/.git/config", "/a/.b/c", "/js/..%2f..%2fsecrets.env",
    ]

    @Test("No spelling reaches an original, a secret, a dotfile or a listing", arguments: tricks)
    func trick(_ target: String) throws {
        let stack = try GatewayStack.stack()
        let picture = try GatewayStack.pictures().public
        let file = picture.variant.split(separator: "/").last.map(String.init) ?? ""
        let address = target.replacing("{id}", with: picture.id)
            .replacing("{ID}", with: picture.id.uppercased())
            .replacing("{shard}", with: picture.id.suffix(2)).replacing("{file}", with: file)
        let answer = try stack.ask("GET", address)
        // A path without a dot may be a view of the page: nginx serves index.html.
        let isFirstPage = answer.status == 200 && answer.text.contains("<title")
        #expect([400, 403, 404].contains(answer.status) || isFirstPage, "\(answer.status)")
        #expect(!answer.text.contains("SECRET") && !answer.text.contains("<title>Index of"))
        #expect(answer.headers["content-type"]?.hasPrefix("image/") == false)
        #expect(answer.values("x-request-id").count == 1)
    }

    @Test("Equivalent spellings of a public image's URL serve the same file")
    func normalised() throws {
        let stack = try GatewayStack.stack()
        let picture = try GatewayStack.pictures().public
        let plain = try stack.ask("GET", picture.variant)
        for spelling in [
            "/media//" + picture.variant.dropFirst(7), "/./x/.." + picture.variant,
            picture.variant.replacing("thumbnail", with: "%74humbnail"),
        ] {
            let answer = try stack.ask("GET", spelling)
            #expect(answer.status == 200)
            #expect(answer.body == plain.body)
        }
    }

    @Test("Links among the variants, and public links of another system user, are not followed")
    func links() throws {
        let stack = try Stacks.shared(.fastcgi, "links", GatewayStack.settings)
        let picture = try GatewayStack.picture("private", on: stack)
        let folder = "\(stack.data)/media/\(picture.id.suffix(2))/\(picture.id)"
        _ = try Shell.run("ln", ["-s", "/etc/hostname", folder + "/small.0a1b2c3d.jpg"])
        let path = "/media/\(picture.id)/small.0a1b2c3d.jpg"
        try stack.ask("GET", Link(path: path).address).expect(404, .problem("not_found"))

        let link = "\(stack.data)/public/\(picture.id.suffix(2))/\(picture.id)"
        _ = try Shell.run("ln", ["-s", "../../media/\(picture.id.suffix(2))/\(picture.id)", link])
        #expect(try stack.ask("GET", picture.variant).status == 200)
        // Only root can change the owner of a link.
        if try Shell.run("chown", ["-h", "12345:12345", link]).status == 0 {
            #expect(try stack.ask("GET", picture.variant).status == 403)
        }
    }
}
