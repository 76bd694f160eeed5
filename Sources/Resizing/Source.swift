import Glibc
import Processes

/// Where a loader reads a file from.
enum Source {
    case file(String)
    /// Instead of the file's own bytes, where a loader would refuse those or take too long over them.
    case bytes(FileBytes)
}

/// Bytes that stay in their place, as libvips reads them later.
final class FileBytes {
    let buffer: UnsafeRawBufferPointer

    init(_ bytes: [UInt8]) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
        copy.copyBytes(from: bytes)
        buffer = UnsafeRawBufferPointer(copy)
    }

    deinit { buffer.deallocate() }
}

extension Original {
    /// All of the uploaded file.
    static func bytes(of path: String) throws(RenderError) -> [UInt8] {
        do {
            let file = try FileDescriptor(opening: path, O_RDONLY)
            var bytes: [UInt8] = []
            while case let more = try file.read(upTo: 1 << 20), !more.isEmpty { bytes += more }
            return bytes
        } catch {
            throw .failed(
                "original_unreadable", "The uploaded file could not be read.", words: "\(error)")
        }
    }
}
