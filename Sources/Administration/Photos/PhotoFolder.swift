import Foundation
import Model
import Processes
import Text

/// The regular files below a folder, gone through with one folder's names in memory at a time.
package struct PhotoFolder {
    /// A file, by a path in bytes: old disks have names that are not UTF-8.
    package struct Photo {
        fileprivate let path: [UInt8]

        fileprivate init(path: [UInt8]) {
            self.path = path
        }

        package init(_ path: String) {
            self.path = Array(path.utf8)
        }

        /// For people.
        package var shown: String { String(utf8OrLatin1: path).printable }
        /// Of the file alone, not yet cleaned.
        var name: String {
            String(utf8OrLatin1: path.split(separator: UInt8(ascii: "/")).last ?? [])
        }

        func open() throws -> FileDescriptor {
            // Without waiting for what has become a pipe since.
            try FileDescriptor(opening: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        }
    }

    package enum Found {
        case photo(Photo)
        /// A folder whose names cannot be read, or a name whose file cannot be looked at.
        case unreadable(String, reason: String)
        /// Hidden, a link, or no regular file.
        case leftOut
    }

    private let path: String

    package init(_ name: String) throws {
        path = URL(fileURLWithPath: name).standardizedFileURL.path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
            isFolder.boolValue
        else { throw Unusable("There is no folder \(path).") }
    }

    /// Of photos.
    package var count: Int {
        var count = 0
        visit { if case .photo = $0 { count += 1 } }
        return count
    }

    package func visit(_ body: (Found) throws -> Void) rethrows {
        try Self.visit(Array(path.utf8), body)
    }

    private static func visit(_ folder: [UInt8], _ body: (Found) throws -> Void) rethrows {
        let names: [[UInt8]]
        do {
            names = try Files.names(in: folder)
        } catch {
            return try body(unreadable(folder, error))
        }
        for name in names {
            let path = folder + [UInt8(ascii: "/")] + name
            guard name.first != UInt8(ascii: ".") else {
                try body(.leftOut)
                continue
            }
            let mode: mode_t?
            do {
                mode = try Files.status(path)?.st_mode
            } catch {
                try body(unreadable(path, error))
                continue
            }
            switch mode.map({ $0 & S_IFMT }) {
            case S_IFDIR: try visit(path, body)
            case S_IFREG: try body(.photo(Photo(path: path)))
            default: try body(.leftOut)
            }
        }
    }

    private static func unreadable(_ path: [UInt8], _ error: SystemError) -> Found {
        .unreadable(Photo(path: path).shown, reason: error.reason)
    }
}
