import Model
import Support
import Testing

@testable import Resizing

/// Intact images that need more memory than their resizer has.
@Suite(.serialized)
struct MemoryLimitTests {
    let folder = TemporaryFolder()

    /// In bytes: the least in which every variant of an AVIF can be encoded, with a margin.
    static let memory = 256 << 20

    @Test(
        "The largest HEIC or AVIF that fits into the memory is rendered, a larger one is refused",
        arguments: [
            (ImageFormat.avif, 8, 3), (.avif, 8, 4), (.avif, 12, 3), (.heic, 8, 3), (.heic, 10, 4),
        ])
    func boundary(_ format: ImageFormat, _ depth: Int, _ bands: Int) throws {
        let width = format == .avif ? 4096 : 2048
        let most = try #require(try decoding(format, depth, bands)).pixels(within: Self.memory)
        // Whole HEVC blocks, with a margin for the memory that the file's bytes take.
        let height = most / width / 64 * 64 - 64
        let resizer = try ResizerProcess(
            in: folder, environment: ["RESIZER_MEMORY": "\(Self.memory)"])

        let above = try Photos.bytes(of: try plain(format, depth, bands, width, height + 192))
        let refused = try resizer.render(above, as: format)
        #expect(refused.imageFailed == "too_many_pixels", "\(refused.report)")
        #expect(refused.failure?.sentence.contains("\(depth) bits per channel") == true)

        let below = try Photos.bytes(of: try plain(format, depth, bands, width, height))
        // Again in the same process, where memory that it keeps counts too.
        for _ in 0..<(Fuzz.isLong ? 5 : 2) {
            let rendered = try resizer.render(below, as: format)
            #expect(
                rendered.rendering?.pixels == PixelSize(width: width, height: height),
                "\(rendered.report)")
        }
        #expect(try resizer.render(above, as: format).imageFailed == "too_many_pixels")
    }

    @Test("A tiled phone photo of 48 megapixels is rendered in the default memory")
    func phone() throws {
        let maker = try HEIFMaker(.heic, side: 512, in: folder)
        let photo = maker.grid(rows: 12, columns: 16, 8064, 6048)
        let resizer = try ResizerProcess(in: folder)
        let result = try resizer.render(photo, as: .heic)
        #expect(
            result.rendering?.pixels == PixelSize(width: 8064, height: 6048), "\(result.report)")
    }

    @Test(
        "A JPEG with sizes that need more memory fails, and the resizer renders the next image",
        arguments: ["1x1", "grey"])
    func jpeg(_ kind: String) throws {
        let resizer = try ResizerProcess(
            in: folder, environment: ["RESIZER_MEMORY": "\(96 << 20)"])
        let options = kind == "grey" ? "-grayscale" : "-sample \(kind)"
        let (large, plain) = (folder.file("large.jpg"), folder.file("large.ppm"))
        try Photos.vips(["black", plain, "9000", "9000", "--bands", "3"])
        try Shell.check(
            "cjpeg", options.split(separator: " ").map(String.init) + ["-outfile", large, plain])
        let preset = Preset(sizes: [.init(name: "whole", box: PixelSize(width: 9000, height: 9000))]
        )
        let refused = try resizer.render(Photos.bytes(of: large), as: .jpeg, preset: preset)
        #expect(refused.failure?.code == "out_of_memory", "\(refused.report)")
        let small = try Photos.bytes(of: Photos.jpeg(width: 900, height: 600, in: folder))
        let rendered = try resizer.render(small, as: .jpeg)
        #expect(rendered.rendering?.variants.count == 4, "\(rendered.report)")
    }

    /// How a small image with this format, depth and number of bands is decoded.
    private func decoding(
        _ format: ImageFormat, _ depth: Int, _ bands: Int
    ) throws -> HEIFDecoding? {
        try Original(
            opening: plain(format, depth, bands, 64, 64), as: format, within: Resizer.limits
        ).decoding
    }

    /// An image of one colour: quick to make, decoded like any other. Returns its path.
    private func plain(
        _ format: ImageFormat, _ depth: Int, _ bands: Int, _ width: Int, _ height: Int
    ) throws -> String {
        let path = folder.file("\(width)x\(height)-\(depth)-\(bands).\(format.rawValue)")
        let (black, deep, tagged) = (
            folder.file("black.v"), folder.file("deep.v"), folder.file("tagged.v")
        )
        try Photos.vips(["black", black, "\(width)", "\(height)", "--bands", "\(bands)"])
        try Photos.vips(["cast", black, deep, depth > 8 ? "ushort" : "uchar"])
        try Photos.vips(["copy", deep, tagged, "--interpretation", depth > 8 ? "rgb16" : "srgb"])
        try Photos.vips([
            "heifsave", tagged, path, "--compression", format == .avif ? "av1" : "hevc", "--effort",
            "0", "--bitdepth", "\(depth)", "--Q", "10",
        ])
        return path
    }
}
