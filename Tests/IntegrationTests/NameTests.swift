import Foundation
import Model
import SQLiteCatalog
import Support
import Testing

/// File names and other details of uploads, as clients send them.
@Suite struct NameTests {
    private let folder = TemporaryFolder()

    private func name(of upload: Answer, _ client: Client) throws -> String? {
        try client.get("/api/images/\(try #require(upload["imageId"].string))")["originalName"]
            .string
    }

    @Test("A photo is accepted with any encoding of its file name, and with any content type")
    func encodings() throws {
        let client = try Stacks.shared(.fastcgi).account()
        let photos = try Photos.many(4, width: 60, height: 40, in: folder)
        func send(_ index: Int, _ disposition: [UInt8]) throws -> Answer {
            let head = Array("--b\r\nContent-Disposition: form-data; name=\"image\"; ".utf8)
            let body =
                head + disposition + Array("\r\n\r\n".utf8) + (try Photos.bytes(of: photos[index]))
                + Array("\r\n--b--\r\n".utf8)
            return try client.request(
                "POST", "/api/images/upload",
                body: Body(body, type: "multipart/form-data; boundary=b"))
        }
        let latin1 = try send(0, Array("filename=\"caf".utf8) + [0xE9] + Array(".jpg\"".utf8))
        #expect(latin1.status == 202, "\(latin1.text)")
        #expect(try name(of: latin1, client) == "café.jpg")
        let extended = try send(1, Array("filename*=UTF-8''na%C3%AFve.jpg".utf8))
        #expect(try name(of: extended, client) == "naïve.jpg")

        for (index, type) in ["Application/Octet-Stream; charset=binary", "IMAGE/JPEG ;x=y"]
            .enumerated()
        {
            let raw = try client.request(
                "POST", "/api/images/upload", body: .file(photos[2 + index], type: type))
            #expect(raw.status == 202, "\(raw.text)")
        }
    }

    @Test("A name is found in any Unicode form and case, and a long name keeps its extension")
    func search() throws {
        let client = try Stacks.shared(.fastcgi).account()
        let photos = try Photos.many(2, width: 60, height: 40, in: folder)
        let long = String(repeating: "日", count: 86) + ".jpg"
        let sent = ["e\u{301}clair.jpg", long]
        for (photo, name) in zip(photos, sent) {
            #expect(
                try client.request(
                    "POST", "/api/images/upload", body: .form([.file("image", photo, as: name)])
                ).status == 202)
        }
        for sought in ["e%CC%81clair", "%C3%89CLAIR"] {
            let found = try client.get("/api/images?q=\(sought)")["images"].array
            #expect(found.map { $0["originalName"]?.string } == ["éclair.jpg"])
        }
        let newest = try client.get("/api/images?limit=1")["images"].array.first
        #expect(newest?["originalName"]?.string == String(repeating: "日", count: 83) + ".jpg")
    }

    @Test(
        "The response to a duplicate names the fields that differ and were ignored, and no others")
    func ignored() throws {
        let client = try Stacks.shared(.fastcgi).account()
        let photo = try Photos.jpeg(width: 60, height: 40, in: folder)
        let first = try client.upload(photo, fields: ["alt": "A lake"])
        #expect(first.status == 202)
        #expect(first.json.names.contains("ignored") == false)
        func again(_ fields: [String: String]) throws -> [String?] {
            let answer = try client.upload(photo, fields: fields)
            #expect(answer.status == 200)
            #expect(answer["duplicate"].bool == true)
            return answer["ignored"].array.map(\.string)
        }
        #expect(try again([:]) == [])
        #expect(try again(["alt": "A lake", "visibility": "private"]) == [])
        #expect(try again(["visibility": "public"]) == ["visibility"])
        #expect(
            try again(["visibility": "public", "alt": "A la\u{212A}e"]) == ["alt", "visibility"])
    }

    @Test("A list can be read to its end with every page size", arguments: [1, 67, 199, 200])
    func pages(limit: Int) throws {
        let stack = try Stacks.shared(.fastcgi)
        let client = try stack.account()
        let owner = try #require(
            Identifier<Account>(try client.get("/api/auth/me")["userId"].string ?? ""))
        let catalog = try SQLiteCatalog(
            path: stack.data + "/catalog.sqlite3", journal: .wal, role: .worker)
        let roomy = Allowance(
            quota: Usage(images: 1000, bytes: 1 << 30), accountQueue: 1000, queue: 10_000)
        // Two full pages and one image more, at most. Their originals do not exist, and are not requested.
        let count = min(2 * limit + 1, 201)
        for index in 0..<count {
            let image = Image(
                id: Identifier(), account: owner, originalName: "\(index)", alt: "", format: .jpeg,
                fit: .cover, visibility: .private, bytes: 1, uploadedAt: .now())
            let digest = (0..<32).map { UInt8(truncatingIfNeeded: $0 == 0 ? index : $0 * 7) }
            _ = try catalog.images.add(
                NewImage(image: image, digest: digest, idempotencyKey: nil), within: roomy)
        }
        var seen: [String] = []
        var cursor: String?
        repeat {
            let page = try client.get(
                "/api/images?limit=\(limit)" + (cursor.map { "&cursor=\($0)" } ?? ""))
            seen += page["images"].array.compactMap { $0["id"]?.string }
            cursor = page["nextCursor"].string
        } while cursor != nil
        #expect(seen.count == count && Set(seen).count == count)
    }

    @Test("Files in /.well-known/ are served, other names that begin with a dot are not")
    func wellKnown() throws {
        let home = try folder.folder("home")
        _ = try Shell.check(
            "bash",
            [
                "-c",
                """
                cd \(home) && cp -r \(Programs.projectFolder)/{nginx,www,deploy} . \
                && mkdir -p www/.well-known/acme-challenge www/.well-known/.git www/a/.well-known \
                && echo proof > www/.well-known/acme-challenge/token \
                && echo Contact > www/.well-known/security.txt \
                && echo SECRET | tee www/.well-known/.git/config > www/a/.well-known/x
                """,
            ])
        let stack = try Stack(settings: ["MULTIRES_HOME": home])
        let token = try stack.client.get("/.well-known/acme-challenge/token")
        #expect(token.status == 200 && token.text == "proof\n")
        #expect(token.headers["content-type"]?.hasPrefix("text/plain") == true)
        #expect(try stack.client.get("/.well-known/security.txt").text == "Contact\n")
        for path in [
            "/.well-known/acme-challenge/none", "/.well-known/", "/.well-known/.git/config",
            "/.well-knownx", "/.env",
        ] {
            #expect(try stack.client.get(path).status == 404, "\(path)")
        }
        #expect(try !stack.client.get("/.well-known/../.env").text.contains("SECRET"))
    }
}
