import Foundation
import Support
import Testing

/// Bad input gets the error of the API contract, and leaves no data.
@Suite struct RefusalTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let status: Int
        let code: String
        /// Makes the body of an upload; its files are in the given folder.
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
            "a text file named .jpg", 415, "unsupported_media_type",
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
        Refusal("an empty raw body", 400, "invalid_request") { _ in
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
        "A refused upload gets its error, and leaves no row, file or temporary file",
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
        // Other refusals run in parallel: their uploads are removed within moments.
        #expect(eventually { stack.storedFiles.isEmpty }, "\(stack.storedFiles)")
    }

    @Test(
        "An error names the query parameter and its wrong value",
        arguments: [
            ("/api/images?limit=9999", "limit: '9999' is not a whole number from 1 to 200."),
            (
                "/api/images?cursor=x%0Ay",
                #"cursor: 'x\u{a}y' is not the nextCursor of an earlier page."#
            ),
            (
                "/api/images?status=done",
                "status: 'done' is not pending, processing, complete or failed."
            ),
            (
                "/api/images/status?ids=",
                "The query parameter 'ids' has 0 image ids. Use 1 to 100, separated by commas."
            ),
            (
                "/api/auth/sessions?cursor=x",
                "cursor: 'x' is not the nextCursor of an earlier page."
            ),
        ])
    func wrongParameters(_ path: String, _ sentence: String) throws {
        let answer = try Stacks.shared(.fastcgi).account().get(path)
        #expect(answer.status == 400)
        #expect(answer.code == "invalid_request")
        #expect(answer["error"].string == sentence)
    }

    @Test("The error of a refused upload states what is wrong with it")
    func uploadErrors() throws {
        let client = try Stacks.shared(.fastcgi).account()
        let folder = TemporaryFolder()
        let photo = try Photos.jpeg(width: 20, height: 20, in: folder)
        func error(_ body: Body) throws -> String? {
            try client.request("POST", "/api/images/upload", body: body)["error"].string
        }
        #expect(
            try error(.form([.file("image", photo), .text("fit", "stretch")]))
                == "fit: 'stretch' is not cover or inside.")
        #expect(
            try error(.form([.file("image", photo), .text("visibility", "secret")]))
                == "visibility: 'secret' is not private or public.")
        #expect(
            try error(Refusal.file("a.jpg", "hello, world")(folder))
                == "The file is not a JPEG, PNG, WebP, GIF, AVIF or HEIC image. Convert it to one "
                + "of these formats.")
        #expect(
            try error(.json("{}"))?.hasPrefix("This Content-Type is not supported for uploads. ")
                == true)
    }

    @Test("A truncated JPEG is accepted, fails with its error code, and has no variants")
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

    @Test("Requests without a token, with a forged one or by another account reveal nothing")
    func otherClients() throws {
        let stack = try Stacks.shared(.fastcgi)
        let owner = try stack.account()
        let folder = TemporaryFolder()
        let photo = try Photos.jpeg(width: 64, height: 64, in: folder)
        let id = try #require(try owner.upload(photo)["imageId"].string)

        let anonymous = stack.client
        #expect(try anonymous.upload(photo).code == "missing_token")
        #expect(try anonymous.get("/api/images/\(id)").headers["www-authenticate"] == "Bearer")
        var forger = anonymous
        forger.token = (owner.token ?? "").dropLast(4) + "AAAA"
        #expect(try forger.upload(photo).code == "invalid_token")

        let other = try stack.account()
        for path in ["", "/status"] {
            let foreign = try other.get("/api/images/\(id)\(path)")
            let absent = try other.get(
                "/api/images/01890000-0000-7000-8000-000000000000\(path)")
            #expect(foreign.status == 404)
            #expect(foreign["error"] == absent["error"])
        }
        #expect(try other.delete("/api/images/\(id)").status == 404)
        #expect(try other.get("/api/images/status?ids=\(id)")["images"].array.isEmpty)
        #expect(try owner.get("/api/images/\(id)").status == 200)
    }

    @Test("Each of several photos in one form gets its own result, in order")
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

    @Test("A repeated idempotency key gives the same image, or a conflict for other bytes")
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

    @Test("An upload over the quota is refused, and accepted after a deletion")
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

    @Test("An upload that would use the disk reserve is refused")
    func disk() throws {
        let stack = try Stack(settings: ["MULTIRES_DISK_RESERVE": "1000000GB"])
        let client = try stack.account()
        let folder = TemporaryFolder()
        let refused = try client.upload(try Photos.jpeg(width: 64, height: 64, in: folder))
        #expect(refused.status == 507)
        #expect(refused.code == "no_space")
        #expect(stack.storedFiles.isEmpty)
    }

    /// A stack with limits that a test can exceed.
    private static func small(_ gateway: Stack.Gateway) throws -> Stack {
        try Stacks.shared(
            gateway, "small",
            ["MULTIRES_IMAGE_LIMIT": "2MB", "MULTIRES_REQUEST_LIMIT": "4MB"])
    }
}

extension TemporaryFolder {
    /// A file of `count` zero bytes.
    fileprivate func zeros(_ count: Int) throws -> String {
        let file = file("zeros-\(count).jpg")
        try Data(count: count).write(to: URL(fileURLWithPath: file))
        return file
    }
}
