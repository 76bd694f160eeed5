import CVips
import Model

/// The only owner of a libvips image: a pipeline that computes pixels, or the pixels themselves after
/// `evaluated`.
final class Picture {
    typealias Pointer = UnsafeMutablePointer<VipsImage>

    let pointer: Pointer

    /// Takes ownership of the image that `operation` puts into its output argument.
    init(_ operation: (UnsafeMutablePointer<Pointer?>) -> Int32) throws(Vips.Failure) {
        var made: Pointer?
        try Vips.check(operation(&made))
        guard let made else { throw Vips.failure() }
        pointer = made
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

    var hasAlpha: Bool { vips_image_hasalpha(pointer) != 0 }

    func has(_ field: String) -> Bool { vips_image_get_typeof(pointer, field) != 0 }

    /// A header field that is a whole number.
    func integer(_ field: String) -> Int? {
        var value: Int32 = 0
        guard has(field), vips_image_get_int(pointer, field, &value) == 0 else { return nil }
        return Int(value)
    }

    /// Runs the pipeline. The result has its pixels in memory, so they can be read any number of times.
    func evaluated() throws(Vips.Failure) -> Picture {
        try watched { pointer throws(Vips.Failure) in
            let memory = vips_image_copy_memory(pointer)
            return try Picture {
                $0.pointee = memory
                return memory == nil ? -1 : 0
            }
        }
    }

    /// Lets `body` run the pipeline, and throws if any part of it failed: with several threads, libvips
    /// reports success if the last part fails; see watch.h.
    func watched<Result>(
        _ body: (Pointer) throws(Vips.Failure) -> Result
    ) throws(Vips.Failure) -> Result {
        let watched = try Picture { multires_watch(pointer, $0) }
        let result = try body(watched.pointer)
        try Vips.check(multires_watch_failed(watched.pointer))
        return result
    }

    /// Can be evaluated in several parts, from top to bottom. Without this, a file that is decoded from top
    /// to bottom can be evaluated only once.
    func readableInParts() throws(Vips.Failure) -> Picture {
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
