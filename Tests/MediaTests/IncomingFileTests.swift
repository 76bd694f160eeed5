import Credentials
import Cryptography
import Foundation
import Model
import Processes
import Testing

@testable import DiskMedia
@testable import Media

@Suite struct IncomingFileTests {
    private let folder: MediaFolder
    private var media: DiskMedia { folder.media }

    init() throws {
        folder = try MediaFolder()
    }

    @Test("An upload in pieces becomes an original, is counted and hashed, and leaves nothing else")
    func store() throws {
        let photo = [0xFF, 0xD8, 0xFF, 0xE0] + SecureRandom.bytes(300_000)
        let id = Identifier<Image>()
        var file = try media.receive()
        #expect(file.format == nil)
        for start in stride(from: 0, to: photo.count, by: 7919) {
            try file.append(Array(photo[start..<min(start + 7919, photo.count)]))
        }
        #expect(file.bytes == Int64(photo.count))
        #expect(file.format == .jpeg)
        let digest = try media.store(file, as: id, .jpeg)

        #expect(digest == SHA256.of(photo))
        let original = media.paths.original(id, .jpeg)
        #expect(try Data(contentsOf: URL(fileURLWithPath: original)) == Data(photo))
        #expect(try folder.everything() == ["originals/\(id.text.suffix(2))/\(id).jpg"])
    }

    @Test("A body that is already in a file is hard-linked, even if its first name is removed")
    func written() throws {
        let photo = [0xFF, 0xD8, 0xFF, 0xE0] + SecureRandom.bytes(100_000)
        let source = "\(folder.folders.incoming)/0000000001"
        try Data(photo).write(to: URL(fileURLWithPath: source))
        chmod(source, 0o600)
        let inode = try #require(try Files.status(source)).st_ino
        let id = Identifier<Image>()
        var file = try media.receive(written: source)
        try file.append(Array(photo[..<70_000]))
        try file.append(Array(photo[70_000...]))
        #expect(file.format == .jpeg)
        #expect(unlink(source) == 0)
        #expect(try media.store(file, as: id, .jpeg) == SHA256.of(photo))

        let original = media.paths.original(id, .jpeg)
        #expect(try Data(contentsOf: URL(fileURLWithPath: original)) == Data(photo))
        let status = try #require(try Files.status(original))
        #expect(status.st_ino == inode)
        #expect(status.st_mode & 0o777 == 0o640)
        #expect(try folder.everything() == ["originals/\(id.text.suffix(2))/\(id).jpg"])
    }

    @Test("A file that cannot be hard-linked is copied")
    func elsewhere() throws {
        let id = Identifier<Image>()
        var file = try media.receive(written: "/proc/version")
        try file.append([1, 2, 3])
        #expect(try media.store(file, as: id, .jpeg) == SHA256.of([1, 2, 3]))
        let original = URL(fileURLWithPath: media.paths.original(id, .jpeg))
        #expect(try Data(contentsOf: original) == Data([1, 2, 3]))
    }

    @Test(
        "A file that differs from the bytes that were checked is not stored", arguments: [2, 4])
    func unlike(_ count: Int) throws {
        let source = "\(folder.folders.incoming)/0000000001"
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: source))
        #expect(throws: SystemError.self) {
            var file = try media.receive(written: source)
            try file.append([UInt8](repeating: 1, count: count))
            _ = try media.store(file, as: Identifier(), .jpeg)
        }
        #expect(try folder.everything() == ["incoming/0000000001"])
    }

    @Test("A symbolic link is not stored")
    func linked() throws {
        let source = "\(folder.folders.incoming)/0000000001"
        #expect(symlink("/etc/passwd", source) == 0)
        #expect(throws: SystemError.self) { _ = try media.receive(written: source) }
        #expect(try folder.everything() == ["incoming/0000000001"])
    }

    @Test("A format is detected byte by byte, and later bytes do not change it")
    func sniffing() throws {
        var file = try media.receive()
        for byte in Array("GIF89a".utf8) {
            #expect(file.format == nil)
            try file.append([byte])
        }
        #expect(file.format == .gif)
        try file.append([UInt8](repeating: 0xFF, count: 1000))
        try file.append([])
        #expect(file.format == .gif)
    }

    @Test("An upload that is not stored leaves no file")
    func dropped() throws {
        do {
            var file = try media.receive()
            try file.append([1, 2, 3])
            #expect(try folder.everything().count == 1)
        }
        #expect(try folder.everything().isEmpty)
    }

    @Test("An upload that cannot be stored leaves no file either")
    func unstorable() throws {
        let id = Identifier<Image>()
        try FileManager.default.removeItem(
            atPath: "\(folder.folders.originals)/\(MediaPath.shard(id))")
        #expect(throws: SystemError.self) { try folder.store([1], as: id) }
        #expect(try folder.everything().isEmpty)
    }

    @Test("A full disk has its own error")
    func full() {
        #expect(throws: MediaError.noSpace) {
            try storing { try FileDescriptor(opening: "/dev/full", O_WRONLY).write([1]) }
        }
    }
}
