import Foundation
import Model
import Support
import Testing

/// `multires restore`, and damaged databases and backups.
@Suite struct RestoreTests {
    private let folder = TemporaryFolder()
    private var backup: String { folder.file("backup") }

    @Test("A restore that was killed can be repeated")
    func killedRestore() throws {
        let harness = try CommandHarness()
        let owner = try harness.account()
        for _ in 0..<80 { try harness.image(of: owner, isComplete: false) }
        #expect(try harness.multires("backup", backup).status == 0)
        let elsewhere = TemporaryFolder()
        let data = elsewhere.file("data")
        try harness.kill("restore", backup, environment: ["MULTIRES_DATA": data]) {
            TemporaryFolder.files(below: data + "/originals").count > 10
        }
        #expect(!FileManager.default.fileExists(atPath: data + "/catalog.sqlite3"))
        let again = try harness.multires("restore", backup, environment: ["MULTIRES_DATA": data])
        #expect(again.text.contains("80 images restored"), again.said)
        let doctor = try harness.multires("doctor", environment: ["MULTIRES_DATA": data])
        #expect(doctor.text.contains("ok       originals"), doctor.said)
    }

    @Test("A backup reports lost originals, and an earlier backup restores them")
    func lostOriginals() throws {
        let harness = try CommandHarness()
        let owner = try harness.account()
        let images = try (0..<3).map { _ in try harness.image(of: owner) }
        #expect(try harness.multires("backup", backup).status == 0)
        unlink(harness.original(images[1]))
        truncate(harness.original(images[2]), 2)
        let other = folder.file("other")
        let copied = try harness.multires("backup", other)
        #expect(copied.status == 1)
        #expect(
            copied.errors.contains("2 missing or damaged originals could not be copied"),
            copied.said)

        #expect(try harness.multires("restore", backup).status == 1, "a catalog exists")
        let restored = try harness.multires("restore", backup, "--originals")
        #expect(restored.text.contains("2 originals restored"), restored.said)
        #expect(try harness.multires("doctor").status == 0)
    }

    @Test("A restore moves originals that are newer than the backup to recovered/")
    func moveToRecovered() throws {
        let harness = try CommandHarness()
        let owner = try harness.account()
        let kept = try harness.image(of: owner)
        #expect(try harness.multires("backup", backup, "--originals-only").status == 0)
        // The backup lacks a variant, which the restored catalog must record.
        try FileManager.default.removeItem(atPath: harness.size(kept))
        let later = try harness.image(of: owner)
        _ = try Shell.run("touch", ["-d", "2 hours ago", harness.original(later)])
        for suffix in ["", "-wal", "-shm"] {
            rename(harness.folders.catalog + suffix, harness.folder.file("gone" + suffix))
        }
        let restored = try harness.multires("restore", backup)
        #expect(restored.status == 0, restored.said)
        #expect(restored.text.contains("1 original that is newer than the backup"), restored.said)
        let left = try FileManager.default.contentsOfDirectory(atPath: harness.folders.root)
        #expect(!left.contains { $0.contains("restored") }, "\(left)")
        let aside = "\(harness.folders.root)/recovered/\(later.id).jpg"
        #expect(FileManager.default.fileExists(atPath: aside))
        #expect(FileManager.default.fileExists(atPath: harness.original(kept)))
    }

    @Test("Nothing is restored from a damaged backup, or from a folder that is not a backup")
    func refused() throws {
        let harness = try CommandHarness()
        #expect(try harness.multires("restore", folder.path).errors.contains("is not a backup"))
        try harness.image(of: try harness.account())
        #expect(try harness.multires("backup", backup).status == 0)
        let file = try #require(FileHandle(forWritingAtPath: backup + "/catalog.sqlite3"))
        try file.seek(toOffset: 8192)
        try file.write(contentsOf: Data(repeating: 0xAA, count: 8192))
        try file.close()
        let elsewhere = TemporaryFolder()
        let output = try harness.multires(
            "restore", backup, environment: ["MULTIRES_DATA": elsewhere.file("data")])
        #expect(output.status == 1)
        #expect(output.errors.contains("damaged"), output.said)
        #expect(!FileManager.default.fileExists(atPath: elsewhere.file("data/catalog.sqlite3")))
    }

    @Test("serve refuses a damaged database, and names the command that restores it")
    func damagedDatabase() throws {
        let harness = try CommandHarness()
        for _ in 0..<50 { try harness.image(of: try harness.account(UUID().uuidString)) }
        try harness.checkpoint()
        let file = try #require(FileHandle(forWritingAtPath: harness.folders.catalog))
        try file.seek(toOffset: 40960)
        try file.write(contentsOf: Data(repeating: 0xAA, count: 8192))
        try file.close()
        let served = try harness.multires("serve")
        #expect(served.status == 1)
        #expect(served.errors.contains("is damaged"), served.said)
        #expect(served.errors.contains("multires restore DIR"), served.said)
    }
}
