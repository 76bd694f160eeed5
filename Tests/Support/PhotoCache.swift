import Foundation
import Processes

/// The files that `Photos` makes, stored in `.build`, which `make clean` removes. Making one takes libvips a
/// tenth of a second or more.
enum PhotoCache {
    /// Copies the file of that name into `folder`. `make` writes it if it is not in the cache.
    ///
    /// - Parameters:
    ///   - options: what else distinguishes files of that name.
    ///   - make: receives the path to write to and a folder for intermediate files.
    static func copy(
        of name: String, _ options: String = "", in folder: TemporaryFolder,
        make: (_ path: String, _ scratch: TemporaryFolder) throws -> Void
    ) throws -> String {
        let kept = try self.folder.get() + "/" + options + (options.isEmpty ? "" : "-") + name
        if access(kept, R_OK) != 0 {
            let scratch = TemporaryFolder()
            try make(scratch.file(name), scratch)
            // By a rename, so that other test runs never see a part of it.
            let new = "\(kept).\(UUID().uuidString)"
            _ = try Photos.write(Photos.bytes(of: scratch.file(name)), to: new)
            guard rename(new, kept) == 0 else { throw SystemError("rename", kept) }
        }
        return try Photos.write(Photos.bytes(of: kept), to: folder.file(name))
    }

    /// Each version of libvips and of Photos.swift has its own folder.
    private static let folder = Result {
        let source = "\(Programs.projectFolder)/Tests/Support/Photos.swift"
        let version = try Shell.check("vips", ["--version"]).bytes + Photos.bytes(of: source)
        // FNV-1a.
        let digest = version.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        let folder =
            "\(Programs.projectFolder)/.build/test-photos/\(String(digest, radix: 16))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }
}
