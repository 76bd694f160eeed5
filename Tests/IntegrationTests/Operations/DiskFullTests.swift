import Foundation
import Support
import Testing

/// A full disk at any step of an upload and of its job: nothing incomplete is visible, no accepted image is
/// lost, and work continues as soon as there is space.
@Suite(.serialized, .enabled(if: SmallDisk.isPossible, SmallDisk.reason)) struct DiskFullTests {
    @Test("At any step where the disk is full, an upload is stored whole or refused")
    func uploads() throws {
        let service = try SmallDiskService()
        defer { service.end() }
        let (disk, stack, client) = (service.disk, service.stack, service.client)
        let pictures = TemporaryFolder()
        let photos = try Photos.many(16, width: 1400, height: 1050, in: pictures)
        let length = try Photos.bytes(of: photos[0]).count
        var kept: [String] = []
        // From no free space to enough for nginx's copy, the original, the rows and all variants.
        for (step, photo) in photos.enumerated() {
            try disk.fill(leaving: step * length / 4)
            let answer = try client.upload(photo)
            #expect(
                // Also 507 when nginx could not store the body.
                [202, 507].contains(answer.status),
                "step \(step): \(answer.text)\n\(stack.logText.suffix(1000))")
            if let image = answer["imageId"].string {
                kept.append(image)
            } else {
                #expect(answer.code != nil, "\(answer.text)")
            }
            #expect(try client.get("/api/images").status == 200)
            disk.empty()
        }
        #expect(!kept.isEmpty && kept.count < photos.count, "all or none of the uploads fit")
        for image in kept {
            let detail = try client.finished(image)
            #expect(detail["status"].string == "complete", "\(detail.text)\n\(stack.logText)")
        }
        let listed = try client.get("/api/images?limit=200")["images"].array.count
        #expect(listed == kept.count)
        #expect(try client.completed(photos[0])["status"].string == "complete")
        let files = stack.storedFiles
        let images = try client.get("/api/images?limit=200")["images"].array.count
        #expect(files.filter { $0.hasPrefix("originals/") }.count == images)
        #expect(files.filter { $0.hasPrefix("media/") }.count == images * 4)
        #expect(!files.contains { $0.hasPrefix("trash/") }, "\(files)")
    }

    @Test("A job that finds the disk full waits, and completes once there is space")
    func jobs() throws {
        // Without a growing write-ahead log, rows can still be written when variants cannot.
        let service = try SmallDiskService([
            "MULTIRES_JOURNAL": "truncate", "MULTIRES_ATTEMPTS": "1",
        ])
        defer { service.end() }
        let (disk, stack, client) = (service.disk, service.stack, service.client)
        let pictures = TemporaryFolder()
        let photos = try Photos.many(3, width: 1400, height: 1050, in: pictures)
        let workers = stack.freeze("resize-worker")
        let images = try photos.map { try #require(try client.upload($0)["imageId"].string) }
        // Space for rows, but not for variants.
        try disk.fill(leaving: 150_000)
        stack.thaw(workers)
        #expect(
            eventually { stack.logText.components(separatedBy: "no_space").count > 4 },
            "fewer tries than expected: \(stack.logText)")
        for image in images {
            #expect(
                ["pending", "processing"].contains(
                    try client.get("/api/images/\(image)/status")["status"].string))
        }
        disk.empty()
        let emptied = Date()
        for image in images {
            #expect(try client.finished(image)["status"].string == "complete", "\(stack.logText)")
        }
        #expect(Date().timeIntervalSince(emptied) < 30)
        #expect(stack.storedFiles.filter { $0.hasPrefix("media/") }.count == 12)
    }

    @Test("With no byte free, sign-in, deleting images and accounts, and making private all work")
    func withReservedSpace() throws {
        let service = try SmallDiskService()
        defer { service.end() }
        let (disk, stack, client) = (service.disk, service.stack, service.client)
        let pictures = TemporaryFolder()
        let images = try Photos.many(4, width: 90, height: 60, in: pictures).map {
            try client.completed($0, fields: ["visibility": "public"])
        }
        let ids = images.compactMap { $0["id"].string }
        let links = images.compactMap { $0["sizes"]["thumbnail"]?["url"]?.string }
        #expect(try eventually { try links.allSatisfy { try stack.client.get($0).status == 200 } })

        try disk.fill(leaving: 0)
        #expect(try service.signIn().status == 200)
        try disk.fill(leaving: 0)
        let hidden = try client.patch(
            "/api/images/\(ids[0])", json: #"{"visibility": "private"}"#)
        #expect(hidden.status == 200, "\(hidden.text)")
        #expect(try stack.client.get(links[0]).status == 403)
        try disk.fill(leaving: 0)
        let deleted = try client.delete("/api/images/\(ids[1])")
        #expect(deleted.status == 200, "\(deleted.text)")
        #expect(deleted["deletedFiles"].int == 5)
        try disk.fill(leaving: 0)
        let receipt = try client.delete(
            "/api/auth/me", json: #"{"password": "correct horse battery"}"#)
        #expect(receipt.status == 200, "\(receipt.text)")
        #expect(receipt["deletedImages"].int == 3)
        #expect(try links.allSatisfy { try stack.client.get($0).status != 200 })
        // The reserved file is made again when there is space.
        disk.empty()
        #expect(eventually { Self.reserve(of: stack) >= 8_000_000 })
    }

    /// The bytes of the reserved file.
    private static func reserve(of stack: Stack) -> Int {
        var status = stat()
        return stat(stack.data + "/reserved", &status) == 0 ? Int(status.st_size) : 0
    }

    @Test("Without reserved space, an image that could not be made private keeps its public link")
    func stayingPublic() throws {
        // Without a write-ahead log, which could provide space.
        let service = try SmallDiskService(["MULTIRES_JOURNAL": "truncate"])
        defer { service.end() }
        let (disk, stack, client) = (service.disk, service.stack, service.client)
        let pictures = TemporaryFolder()
        let image = try client.completed(
            try Photos.jpeg(width: 90, height: 60, in: pictures), fields: ["visibility": "public"])
        let id = try #require(image["id"].string)
        let link = try #require(image["sizes"]["thumbnail"]?["url"]?.string)
        #expect(try eventually { try stack.client.get(link).status == 200 })
        // The worker's sweep makes the reserved file again while there is space.
        repeat {
            unlink(stack.data + "/reserved")
            try disk.fill(leaving: 0)
        } while Self.reserve(of: stack) > 0
        let refused = try client.patch(
            "/api/images/\(id)", json: #"{"visibility": "private"}"#)
        #expect(refused.status == 507, "\(refused.text)")
        #expect(try client.get("/api/images/\(id)")["visibility"].string == "public")
        #expect(try stack.client.get(link).status == 200)
        // A deletion fails too, and the response does not report that it has begun.
        let kept = try client.delete("/api/images/\(id)")
        #expect(kept.status == 507, "\(kept.text)")
        #expect(try client.get("/api/images/\(id)").status == 200)
        disk.empty()
        #expect(try client.delete("/api/images/\(id)").status == 200)
    }

    @Test("A service started with no byte free serves and deletes, or reports the full disk")
    func start() throws {
        let disk = try SmallDisk(megabytes: 64)
        let settings = ["MULTIRES_DISK_RESERVE": "1"]
        var stack = try Stack(in: disk.folder, settings: settings)
        defer {
            stack.stop()
            disk.unmount()
        }
        let token = try stack.account().token
        let pictures = TemporaryFolder()
        let photo = try Photos.jpeg(width: 90, height: 60, in: pictures)
        let id = try #require(
            try Client(base: stack.client.base, token: token).completed(photo)["id"].string)
        for isKilled in [false, true] {
            if isKilled { stack.process.send(SIGKILL) }
            stack.stop()
            try disk.fill(leaving: 0)
            stack = try Stack(in: disk.folder, settings: settings)
            let client = Client(base: stack.client.base, token: token)
            #expect(try client.get("/api/images/\(id)").status == 200, "\(stack.logText)")
        }
        try disk.fill(leaving: 0)
        let client = Client(base: stack.client.base, token: token)
        #expect(try client.delete("/api/images/\(id)").status == 200, "\(stack.logText)")
        stack.stop()
        unlink(stack.data + "/reserved")
        try disk.fill(leaving: 0)
        let refused = try Shell.run(
            "timeout", ["60", Programs.path("multires"), "serve"], environment: stack.environment)
        #expect(refused.status == 1, refused.said)
        #expect(refused.errors.contains("The disk of \(stack.data) is full"), refused.said)
    }
}
