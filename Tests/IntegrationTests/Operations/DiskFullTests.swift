import Foundation
import Support
import Testing

/// No room at any step of an upload and of its job: nothing is half there, nothing promised is lost,
/// and work continues as soon as there is room.
@Suite(.serialized, .enabled(if: SmallDisk.isPossible, SmallDisk.reason)) struct DiskFullTests {
    @Test("Wherever the disk is full, an upload is kept whole or refused, and later ones pass")
    func uploads() throws {
        let service = try SmallDiskService()
        defer { service.end() }
        let (disk, stack, client) = (service.disk, service.stack, service.client)
        let pictures = TemporaryFolder()
        let photos = try Photos.many(16, width: 1400, height: 1050, in: pictures)
        let length = try Photos.bytes(of: photos[0]).count
        var kept: [String] = []
        // From no room at all, past nginx's copy, ours, the rows and the sizes, to room for all.
        for (step, photo) in photos.enumerated() {
            try disk.fill(leaving: step * length / 4)
            let answer = try client.upload(photo)
            #expect(
                // 507 too where nginx's own copy of the body found no room.
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
        #expect(!kept.isEmpty && kept.count < photos.count, "some were to find room, some not")
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

    @Test("A job that finds no room waits, however often, and is done once there is some")
    func jobs() throws {
        // Without a log that grows, rows find room again and again where sizes find none.
        let service = try SmallDiskService([
            "MULTIRES_JOURNAL": "truncate", "MULTIRES_ATTEMPTS": "1",
        ])
        defer { service.end() }
        let (disk, stack, client) = (service.disk, service.stack, service.client)
        let pictures = TemporaryFolder()
        let photos = try Photos.many(3, width: 1400, height: 1050, in: pictures)
        let workers = stack.freeze("resize-worker")
        let images = try photos.map { try #require(try client.upload($0)["imageId"].string) }
        // Room for rows, none for sizes.
        try disk.fill(leaving: 150_000)
        stack.thaw(workers)
        #expect(
            eventually { stack.logText.components(separatedBy: "no_space").count > 4 },
            "more tries than attempts: \(stack.logText)")
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

    @Test("With no byte free: sign-in, DELETE of an image and of the account, and private all work")
    func makingRoom() throws {
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
        // It is there again once there is room.
        disk.empty()
        #expect(eventually { Self.reserve(of: stack) >= 8_000_000 })
    }

    /// Bytes.
    private static func reserve(of stack: Stack) -> Int {
        var status = stat()
        return stat(stack.data + "/reserved", &status) == 0 ? Int(status.st_size) : 0
    }

    @Test(
        "Where even that is used up, an image that could not be made private stays public, links too"
    )
    func stayingPublic() throws {
        // No log, from which room could be had.
        let service = try SmallDiskService(["MULTIRES_JOURNAL": "truncate"])
        defer { service.end() }
        let (disk, stack, client) = (service.disk, service.stack, service.client)
        let pictures = TemporaryFolder()
        let image = try client.completed(
            try Photos.jpeg(width: 90, height: 60, in: pictures), fields: ["visibility": "public"])
        let id = try #require(image["id"].string)
        let link = try #require(image["sizes"]["thumbnail"]?["url"]?.string)
        #expect(try eventually { try stack.client.get(link).status == 200 })
        // The worker's sweep makes the reserve again while there is room.
        repeat {
            unlink(stack.data + "/reserved")
            try disk.fill(leaving: 0)
        } while Self.reserve(of: stack) > 0
        let refused = try client.patch(
            "/api/images/\(id)", json: #"{"visibility": "private"}"#)
        #expect(refused.status == 507, "\(refused.text)")
        #expect(try client.get("/api/images/\(id)")["visibility"].string == "public")
        #expect(try stack.client.get(link).status == 200)
        // No deletion either; but it is not said to have begun.
        let kept = try client.delete("/api/images/\(id)")
        #expect(kept.status == 507, "\(kept.text)")
        #expect(try client.get("/api/images/\(id)").status == 200)
        disk.empty()
        #expect(try client.delete("/api/images/\(id)").status == 200)
    }

    @Test("A service that is started with no byte free serves and deletes, or says why not")
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
