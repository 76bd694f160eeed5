import Foundation

/// A folder of the test's own, gone with it; kept, and named, when `MULTIRES_KEEP` is set or a test of
/// this process has failed.
public final class TemporaryFolder: Sendable {
    public let path: String

    public init() {
        // Short: UNIX sockets lie in it, and their paths may have 107 bytes.
        path = Self.base + "/multires-" + UUID().uuidString.prefix(8).lowercased()
        // because a test without its folder cannot say anything
        try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    /// Where temporary files go: TMPDIR, or /tmp.
    static let base = FileManager.default.temporaryDirectory.standardizedFileURL.path

    deinit {
        if ProcessInfo.processInfo.environment["MULTIRES_KEEP"] != nil || Self.hasFailure() {
            print("kept \(path)")
        } else {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// By Swift Testing's record of events, which the runner names. A failure is in it before the
    /// test's folder goes.
    private static func hasFailure() -> Bool {
        guard let path = ProcessInfo.processInfo.environment["MULTIRES_EVENTS"],
            let events = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        else { return false }
        return events.range(of: Data(#""kind":"issueRecorded""#.utf8)) != nil
    }

    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// A folder in it, made if it is not there.
    public func folder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(
            atPath: file(name), withIntermediateDirectories: true)
        return file(name)
    }

    /// Every regular file below `folder`, relative, sorted.
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
