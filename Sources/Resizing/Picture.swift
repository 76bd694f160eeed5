import CVips
import Model

/// The only owner of a libvips image: a pipeline that computes pixels, or the pixels themselves after
/// `evaluated`.
final class Picture {
    typealias Pointer = UnsafeMutablePointer<VipsImage>

    let pointer: Pointer

    /// Takes ownership of the image that `operation` puts into its output argument.
    init(_ operation: (UnsafeMutablePointer<Pointer?>) -> Int32) throws(CodecError) {
        var made: Pointer?
        try Vips.check(operation(&made))
        guard let made else { throw Vips.failure() }
        pointer = made
    }

    /// Pixels in memory: one or two bands are grey, more are sRGB.
    ///
    /// - Parameter write: writes a row.
    convenience init(
        _ pixels: PixelSize, bands: Int,
        row write: (_ y: Int, _ row: UnsafeMutablePointer<UInt8>) -> Void
    ) throws(CodecError) {
        try self.init { out in
            out.pointee = multires_memory(
                Int32(pixels.width), Int32(pixels.height), Int32(bands))
            return out.pointee == nil ? -1 : 0
        }
        guard let start = vips_image_get_data(pointer) else { throw Vips.failure() }
        let row = start.assumingMemoryBound(to: UInt8.self)
        for y in 0..<pixels.height {
            write(y, UnsafeMutablePointer(mutating: row) + y * pixels.width * bands)
        }
    }

    /// A copy of pixels.
    convenience init(copying bytes: [UInt8], _ pixels: PixelSize, bands: Int) throws(CodecError) {
        let count = pixels.width * bands
        try self.init(pixels, bands: bands) { y, row in
            for index in 0..<count { row[index] = bytes[y * count + index] }
        }
    }

    deinit {
        g_object_unref(pointer)
    }

    /// The size of one frame; the frames of an animation are stacked vertically.
    var pixels: PixelSize {
        PixelSize(
            width: Int(vips_image_get_width(pointer)),
            height: Int(vips_image_get_page_height(pointer)))
    }

    var bands: Int { Int(vips_image_get_bands(pointer)) }

    var isEightBit: Bool { vips_image_get_format(pointer) == VIPS_FORMAT_UCHAR }

    var hasAlpha: Bool { vips_image_hasalpha(pointer) != 0 }

    func has(_ field: String) -> Bool { vips_image_get_typeof(pointer, field) != 0 }

    /// A header field that is a whole number.
    func integer(_ field: String) -> Int? {
        var value: Int32 = 0
        guard has(field), vips_image_get_int(pointer, field, &value) == 0 else { return nil }
        return Int(value)
    }

    /// A header field that is a list of whole numbers; empty if there is none.
    func integers(_ field: String) -> [Int] {
        var start: UnsafeMutablePointer<Int32>?
        var count: Int32 = 0
        guard has(field), vips_image_get_array_int(pointer, field, &start, &count) == 0 else {
            return []
        }
        return UnsafeBufferPointer(start: start, count: Int(count)).map { Int($0) }
    }

    /// Runs the pipeline. The result has its pixels in memory, so they can be read any number of times.
    func evaluated() throws(CodecError) -> Picture {
        try watched { pointer throws(CodecError) in
            let memory = vips_image_copy_memory(pointer)
            return try Picture {
                $0.pointee = memory
                return memory == nil ? -1 : 0
            }
        }
    }

    /// The bytes of an evaluated picture with 8 bits per channel. They exist as long as the picture.
    var bytes: UnsafeRawBufferPointer {
        let start = vips_image_get_data(pointer)
        let count = Int(vips_image_get_width(pointer)) * Int(vips_image_get_height(pointer)) * bands
        return UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count)
    }

    /// Lets `body` run the pipeline, and throws if any part of it failed: with several threads, libvips
    /// reports success if the last part fails; see watch.h.
    func watched<Result>(
        _ body: (Pointer) throws(CodecError) -> Result
    ) throws(CodecError) -> Result {
        let watched = try Picture { multires_watch(pointer, $0) }
        let result = try body(watched.pointer)
        try Vips.check(multires_watch_failed(watched.pointer))
        return result
    }

    /// Can be evaluated in several parts, from top to bottom. Without this, a file that is decoded from top
    /// to bottom can be evaluated only once.
    func readableInParts() throws(CodecError) -> Picture {
        try Picture { multires_linecache(pointer, $0) }
    }
}

/// A part of a picture.
struct Rectangle: Hashable {
    var left: Int
    var top: Int
    var size: PixelSize

    var bottom: Int { top + size.height }

    /// Centred in `whole`.
    init(centred size: PixelSize, in whole: PixelSize) {
        self.size = size
        left = (whole.width - size.width) / 2
        top = (whole.height - size.height) / 2
    }

    init(left: Int, top: Int, size: PixelSize) {
        self.left = left
        self.top = top
        self.size = size
    }
}
