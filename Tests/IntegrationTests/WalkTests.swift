import Foundation
import Support
import Testing

/// The whole life of an image as a client sees it, with FastCGI and with CGI.
@Suite struct WalkTests {
    @Test(
        "Register, upload, wait, list, fetch every size, delete", arguments: Stack.Gateway.allCases)
    func walk(_ gateway: Stack.Gateway) throws {
        let stack = try Stacks.shared(gateway)
        let client = try stack.account()
        let folder = TemporaryFolder()
        let photo = try Photos.jpeg(width: 2560, height: 1920, gps: true, in: folder)

        let upload = try client.upload(photo)
        #expect(upload.status == 202)
        #expect(upload["message"].string == "Image upload accepted for processing")
        #expect(upload["status"].string == "pending")
        #expect(upload["duplicate"].bool == false)
        let image = try #require(upload["imageId"].string)
        #expect(upload["jobId"].string != nil)

        let detail = try client.finished(image)
        #expect(detail["status"].string == "complete", "\(detail.text)\n\(stack.logText)")
        #expect(detail["width"].int == 2560)
        #expect(detail["errorCode"] == .null)

        let list = try client.get("/api/images")
        #expect(list["images"].array.map { $0["id"]?.string } == [image])
        #expect(list["nextCursor"] == .null)
        #expect(list["total"].int == 1)
        #expect(list["images"].array.first?["mediaType"]?.string == "image/jpeg")
        #expect(list["images"].array.first?["alt"]?.string == "")
        let preview = try #require(list["images"].array.first?["preview"])
        #expect(preview["url"] == detail["sizes"]["small"]?["url"])
        #expect(preview["width"]?.int == 480)
        #expect(preview["height"]?.int == 480)

        let boxes = ["thumbnail": 150, "small": 480, "medium": 1024, "large": 1920]
        for (name, side) in boxes {
            let size = try #require(detail["sizes"][name])
            let answer = try Client(base: "").get(try #require(size["url"]?.string))
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "image/jpeg")
            #expect(answer.body.count == size["bytes"]?.int)
            let file = folder.file("\(name).jpg")
            try Data(answer.body).write(to: URL(fileURLWithPath: file))
            #expect(try pixels(of: file) == "\(side)x\(side)")
        }
        let files = boxes.keys.map { folder.file("\($0).jpg") }
        let tags = try Shell.run("exiftool", ["-q", "-EXIF:all", "-GPS:all", "-XMP:all"] + files)
        // exiftool prints a file's name before its tags, so the output is empty without tags.
        #expect(tags.text.isEmpty, "\(tags.text)")
        let address = try #require(detail["sizes"]["original"]?["url"]?.string)
        let original = try Client(base: "").get(address)
        #expect(original.body == Array(try Data(contentsOf: URL(fileURLWithPath: photo))))
        #expect(original.headers["content-disposition"]?.hasPrefix("attachment") == true)

        let again = try client.upload(photo)
        #expect(again.status == 200)
        #expect(again["duplicate"].bool == true)
        #expect(again["imageId"].string == image)

        let deleted = try client.delete("/api/images/\(image)")
        #expect(deleted.status == 200)
        #expect(deleted["id"].string == image)
        #expect(deleted["deletedFiles"].int == 5)
        #expect(try client.get("/api/images/\(image)").status == 404)
        #expect(try Client(base: "").get(address).status == 404)
        #expect(!stack.storedFiles.contains { $0.contains(image) })
    }

    @Test("An upload may have the image's bytes as its body", arguments: Stack.Gateway.allCases)
    func raw(_ gateway: Stack.Gateway) throws {
        let client = try Stacks.shared(gateway).account()
        let folder = TemporaryFolder()
        let photo = try Photos.jpeg(width: 800, height: 600, in: folder)
        let upload = try client.request(
            "POST", "/api/images/upload?filename=Am%20See.jpg&fit=inside",
            body: .file(photo, type: "image/jpeg"))
        #expect(upload.status == 202)
        let detail = try client.finished(try #require(upload["imageId"].string))
        #expect(detail["originalName"].string == "Am See.jpg")
        #expect(detail["fit"].string == "inside")
        #expect(detail["sizes"]["thumbnail"]?["height"]?.int == 113)
    }

    @Test("Every documented member is present, and null if it has no value")
    func members() throws {
        let client = try Stacks.shared(.fastcgi).account()
        let folder = TemporaryFolder()
        let bad = try Photos.truncatedJPEG(in: folder)
        let detail = try client.completed(bad)
        #expect(
            detail.json.names == [
                "id", "originalName", "status", "fit", "visibility", "alt", "width", "height",
                "sizes", "variants", "embed", "placeholder", "attempts", "uploadedAt",
                "processedAt", "errorMessage", "errorCode",
            ])
        #expect(detail["status"].string == "failed")
        #expect(detail["errorCode"].string == "corrupt_image")
        #expect(detail["sizes"] == .null)
        let list = try client.get("/api/images")
        #expect(
            list["images"].array.first?.names == [
                "id", "originalName", "status", "uploadedAt", "processedAt", "visibility",
                "width", "height", "thumbnailUrl", "preview", "placeholder", "alt", "mediaType",
            ])
        #expect(list.json.names == ["images", "nextCursor", "total"])
        let status = try client.get("/api/images/\(detail["id"].string ?? "")/status")
        #expect(
            status.json.names == [
                "id", "status", "errorMessage", "errorCode", "attempts", "variants",
            ])
    }

    @Test("The pages of a list have every image once, newest first")
    func pages() throws {
        let client = try Stacks.shared(.fastcgi).account()
        let folder = TemporaryFolder()
        var uploaded: [String] = []
        for photo in try Photos.many(5, width: 200, height: 200, in: folder) {
            let image = try client.upload(photo)["imageId"].string
            uploaded.insert(try #require(image), at: 0)
        }
        var seen: [String] = []
        var cursor: String?
        repeat {
            let page = try client.get(
                "/api/images?limit=2" + (cursor.map { "&cursor=\($0)" } ?? ""))
            seen += page["images"].array.compactMap { $0["id"]?.string }
            cursor = page["nextCursor"].string
        } while cursor != nil && seen.count < 10
        #expect(seen == uploaded)
    }

    @Test("The variants of a public image need no signature, but its original does")
    func publicImage() throws {
        let client = try Stacks.shared(.fastcgi).account()
        let folder = TemporaryFolder()
        let photo = try Photos.jpeg(width: 800, height: 600, in: folder)
        let detail = try client.completed(
            photo, fields: ["visibility": "public", "alt": "A <lake>"])
        let medium = try #require(detail["sizes"]["medium"]?["url"]?.string)
        #expect(!medium.contains("?"))
        #expect(detail["sizes"]["medium"]?["expiresAt"] == .null)
        let anyone = Client(base: "")
        // The public link is made after the row is stored.
        #expect(try eventually { try anyone.get(medium).status == 200 })
        #expect(detail["embed"]["html"]?.string?.contains("A &lt;lake&gt;") == true)
        let original = try #require(detail["sizes"]["original"]?["url"]?.string)
        #expect(try anyone.get(original).status == 200)
        let bare = String(original.prefix(while: { $0 != "?" }))
        #expect(try anyone.get(bare).code == "invalid_signature")

        let id = try #require(detail["id"].string)
        let hidden = try client.patch("/api/images/\(id)", json: #"{"visibility":"private"}"#)
        #expect(hidden.status == 200)
        #expect(try anyone.get(medium).code == "invalid_signature")
    }
}
