import CVips
import Glibc
import Processes

/// libvips in this process: what it may do, and what it says when it fails.
enum Vips {
    /// A failed call, in libvips' words: for the log, never for an answer.
    struct Failure: Error {
        let words: String

        /// libvips has no code for it, only its own and its codecs' words.
        var isOutOfMemory: Bool {
            // A thread needs memory for its stack.
            ["out of memory", "failed to allocate", "insufficient memory", "error creating thread"]
                .contains { words.lowercased().contains($0) }
        }
    }

    /// The only loaders that can run, whatever a file claims to be. libvips tells formats by content and
    /// by default hands an SVG named .jpg to librsvg; its own list of untrusted loaders leaves TIFF and
    /// matrix files on in 8.14.1. Savers are named by this program alone, and their classes by the
    /// version of libvips: none is blocked.
    private static let loaders = [
        "VipsForeignLoadJpegFile", "VipsForeignLoadPngFile", "VipsForeignLoadWebpFile",
        "VipsForeignLoadNsgifFile", "VipsForeignLoadHeifFile",
        "VipsForeignLoadJpegBuffer", "VipsForeignLoadPngBuffer", "VipsForeignLoadWebpBuffer",
        "VipsForeignLoadNsgifBuffer",
    ]

    /// Starts libvips, once per process: no cache of operations, since no picture comes twice.
    static func start() throws(Failure) {
        // glibc keeps what a thread freed for that thread, and libvips starts one per step: a resizer
        // grew to 145 MB over six photos of 24 megapixels, and stays at 84 so.
        multires_use_one_heap()
        FilledMemory.begin()
        // Above 100 MB decoded, libvips' default, it wants a file in /tmp, where a sandboxed process
        // may not write. What is too large for memory ends as out of memory.
        setenv("VIPS_DISC_THRESHOLD", "1000g", 1)
        try check(vips_init("resizer"))
        try HEVCPlugin.register()
        // A damaged file gives a warning for every few rows; the error thrown says it once.
        g_log_set_handler("VIPS", G_LOG_LEVEL_WARNING, { _, _, _, _ in }, nil)
        vips_cache_set_max(0)
        vips_operation_block_set("VipsForeignLoad", 1)
        for name in loaders { vips_operation_block_set(name, 0) }
        vips_block_untrusted_set(1)
    }

    /// Of whatever is begun from now on.
    static func work(with threads: Int) {
        vips_concurrency_set(Int32(clamping: threads))
    }

    static func check(_ result: Int32) throws(Failure) {
        guard result == 0 else { throw failure() }
    }

    /// What libvips has said since it was last asked.
    static func failure() -> Failure {
        let words = String(cString: vips_error_buffer())
        vips_error_clear()
        return Failure(words: words.split(whereSeparator: \.isNewline).joined(separator: "; "))
    }
}
