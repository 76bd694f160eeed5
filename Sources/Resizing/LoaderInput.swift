import Glibc
import Model
import Processes

/// Where a loader reads a file from.
enum LoaderInput {
    case file(String)
    /// Replaces the file's own bytes, if a loader would refuse them or take too long for them.
    case bytes(FileBytes)
    /// A PNG at a place on a transparent canvas.
    case frame(FileBytes, at: Rectangle, in: PixelSize)

    init(_ path: String, as format: ImageFormat, within limits: RenderLimits) throws(RenderError) {
        guard format == .png, let head = PNGHead(path) else {
            self = .file(path)
            return
        }
        if let frame = try AnimatedPNG(path, head) {
            self = frame.input(frame.bytes)
        } else if let bytes = PNGFile.withoutTail(path, pixels: limits.pixels) {
            self = .bytes(FileBytes(bytes))
        } else if let bytes = try PNGFile.withoutText(path, head) {
            self = .bytes(FileBytes(bytes))
        } else {
            self = .file(path)
        }
    }
}

/// Bytes at a fixed address, because libvips reads them later.
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
    /// The whole uploaded file.
    static func bytes(of path: String) throws(RenderError) -> [UInt8] {
        do {
            let file = try FileDescriptor(opening: path, O_RDONLY)
            // The whole at once: an array that grows takes twice the file's size.
            var bytes = try file.read(upTo: Int(Files.status(path)?.st_size ?? 0))
            while case let more = try file.read(upTo: 1 << 20), !more.isEmpty { bytes += more }
            return bytes
        } catch {
            throw .failed(
                "original_unreadable", "The server could not read the original. Retry the image.",
                message: "\(error)")
        }
    }
}
