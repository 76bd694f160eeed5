import CVips
import Glibc
import Processes

/// libvips in this process: what it may do, and its error messages.
enum Vips {
    /// The only loaders that can run, regardless of what a file claims to be. libvips detects formats by
    /// content, and by default passes an SVG named .jpg to librsvg; its own list of untrusted loaders leaves
    /// TIFF and matrix files enabled in 8.14.1. No saver is blocked: only this program chooses savers, and
    /// the names of their classes depend on the version of libvips.
    private static let loaders = [
        "VipsForeignLoadJpegFile", "VipsForeignLoadPngFile", "VipsForeignLoadWebpFile",
        "VipsForeignLoadHeifFile", "VipsForeignLoadJpegBuffer", "VipsForeignLoadPngBuffer",
        "VipsForeignLoadWebpBuffer",
    ]

    /// Starts libvips, once per process. Disables its cache of operations, because no image is processed
    /// twice.
    static func start() throws(CodecError) {
        // glibc keeps freed memory for the thread that freed it, and libvips starts a thread per step: a
        // resizer grew to 145 MB over six photos of 24 megapixels, and with one heap stays at 84 MB.
        multires_use_one_heap()
        FilledMemory.begin()
        // By default, libvips puts images above 100 MB decoded into a file in /tmp, where a sandboxed process
        // may not write. An image that is too large for memory fails as out of memory.
        setenv("VIPS_DISC_THRESHOLD", "1000g", 1)
        try VipsModules.withHEIFAlone { () throws(CodecError) in try check(vips_init("resizer")) }
        try HEVCPlugin.register()
        // A damaged file causes a warning for every few rows; the thrown error reports it once.
        g_log_set_handler("VIPS", G_LOG_LEVEL_WARNING, { _, _, _, _ in }, nil)
        vips_cache_set_max(0)
        vips_operation_block_set("VipsForeignLoad", 1)
        for name in loaders { vips_operation_block_set(name, 0) }
        vips_block_untrusted_set(1)
    }

    /// Sets the number of threads for operations that begin from now on.
    static func work(with threads: Int) {
        vips_concurrency_set(Int32(clamping: threads))
    }

    static func check(_ result: Int32) throws(CodecError) {
        guard result == 0 else { throw failure() }
    }

    /// The messages of libvips since the last call; clears them.
    static func failure() -> CodecError {
        let message = String(cString: vips_error_buffer())
        vips_error_clear()
        return CodecError(
            message: message.split(whereSeparator: \.isNewline).joined(separator: "; "))
    }
}
