import Foundation
import Model
import Processes
import Settings
import Testing

@testable import DiskMedia
@testable import Media

/// A prepared data folder in a new temporary folder, which is removed with this object.
final class MediaFolder {
    let folders: DataFolders
    let media: DiskMedia

    init() throws {
        folders = DataFolders(root: NSTemporaryDirectory() + "media-" + UUID().uuidString)
        media = DiskMedia(folders)
        try media.prepare()
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folders.root)
    }

    /// Paths of all files and links in the folder, relative to its root, sorted.
    func everything() throws -> [String] {
        var found: [String] = []
        func visit(_ folder: String) throws {
            for name in try Files.names(in: folders.root + folder) {
                let path = "\(folder)/\(name)"
                let status = try #require(try Files.status(folders.root + path))
                if status.st_mode & S_IFMT == S_IFDIR {
                    try visit(path)
                } else {
                    found.append(String(path.dropFirst()))
                }
            }
        }
        try visit("")
        return found.sorted()
    }

    /// Stores an original. Returns its SHA-256 digest.
    @discardableResult
    func store(_ bytes: [UInt8], as id: Identifier<Image>) throws -> [UInt8] {
        var file = try media.receive()
        try file.append(bytes)
        return try media.store(file, as: id, .jpeg)
    }

    /// A new empty folder, like the one that a job's variants are rendered into.
    func job() throws -> String {
        let job = "\(folders.incoming)/job-\(UUID().uuidString)"
        try Files.makeFolder(job)
        return job
    }

    /// Publishes variants with these names and contents.
    func publish(_ files: [String: String], as id: Identifier<Image>) throws {
        let job = try job()
        for (name, text) in files { try write(text, to: "\(job)/\(name)") }
        try media.publish(job, as: id)
    }

    func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    func read(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    /// Sets the time of the last change to `seconds` ago.
    func age(_ path: String, by seconds: Double) {
        let time = timeval(tv_sec: Int(Date().timeIntervalSince1970 - seconds), tv_usec: 0)
        let aged = lutimes(path, [time, time])
        precondition(aged == 0)
    }
}
