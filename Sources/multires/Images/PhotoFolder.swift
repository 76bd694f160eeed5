import Foundation

/// The regular files below a folder, gone through without holding their names.
struct PhotoFolder {
    private let path: String

    init(_ name: String) throws {
        path = URL(fileURLWithPath: name).standardizedFileURL.path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
            isFolder.boolValue
        else { throw Failure("There is no folder \(path).") }
    }

    var count: Int {
        var count = 0
        visit { _ in count += 1 }
        return count
    }

    func visit(_ body: (String) throws -> Void) rethrows {
        let found = FileManager.default.enumerator(
            at: URL(fileURLWithPath: path), includingPropertiesForKeys: nil,
            options: [.skipsHiddenFiles])
        while let file = (found?.nextObject() as? URL)?.path {
            var status = stat()
            guard lstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            try body(file)
        }
    }
}
