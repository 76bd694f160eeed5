import CVips
import Model

/// Decodes the frames of an original one after the other.
protocol FrameReader: AnyObject {
    /// The size of a frame as stored, at the resolution in which it is decoded.
    var pixels: PixelSize { get }

    /// The next frame. Its pixels can be read once, from top to bottom, until the next call.
    ///
    /// - Parameter rows: how many rows from the top will be read.
    func next(rows: Int) throws(CodecError) -> Picture

    /// Reads what is left, and throws if the file is damaged there.
    func finish() throws(CodecError)

    /// After the last frame: how long each was shown, in milliseconds. Empty if the frames themselves state it.
    var delays: [Int] { get }

    /// How often an animation is played; 0 means for ever.
    var plays: Int { get }

    /// After the last frame: a file with the same pixels and nothing else. Nil if they must be encoded.
    func unscaled() -> [UInt8]?
}

extension FrameReader {
    func finish() throws(CodecError) {}

    var delays: [Int] { [] }

    var plays: Int { 0 }

    func unscaled() -> [UInt8]? { nil }
}

/// Frames that libvips decodes, stacked vertically.
final class StripReader: FrameReader {
    private let file: Picture
    private let frames: Int
    /// The rows that were decoded last, so that decoding can continue there.
    private let strip: Picture
    private var index = 0
    private var isComplete = false

    init(_ file: Picture, frames: Int) throws(CodecError) {
        (self.file, self.frames) = (file, frames)
        strip = try file.readableInParts()
    }

    var pixels: PixelSize { file.pixels }

    func next(rows: Int) throws(CodecError) -> Picture {
        guard frames == 1 else {
            defer { index += 1 }
            return try strip.frame(index)
        }
        isComplete = rows == file.pixels.height
        return isComplete ? file : strip
    }

    func finish() throws(CodecError) {
        if !isComplete { try strip.readToEnd() }
    }
}

extension Picture {
    /// Sets what encoders read from the first frame of an animation. Delays are limited to 4.6 hours, the most
    /// that WebP can state (RFC 9649, section 2.7.1.1).
    func setTiming(delays: [Int], plays: Int) {
        var milliseconds = delays.map { Int32(min(max($0, 0), 1 << 24 - 1)) }
        vips_image_set_array_int(pointer, "delay", &milliseconds, Int32(milliseconds.count))
        vips_image_set_int(pointer, "loop", Int32(clamping: plays))
    }

    /// - Parameter orientation: EXIF's 1 to 8, which `upright` reads.
    func with(orientation: Int) throws(CodecError) -> Picture {
        let copy = try Picture { multires_copy(pointer, $0) }
        vips_image_set_int(copy.pointer, VIPS_META_ORIENTATION, Int32(orientation))
        return copy
    }
}
