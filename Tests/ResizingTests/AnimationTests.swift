import Foundation
import Model
import Support
import Testing

@testable import Resizing

@Suite struct AnimationTests {
    let folder = TemporaryFolder()
    static let delays = [50, 120, 190]

    @Test(
        "Every variant keeps all frames, their delays and the number of loops",
        arguments: [
            (ImageFormat.gif, Fit.cover), (.gif, .inside), (.webp, .cover), (.webp, .inside),
        ])
    func timing(_ format: ImageFormat, _ fit: Fit) throws {
        let animation = try Animation.make(
            format.rawValue, width: 399, height: 301, delays: Self.delays, loops: 5, in: folder)
        let result = try Resizer.render(animation, as: format, fit: fit, in: folder)
        #expect(
            result.shapes
                == (fit == .cover
                    ? ["150x150", "301x301", "301x301", "301x301"]
                    : ["150x113", "399x301", "399x301", "399x301"]))
        #expect(result.rendering?.pixels == PixelSize(width: 399, height: 301))
        let loops = try fields(of: animation)["loop"]
        for variant in try #require(result.rendering).variants {
            let path = result.path(variant.name)
            let fields = try fields(of: path)
            #expect(fields["n-pages"] == "3")
            #expect(fields["delay"] == "50 120 190")
            #expect(fields["loop"] == loops && loops != nil)
            let strip = try Pixels(of: path, options: "n=-1", in: folder)
            #expect(strip.height == 3 * variant.pixels.height)
        }
    }

    @Test(
        "Frames stay in order and do not bleed into each other",
        arguments: [ImageFormat.gif, .webp])
    func frames(_ format: ImageFormat) throws {
        let animation = try Animation.make(
            format.rawValue, width: 640, height: 500, delays: Self.delays, loops: 2, in: folder)
        let result = try Resizer.render(animation, as: format, in: folder)
        for index in 0..<3 {
            let frame = folder.file("frame.png")
            try Photos.vips(["copy", "\(animation)[page=\(index)]", frame])
            let reference = try Pixels.reference(
                frame, crop: PixelSize(width: 500, height: 500),
                to: PixelSize(width: 480, height: 480), in: folder)
            let made = try Pixels(of: result.path("small"), options: "page=\(index)", in: folder)
            let likeness = try #require(made.likeness(to: reference))
            #expect(likeness > (format == .gif ? 20 : 28), "frame \(index): \(likeness)")
        }
    }

    /// The fields that `vipsheader` prints for a file, such as "delay: 50 120 190".
    private func fields(of path: String) throws -> [String: String] {
        let lines = try Shell.check("vipsheader", ["-a", path]).text.split(separator: "\n")
        let pairs = lines.compactMap { line -> (String, String)? in
            guard let colon = line.firstRange(of: ": ") else { return nil }
            let value = line[colon.upperBound...].trimmingCharacters(in: .whitespaces)
            return (String(line[..<colon.lowerBound]), value)
        }
        return Dictionary(pairs) { $1 }
    }
}
