import Foundation
import Model
import SQLiteCatalog
import Support
import Testing

/// A DELETE that was interrupted after its first step.
@Suite struct UnfinishedDeletionTests {
    @Test(
        "A DELETE that cannot remove files reports that the image is deleted, and can be repeated"
    )
    func failing() throws {
        let harness = try CommandHarness()
        let owner = try harness.account()
        let image = try harness.image(of: owner)
        let request = try FaultyRequest(harness, as: owner)
        let failed = try request.send(
            "DELETE", "/api/images/\(image.id)", fault: "rename:error=EIO")
        #expect(failed.status == 503 && failed.json["code"]?.string == "unknown_outcome")
        #expect(
            failed.json["error"]?.string?.hasPrefix("The image is deleted, but") == true,
            "\(failed)")
        let again = try request.send("DELETE", "/api/images/\(image.id)")
        #expect(again.status == 200 && again.json["deletedFiles"]?.int == 3, "\(again)")
        #expect(!FileManager.default.fileExists(atPath: harness.original(image)))
    }

    @Test("A DELETE that has removed the files succeeds, even if its row must wait for a sweep")
    func rowWaits() throws {
        let harness = try CommandHarness()
        let owner = try harness.account()
        let image = try harness.image(of: owner)
        let request = try FaultyRequest(harness, as: owner)
        let answer = try request.send(
            "DELETE", "/api/images/\(image.id)", fault: "fdatasync:error=EIO:when=2")
        #expect(answer.status == 200 && answer.json["deletedFiles"]?.int == 3, "\(answer)")
        #expect(try harness.multires("gc").status == 0)
        #expect(try harness.catalog().images.existing([image.id]).isEmpty)
        #expect(try harness.catalog().accounts.all()[0].usage.images == 0)
    }

    @Test("A repeated DELETE completes the deletion, and the public URL stops working")
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

        let other = try stack.account()
        #expect(try other.delete("/api/images/\(id)").status == 404)
        let answer = try client.delete("/api/images/\(id)")
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer["deletedFiles"].int == 5)
        #expect(try stack.client.get(link).status != 200)
        #expect(!stack.storedFiles.contains { $0.contains(id) })
        #expect(try client.get("/api/auth/me")["usage"]["images"]?.int == 0)
        #expect(try client.delete("/api/images/\(id)").status == 404, "its row still exists")
    }
}
