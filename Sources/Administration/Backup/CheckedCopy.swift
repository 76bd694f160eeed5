import Credentials
import Cryptography
import Foundation
import Processes

/// Copies a file so that it appears by one rename, is on the disk when the call returns, and is what it
/// is said to be.
package enum CheckedCopy {
    package enum Outcome {
        case copied(bytes: Int64)
        /// There is no such file.
        case missing
        /// It has another digest; nothing appeared.
        case damaged
    }

    /// - Parameters:
    ///   - part: a place for the unfinished copy, on the target's filesystem; what is there goes.
    ///   - digest: SHA-256; nil takes any.
    package static func copy(
        _ source: String, to target: String, through part: String, digest: [UInt8]?
    ) throws -> Outcome {
        guard access(source, F_OK) == 0 else { return .missing }
        let bytes: Int64
        do {
            let reading = try FileDescriptor(opening: source, O_RDONLY)
            let writing = try FileDescriptor(opening: part, O_WRONLY | O_CREAT | O_TRUNC)
            let (read, length) = try Self.digest(of: reading) { try writing.write($0) }
            guard digest == nil || digest == read else {
                unlink(part)
                return .damaged
            }
            bytes = length
        } catch let error as SystemError {
            unlink(part)
            // It may go between the look and the opening.
            if error.call == "open", error.code == ENOENT, error.subject == source {
                return .missing
            }
            // A sector of the source that cannot be read loses that file, not the whole run.
            if error.call == "read" { return .damaged }
            throw error
        }
        try FileManager.default.createDirectory(
            atPath: Files.folder(of: target), withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o750])
        try Files.publish(part, as: target)
        return .copied(bytes: bytes)
    }

    /// Nil when it is not there; no bytes, which is nothing's digest, when it cannot be read.
    package static func digest(of path: String) throws -> [UInt8]? {
        guard access(path, F_OK) == 0 else { return nil }
        do {
            return try digest(of: try FileDescriptor(opening: path, O_RDONLY)) { _ in }.digest
        } catch let error as SystemError where error.call == "read" {
            return []
        }
    }

    package static func digest(
        of file: borrowing FileDescriptor, _ each: ([UInt8]) throws -> Void
    ) throws -> (digest: [UInt8], bytes: Int64) {
        var digest = SHA256()
        var length: Int64 = 0
        while case let bytes = try file.read(upTo: 1 << 18), !bytes.isEmpty {
            digest.update(bytes)
            length += Int64(bytes.count)
            try each(bytes)
        }
        return (digest.finish(), length)
    }
}
