import Model

/// What decides how much memory a decoder needs for a HEIC or AVIF image. libheif holds all pixels of a HEIC in
/// several copies, and reports a lack of memory in the same way as damage. libavif holds the planes of an AVIF,
/// and ends the process if memory is short.
struct HEIFDecoding {
    let format: ImageFormat
    /// Width times height.
    let area: Int
    /// The largest coded image in it.
    let coded: CodedImage
    let hasAlpha: Bool
    /// Whether it is assembled from other images, such as the tiles of a phone's photo.
    let isJoined: Bool
    let fileBytes: Int

    /// Refuses an image with more pixels than fit into `memory` bytes; nil means no limit.
    func check(within memory: Int?) throws(RenderError) {
        guard let memory, area > pixels(within: memory) else { return }
        let name = format == .avif ? "an AVIF" : "a HEIC"
        let kind =
            "\(coded.depth) bits per channel" + (hasAlpha ? " and transparency" : "")
            + (coded.isSubsampled ? "" : " and full colour resolution")
        let most = RenderLimits.megapixels(atMost: pixels(within: memory))
        throw .imageFailed(
            "too_many_pixels",
            "This image has \(RenderLimits.megapixels(area)); the limit for \(name) with \(kind) "
                + "is \(most). Scale it down, or save it as a JPEG.")
    }

    /// How many pixels an image of this kind may have, by the memory limit of a process in bytes. It does not
    /// depend on how much of that is free, so the result is the same for every process and at any time.
    func pixels(within memory: Int) -> Int {
        // The decoder and its library each have a copy of the file.
        var left = memory - Self.otherBytes - 2 * fileBytes
        guard format == .heic else { return Int(Double(max(0, left)) / avifBytes) }
        let tile = Int(Double(coded.pixels.area) * heicBytes) + Self.stack
        left -= isJoined ? Self.tileThreads * tile : 0
        return Int(Double(max(0, left)) / (isJoined ? joiningBytes : heicBytes))
    }

    /// Bytes per pixel of an AVIF: its planes, which exist twice if they are assembled from tiles, and dav1d's
    /// own memory. Measured peaks of VmData with 12 megapixels, libavif 0.11.1 and dav1d 1.0.0: 3.6 with 8 bits,
    /// 5.2 with 4:4:4, 5.3 with 10 bits, 8.5 with both, 11.3 with alpha too, 20.3 of that in tiles.
    private var avifBytes: Double {
        let samples = (coded.isSubsampled ? 1.5 : 3) + (hasAlpha ? 1 : 0)
        let planes = samples * (coded.depth > 8 ? 2 : 1)
        return planes * (isJoined ? 2.3 : 1.1) + (hasAlpha ? 3.5 : 2.5)
    }

    /// Bytes per pixel of a HEIC: the decoder's own, libheif's copy and its conversion to RGB. These are
    /// measured peaks of VmData with images of 12 and 48 megapixels, libheif 1.15.1 and libde265 1.0.11, plus a
    /// margin. The peaks were: 8.5, 11.4 with alpha, 16.0 with 10 bits.
    private var heicBytes: Double {
        coded.depth > 8
            ? (coded.isSubsampled ? 18 : 26) + (hasAlpha ? 8 : 0)
            : (coded.isSubsampled ? 9.5 : 14) + (hasAlpha ? 4 : 0)
    }

    /// Bytes per pixel of an assembled HEIC: its planes, planes of RGB, and RGB in one plane.
    private var joiningBytes: Double { (hasAlpha ? 12 : 9) * (coded.depth > 8 ? 2 : 1) }

    /// The process at its start, libvips' buffers, and what earlier images left in the heap.
    private static let otherBytes = 72 << 20
    /// How many tiles libheif decodes at once (heif_context_set_max_decoding_threads).
    private static let tileThreads = 4
    /// The stack of such a thread, by the usual RLIMIT_STACK.
    private static let stack = 8 << 20
}
