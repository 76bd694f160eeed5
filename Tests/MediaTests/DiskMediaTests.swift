import Foundation
import Model
import Processes
import Settings
import Testing

@testable import DiskMedia
@testable import Media

@Suite struct DiskMediaTests {
    private let folder: MediaFolder
    private let id = Identifier<Image>()
    private var media: DiskMedia { folder.media }
    private var shard: String { MediaPath.shard(id) }

    init() throws {
        folder = try MediaFolder()
    }

    // MARK: The folder

    @Test("Preparing creates every folder, for owner and group only, and can be repeated")
    func prepare() throws {
        try media.prepare()
        for kind in [folder.folders.originals, folder.folders.media, folder.folders.published] {
            #expect(try Files.names(in: kind).sorted() == DataFolders.shards)
        }
        for path in [folder.folders.root, folder.folders.trash, folder.folders.media + "/7f"] {
            #expect(try #require(try Files.status(path)).st_mode & 0o027 == 0)
        }
    }

    @Test("Preparing keeps existing files")
    func prepareAgain() throws {
        try folder.store([1], as: id)
        try media.prepare()
        #expect(try folder.everything().count == 1)
    }

    @Test("A folder that cannot be created or written is reported in one sentence")
    func unusable() throws {
        let file = folder.folders.root + "/file"
        try folder.write("", to: file)
        for root in [file, file + "/data", "/proc/self/data"] {
            let error = #expect(throws: ConfigurationError.self) {
                try DiskMedia(DataFolders(root: root)).prepare()
            }
            let sentence = error?.description ?? ""
            #expect(sentence.hasPrefix("The data folder \(root) cannot be used"))
            #expect(sentence.hasSuffix(".") && !sentence.contains("\n"))
        }
    }

    @Test("Free space is above 0 and at most the size of the file system")
    func freeBytes() throws {
        let attributes = try FileManager.default.attributesOfFileSystem(
            forPath: folder.folders.root)
        let size = try #require(attributes[.systemSize] as? Int64)
        let free = try media.freeBytes()
        #expect(free > 0 && free <= size)
    }

    // MARK: Publishing

    @Test("Publishing moves a job's folder to the image's variants")
    func publish() throws {
        try folder.publish(["small.1.jpg": "s", "large.1.jpg": "l"], as: id)
        #expect(
            try folder.everything() == [
                "media/\(shard)/\(id)/large.1.jpg", "media/\(shard)/\(id)/small.1.jpg",
            ])
        #expect(try Files.names(in: folder.folders.incoming).isEmpty)
    }

    @Test("Publishing again replaces what an earlier attempt left, and leaves no trash")
    func publishTwice() throws {
        try folder.publish(["small.1.jpg": "old", "odd.1.jpg": "old"], as: id)
        try folder.publish(["small.1.jpg": "new"], as: id)
        #expect(try folder.everything() == ["media/\(shard)/\(id)/small.1.jpg"])
        #expect(try folder.read(media.paths.variants(id) + "/small.1.jpg") == "new")
        #expect(try Files.names(in: folder.folders.trash).isEmpty)
    }

    @Test("Publishing that was interrupted after removing the old variants can be repeated")
    func publishInterrupted() throws {
        try folder.publish(["small.1.jpg": "old"], as: id)
        let trash = "\(folder.folders.trash)/\(id)"
        try Files.move(media.paths.variants(id), to: trash)
        try folder.publish(["small.1.jpg": "new"], as: id)
        #expect(try folder.everything() == ["media/\(shard)/\(id)/small.1.jpg"])
    }

    @Test("Publishing a missing job folder fails and keeps the existing variants")
    func publishNothing() throws {
        try folder.publish(["small.1.jpg": "s"], as: id)
        let job = try folder.job()
        _ = try Files.removeTree(job)
        #expect(throws: (any Error).self) { try media.publish(job, as: id) }
        #expect(try folder.everything() == ["media/\(shard)/\(id)/small.1.jpg"])
    }

    @Test(
        "A job folder with anything but regular files is refused whole, without blocking",
        arguments: ["symbolic link", "pipe", "folder"])
    func publishOddities(_ kind: String) throws {
        let (fresh, old) = (Identifier<Image>(), Identifier<Image>())
        try folder.publish(["small.1.jpg": "s"], as: old)
        let job = try folder.job()
        try folder.write("m", to: job + "/medium.1.jpg")
        let odd = job + "/small.1.jpg"
        switch kind {
        case "symbolic link": #expect(symlink("medium.1.jpg", odd) == 0)
        case "pipe": #expect(mkfifo(odd, 0o600) == 0)
        default: #expect(mkdir(odd, 0o700) == 0)
        }
        #expect(throws: SystemError.self) { try media.publish(job, as: fresh) }
        #expect(throws: SystemError.self) { try media.merge(job, into: fresh) }
        #expect(throws: SystemError.self) { try media.merge(job, into: old) }
        #expect(try Files.status(media.paths.variants(fresh)) == nil)
        #expect(try Files.names(in: media.paths.variants(old)) == ["small.1.jpg"])
    }

    @Test("A link in place of an image's folder is replaced, and its target is not changed")
    func publishOverLink() throws {
        let precious = folder.folders.root + "/precious"
        for how in [media.publish(_:as:), media.merge(_:into:)] {
            let id = Identifier<Image>()
            try Files.makeFolder(precious)
            #expect(symlink(precious, media.paths.variants(id)) == 0)
            let job = try folder.job()
            try folder.write("s", to: job + "/small.1.jpg")
            try how(job, id)
            #expect(try Files.names(in: precious).isEmpty)
            let status = try #require(try Files.status(media.paths.variants(id)))
            #expect(status.st_mode & S_IFMT == S_IFDIR)
        }
    }

    // MARK: Public and private

    @Test("A public link makes the variants, never the original, readable through public/")
    func link() throws {
        try folder.store([1], as: id)
        try folder.publish(["small.1.jpg": "s"], as: id)
        try media.link(id)
        try media.link(id)
        #expect(try folder.read(media.paths.publicLink(id) + "/small.1.jpg") == "s")
        #expect(try Files.names(in: media.paths.publicLink(id)) == ["small.1.jpg"])
        #expect(try Files.names(in: folder.folders.incoming).isEmpty)
    }

    @Test("An image that becomes private while it is being linked gets no link")
    func linkedTooLate() throws {
        try folder.publish(["small.1.jpg": "s"], as: id)
        var answers = [true, false]
        try media.link(id) { answers.removeFirst() }
        #expect(answers.isEmpty)
        #expect(try folder.everything() == ["media/\(shard)/\(id)/small.1.jpg"])
        try media.link(id) { true }
        #expect(try folder.read(media.paths.publicLink(id) + "/small.1.jpg") == "s")
    }

    @Test("After unlinking, nothing is public, and the variants are kept")
    func unlink() throws {
        try folder.publish(["small.1.jpg": "s"], as: id)
        try media.link(id)
        try media.unlink(id)
        try media.unlink(id)
        #expect(try folder.everything() == ["media/\(shard)/\(id)/small.1.jpg"])
    }

    @Test("Links still work after the data folder is moved")
    func moved() throws {
        try folder.publish(["small.1.jpg": "s"], as: id)
        try media.link(id)
        let elsewhere = folder.folders.root + "-moved"
        try Files.move(folder.folders.root, to: elsewhere)
        defer { try? FileManager.default.removeItem(atPath: elsewhere) }
        let link = MediaPath(DataFolders(root: elsewhere)).publicLink(id)
        #expect(try folder.read(link + "/small.1.jpg") == "s")
    }

    // MARK: Deletion

    @Test("Removing an image deletes its link, original and variants only, and counts them")
    func remove() throws {
        // Another image in the same shard. No UUID of version 7 begins with f today.
        let other = try #require(Identifier<Image>("f" + id.text.dropFirst()))
        for image in [id, other] {
            try folder.store([1, 2, 3], as: image)
            try folder.publish(["small.1.jpg": "four", "large.1.jpg": "fives"], as: image)
            try media.link(image)
        }
        let removed = try media.remove(id)
        #expect(removed.files == 3)
        #expect(removed.bytes == 3 + 4 + 5)
        #expect(try folder.everything().allSatisfy { $0.contains(other.text) })
        #expect(try folder.everything().count == 4)
    }

    @Test("Removing an image again, or an unknown image, removes nothing")
    func removeTwice() throws {
        try folder.store([1], as: id)
        #expect(try media.remove(id).files == 1)
        #expect(try media.remove(id) == (0, 0))
        #expect(try media.remove(Identifier()) == (0, 0))
    }

    @Test("An interrupted removal is finished by the next one, which counts what was left")
    func removeInterrupted() throws {
        try folder.store([1, 2, 3], as: id)
        try folder.publish(["small.1.jpg": "four", "large.1.jpg": "fives"], as: id)
        let trash = "\(folder.folders.trash)/\(id)"
        try Files.move(media.paths.original(id, .jpeg), to: trash + ".jpg")
        try Files.move(media.paths.variants(id), to: trash)
        try Files.unlink(trash + "/large.1.jpg")
        #expect(try media.remove(id) == (2, 7))
        #expect(try folder.everything().isEmpty)
        #expect(try Files.names(in: folder.folders.trash).isEmpty)
    }

    @Test("If an image's folder is a symbolic link, removing deletes only the link")
    func removeLinks() throws {
        let precious = folder.folders.root + "/precious"
        try Files.makeFolder(precious)
        try folder.write("x", to: precious + "/file")
        symlink(precious, media.paths.variants(id))
        #expect(try media.remove(id).files == 1)
        #expect(try folder.everything() == ["precious/file"])
    }

    // MARK: Cleanup

    @Test("A shard's contents are listed by kind, without young files and names that are not ids")
    func contents() throws {
        let age = Duration.seconds(3600)
        try folder.store([1], as: id)
        try folder.publish(["small.1.jpg": "s"], as: id)
        try media.link(id)
        try folder.write("x", to: "\(folder.folders.originals)/\(shard)/notes.txt")
        let young = try media.contents(ofShard: shard, olderThan: age)
        #expect(young.originals.isEmpty && young.variants.isEmpty)

        for path in [
            media.paths.original(id, .jpeg), media.paths.variants(id), media.paths.publicLink(id),
            "\(folder.folders.originals)/\(shard)/notes.txt",
        ] {
            folder.age(path, by: 3700)
        }
        let old = try media.contents(ofShard: shard, olderThan: age)
        #expect(old.originals == [id] && old.variants == [id])
        #expect(try media.links(ofShard: shard) == [id])
        let elsewhere = try #require(DataFolders.shards.first { $0 != shard })
        #expect(try media.contents(ofShard: elsewhere, olderThan: age).originals.isEmpty)
    }

    @Test("Stale uploads, job folders and trash are removed; those in use are kept")
    func stale() throws {
        let stale = try folder.job()
        try folder.write("x", to: stale + "/small.1.jpg")
        let upload = folder.folders.incoming + "/upload"
        let trash = folder.folders.trash + "/\(id).jpg"
        for path in [upload, trash] { try folder.write("x", to: path) }
        for path in [stale, upload, trash] { folder.age(path, by: 3700) }
        let job = try folder.job()
        var file = try media.receive()
        try file.append([1])

        #expect(try media.extentOfStale(olderThan: .seconds(3600)).files == 3)
        #expect(try media.removeStale(olderThan: .seconds(3600)).files == 3)
        #expect(try media.removeStale(olderThan: .seconds(3600)).files == 0)
        #expect(try Files.names(in: folder.folders.incoming).count == 2)
        #expect(try Files.names(in: folder.folders.trash).isEmpty)
        try folder.write("x", to: job + "/small.1.jpg")
        _ = try media.store(file, as: id, .jpeg)
    }

    @Test("Merged variants are added to the old ones, which are removed separately")
    func merges() throws {
        let folder = try MediaFolder()
        let media = folder.media
        let id = Identifier<Image>()
        func merge(_ files: [String: String]) throws {
            let job = try folder.job()
            for (name, text) in files { try folder.write(text, to: "\(job)/\(name)") }
            try media.merge(job, into: id)
        }
        try merge(["small.00000001.jpg": "old"])
        try merge(["small.00000002.jpg": "new", "large.00000002.jpg": "big"])
        let place = media.paths.variants(id)
        #expect(
            Set(try Files.names(in: place))
                == ["small.00000001.jpg", "small.00000002.jpg", "large.00000002.jpg"])
        #expect(try folder.read(place + "/small.00000001.jpg") == "old")

        let kept = Variant(
            name: "small", revision: "00000002", format: .jpeg,
            pixels: PixelSize(width: 1, height: 1), bytes: 3)
        folder.age(place + "/small.00000001.jpg", by: 100)
        let removed = try media.removeVariants(of: id, but: [kept], olderThan: .seconds(60))
        #expect(removed == (1, 3))
        #expect(
            Set(try Files.names(in: place)) == ["small.00000002.jpg", "large.00000002.jpg"],
            "a young file may belong to a running job")
    }
}
