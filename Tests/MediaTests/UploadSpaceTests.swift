import DiskMedia
import Foundation
import Glibc
import Model
import Processes
import Settings
import Support
import Testing

@testable import Media

/// Disk space for uploads that are under way.
@Suite struct UploadSpaceTests {
    @Test(
        "An upload fits if the free space, minus uploads in progress, stays above the reserve",
        arguments: [
            // free, bytes, under way, own, written: verdict
            (1000, 599, 0, 0, 0, UploadSpace.Verdict.fits),
            (1000, 600, 0, 0, 0, .noSpace),
            (1000, 199, 400, 0, 0, .fits),
            (1000, 200, 400, 0, 0, .spaceReserved),
            // Bytes of uploads under way that are already written are no longer free, and count once.
            (700, 199, 400, 0, 300, .fits),
            (700, 200, 400, 0, 300, .spaceReserved),
            // Bytes that were written beyond those in progress belong to other files.
            (700, 199, 400, 0, 3000, .fits),
            // Does not fit even after all uploads under way have ended.
            (1000, 600, 400, 400, 0, .noSpace),
            (400, 1, 0, 0, 0, .noSpace),
            (0, 0, 0, 0, 0, .noSpace),
            // An account that already has uploads under way gets a quarter of the 600 bytes.
            (1000, 50, 100, 100, 0, .fits),
            (1000, 51, 100, 100, 0, .accountShareUsed),
            (1000, 51, 100, 0, 0, .fits),
            (1000, 500, 0, 0, 0, .fits),
        ])
    func verdict(
        _ free: Int64, _ bytes: Int64, _ inProgress: Int64, _ own: Int64, _ written: Int64,
        _ expected: UploadSpace.Verdict
    ) {
        let room = UploadSpace(free: free, reserve: 400, share: 25)
        let verdict = room.verdict(for: bytes, inProgress: inProgress, own: own, written: written)
        #expect(verdict == expected)
    }

    @Test("A reserve that is larger than any disk refuses every upload, without an overflow")
    func extremes() {
        let room = UploadSpace(free: .min + 1, reserve: .max, share: 100)
        #expect(room.verdict(for: 0, inProgress: 0, own: 0, written: 0) == .noSpace)
    }

    @Test("Space is reserved once per request and released when the request ends")
    func once() throws {
        let folder = try Folder()
        let uploads = try folder.uploads()
        let ada = Identifier<Account>()
        for _ in 0..<3 { try uploads.reserve(1000, for: ada, request: "a") }
        try uploads.reserve(500, for: ada, request: "b")
        #expect(try uploads.reservedBytes() == 1500)
        // As another thread or process sees it.
        #expect(try folder.uploads().reservedBytes() == 1500)
        try folder.uploads().end("a")
        try uploads.end("unknown")
        #expect(try uploads.reservedBytes() == 500)
    }

    @Test("Uploads that nginx ended, whose process exited, or that are too old reserve no space")
    func over() throws {
        let folder = try Folder()
        let uploads = try folder.uploads()
        let ada = Identifier<Account>()
        try uploads.reserve(1, for: ada, request: "ended")
        try uploads.reserve(10, for: ada, request: "stays")
        let child = try ChildProcess("/bin/true", environment: [:])
        child.wait()
        try uploads.reserve(100, for: ada, request: "dead", process: child.pid)
        try uploads.reserve(1000, for: ada, request: "alive", process: getpid())
        try Data("ended\nnobody\n".utf8).write(
            to: .init(fileURLWithPath: folder.folders.endedUploads))
        #expect(try uploads.reservedBytes() == 1010)
        try uploads.end("alive")
        let short = try folder.uploads(["MULTIRES_UPLOAD_RESERVATION": "1s"])
        #expect(try eventually { try short.reservedBytes() == 0 })
    }

    @Test("A truncated reservation file is read as far as it goes; one of another boot is replaced")
    func broken() throws {
        let folder = try Folder()
        let uploads = try folder.uploads()
        let ada = Identifier<Account>()
        for name in ["a", "b", "c"] { try uploads.reserve(1, for: ada, request: name) }
        let file = URL(fileURLWithPath: folder.folders.uploads)
        let whole = try Data(contentsOf: file)
        #expect(whole.count == 4 * 256)
        for length in stride(from: 0, through: whole.count, by: 37) {
            try whole.prefix(length).write(to: file)
            #expect(try uploads.reservedBytes() <= 3)
        }
        try Data("multires uploads 1 another-boot".utf8).write(to: file)
        #expect(try uploads.reservedBytes() == 0)
        try uploads.reserve(7, for: ada, request: "d")
        #expect(try uploads.reservedBytes() == 7)
    }

    @Test("No reservation is lost when many threads reserve at once")
    func atOnceFromThreads() throws {
        let folder = try Folder()
        let ada = Identifier<Account>()
        _ = try atOnce(16) { thread in
            let uploads = try folder.uploads()
            for number in 0..<20 {
                try uploads.reserve(1, for: ada, request: "\(thread)-\(number)")
                if number % 2 == 0 { try uploads.end("\(thread)-\(number)") }
            }
        }
        #expect(try folder.uploads().reservedBytes() == 160)
    }

    private struct Folder {
        let folder = TemporaryFolder()
        var folders: DataFolders { DataFolders(root: folder.file("data")) }

        init() throws {
            try DiskMedia(folders).prepare()
        }

        func uploads(_ settings: [String: String] = [:]) throws -> UploadReservations {
            let settings = settings.merging(
                ["MULTIRES_DATA": folders.root, "MULTIRES_DISK_RESERVE": "1"]) { $1 }
            return try UploadReservations(Configuration(settings))
        }
    }
}
