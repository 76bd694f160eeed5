import Foundation
import Support
import Testing

/// A disk of a few megabytes for a service's data. Only root may have one.
final class SmallDisk {
    static let isPossible = getuid() == 0
    static let reason: Comment = "NOT TESTED: a full disk needs root, who may mount a small one"

    /// For a stack; its log lies beside the disk.
    let folder = TemporaryFolder()
    private let mount: String
    private var ballast: String { mount + "/ballast" }

    init(megabytes: Int) throws {
        mount = try folder.folder("data")
        try Shell.check(
            "mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m,mode=0750", "tmpfs", mount])
    }

    deinit {
        unmount()
    }

    func unmount() {
        _ = try? Shell.run("umount", ["-l", mount])
    }

    var free: Int {
        var status = statvfs()
        return statvfs(mount, &status) == 0 ? Int(status.f_bavail) * Int(status.f_frsize) : 0
    }

    /// Leaves so many bytes, or as many as the blocks allow.
    func fill(leaving bytes: Int) throws {
        empty()
        let length = free - bytes
        guard length > 0 else { return }
        try Shell.check("fallocate", ["-l", String(length), ballast])
    }

    func empty() {
        unlink(ballast)
    }
}

/// No room at any step of an upload and of its job: nothing is half there, nothing promised is lost,
/// and it goes on by itself.
@Suite(.serialized, .enabled(if: SmallDisk.isPossible, SmallDisk.reason)) struct DiskFullTests {
    @Test("Wherever the disk is full, an upload is kept whole or refused, and later ones pass")
    func uploads() throws {
        let disk = try SmallDisk(megabytes: 64)
        let stack = try Stack(in: disk.folder, settings: ["MULTIRES_DISK_RESERVE": "1"])
        defer {
            stack.stop()
            disk.unmount()
        }
        let client = try stack.account()
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
        let disk = try SmallDisk(megabytes: 64)
        // Without a log that grows, rows find room again and again where sizes find none.
        let stack = try Stack(
            in: disk.folder,
            settings: [
                "MULTIRES_DISK_RESERVE": "1", "MULTIRES_JOURNAL": "truncate",
                "MULTIRES_ATTEMPTS": "1",
            ])
        defer {
            stack.stop()
            disk.unmount()
        }
        let client = try stack.account()
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
}
