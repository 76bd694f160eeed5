import Foundation
import Model
import Processes
import Text

/// The regular files in a folder and its subfolders. Folders are read one after the other, so that a large
/// collection takes little memory.
package struct PhotoFolder {
    /// A file. Its path is in bytes, because names on old disks may not be UTF-8.
    package struct Photo {
        fileprivate let path: [UInt8]

        fileprivate init(path: [UInt8]) {
            self.path = path
        }

        package init(_ path: String) {
            self.path = Array(path.utf8)
        }

        /// The path for output, with control characters as escapes.
        package var shown: String { String(utf8OrLatin1: path).printable }
        /// The name without the folder, before `FileName.cleaned`.
        var name: String {
            String(utf8OrLatin1: path.split(separator: UInt8(ascii: "/")).last ?? [])
        }

        func open() throws -> FileDescriptor {
            // O_NONBLOCK: if the file was replaced by a pipe since, do not wait for a writer.
            try FileDescriptor(opening: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        }
    }

    package enum Found {
        case photo(Photo)
        /// A folder that cannot be listed, or a file whose status cannot be read.
        case unreadable(String, reason: String)
        /// A hidden file or folder, a link, or another file that is not regular.
        case leftOut
    }

    private let path: String

    package init(_ name: String) throws {
        path = URL(fileURLWithPath: name).standardizedFileURL.path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
            isFolder.boolValue
        else { throw ConfigurationError("\(path) does not exist or is not a folder.") }
    }

    /// The number of photos.
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
