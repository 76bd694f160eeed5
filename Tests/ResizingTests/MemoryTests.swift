import Foundation
import Model
import Support
import Testing

@testable import Resizing

/// One process decodes images of many accounts: none may show memory of an earlier image.
@Suite struct MemoryTests {
    let folder = TemporaryFolder()

    @Test(
        "Files that define fewer pixels than they declare never show an earlier image",
        arguments: ImageFormat.allCases)
    func secret(_ format: ImageFormat) throws {
        let resizer = try ResizerProcess(in: folder)
        // A large image in rows, and one in the format's own buffers, as large as the files that follow.
        let secrets = [
            (ImageFormat.jpeg, try secret(.jpeg, 1600, 1200)),
            (format, try secret(format, 640, 480)),
        ]
        for (what, bytes) in try Unfinished(format, folder).files {
            for (kind, secret) in secrets {
                _ = try #require(
                    try resizer.render(secret, as: kind, preset: Self.preset(kind)).rendering)
            }
            let result = try resizer.render(bytes, as: format, preset: Self.preset(format))
            guard result.rendering != nil else {
                #expect(result.imageFailed == "corrupt_image", "\(what)")
                continue
            }
            for frame in 0..<(format == .gif || format == .webp ? 2 : 1) {
                let options = frame == 0 ? "" : "page=\(frame)"
                guard
                    let pixels = try? Pixels(of: result.path("only"), options: options, in: folder)
                else { continue }  // The file has no second frame.
                #expect(Self.showsSecret(pixels) == 0, "\(what), frame \(frame)")
            }
        }
    }

    /// One size. PNG keeps the colours; animated formats keep their own format, so that no frame is lost.
    private static func preset(_ format: ImageFormat) -> Preset {
        let only = Preset.Size(
            name: "only", box: PixelSize(width: 900, height: 900),
            format: format.isAnimated ? nil : .png)
        return Preset(sizes: [only])
    }

    private func secret(_ format: ImageFormat, _ width: Int, _ height: Int) throws -> [UInt8] {
        let path = folder.file("secret-\(width).\(format == .heic ? "heic" : format.fileExtension)")
        if !FileManager.default.fileExists(atPath: path) {
            let source = folder.file("secret-\(width).v")
            try Photos.vips(["black", source, "\(width)", "\(height)", "--bands", "3"])
            let coloured = folder.file("secret-\(width)-coloured.png")
            try Photos.vips(["linear", source, coloured, "1 1 1", "203 17 149", "--uchar"])
            try Photos.vips([
                "copy", coloured, format == .heic ? "\(path)[compression=hevc]" : path,
            ])
        }
        return try Photos.bytes(of: path)
    }

    /// The number of pixels that have the secret's colour, within the accuracy of the coding.
    private static func showsSecret(_ pixels: Pixels) -> Int {
        guard pixels.bands >= 3 else { return 0 }
        return stride(from: 0, to: pixels.values.count, by: pixels.bands).count { start in
            zip(pixels.values[start..<start + 3], [203, 17, 149]).allSatisfy {
                abs(Int($0) - $1) < 12
            }
        }
    }
}
