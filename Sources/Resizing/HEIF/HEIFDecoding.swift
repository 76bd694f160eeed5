import Glibc
import Model

/// What decides how much memory libheif needs to decode a HEIC or AVIF image. libheif holds all pixels, in
/// several copies, and reports a lack of memory in the same way as damage.
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
        let tile = Int(Double(coded.pixels.area) * decodingBytes) + Self.stack
        var left = memory - Self.otherBytes - decodingThreads * Self.threadBytes
        // libheif and the decoder each have a copy of the file.
        left -= 2 * fileBytes
        left -= isJoined ? Self.tileThreads * tile : 0
        return Int(Double(max(0, left)) / (isJoined ? joiningBytes : decodingBytes))
    }

    /// Bytes per pixel: the decoder's own, libheif's copy and its conversion to RGB. These are measured peaks
    /// of VmData with images of 12 and 48 megapixels, libheif 1.15.1, dav1d 1.0.0 and libde265 1.0.11, plus a
    /// margin. The peaks were: AV1 9.2 with 8 bits, 15.4 with 4:4:4, 15.6 to 23 with more bits, HEVC 8.5,
    /// 11.4 with alpha, 16.0 with 10 bits.
    private var decodingBytes: Double {
        switch (format, coded.depth > 8) {
        case (.avif, false): (coded.isSubsampled ? 9.7 : 17) + (hasAlpha ? 2 : 0)
        case (.avif, true): (coded.isSubsampled ? 25 : 29) + (hasAlpha ? 4 : 0)
        case (_, false): (coded.isSubsampled ? 9.5 : 14) + (hasAlpha ? 4 : 0)
        case (_, true): (coded.isSubsampled ? 18 : 26) + (hasAlpha ? 8 : 0)
        }
    }

    /// Bytes per pixel of an assembled image: its planes, planes of RGB, and RGB in one plane.
    private var joiningBytes: Double { (hasAlpha ? 12 : 9) * (coded.depth > 8 ? 2 : 1) }

    /// The process at its start, libvips' buffers, and what earlier images left in the heap.
    private static let otherBytes = 72 << 20
    /// How many tiles libheif decodes at once (heif_context_set_max_decoding_threads).
    private static let tileThreads = 4
    /// The stack of such a thread, by the usual RLIMIT_STACK.
    private static let stack = 8 << 20
    /// Stack and working memory of each of dav1d's threads. There is one for every processor.
    private static let threadBytes = 2 << 20

    private var decodingThreads: Int {
        guard format == .avif else { return 0 }
        return max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) * (isJoined ? Self.tileThreads : 1)
    }
}
