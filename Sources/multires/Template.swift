import Foundation
import Processes

/// A file of the project in which `@NAME@` stands for what only an installation knows.
enum Template {
    static func filled(_ path: String, with values: [String: String]) throws -> String {
        var text = ""
        let template = try String(contentsOfFile: path, encoding: .utf8)
        var rest = template[...]
        while let match = rest.firstMatch(of: /@([A-Z_]+)@/.matchingSemantics(.unicodeScalar)) {
            guard let value = values[String(match.1)] else {
                throw Failure("\(path) names @\(match.1)@, which nothing fills.")
            }
            text += rest[..<match.range.lowerBound] + value
            rest = rest[match.range.upperBound...]
        }
        return text + rest
    }

    /// By one rename, with these rights from the first byte on; on the disk when this returns.
    static func replace(_ path: String, with text: String, mode: mode_t) throws {
        unlink(path + ".new")
        let file = try FileDescriptor(
            opening: path + ".new", O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        try file.write(Array(text.utf8))
        try file.sync()
        guard rename(path + ".new", path) == 0 else { throw SystemError("rename", path) }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try FileDescriptor(opening: folder, O_RDONLY | O_DIRECTORY).sync()
    }
}
