import Foundation
import Processes

public enum Durable {
    /// Renames a file so that it is there, whole, after a power cut. Only its owner may read it: it
    /// holds password hashes.
    public static func move(_ source: String, to target: String) throws {
        guard chmod(source, 0o600) == 0 else { throw SystemError("chmod", source) }
        try sync(source)
        guard rename(source, target) == 0 else { throw SystemError("rename", target) }
        try sync(URL(fileURLWithPath: target).deletingLastPathComponent().path)
    }

    private static func sync(_ path: String) throws {
        try FileDescriptor(opening: path, O_RDONLY).sync()
    }
}
