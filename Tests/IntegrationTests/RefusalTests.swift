import Foundation
import Support
import Testing

/// Bad input gets the contract's error, and nothing stays behind.
@Suite struct RefusalTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let status: Int
        let code: String
        /// Of an upload, from a folder to make files in.
        let body: @Sendable (TemporaryFolder) throws -> Body

        init(
            _ what: String, _ status: Int, _ code: String,
            _ body: @escaping @Sendable (TemporaryFolder) throws -> Body
        ) {
            testDescription = what
            self.status = status
            self.code = code
            self.body = body
        }

        static func file(_ name: String, _ text: String)
            -> @Sendable (TemporaryFolder) throws -> Body
        {
            { folder in
                try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file(name)))
                return try .form([.file("image", folder.file(name))])
            }
        }
    }

    static let refusals = [
        Refusal(
            "a text named .jpg", 415, "unsupported_media_type",
            Refusal.file("a.jpg", "hello, world")),
        Refusal(
            "an SVG named .png", 415, "unsupported_media_type",
            Refusal.file("a.png", "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>")),
        Refusal("an empty file", 400, "invalid_request", Refusal.file("a.jpg", "")),
        Refusal("no image part", 400, "invalid_request") { _ in
            try .form([.text("fit", "cover")])
        },
        Refusal("an unknown fit", 400, "invalid_request") { folder in
            try .form([
                .file("image", Photos.jpeg(width: 20, height: 20, in: folder)),
                .text("fit", "stretch"),
            ])
        },
        Refusal("a raw body of no bytes", 400, "invalid_request") { _ in
            Body([], type: "image/jpeg")
        },
        Refusal("a wrong content type", 415, "unsupported_media_type") { _ in
            .json("{}")
        },
        Refusal("a form without its end", 400, "invalid_request") { _ in
            Body(
                Array("--b\r\nContent-Disposition: form-data; name=\"image\"\r\n\r\nabc".utf8),
                type: "multipart/form-data; boundary=b")
        },
        Refusal("an image over the limit", 413, "too_large") { folder in
            try .form([.file("image", folder.zeros(2_100_000))])
        },
        Refusal("a request over the limit", 413, "too_large") { folder in
            try .form([.file("image", folder.zeros(5_000_000))])
        },
    ]

    @Test(
        "Each gets its error, and no row, no file, no temporary file stays",
        arguments: refusals, Stack.Gateway.allCases)
    func refused(_ refusal: Refusal, _ gateway: Stack.Gateway) throws {
        let stack = try Self.small(gateway)
        let client = try stack.account()
        let folder = TemporaryFolder()
        let answer = try client.request("POST", "/api/images/upload", body: refusal.body(folder))
        #expect(answer.status == refusal.status, "\(answer.text)\n\(stack.logText.suffix(2000))")
        #expect(answer.code == refusal.code)
        #expect(answer.headers["content-type"] == "application/json")
        #expect(answer.headers["cache-control"] == "no-store")
        #expect(answer["requestId"].string == answer.headers["x-request-id"])
        if answer.status == 413 {
            #expect([2_000_000, 4_000_000].contains(answer["limitBytes"].int))
        }
        #expect(try client.get("/api/images")["images"].array.isEmpty)
        // Other refusals run beside this one: what is on its way in goes within moments.
        #expect(eventually { stack.storedFiles.isEmpty }, "\(stack.storedFiles)")
    }

    @Test("A truncated JPEG is taken, fails with its code, and leaves no size")
    func truncated() throws {
        let stack = try Stacks.shared(.fastcgi)
        let client = try stack.account()
        let folder = TemporaryFolder()
        let detail = try client.completed(try Photos.truncatedJPEG(in: folder))
        #expect(detail["status"].string == "failed")
        #expect(detail["errorCode"].string == "corrupt_image")
        #expect(detail["errorMessage"].string?.isEmpty == false)
        let id = try #require(detail["id"].string)
        #expect(
            stack.storedFiles.filter { $0.contains(id) } == ["originals/\(id.suffix(2))/\(id).jpg"])
        #expect(try client.delete("/api/images/\(id)")["deletedFiles"].int == 1)
    }

    @Test("Without a token, with a forged one, with another's id: told apart, nothing given away")
    func strangers() throws {
        let stack = try Stacks.shared(.fastcgi)
        let owner = try stack.account()
        let folder = TemporaryFolder()
        let photo = try Photos.jpeg(width: 64, height: 64, in: folder)
        let id = try #require(try owner.upload(photo)["imageId"].string)

        let nobody = stack.client
        #expect(try nobody.upload(photo).code == "missing_token")
        #expect(try nobody.get("/api/images/\(id)").headers["www-authenticate"] == "Bearer")
        var forger = nobody
        forger.token = (owner.token ?? "").dropLast(4) + "AAAA"
        #expect(try forger.upload(photo).code == "invalid_token")

        let stranger = try stack.account()
        for path in ["", "/status"] {
            let foreign = try stranger.get("/api/images/\(id)\(path)")
            let absent = try stranger.get(
                "/api/images/01890000-0000-7000-8000-000000000000\(path)")
            #expect(foreign.status == 404)
            #expect(foreign["error"] == absent["error"])
        }
        #expect(try stranger.delete("/api/images/\(id)").status == 404)
        #expect(try stranger.get("/api/images/status?ids=\(id)")["images"].array.isEmpty)
        #expect(try owner.get("/api/images/\(id)").status == 200)
    }

    @Test("Several photos in one form: each gets its own answer, in order")
    func several() throws {
        let stack = try Stacks.shared(.fastcgi)
        let client = try stack.account()
        let folder = TemporaryFolder()
        let first = try Photos.jpeg(width: 64, height: 64, in: folder)
        let text = folder.file("b.jpg")
        try Data("not a picture".utf8).write(to: URL(fileURLWithPath: text))
        let second = try Photos.jpeg(width: 96, height: 64, in: folder)
        let answer = try client.upload(first, text, second)
        #expect(answer.status == 202)
        let entries = answer["images"].array
        #expect(entries.count == 3)
        #expect(entries[0]["imageId"]?.string != nil)
        #expect(entries[1]["code"]?.string == "unsupported_media_type")
        #expect(entries[2]["imageId"]?.string != nil)
        let refused = try client.upload(text, text)
        #expect(refused.status == 415)
    }

    @Test("The same idempotency key: the same image, or a conflict")
    func idempotency() throws {
        let client = try Stacks.shared(.fastcgi).account()
        let folder = TemporaryFolder()
        let photo = try Photos.jpeg(width: 64, height: 64, in: folder)
        let other = try Photos.jpeg(width: 65, height: 64, in: folder)
        let key = ["Idempotency-Key: 8e03978e-40d5-43dd-bc93-6894a57f9324"]
        let first = try client.upload(photo, headers: key)
        let again = try client.upload(photo, headers: key)
        #expect(first.status == 202)
        #expect(again.status == 200)
        #expect(again["imageId"] == first["imageId"])
        let conflict = try client.upload(other, headers: key)
        #expect(conflict.status == 409)
        #expect(conflict.code == "idempotency_conflict")
    }

    @Test("A quota that is used up refuses, and deleting makes room again")
    func quota() throws {
        let stack = try Stack(settings: ["MULTIRES_QUOTA_IMAGES": "1"])
        let client = try stack.account()
        let folder = TemporaryFolder()
        let first = try client.completed(try Photos.jpeg(width: 64, height: 64, in: folder))
        let other = try Photos.jpeg(width: 65, height: 64, in: folder)
        let refused = try client.upload(other)
        #expect(refused.status == 403)
        #expect(refused.code == "quota_exceeded")
        #expect(try client.get("/api/auth/me")["usage"]["images"]?.int == 1)
        _ = try client.delete("/api/images/\(first["id"].string ?? "")")
        #expect(try client.upload(other).status == 202)
    }

    @Test("Below the disk reserve nothing is stored")
    func disk() throws {
        let stack = try Stack(settings: ["MULTIRES_DISK_RESERVE": "1000000GB"])
        let client = try stack.account()
        let folder = TemporaryFolder()
        let refused = try client.upload(try Photos.jpeg(width: 64, height: 64, in: folder))
        #expect(refused.status == 507)
        #expect(refused.code == "no_space")
        #expect(stack.storedFiles.isEmpty)
    }

    /// Limits small enough to reach.
    private static func small(_ gateway: Stack.Gateway) throws -> Stack {
        try Stacks.shared(
            gateway, "small",
            ["MULTIRES_IMAGE_LIMIT": "2MB", "MULTIRES_REQUEST_LIMIT": "4MB"])
    }
}

extension TemporaryFolder {
    /// A file of so many zero bytes.
    fileprivate func zeros(_ count: Int) throws -> String {
        let file = file("zeros-\(count).jpg")
        try Data(count: count).write(to: URL(fileURLWithPath: file))
        return file
    }
}
