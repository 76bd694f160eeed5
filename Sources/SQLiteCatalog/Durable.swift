import Foundation
import Processes

public enum Durable {
    /// Renames a file so that it is there, whole, after a power cut. Only its owner may read it: it
    /// holds password hashes.
    public static func move(_ source: String, to target: String) throws {
        guard chmod(source, 0o600) == 0 else { throw SystemError("chmod", source) }
        try Files.publish(source, as: target)
    }
}
