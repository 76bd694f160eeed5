import Foundation
import Model
import Support
import Testing

/// `multires restore`, and what cannot be restored or served.
@Suite struct RestoreTests {
    private let folder = TemporaryFolder()
    private var backup: String { folder.file("backup") }

    @Test("A restore that is killed can be done again")
    func killedRestore() throws {
        let ground = try Ground()
        let owner = try ground.account()
        for _ in 0..<80 { try ground.image(of: owner, isComplete: false) }
        #expect(try ground.multires("backup", backup).status == 0)
        let elsewhere = TemporaryFolder()
        let data = elsewhere.file("data")
        try ground.kill("restore", backup, environment: ["MULTIRES_DATA": data]) {
            TemporaryFolder.files(below: data + "/originals").count > 10
        }
        #expect(!FileManager.default.fileExists(atPath: data + "/catalog.sqlite3"))
        let again = try ground.multires("restore", backup, environment: ["MULTIRES_DATA": data])
        #expect(again.text.contains("80 images restored"), again.said)
        let doctor = try ground.multires("doctor", environment: ["MULTIRES_DATA": data])
        #expect(doctor.text.contains("ok       originals"), doctor.said)
    }

    @Test(
        "An original that the service lost is named by the backup, and comes back from one before")
    func lostOriginals() throws {
        let ground = try Ground()
        let owner = try ground.account()
        let images = try (0..<3).map { _ in try ground.image(of: owner) }
        #expect(try ground.multires("backup", backup).status == 0)
        unlink(ground.original(images[1]))
        truncate(ground.original(images[2]), 2)
        let other = folder.file("other")
        let copied = try ground.multires("backup", other)
        #expect(copied.status == 1)
        #expect(copied.errors.contains("2 originals could not be copied"), copied.said)

        #expect(try ground.multires("restore", backup).status == 1, "there is a catalog")
        let restored = try ground.multires("restore", backup, "--originals")
        #expect(restored.text.contains("2 originals brought back"), restored.said)
        #expect(try ground.multires("doctor").status == 0)
    }

    @Test("A data folder that lost its catalog keeps what came after the backup, set aside")
    func setAside() throws {
        let ground = try Ground()
        let owner = try ground.account()
        let kept = try ground.image(of: owner)
        #expect(try ground.multires("backup", backup, "--originals-only").status == 0)
        // A lost size is written into the restored catalog.
        try FileManager.default.removeItem(atPath: ground.size(kept))
        let later = try ground.image(of: owner)
        _ = try Shell.run("touch", ["-d", "2 hours ago", ground.original(later)])
        for suffix in ["", "-wal", "-shm"] {
            rename(ground.folders.catalog + suffix, ground.folder.file("gone" + suffix))
        }
        let restored = try ground.multires("restore", backup)
        #expect(restored.status == 0, restored.said)
        #expect(restored.text.contains("1 photos that came after the backup"), restored.said)
        let left = try FileManager.default.contentsOfDirectory(atPath: ground.folders.root)
        #expect(!left.contains { $0.contains("restored") }, "\(left)")
        let aside = "\(ground.folders.root)/recovered/\(later.id).jpg"
        #expect(FileManager.default.fileExists(atPath: aside))
        #expect(FileManager.default.fileExists(atPath: ground.original(kept)))
    }

    @Test("Nothing is restored beside a service, from a damaged backup, or from what is none")
    func refused() throws {
        let ground = try Ground()
        #expect(try ground.multires("restore", folder.path).errors.contains("no backup"))
        try ground.image(of: try ground.account())
        #expect(try ground.multires("backup", backup).status == 0)
        let file = try #require(FileHandle(forWritingAtPath: backup + "/catalog.sqlite3"))
        try file.seek(toOffset: 8192)
        try file.write(contentsOf: Data(repeating: 0xAA, count: 8192))
        try file.close()
        let elsewhere = TemporaryFolder()
        let output = try ground.multires(
            "restore", backup, environment: ["MULTIRES_DATA": elsewhere.file("data")])
        #expect(output.status == 1)
        #expect(output.errors.contains("damaged"), output.said)
        #expect(!FileManager.default.fileExists(atPath: elsewhere.file("data/catalog.sqlite3")))
    }

    @Test("A damaged database is refused at start, with the way back")
    func damagedDatabase() throws {
        let ground = try Ground()
        for _ in 0..<50 { try ground.image(of: try ground.account(UUID().uuidString)) }
        try ground.checkpoint()
        let file = try #require(FileHandle(forWritingAtPath: ground.folders.catalog))
        try file.seek(toOffset: 40960)
        try file.write(contentsOf: Data(repeating: 0xAA, count: 8192))
        try file.close()
        let served = try ground.multires("serve")
        #expect(served.status == 1)
        #expect(served.errors.contains("is damaged"), served.said)
        #expect(served.errors.contains("multires restore DIR"), served.said)
    }
}
