import Credentials
import Cryptography
import Foundation
import Processes

/// Copies a file and checks its digest. The copy appears by one rename, and is synced when the call returns.
package enum CheckedCopy {
    package enum Outcome {
        case copied(bytes: Int64)
        /// The source does not exist.
        case missing
        /// The source has another digest or cannot be read; there is no copy.
        case damaged
    }

    /// - Parameters:
    ///   - part: the path of the unfinished copy, on the target's filesystem; an existing file is replaced.
    ///   - digest: the expected SHA-256; nil accepts any.
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
            // The source may have been removed after the first check.
            if error.call == "open", error.code == ENOENT, error.subject == source {
                return .missing
            }
            // A sector of the source that cannot be read must not stop the whole run.
            if error.call == "read" { return .damaged }
            throw error
        }
        try Files.makeFolders(Files.folder(of: target), mode: 0o750)
        try Files.publish(part, as: target)
        return .copied(bytes: bytes)
    }

    /// The SHA-256 of a file. Nil if it does not exist; empty, which equals no digest, if it cannot be read.
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
