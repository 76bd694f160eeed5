import DiskMedia
import Foundation
import Glibc
import Model
import Processes
import Settings
import Support
import Testing

@testable import Media

/// Room on the disk for uploads that are on their way.
@Suite struct UploadRoomTests {
    @Test(
        "An upload fits when what is free, less what is on its way, stays above the reserve",
        arguments: [
            // free, bytes, under way, own, written: fits
            (1000, 599, 0, 0, 0, UploadRoom.Verdict.fits),
            (1000, 600, 0, 0, 0, .noSpace),
            (1000, 199, 400, 0, 0, .fits),
            (1000, 200, 400, 0, 0, .roomTaken),
            // What has been written of them is no longer free, and counts once.
            (700, 199, 400, 0, 300, .fits),
            (700, 200, 400, 0, 300, .roomTaken),
            // More written than is on its way is somebody else's.
            (700, 199, 400, 0, 3000, .fits),
            // Not with all of that ended.
            (1000, 600, 400, 400, 0, .noSpace),
            (400, 1, 0, 0, 0, .noSpace),
            (0, 0, 0, 0, 0, .noSpace),
            // A quarter of 600 for an account that has some on its way already.
            (1000, 50, 100, 100, 0, .fits),
            (1000, 51, 100, 100, 0, .shareUsed),
            (1000, 51, 100, 0, 0, .fits),
            (1000, 500, 0, 0, 0, .fits),
        ])
    func verdict(
        _ free: Int64, _ bytes: Int64, _ underWay: Int64, _ own: Int64, _ written: Int64,
        _ expected: UploadRoom.Verdict
    ) {
        let room = UploadRoom(free: free, reserve: 400, share: 25)
        let verdict = room.verdict(for: bytes, underWay: underWay, own: own, written: written)
        #expect(verdict == expected)
    }

    @Test("A reserve above all that a disk can have refuses, and nothing overflows")
    func extremes() {
        let room = UploadRoom(free: .min + 1, reserve: .max, share: 100)
        #expect(room.verdict(for: 0, underWay: 0, own: 0, written: 0) == .noSpace)
    }

    @Test("Room is kept once for a request, and free again when that ends")
    func once() throws {
        let folder = try Folder()
        let uploads = try folder.uploads()
        let ada = Identifier<Account>()
        for _ in 0..<3 { try uploads.reserve(1000, for: ada, request: "a") }
        try uploads.reserve(500, for: ada, request: "b")
        #expect(try uploads.bytesUnderWay() == 1500)
        // Another thread's, or another process's.
        #expect(try folder.uploads().bytesUnderWay() == 1500)
        try folder.uploads().end("a")
        try uploads.end("nobody's")
        #expect(try uploads.bytesUnderWay() == 500)
    }

    @Test("What nginx ended, what a dead process received and what is too old keep no room")
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
        #expect(try uploads.bytesUnderWay() == 1010)
        try uploads.end("alive")
        let short = try folder.uploads(["MULTIRES_UPLOAD_RESERVATION": "1s"])
        #expect(try eventually { try short.bytesUnderWay() == 0 })
    }

    @Test(
        "A file of another boot, a broken one and one cut anywhere are begun anew or read as far as they go"
    )
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
            #expect(try uploads.bytesUnderWay() <= 3)
        }
        try Data("multires uploads 1 another-boot".utf8).write(to: file)
        #expect(try uploads.bytesUnderWay() == 0)
        try uploads.reserve(7, for: ada, request: "d")
        #expect(try uploads.bytesUnderWay() == 7)
    }

    @Test("Many at once lose none")
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
        #expect(try folder.uploads().bytesUnderWay() == 160)
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
