import Foundation

/// A temporary folder of a test, removed with this object. It is kept, and its path printed, when
/// `MULTIRES_KEEP` is set or a test of this process has failed.
public final class TemporaryFolder: Sendable {
    public let path: String

    public init() {
        // A short path: UNIX sockets are in the folder, and their paths may have at most 107 bytes.
        path = Self.base + "/multires-" + UUID().uuidString.prefix(8).lowercased()
        // because no test works without its folder
        try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    /// The folder for temporary files: TMPDIR, or /tmp.
    static let base = FileManager.default.temporaryDirectory.standardizedFileURL.path

    deinit {
        if ProcessInfo.processInfo.environment["MULTIRES_KEEP"] != nil || Self.hasFailure() {
            print("kept \(path)")
        } else {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// Reads the event stream of Swift Testing, in the file that the runner names. A failure is in it before
    /// the test's folder is removed.
    private static func hasFailure() -> Bool {
        guard let path = ProcessInfo.processInfo.environment["MULTIRES_EVENTS"],
            let events = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        else { return false }
        return events.range(of: Data(#""kind":"issueRecorded""#.utf8)) != nil
    }

    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// A subfolder, created if it does not exist.
    public func folder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(
            atPath: file(name), withIntermediateDirectories: true)
        return file(name)
    }

    /// The paths of all regular files below `folder`, relative to it and sorted.
    public static func files(below folder: String) -> [String] {
        let names =
            FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return names.filter {
            var isFolder: ObjCBool = false
            let there = FileManager.default.fileExists(
                atPath: "\(folder)/\($0)", isDirectory: &isFolder)
            return there && !isFolder.boolValue
        }.sorted()
    }
}
