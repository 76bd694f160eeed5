import Foundation
import Support
import Testing

/// The variants of a photo, as a client receives them.
@Suite struct SizesTests {
    struct Expectation: Sendable, CustomTestStringConvertible {
        let width: Int
        let height: Int
        let fit: String
        let sizes: [String: String]

        var testDescription: String { "\(width)x\(height) \(fit)" }
    }

    static let expectations = [
        Expectation(
            width: 4032, height: 3024, fit: "inside",
            sizes: [
                "thumbnail": "150x113", "small": "480x360", "medium": "1024x768",
                "large": "1920x1440",
            ]),
        Expectation(
            width: 800, height: 600, fit: "cover",
            sizes: [
                "thumbnail": "150x150", "small": "480x480", "medium": "600x600",
                "large": "600x600",
            ]),
        Expectation(
            width: 800, height: 600, fit: "inside",
            sizes: [
                "thumbnail": "150x113", "small": "480x360", "medium": "800x600",
                "large": "800x600",
            ]),
    ]

    @Test("Variants have exactly the documented pixels, never enlarged", arguments: expectations)
    func sizes(_ expected: Expectation) throws {
        let client = try Stacks.shared(.fastcgi).account()
        let folder = TemporaryFolder()
        let photo = try Photos.jpeg(width: expected.width, height: expected.height, in: folder)
        let detail = try client.completed(photo, fields: ["fit": expected.fit])
        for (name, wanted) in expected.sizes {
            let size = detail["sizes"][name]
            #expect("\(size?["width"]?.int ?? 0)x\(size?["height"]?.int ?? 0)" == wanted)
            let file = folder.file("\(name).jpg")
            let bytes = try Client(base: "").get(try #require(size?["url"]?.string)).body
            try Data(bytes).write(to: URL(fileURLWithPath: file))
            #expect(try pixels(of: file) == wanted)
        }
    }

    @Test("A photo with an EXIF orientation is turned upright")
    func upright() throws {
        let client = try Stacks.shared(.fastcgi).account()
        let folder = TemporaryFolder()
        let photo = try Photos.jpeg(width: 800, height: 600, orientation: 6, in: folder)
        let detail = try client.completed(photo, fields: ["fit": "inside"])
        #expect(detail["width"].int == 600)
        #expect(detail["height"].int == 800)
        #expect(detail["sizes"]["thumbnail"]?["width"]?.int == 113)
        #expect(detail["sizes"]["thumbnail"]?["height"]?.int == 150)
    }

    @Test("PNG, WebP and GIF keep their format", arguments: ["png", "webp", "gif"])
    func formats(_ format: String) throws {
        let client = try Stacks.shared(.fastcgi).account()
        let folder = TemporaryFolder()
        let photo = try Photos.converted(to: format, width: 640, height: 480, in: folder)
        let detail = try client.completed(photo)
        #expect(detail["status"].string == "complete")
        for name in ["thumbnail", "small", "medium", "large"] {
            let size = try #require(detail["sizes"][name])
            #expect(size["mediaType"]?.string == "image/\(format)")
            let answer = try Client(base: "").get(try #require(size["url"]?.string))
            #expect(answer.headers["content-type"] == "image/\(format)")
        }
    }
}
