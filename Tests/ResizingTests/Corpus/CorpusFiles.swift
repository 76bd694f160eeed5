import Foundation
import Media
import Model
import Support
import Testing

/// The files in `Corpus/Files`, and what browsers show of them.
enum CorpusFiles {
    static let folder = "\(Programs.projectFolder)/Tests/ResizingTests/Corpus/Files"

    static func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// By the first bytes, as for an upload.
    static func format(_ path: String) throws -> ImageFormat {
        let head = Array(try Photos.bytes(of: path).prefix(ImageFormat.sniffedBytes))
        return try #require(ImageFormat(sniffing: head))
    }

    typealias Case = CorpusTests.Case

    /// Those that show an image.
    static let complete: [Case] = avif + png + jpeg + webp

    private static let avif: [Case] = [
        // Monochrome, limited range.
        Case(
            name: "grey-limited.avif", size: "medium", width: 160, height: 120,
            means: [130, 130, 130]),
        // Matrix 0, limited range.
        Case(
            name: "identity-limited.avif", size: "medium", width: 160, height: 120,
            means: [139, 125, 129]),
        // Matrix 8, 10 bits.
        Case(
            name: "ycgco-10bit.avif", size: "medium", width: 160, height: 120,
            means: [139, 125, 129]),
        // The alpha item has no rotation of its own: libavif wrote that until 1.3.0.
        Case(
            name: "alpha-rotated-90.avif", size: "medium", width: 120, height: 160,
            means: [165, 164, 177], alpha: 0...255),
        // A crop of the colours alone.
        Case(
            name: "alpha-cropped.avif", size: "medium", width: 80, height: 60,
            means: [124, 126, 129], alpha: 129...255),
        Case(
            name: "alpha-limited.avif", size: "medium", width: 160, height: 120,
            means: [165, 164, 177], alpha: 0...255),
        // The rotation is listed before the size.
        Case(
            name: "turned-before-size.avif", size: "medium", width: 120, height: 160,
            means: [139, 125, 130]),
        // Two spatial layers.
        Case(
            name: "layered-operating-point-1.avif", size: "medium", width: 160, height: 120,
            means: [138, 125, 129]),
        // The last box has the size 0.
        Case(
            name: "meta-to-the-end.avif", size: "medium", width: 160, height: 120,
            means: [139, 125, 130]),
        // A group of entities (pymd) with a body.
        Case(
            name: "pyramid.avif", size: "medium", width: 160, height: 120, means: [139, 125, 130]),
        // Small red letters in 4:4:4.
        Case(
            name: "red-text-444.avif", size: "medium", width: 120, height: 72,
            means: [255, 232, 232]),
        Case(
            name: "display-p3-by-nclx.avif", size: "large", width: 800, height: 600,
            means: [126, 121, 80]),
        // How tones are mapped is a matter of taste.
        Case(
            name: "hlg-10bit.avif", size: "large", width: 800, height: 600, means: [123, 100, 66],
            tolerance: 4),
        // libavif 1.2 rounds otherwise when it divides by alpha.
        Case(
            name: "premultiplied-alpha.avif", size: "large", width: 600, height: 400,
            means: [133, 155, 77], alpha: 0...255, isWeighted: true),
    ]

    private static let png: [Case] = [
        Case(
            name: "gamma-1.0-16bit.png", size: "large", width: 600, height: 400,
            means: [128, 122, 92]),
        Case(name: "gamma-1.8.png", size: "large", width: 600, height: 400, means: [130, 123, 93]),
        Case(
            name: "display-p3-by-chrm.png", size: "large", width: 600, height: 400,
            means: [124, 118, 76]),
        // The profile counts.
        Case(
            name: "srgb-chunk-and-profile.png", size: "large", width: 600, height: 400,
            means: [131, 128, 85]),
        Case(
            name: "idat-crc-wrong.png", size: "large", width: 600, height: 400,
            means: [131, 124, 96]),
        // A suggested palette after the transparent colour.
        Case(
            name: "trns-before-plte.png", size: "large", width: 100, height: 60,
            means: [137, 187, 227], alpha: 0...255),
        // An animation that begins with another image.
        Case(
            name: "animation-without-its-still.png", size: "large", width: 96, height: 64,
            means: [20, 160, 60]),
    ]

    private static let jpeg: [Case] = [
        Case(
            name: "baseline-without-eoi.jpg", size: "large", width: 600, height: 400,
            means: [131, 124, 96]),
        // A profile for another number of channels is ignored.
        Case(
            name: "rgb-with-grey-profile.jpg", size: "large", width: 600, height: 400,
            means: [131, 124, 96]),
        // The table for the perceptual intent counts.
        Case(
            name: "profile-with-tables-by-intent.jpg", size: "large", width: 240, height: 160,
            means: [111, 142, 70], tolerance: 3),
        Case(
            name: "cmyk-without-profile.jpg", size: "large", width: 240, height: 160,
            means: [112, 141, 67]),
    ]

    private static let webp: [Case] = [
        Case(
            name: "alpha-5121x5121.webp", size: "large", width: 1920, height: 1920,
            means: [141, 186, 227], alpha: 128...128)
    ]
}
