import Foundation
import Model
import SQLiteCatalog
import Support
import Testing

/// A DELETE that was cut short after its first step.
@Suite struct UnfinishedDeletionTests {
    @Test(
        "A DELETE whose files cannot be removed says that the image is deleted, and can be repeated"
    )
    func failing() throws {
        let ground = try Ground()
        let owner = try ground.account()
        let image = try ground.image(of: owner)
        let request = try FaultyRequest(ground, as: owner)
        let failed = try request.send(
            "DELETE", "/api/images/\(image.id)", fault: "rename:error=EIO")
        #expect(failed.status == 503 && failed.json["code"]?.string == "unknown_outcome")
        #expect(
            failed.json["error"]?.string?.hasPrefix("The image is deleted, but") == true,
            "\(failed)")
        let again = try request.send("DELETE", "/api/images/\(image.id)")
        #expect(again.status == 200 && again.json["deletedFiles"]?.int == 3, "\(again)")
        #expect(!FileManager.default.fileExists(atPath: ground.original(image)))
    }

    @Test("A DELETE whose files are gone is answered so, though its row has to wait for a sweep")
    func rowWaits() throws {
        let ground = try Ground()
        let owner = try ground.account()
        let image = try ground.image(of: owner)
        let request = try FaultyRequest(ground, as: owner)
        let answer = try request.send(
            "DELETE", "/api/images/\(image.id)", fault: "fdatasync:error=EIO:when=2")
        #expect(answer.status == 200 && answer.json["deletedFiles"]?.int == 3, "\(answer)")
        #expect(try ground.multires("gc").status == 0)
        #expect(try ground.catalog().images.existing([image.id]).isEmpty)
        #expect(try ground.catalog().accounts.all()[0].usage.images == 0)
    }

    @Test("Sent again, it ends the deletion: a receipt, and the public address serves nothing")
    func repeated() throws {
        let stack = try Stacks.shared(.fastcgi)
        let client = try stack.account()
        let folder = TemporaryFolder()
        let image = try client.completed(
            try Photos.jpeg(width: 90, height: 60, in: folder), fields: ["visibility": "public"])
        let id = try #require(image["id"].string)
        let link = try #require(image["sizes"]["thumbnail"]?["url"]?.string)
        #expect(try eventually { try stack.client.get(link).status == 200 })
        let catalog = try SQLiteCatalog(
            path: stack.data + "/catalog.sqlite3", journal: .wal, role: .worker)
        let account = try #require(try client.get("/api/auth/me")["userId"].string)
        _ = try catalog.images.beginDeletion(
            of: try #require(Identifier<Image>(id)),
            owner: try #require(Identifier<Account>(account)), at: .now())
        #expect(try client.get("/api/images/\(id)").status == 404)

        let stranger = try stack.account()
        #expect(try stranger.delete("/api/images/\(id)").status == 404)
        let answer = try client.delete("/api/images/\(id)")
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer["deletedFiles"].int == 5)
        #expect(try stack.client.get(link).status != 200)
        #expect(!stack.storedFiles.contains { $0.contains(id) })
        #expect(try client.get("/api/auth/me")["usage"]["images"]?.int == 0)
        #expect(try client.delete("/api/images/\(id)").status == 404, "it is gone")
    }
}
